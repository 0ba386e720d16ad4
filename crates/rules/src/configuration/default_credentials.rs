use shipworthy_audit::{FileCheck, Fix, rule};
use shipworthy_evidence::compose::Service;
use shipworthy_evidence::{File, Format, Image, Word, env};

use crate::credentials::{Credential, of_name, of_service};
use crate::secrets;

rule! {
    /// A service has a well-known password
    ///
    /// Databases, brokers and dashboards with the password of their manual, with none, or with one that stands in the file are the first thing that
    /// anybody in the network tries; bots try them on all of the internet within minutes. Give them a variable without a default, so that a
    /// service without a password of its own does not start.
    ///
    /// Which variables set passwords is known for common images. Templates of environment files are to be filled in and are not judged.
    ///
    /// ```compose bad
    /// services:
    ///   db:
    ///     image: postgres:16
    ///     environment:
    ///       POSTGRES_USER: shop
    ///       POSTGRES_PASSWORD: postgres
    ///                          ^^^^^^^^
    ///   queue:
    ///     image: rabbitmq:3-management
    ///     environment:
    ///       - RABBITMQ_DEFAULT_PASS=guest
    ///                               ^^^^^
    /// ```
    /// ```compose fixed
    /// services:
    ///   db:
    ///     image: postgres:16
    ///     environment:
    ///       POSTGRES_USER: shop
    ///       POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?}
    ///   queue:
    ///     image: rabbitmq:3-management
    ///     environment:
    ///       - RABBITMQ_DEFAULT_PASS=${RABBITMQ_DEFAULT_PASS:?}
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   db:
    ///     image: mysql:8
    ///     environment:
    ///       MYSQL_ALLOW_EMPTY_PASSWORD: "yes"
    ///                                   ^^^^^
    ///   dashboards:
    ///     image: grafana/grafana:11.2.0
    ///     environment:
    ///       GF_SECURITY_ADMIN_PASSWORD: ${GRAFANA_PASSWORD:-admin}
    ///                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///   files:
    ///     image: minio/minio:RELEASE.2025-01-20T14-49-07Z
    ///     environment:
    ///       MINIO_ROOT_PASSWORD: "Shop-Files-2024"
    ///                            ^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```compose bad
    /// services:
    ///   db:
    ///     build: {context: ., dockerfile: Dockerfile.postgres}
    ///     environment:
    ///       POSTGRES_PASSWORD: 1234
    ///                          ^^^^
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   web:
    ///     build: .
    ///     environment:
    ///       POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?}
    ///   db:
    ///     image: postgres:16
    ///     environment:
    ///       POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?}
    ///       POSTGRES_HOST_AUTH_METHOD: scram-sha-256
    ///   dashboards:
    ///     image: grafana/grafana:11.2.0
    ///     environment:
    ///       - GF_SECURITY_ADMIN_PASSWORD
    /// ```
    ///
    /// ```compose good
    /// services:
    ///   db:
    ///     image: postgres:16
    ///     environment:
    ///       POSTGRES_PASSWORD_FILE: /run/secrets/db-password
    ///     secrets: [db-password]
    ///   web:
    ///     image: registry.example.com/shop/web:1.4
    ///     environment:
    ///       PASSWORD_POLICY: admin
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata:
    ///   name: db
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: db
    ///           image: postgres:16
    ///           env:
    ///             - name: POSTGRES_PASSWORD
    ///               value: password
    ///                      ^^^^^^^^
    /// ```
    ///
    /// ```kubernetes bad
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: db
    /// stringData:
    ///   POSTGRES_PASSWORD: postgres
    ///                      ^^^^^^^^
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata:
    ///   name: db
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: db
    ///           image: postgres:16
    ///           env:
    ///             - name: POSTGRES_PASSWORD
    ///               valueFrom: {secretKeyRef: {name: db, key: password}}
    /// ```
    ///
    /// ```kubernetes good
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: db
    /// stringData:
    ///   POSTGRES_PASSWORD: "<to be set>"
    ///   POSTGRES_USER: postgres
    /// ```
    ///
    /// ```env bad
    /// POSTGRES_USER=shop
    /// POSTGRES_PASSWORD=postgres
    ///                   ^^^^^^^^
    /// ```
    ///
    /// ```env bad file=deploy/grafana.env
    /// GF_SECURITY_ADMIN_USER=admin
    /// GF_SECURITY_ADMIN_PASSWORD="admin" # change it
    ///                            ^^^^^^^
    /// ```
    ///
    /// ```env good file=.env.example
    /// POSTGRES_USER=shop
    /// POSTGRES_PASSWORD=postgres
    /// ```
    ///
    /// ```env good
    /// POSTGRES_PASSWORD=
    /// GF_SECURITY_ADMIN_PASSWORD=${GRAFANA_PASSWORD}
    /// PASSWORD_HASHER=default
    /// ```
    name: "default-credentials",
    category: Configuration,
    severity: High,
    scope: File,
    fix: { Compose: Suggested },
    files: [Compose, Kubernetes, Env],
    check_file: check,
}

