use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{FileCheck, Fix, rule};
use shipworthy_evidence::compose::Service;
use shipworthy_evidence::dockerfile::{Dockerfile, Stage};
use shipworthy_evidence::kubernetes::Container;
use shipworthy_evidence::{File, service};

use crate::commands::commands;
use crate::containers::entry_below;

rule! {
    /// Nobody asks a container for its health
    ///
    /// A process that hangs, or has lost its database, still runs: without a check it keeps getting requests, is never restarted, and what depends on
    /// it starts before it can answer. A check costs a line, and tells all that.
    ///
    /// Kubernetes has two that answer different questions: the liveness probe restarts a container, the readiness probe takes it out of the
    /// service. One without the other is of low severity. Jobs that run to their end need none.
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// EXPOSE 8000
    /// ^^^^^^^^^^^
    /// CMD ["gunicorn", "shop.wsgi"]
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim AS base
    /// HEALTHCHECK CMD curl -f http://localhost:8000/health
    ///
    /// FROM base
    /// EXPOSE 8000/tcp
    /// ^^^^^^^^^^^^^^^
    /// HEALTHCHECK NONE
    /// CMD ["gunicorn", "shop.wsgi"]
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// COPY . .
    /// CMD ["uvicorn", "shop.main:app", "--host", "0.0.0.0"]
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM python:3.12-slim
    /// COPY . .
    /// CMD ["celery", "-A", "shop", "worker"]
    /// ```
    ///
    /// ```dockerfile good
    /// FROM python:3.12-slim AS base
    /// HEALTHCHECK CMD curl -f http://localhost:8000/health
    ///
    /// FROM base
    /// EXPOSE 8000
    /// CMD ["gunicorn", "shop.wsgi"]
    /// ```
    ///
    /// ```dockerfile good file=tools/Dockerfile
    /// FROM golang:1.24 AS server
    /// EXPOSE 8000
    ///
    /// FROM debian:12-slim
    /// COPY --from=server /out/convert /usr/bin/
    /// ENTRYPOINT ["convert"]
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   db:
    ///   ^^
    ///     image: postgres:16
    ///     volumes: [data:/var/lib/postgresql/data]
    /// ```
    /// ```compose fixed
    /// services:
    ///   db:
    ///     image: postgres:16
    ///     volumes: [data:/var/lib/postgresql/data]
    ///     healthcheck:
    ///       test: ["CMD-SHELL", "pg_isready -U postgres"]
    ///       interval: 10s
    ///       timeout: 5s
    ///       retries: 5
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   queue:
    ///   ^^^^^
    ///     image: rabbitmq:3.13
    ///     healthcheck:
    ///       disable: true
    /// ```
    ///
    /// ```compose good
    /// x-checked: &checked
    ///   healthcheck: {test: [CMD, redis-cli, ping]}
    /// services:
    ///   cache:
    ///     <<: *checked
    ///     image: redis:7.2
    ///   web:
    ///     build: .
    ///   worker:
    ///     image: registry.example.com/shop/worker:1.4
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   migrate:
    ///     image: postgres:16
    ///     command: psql -f /schema.sql
    ///     restart: "no"
    ///   shell:
    ///     image: redis:7.2
    ///     command: redis-cli -h cache
    ///     profiles: [tools]
    /// ```
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
    ///           ports: [{containerPort: 8000}]
    /// ```
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
    ///           livenessProbe:
    ///             httpGet:
    ///               path: /health
    ///               port: 8000
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
    ///           livenessProbe:
    ///             httpGet:
    ///               path: /health
    ///               port: 8000
    ///           readinessProbe:
    ///             httpGet:
    ///               path: /health
    ///               port: 8000
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
    ///       containers:
    ///         - name: web
    ///           image: registry.example.com/shop/web:1.4
    ///           livenessProbe: &probe {httpGet: {path: /health, port: 8000}}
    ///           readinessProbe: *probe
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: report
    /// spec:
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           containers:
    ///             - name: report
    ///               image: registry.example.com/shop/report:1.4
    /// ```
    name: "missing-health-check",
    category: Configuration,
    severity: Medium,
    scope: Workspace,
    fix: { Compose: Suggested, Kubernetes: Suggested },
    files: [Dockerfile, Compose, Kubernetes],
    check_file: check,
}

const WHY: &str = "When it hangs it still counts as running: nothing restarts it or takes its requests away.";

fn check(cx: &mut FileCheck<'_>, file: &File) {
    if let Some(dockerfile) = file.dockerfile() {
        check_image(cx, file, dockerfile);
    }
    file.compose().into_iter().flat_map(|c| &c.services).for_each(|service| check_service(cx, service));
    let objects = file.kubernetes().into_iter().flat_map(|k| &k.objects);
    let workloads = objects.filter_map(|object| object.workload.as_ref());
    let running = workloads.filter(|workload| workload.is_long_running);
    running.flat_map(|workload| &workload.containers).for_each(|container| check_container(cx, container));
}

