use shipworthy_audit::{FileCheck, rule};
use shipworthy_evidence::{File, Image};

rule! {
    /// An image has no version
    ///
    /// An image without a tag, or with `latest`, is another one tomorrow: the same file gives different containers on two machines, a
    /// rollback brings the new version back, and nobody can say what ran last week. Name a version, best with its digest.
    ///
    /// Images whose tag comes from outside the file are not judged; those that the file itself builds and `scratch` have no version to name.
    ///
    /// ```dockerfile bad
    /// FROM python:latest
    ///      ^^^^^^^^^^^^^
    /// RUN pip install shop
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM golang:1.24 AS build
    /// RUN go build -o /shop ./cmd/shop
    /// FROM registry.example.com:5000/base/runtime
    ///      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// COPY --from=build /shop /shop
    /// COPY --from=busybox /bin/wget /bin/wget
    ///             ^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// ARG VERSION=3.12
    /// ARG BASE
    /// FROM python:${VERSION}-slim AS base
    /// FROM base AS build
    /// RUN pip install shop
    /// FROM ${BASE}
    /// COPY --from=build /shop /shop
    /// COPY --from=0 /usr/lib/libpython3.so /usr/lib/
    /// ```
    ///
    /// ```dockerfile good
    /// FROM rust:1.90@sha256:2e2a5f0c5d4f1c1d3f7a0a3b9a0d4d9c2b7e8f1a6c5d4e3f2a1b0c9d8e7f6a5b AS build
    /// FROM scratch
    /// COPY --from=build /shop /shop
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   cache:
    ///     image: redis
    ///            ^^^^^
    ///   queue:
    ///     image: "rabbitmq:latest"
    ///            ^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```compose bad
    /// x-defaults: &defaults
    ///   restart: always
    /// services:
    ///   web:
    ///     <<: *defaults
    ///     image: registry.example.com:5000/shop/web
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   web:
    ///     image: shop/web
    ///     build: .
    ///   worker:
    ///     image: shop/worker:${TAG}
    ///   cache:
    ///     image: redis:${REDIS_VERSION:-7.2}-alpine
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   db:
    ///     image: postgres@sha256:2e2a5f0c5d4f1c1d3f7a0a3b9a0d4d9c2b7e8f1a6c5d4e3f2a1b0c9d8e7f6a5b
    ///     # image: postgres:latest
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx
    ///              ^^^^^
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
    ///       initContainers:
    ///         - name: wait
    ///           image: busybox:latest
    ///                  ^^^^^^^^^^^^^^
    ///       containers:
    ///         - name: migrate
    ///           image: registry.example.com/shop/web:1.4
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
    ///           image: registry.example.com:5000/shop/web:1.4
    ///         - name: worker
    ///           image: <IMAGE>
    ///         - name: mail
    ///           image: ko://example.com/shop/mail
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: images
    /// data:
    ///   image: nginx:latest
    /// ```
    name: "unpinned-image",
    category: Configuration,
    severity: Medium,
    scope: File,
    files: [Dockerfile, Compose, Kubernetes],
    check_file: check,
}

fn check(cx: &mut FileCheck<'_>, file: &File) {
    for (image, is_stage) in file.dockerfile().map(|d| d.images()).unwrap_or_default() {
        if !is_stage && image.reference != "scratch" {
            judge(cx, image);
        }
    }
    // An image that the file builds is called what the file calls it.
    let services = file.compose().into_iter().flat_map(|c| &c.services).filter(|s| s.build.is_none());
    services.filter_map(|service| service.image.as_ref()).for_each(|image| judge(cx, image));
    let objects = file.kubernetes().into_iter().flat_map(|k| &k.objects);
    let containers =
        objects.filter_map(|object| object.workload.as_ref()).flat_map(|workload| workload.all());
    containers.filter_map(|container| container.image.as_ref()).for_each(|image| judge(cx, image));
}

fn judge(cx: &mut FileCheck<'_>, image: &Image) {
    // `ko://example.com/shop` is built when it is deployed.
    if image.is_templated() || image.reference.contains("://") {
        return;
    }
    cx.site();
    let what = match (image.digest(), image.tag()) {
        (Some(_), _) => return,
        (None, None) => "has no version: it is whatever `latest` is that day",
        (None, Some("latest")) => "is whatever `latest` is that day",
        (None, Some(_)) => return,
    };
    let finding = cx
        .finding(image.range, format!("`{}` {what}", image.reference))
        .why("The same file gives other containers tomorrow, and a rollback cannot bring the old one back.")
        .help("Name the version that was tested, best with its digest.");
    cx.report(finding);
}
