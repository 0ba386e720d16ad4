use shipworthy_audit::level::Confidence;
use shipworthy_audit::{FileCheck, Fix, rule};
use shipworthy_evidence::dockerfile::{Dockerfile, Instruction, Stage};
use shipworthy_evidence::kubernetes::{Container, Security, Workload};
use shipworthy_evidence::service::{Service, User};
use shipworthy_evidence::{File, Image};
use shipworthy_syntax::Range;

use crate::containers::{entry_below, line_below};

rule! {
    /// A container runs as root
    ///
    /// Who breaks into a process that runs as root owns all of the container, and with one fault of the kernel or one mounted path the host. A
    /// user without rights costs one line: a `USER` at the end of the image, `runAsNonRoot` in the workload.
    ///
    /// The last stage of a Dockerfile is judged, with those that it starts from. Images that are known to have a user of their own or to give root
    /// up at their start are sound; of those from a private registry nobody here knows.
    ///
    /// ```dockerfile bad
    /// FROM golang:1.24 AS build
    /// RUN useradd builder
    /// USER builder
    /// RUN go build -o /shop ./cmd/shop
    ///
    /// FROM debian:12-slim
    /// ^^^^^^^^^^^^^^^^^^^
    /// COPY --from=build /shop /shop
    /// ENTRYPOINT ["/shop"]
    /// ```
    /// ```dockerfile fixed
    /// FROM golang:1.24 AS build
    /// RUN useradd builder
    /// USER builder
    /// RUN go build -o /shop ./cmd/shop
    ///
    /// FROM debian:12-slim
    /// COPY --from=build /shop /shop
    /// USER 65532:65532
    /// ENTRYPOINT ["/shop"]
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM python:3.12-slim
    /// RUN useradd app
    /// USER app
    /// RUN pip install --user shop
    /// USER root
    /// ^^^^^^^^^
    /// CMD ["python", "-m", "shop"]
    /// ```
    ///
    /// ```dockerfile good
    /// FROM python:3.12-slim AS base
    /// RUN useradd --uid 1001 app
    /// USER 1001
    ///
    /// FROM base
    /// CMD ["python", "-m", "shop"]
    /// ```
    ///
    /// ```dockerfile good file=database/Dockerfile
    /// FROM postgres:16
    /// COPY schema.sql /docker-entrypoint-initdb.d/
    /// ```
    ///
    /// ```dockerfile good file=cache/Dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache su-exec
    /// COPY start.sh /
    /// # start.sh ends with `exec su-exec app "$@"`
    /// ENTRYPOINT ["/start.sh"]
    /// ```
    ///
    /// ```dockerfile good file=wheels/Dockerfile
    /// FROM python:3.12 AS build
    /// RUN pip wheel shop -w /out
    ///
    /// FROM scratch
    /// COPY --from=build /out /
    /// ```
    ///
    /// ```dockerfile good file=packaging/Dockerfile
    /// FROM golang:1.24-bookworm AS build
    /// RUN apt-get update && apt-get install -y devscripts
    /// ADD . /src
    /// CMD ["/src/packaging/build.sh"]
    /// ```
    ///
    /// ```dockerfile good file=base/Dockerfile
    /// FROM ubuntu:24.04
    /// RUN apt-get update && apt-get install -y build-essential
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
    ///           ^^^^^^^^^
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
    ///           securityContext:
    ///             runAsNonRoot: true
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: report
    /// spec:
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           securityContext:
    ///             runAsNonRoot: true
    ///           containers:
    ///             - name: report
    ///               image: registry.example.com/shop/report:1.4
    ///               securityContext:
    ///                 runAsNonRoot: false
    ///                 runAsUser: 0
    ///                            ^
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
    ///       securityContext:
    ///         runAsNonRoot: true
    ///       initContainers:
    ///         - name: own-the-volume
    ///           image: busybox:1.36
    ///           command: [chown, "1000", /data]
    ///       containers:
    ///         - name: web
    ///           image: registry.example.com/shop/web:1.4
    ///         - name: proxy
    ///           image: registry.example.com/shop/proxy:1.4
    ///           securityContext: {runAsUser: 101}
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata:
    ///   name: metrics
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: prometheus
    ///           image: prom/prometheus:v3.1.0
    /// ```
    name: "container-runs-as-root",
    category: Configuration,
    severity: High,
    scope: File,
    fix: { Dockerfile: Suggested, Kubernetes: Suggested },
    files: [Dockerfile, Kubernetes],
    check_file: check,
}

const WHY: &str = "Who breaks into the process owns the container, and with one more fault the host.";

fn check(cx: &mut FileCheck<'_>, file: &File) {
    if let Some(dockerfile) = file.dockerfile() {
        check_image(cx, dockerfile);
    }
    for object in file.kubernetes().into_iter().flat_map(|k| &k.objects) {
        if let Some(workload) = &object.workload {
            for container in &workload.containers {
                check_container(cx, workload, container);
            }
        }
    }
}