/// An image that offers a port and starts something is a server's, and so is one that starts a program which is known as one.
fn check_image(cx: &mut FileCheck<'_>, file: &File, dockerfile: &Dockerfile) {
    let Some(last) = dockerfile.last() else { return };
    let lineage: Vec<&Stage> = dockerfile.lineage(last).collect();
    let find = |keyword: &str| lineage.iter().find_map(|stage| stage.last(keyword));
    let Some(start) = find("CMD").or(find("ENTRYPOINT")) else { return };
    let serves = || !commands(file).is_empty();
    let Some(port) = find("EXPOSE").or_else(|| serves().then_some(start)) else { return };
    cx.site();
    if find("HEALTHCHECK").is_some_and(|check| !check.text.eq_ignore_ascii_case("none")) {
        return;
    }
    let finding = cx
        .finding(port.range, "The image serves, and does not say how to ask whether it still does")
        .why(WHY)
        .help("Add a HEALTHCHECK that asks the program itself, or probes where it is deployed.");
    cx.report(finding);
}

fn check_service(cx: &mut FileCheck<'_>, service: &Service) {
    // What is built here may have its check in its Dockerfile; what an unknown image has is not seen.
    let known = service.image.as_ref().filter(|_| service.build.is_none()).and_then(service::Service::of);
    let runs_once =
        service.runs_once || !service.profiles.is_empty() || service.command.as_ref().is_some_and(is_client);
    let is_checked = service.health.as_ref().is_some_and(|health| !health.is_disabled);
    let Some(known) = known.filter(|known| known.is_server()) else {
        if is_checked {
            cx.site();
        }
        return;
    };
    if runs_once || service.is_extended {
        return;
    }
    cx.site();
    if is_checked || known.has_health && service.health.is_none() {
        return;
    }
    let fix = service.block.filter(|_| service.health.is_none()).zip(known.probe.as_ref()).and_then(
        |(block, probe)| {
            let test = format!("test: [\"CMD-SHELL\", \"{}\"]", probe.replace('"', "\\\""));
            let lines = [test.as_str(), "interval: 10s", "timeout: 5s", "retries: 5"];
            let (at, text) = entry_below(cx, block, "healthcheck", &lines)?;
            Some(Fix::suggested("Ask its health").insert(at, text))
        },
    );
    let finding = cx
        .finding(service.name.range, format!("Nobody asks `{}` for its health", service.name.text))
        .why(WHY)
        .help("Add a healthcheck, and let what needs the service wait for `service_healthy`.")
        .maybe_fix(fix);
    cx.report(finding);
}

/// Whether a command runs a service's client, which ends, in place of the service.
fn is_client(command: &shipworthy_evidence::Command) -> bool {
    const CLIENTS: [&str; 9] =
        ["psql", "pg_dump", "mysql", "mysqldump", "redis-cli", "mongosh", "mc", "createdb", "pg_restore"];
    CLIENTS.iter().any(|client| command.runs(client))
}

fn check_container(cx: &mut FileCheck<'_>, container: &Container) {
    cx.site();
    let name = container.name.as_ref();
    let place = name.map_or(container.range, |name| name.range);
    let whose = name.map_or("the container", |name| &name.text);
    let (message, severity, present) = match (container.liveness, container.readiness) {
        (Some(_), Some(_)) => return,
        (None, None) => (format!("Nobody asks `{whose}` for its health"), Severity::Medium, None),
        (Some(probe), None) => (
            format!("Nobody asks `{whose}` whether it is ready"),
            Severity::Low,
            Some((probe, "readinessProbe")),
        ),
        (None, Some(probe)) => (
            format!("Nobody asks `{whose}` whether it still lives"),
            Severity::Low,
            Some((probe, "livenessProbe")),
        ),
    };
    let fix = present.zip(container.block).and_then(|((probe, key), block)| {
        let (_, body) = cx.slice(probe).split_once(':')?;
        let lines: Vec<&str> = body.trim().lines().collect();
        let own = cx.line(probe.start);
        let within = probe.start - own.start;
        // The lines of the other probe, as far in as they are there.
        let lines: Option<Vec<&str>> = std::iter::once(lines.first().copied())
            .chain(lines.iter().skip(1).map(|line| line.get(within as usize + 2..)))
            .collect();
        let lines = lines.filter(|_| body.starts_with(['\n', '\r']) && block.in_lines)?;
        let (at, text) = entry_below(cx, block, key, &lines)?;
        Some(Fix::suggested("Ask on the same route").insert(at, text))
    });
    let finding = cx
        .finding(place, message)
        .why(WHY)
        .help(
            "Give it a liveness probe that restarts it, and a readiness probe that takes its requests away.",
        )
        .severity(severity)
        .confidence(Confidence::High)
        .maybe_fix(fix);
    cx.report(finding);
}
