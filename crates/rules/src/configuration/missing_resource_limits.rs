use shipworthy_audit::level::Severity;
use shipworthy_audit::{FileCheck, Fix, rule};
use shipworthy_evidence::File;
use shipworthy_evidence::compose::Service;
use shipworthy_evidence::kubernetes::Container;

use crate::containers::entry_below;

rule! {
    /// A workload has no limits
    ///
    /// A leak or a flood of requests in one container takes the memory of the whole machine, and the kernel then kills whichever process it likes,
    /// often another one. A limit keeps the damage where its cause is, and a scheduler that knows what a container takes can place it.
    ///
    /// Memory needs a limit. A processor without one is only slow, so a container with a memory limit and a request or limit for its processor time
    /// is sound, and one that lacks this alone is of low severity. So is a compose file's job, which ends and takes what it leaked with it.
    ///
    /// ```kubernetes bad
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: shop
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: web
    ///                 ^^^
    ///           image: registry.example.com/shop/web:1.4
    /// ```
    /// ```kubernetes fixed
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: shop
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example.com/shop/web:1.4
    ///           resources:
    ///             requests: {cpu: 100m, memory: 256Mi}
    ///             limits: {cpu: "1", memory: 512Mi}
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata:
    ///   name: migrate
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: migrate
    ///                 ^^^^^^^
    ///           image: registry.example.com/shop/web:1.4
    ///           resources:
    ///             requests:
    ///               memory: 256Mi
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: shop
    /// spec:
    ///   template:
    ///     spec:
    ///       initContainers:
    ///         - name: wait
    ///           image: busybox:1.36
    ///       containers:
    ///         - name: web
    ///           image: registry.example.com/shop/web:1.4
    ///           resources:
    ///             requests: {cpu: 100m}
    ///             limits: {memory: 512Mi}
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.com/shop/web:1.4
    ///       resources:
    ///         limits:
    ///           cpu: "1"
    ///           memory: 512Mi
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   web:
    ///   ^^^
    ///     image: registry.example.com/shop/web:1.4
    ///     ports:
    ///       - "80:8000" # public
    /// ```
    /// ```compose fixed
    /// services:
    ///   web:
    ///     image: registry.example.com/shop/web:1.4
    ///     ports:
    ///       - "80:8000" # public
    ///     deploy:
    ///       resources:
    ///         limits: {cpus: "1", memory: 512M}
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   db:
    ///   ^^
    ///     image: postgres:16
    ///     deploy:
    ///       replicas: 1
    ///       resources:
    ///         reservations:
    ///           memory: 1G
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   web:
    ///     image: registry.example.com/shop/web:1.4
    ///     deploy:
    ///       resources:
    ///         limits:
    ///           cpus: "0.5"
    ///           memory: 512M
    ///   worker:
    ///     image: registry.example.com/shop/worker:1.4
    ///     mem_limit: 512m
    ///     cpus: 0.5
    /// ```
    ///
    /// A file that is laid over another one says only what is different.
    ///
    /// ```compose good file=docker-compose.build.yml
    /// services:
    ///   web:
    ///     build: .
    ///     image: shop:local
    /// ```
    ///
    /// ```compose good
    /// x-small: &small
    ///   deploy:
    ///     resources:
    ///       limits: {cpus: "0.5", memory: 256M}
    /// services:
    ///   web:
    ///     <<: *small
    ///     image: registry.example.com/shop/web:1.4
    ///   worker:
    ///     extends: {file: base.yaml, service: worker}
    /// ```
    name: "missing-resource-limits",
    category: Configuration,
    severity: Medium,
    scope: File,
    fix: { Kubernetes: Suggested, Compose: Suggested },
    files: [Kubernetes, Compose],
    check_file: check,
}

const WHY: &str = "A leak in it takes the memory of the whole machine, and others are killed for it.";

fn check(cx: &mut FileCheck<'_>, file: &File) {
    let objects = file.kubernetes().into_iter().flat_map(|k| &k.objects);
    for workload in objects.filter_map(|object| object.workload.as_ref()) {
        workload.containers.iter().for_each(|container| check_container(cx, container));
    }
    // What a service inherits from another file is not seen here.
    let services = file.compose().into_iter().flat_map(|c| &c.services);
    let own = |service: &&Service| !service.is_extended && !is_part(file, service);
    services.filter(own).for_each(|service| check_service(cx, service));
}

/// Whether a service says only what it is built of in a file that is laid over another one: `docker-compose.build.yml`.
fn is_part(file: &File, service: &Service) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let runs = service.command.is_some()
        || service.entrypoint.is_some()
        || service.has_deploy
        || [&service.env_files, &service.ports, &service.depends_on, &service.volumes]
            .iter()
            .any(|words| !words.is_empty())
        || !service.environment.is_empty();
    name.split('.').count() > 2 && service.build.is_some() && !runs
}

fn check_container(cx: &mut FileCheck<'_>, container: &Container) {
    let has_memory = container.memory_limit.is_some();
    let has_cpu = container.cpu_limit.is_some() || container.cpu_request.is_some();
    let fix = container.block.filter(|_| container.resources.is_none()).and_then(|block| {
        let lines = ["requests: {cpu: 100m, memory: 256Mi}", "limits: {cpu: \"1\", memory: 512Mi}"];
        let (at, text) = entry_below(cx, block, "resources", &lines)?;
        Some(Fix::suggested("Set limits to adjust").insert(at, text))
    });
    let name = container.name.as_ref();
    let place = name.map_or(container.range, |name| name.range);
    report(
        cx,
        place,
        name.map_or("A container", |name| &name.text),
        (has_memory, has_cpu),
        Severity::Medium,
        fix,
    );
}

fn check_service(cx: &mut FileCheck<'_>, service: &Service) {
    let has = (service.memory_limit.is_some(), service.cpu_limit.is_some());
    let fix = service.block.filter(|_| !service.has_deploy).and_then(|block| {
        let lines = ["resources:", "  limits: {cpus: \"1\", memory: 512M}"];
        let (at, text) = entry_below(cx, block, "deploy", &lines)?;
        Some(Fix::suggested("Set limits to adjust").insert(at, text))
    });
    // What a job leaks is gone with it.
    let most = if service.runs_once { Severity::Low } else { Severity::Medium };
    report(cx, service.name.range, &service.name.text, has, most, fix);
}

fn report(
    cx: &mut FileCheck<'_>,
    place: shipworthy_syntax::Range,
    name: &str,
    (has_memory, has_cpu): (bool, bool),
    most: Severity,
    fix: Option<Fix>,
) {
    cx.site();
    let (what, severity) = match (has_memory, has_cpu) {
        (true, true) => return,
        (true, false) => ("no limit for its processor time", Severity::Low),
        (false, true) => ("no limit for its memory", most),
        (false, false) => ("no limits for memory and processor time", most),
    };
    let finding = cx
        .finding(place, format!("`{name}` has {what}"))
        .why(WHY)
        .help("Set limits a little above what it takes under load.")
        .severity(severity)
        .maybe_fix(fix);
    cx.report(finding);
}