fn check_image(cx: &mut FileCheck<'_>, dockerfile: &Dockerfile) {
    let Some(last) = dockerfile.last() else { return };
    let lineage: Vec<&Stage> = dockerfile.lineage(last).collect();
    let runs = |keyword: &str| lineage.iter().any(|stage| stage.last(keyword).is_some());
    let base = lineage.last().map_or(&last.image, |stage| &stage.image);
    // What nothing starts is a bundle of files, not a container.
    if base.reference == "scratch" && !runs("CMD") && !runs("ENTRYPOINT") {
        return;
    }
    cx.site();
    let gives_root_up = |stage: &Stage| {
        const TOOLS: [&str; 5] = ["gosu", "su-exec", "setpriv", "runuser", "chpst"];
        stage.instructions.iter().any(|i| TOOLS.iter().any(|tool| i.text.contains(tool)))
    };
    if lineage.iter().any(|stage| gives_root_up(stage)) {
        return;
    }
    let user = lineage.iter().find_map(|stage| stage.last("USER"));
    let finding = match user {
        Some(user) if !is_root(&user.text) => return,
        Some(user) => cx.finding(user.range, "The image goes back to root before it starts"),
        None if known_user(base) == Some(User::Own) || base.is_templated() => return,
        None => {
            let known = known_user(base) == Some(User::Root) || base.reference == "scratch";
            // One that starts nothing and offers nothing may be for others to build on.
            let is_started = runs("CMD") || runs("ENTRYPOINT") || runs("EXPOSE");
            // One whose last stage builds is there to make packages, not to serve.
            let builds = last.name.as_deref().is_some_and(|name| matches!(name, "build" | "builder"));
            let confidence = if known && is_started && !builds { Confidence::High } else { Confidence::Low };
            cx.finding(
                last.from.range,
                format!("The image runs as root: nothing after `{}` says a user", last.from.text),
            )
            .confidence(confidence)
        }
    };
    let fix = match user {
        Some(_) => None,
        None => Some(user_instruction(cx, last)),
    };
    let help = "End the last stage with a USER of its own, above the command.";
    cx.report(finding.why(WHY).help(help).maybe_fix(fix));
}

/// A `USER` above what the image starts, or at its end. The number is the one that images without a list of users use.
fn user_instruction(cx: &FileCheck<'_>, stage: &Stage) -> Fix {
    let starts = |i: &&Instruction| matches!(i.keyword.as_str(), "CMD" | "ENTRYPOINT");
    let fix = Fix::suggested("Run as a user without rights");
    match stage.instructions.iter().find(starts) {
        Some(start) => fix.insert(start.range.start, format!("USER 65532:65532{}", cx.line_break())),
        None => fix.insert(stage.range().end, format!("{}USER 65532:65532", cx.line_break())),
    }
}

fn check_container(cx: &mut FileCheck<'_>, workload: &Workload, container: &Container) {
    cx.site();
    let (own, pod) = (&container.security, &workload.security);
    let user = own.run_as_user.as_ref().or(pod.run_as_user.as_ref());
    let place = container.name.as_ref().map_or(container.range, |name| {
        // The first line of the item tells it best where it holds the name.
        let line = cx.line(name.range.start);
        Range { start: line.start + cx.slice(line).find("name").unwrap_or(0) as u32, end: name.range.end }
    });
    let name = container.name.as_ref().map_or("A container", |name| name.text.as_str());
    let (place, message) = match user {
        Some(user) if is_root(&user.text) => (user.range, format!("`{name}` runs as root")),
        Some(_) => return,
        None if own.run_as_non_root.or(pod.run_as_non_root) == Some(true) => return,
        None if container.image.as_ref().and_then(known_user) == Some(User::Own) => return,
        None => (place, format!("`{name}` may run as root: nothing refuses it")),
    };
    let fix = if user.is_some() { None } else { refusal(cx, container, own) };
    let help = "Set runAsNonRoot in its security context or its pod's, and a user in the image.";
    let finding = cx.finding(place, message).why(WHY).help(help).maybe_fix(fix);
    cx.report(finding);
}

fn refusal(cx: &FileCheck<'_>, container: &Container, own: &Security) -> Option<Fix> {
    let fix = Fix::suggested("Refuse root");
    if own.run_as_non_root.is_some() {
        return None;
    }
    match own.block {
        Some(block) => {
            let (at, text) = line_below(cx, block, "runAsNonRoot: true")?;
            Some(fix.insert(at, text))
        }
        None if own.range.is_some() => None,
        None => {
            let (at, text) = entry_below(cx, container.block?, "securityContext", &["runAsNonRoot: true"])?;
            Some(fix.insert(at, text))
        }
    }
}

/// `root`, `0`, `root:root`.
fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0"))
}

/// Who runs in an image, where that is known.
fn known_user(image: &Image) -> Option<User> {
    let names = image.reference.to_ascii_lowercase();
    if ["nonroot", "non-root", "rootless", "unprivileged", "cgr.dev/"].iter().any(|word| names.contains(word))
    {
        return Some(User::Own);
    }
    if !image.is_public() || image.is_templated() {
        return None;
    }
    let is_distroless = names.contains("/distroless/");
    if is_distroless { Some(User::Root) } else { Service::of(image).map(|service| service.user) }
}