fn check(cx: &mut FileCheck<'_>, file: &File) {
    check_services(cx, file.compose().map(|compose| &compose.services[..]).unwrap_or_default());
    for object in file.kubernetes().into_iter().flat_map(|k| &k.objects) {
        for container in object.workload.iter().flat_map(|workload| workload.all()) {
            for variable in &container.environment {
                judge_of(cx, container.image.as_ref(), &variable.name, variable.value.as_ref());
            }
        }
        for datum in &object.data {
            judge_any(cx, &datum.name, datum.value.as_ref());
        }
    }
    if !env::is_template(&file.path) {
        for entry in file.env().into_iter().flat_map(|e| &e.entries) {
            judge_any(cx, &entry.name, Some(&entry.value));
        }
    }
}

/// A service that is built here may be a known one with additions; one that only talks to a known one repeats its password.
fn check_services(cx: &mut FileCheck<'_>, services: &[Service]) {
    let known = |service: &Service, name: &str| {
        service.image.as_ref().is_some_and(|image| of_service(image, name).is_some())
    };
    for service in services {
        for variable in &service.environment {
            let name = &variable.name;
            if known(service, &name.text) {
                judge_of(cx, service.image.as_ref(), name, variable.value.as_ref());
            } else if !services.iter().any(|other| other.sets(&name.text) && known(other, &name.text)) {
                judge_any(cx, name, variable.value.as_ref());
            }
        }
    }
}

/// A variable of a service whose image is known: any password that is written out.
fn judge_of(cx: &mut FileCheck<'_>, image: Option<&Image>, name: &Word, value: Option<&Word>) {
    let Some(image) = image else { return };
    if let Some(credential) = of_service(image, &name.text) {
        cx.site();
        let Some(value) = value else { return };
        let what = match credential.judge(&value.text) {
            Some(what) => what,
            None if credential.is_written_out(&value.text) => "a password that stands in this file",
            None => return,
        };
        report(cx, &format!("`{}`", image.name()), &name.text, value, what);
    }
}

/// A variable that a known image reads, whichever service it is for: passwords that everybody knows.
fn judge_any(cx: &mut FileCheck<'_>, name: &Word, value: Option<&Word>) {
    let Some(credential) = of_name(&name.text) else { return };
    cx.site();
    let Some(value) = value else { return };
    if let Some(what) = credential.judge(&value.text).filter(|_| !is_left_open(&value.text)) {
        report(cx, "The service", &name.text, value, what);
    }
}

/// Whether a value is plainly to be filled in.
fn is_left_open(value: &str) -> bool {
    value.is_empty()
        || value.starts_with(['<', '{'])
        || secrets::is_placeholder(value) && value.contains("your")
}

fn report(cx: &mut FileCheck<'_>, whose: &str, name: &str, value: &Word, what: &str) {
    // A name that is a value's too would not say which to set.
    let is_switch = Credential::is_switch(name);
    let fix = (cx.format() == Format::Compose && !is_switch).then(|| {
        Fix::suggested("Take it from the environment").replace(value.range, format!("${{{name}:?}}"))
    });
    let finding = cx
        .finding(value.range, format!("{whose} gets {what} by `{name}`"))
        .why("It is the first that anybody in the network tries, and everybody who can read the file has it.")
        .help("Take it from the environment or a secret, without a default.")
        .maybe_fix(fix);
    cx.report(finding);
}
