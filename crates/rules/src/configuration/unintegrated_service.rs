use std::collections::BTreeSet;

use shipworthy_audit::inventory::DeclaredService;
use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Around, CodeRole, Survey, rule};
use shipworthy_evidence::compose::Service;
use shipworthy_evidence::service::{self, Kind};

use crate::manifests::{folder_of, mentioned};
use crate::names::words;

rule! {
    /// A service that is started and that nothing uses
    ///
    /// It costs memory, updates and attention, has data that nobody reads, and its name in the deployment says that there is a cache, a queue or
    /// monitoring where there is none. Connect to it, give it what it needs, or remove it.
    ///
    /// A database, cache, broker, store or search engine is used where any code speaks of it, by its name, by its client libraries, or by a variable
    /// that the deployment sets to its address; and where another image that is not built here is told of it. Prometheus needs
    /// something to scrape, Grafana dashboards, a proxy that faces the outside TLS (of low confidence: something before it may end it).
    ///
    /// ```compose bad file=compose.yaml
    /// services:
    ///   api:
    ///     build: .
    ///     depends_on: [cache]
    ///   cache:
    ///   ^^^^^
    ///     image: redis:7.2
    /// ```
    /// ```python bad file=app.py
    /// import fastapi
    /// ```
    ///
    /// Services that nobody told what to watch:
    ///
    /// ```compose bad file=compose.yaml
    /// services:
    ///   api:
    ///     build: .
    ///   prometheus:
    ///   ^^^^^^^^^^
    ///     image: prom/prometheus:v3.0.1
    ///     ports: ["9090:9090"]
    ///   grafana:
    ///   ^^^^^^^
    ///     image: grafana/grafana:11.4.0
    ///     volumes: [grafana-data:/var/lib/grafana]
    /// ```
    /// ```go bad file=main.go
    /// package main
    /// ```
    ///
    /// ```compose good file=compose.yaml
    /// services:
    ///   api:
    ///     build: .
    ///     environment:
    ///       STORE_URL: redis://cache:6379/0
    ///   cache:
    ///     image: redis:7.2
    ///   db:
    ///     image: postgres:16
    ///   search:
    ///     image: opensearchproject/opensearch:2
    ///   dashboards:
    ///     image: registry.example.com/reports:1.2
    ///     environment:
    ///       SEARCH: http://search:9200
    ///   prometheus:
    ///     image: prom/prometheus:v3.0.1
    ///     volumes: ["./prometheus.yml:/etc/prometheus/prometheus.yml:ro"]
    /// ```
    /// ```python good file=app.py
    /// import os
    ///
    /// import asyncpg
    ///
    /// STORE = os.environ["STORE_URL"]
    /// ```
    ///
    /// Code in other languages is not read:
    ///
    /// ```compose good file=compose.yaml
    /// services:
    ///   web:
    ///     build: ./web
    ///     environment:
    ///       CACHE: redis://cache:6379
    ///   cache:
    ///     image: redis:7.2
    /// ```
    /// ```python good file=api/main.py
    /// import fastapi
    /// ```
    name: "unintegrated-service",
    category: Configuration,
    severity: Medium,
    scope: Workspace,
    workspace: judge,
}

fn judge(survey: &mut Survey<'_>) {
    let files = survey.around().filter(|(_, around)| around.file.compose().is_some());
    let files: Vec<(usize, &Around<'_>)> = files.collect();
    if files.is_empty() {
        return;
    }
    let code = Code::of(survey);
    if code.folders.is_empty() {
        return;
    }
    for (number, around) in files {
        let Some(compose) = around.file.compose() else { continue };
        for service in &compose.services {
            let image = service.image.as_ref().filter(|_| service.build.is_none());
            let Some(known) = image.and_then(service::Service::of) else {
                declare(survey, number, service, None);
                continue;
            };
            let gap = match known.kind {
                Kind::Database | Kind::Cache | Kind::Broker | Kind::Storage | Kind::Search => {
                    is_used(around, &compose.services, service, &known.words, &code)
                }
                _ => is_set_up(around, service, image.map_or("", |image| image.name())),
            };
            declare(survey, number, service, gap.map(|gap| !matches!(gap, Gap::Use)));
            let Some(gap) = gap else { continue };
            survey.site(number);
            let Some((message, help, confidence)) = gap.told(&service.name.text) else { continue };
            let finding = survey
                .finding(service.name.range, message)
                .why("It costs memory, updates and attention, and promises what is not there.")
                .help(help)
                .confidence(confidence);
            survey.report(number, finding);
        }
    }
}

/// Tells the inventory of a service.
fn declare(survey: &mut Survey<'_>, file: usize, service: &Service, used: Option<bool>) {
    let Some(image) = &service.image else { return };
    let (name, image) = (service.name.text.clone(), image.reference.clone());
    let Some(place) = survey.evidence(file, service.name.range, name.clone()) else { return };
    survey.inventory(file).declared_services.push(DeclaredService { name, image, place, used });
}

/// What a service lacks.
#[derive(Clone, Copy)]
enum Gap {
    None,
    Use,
    Scraping,
    Dashboards,
    Tls,
}

impl Gap {
    fn told(self, name: &str) -> Option<(String, &'static str, Confidence)> {
        let (message, help, confidence) = match self {
            Self::None => return None,
            Self::Use => (
                format!("`{name}` is started, and no code connects to it"),
                "Connect to it where it was meant to help, or remove it.",
                Confidence::Medium,
            ),
            Self::Scraping => (
                format!("`{name}` has no scrape configuration, so it watches nothing but itself"),
                "Mount a prometheus.yml that names the services to scrape.",
                Confidence::High,
            ),
            Self::Dashboards => (
                format!("`{name}` has no dashboard"),
                "Mount provisioned data sources and dashboards, so that they are versioned with the code.",
                Confidence::Medium,
            ),
            Self::Tls => (
                format!("`{name}` faces the outside without TLS"),
                "Give it a certificate and let it listen on 443, or say what ends TLS before it.",
                Confidence::Low,
            ),
        };
        Some((message, help, confidence))
    }
}

/// What all code speaks of.
struct Code {
    /// Identifiers and words of strings, in lower case, whole and by their parts.
    words: BTreeSet<String>,
    folders: BTreeSet<String>,
}

impl Code {
    fn of(survey: &Survey<'_>) -> Self {
        let (mut all, mut folders) = (BTreeSet::new(), BTreeSet::new());
        for file in survey.all_files().iter().filter(|file| file.role != CodeRole::Vendored) {
            let text = file.contents();
            folders.insert(folder_of(&file.path).to_owned());
            for word in mentioned(text, |c| c.is_alphanumeric() || c == '_').collect::<BTreeSet<_>>() {
                all.insert(word.to_ascii_lowercase());
                all.extend(words(word));
            }
        }
        Self { words: all, folders }
    }

    fn says(&self, word: &str) -> bool {
        self.words.contains(&word.to_ascii_lowercase())
    }
}

/// Whether something uses a service; none where that cannot be told.
fn is_used(
    around: &Around<'_>,
    all: &[Service],
    service: &Service,
    known: &[String],
    code: &Code,
) -> Option<Gap> {
    let name = service.name.text.as_str();
    let image = service.image.as_ref().map_or("", |image| image.name());
    if code.says(image) || known.iter().any(|word| code.says(word)) {
        return Some(Gap::None);
    }
    let is_told =
        |text: &str| mentioned(text, |c| c.is_alphanumeric() || matches!(c, '-' | '_')).any(|w| w == name);
    for other in all.iter().filter(|other| other.name.text != name) {
        let own = around.file.slice(other.range);
        if !is_told(own) {
            continue;
        }
        let Some(build) = other.build else { return Some(Gap::None) };
        // What is built from code in other languages is not seen.
        let context = around.file.slice(build);
        let context =
            context.split_once("context:").or(context.split_once("build:")).map_or("", |(_, c)| c.trim());
        let context =
            context.split([' ', '\n', '}', ',']).next().unwrap_or_default().trim_matches(['"', '\'']);
        let context = context.trim_start_matches("./").trim_matches(['.', '/']);
        let context = format!("{}{context}", folder_of(&around.file.path));
        if !code.folders.iter().any(|folder| folder.starts_with(&context)) {
            return None;
        }
        let reads = other.environment.iter().any(|variable| {
            let value = variable.value.as_ref().map_or("", |value| &value.text);
            is_told(value) && code.says(&variable.name.text)
        });
        if reads || other.command.iter().flat_map(|c| &c.words).any(|word| is_told(&word.text)) {
            return Some(Gap::None);
        }
    }
    Some(Gap::Use)
}

/// Whether a service that watches or forwards has been told what.
fn is_set_up(around: &Around<'_>, service: &Service, image: &str) -> Option<Gap> {
    let text = around.file.slice(service.range).to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let (gap, is_there) = match image {
        "prometheus" => {
            (Gap::Scraping, has(&["/etc/prometheus", "prometheus.y", "--config.file", "configs:"]))
        }
        "grafana" | "grafana-oss" | "grafana-enterprise" => {
            (Gap::Dashboards, has(&["provisioning", "dashboards", "configs:"]))
        }
        "nginx" | "haproxy" => {
            if service.ports.is_empty() {
                return None;
            }
            (Gap::Tls, has(&["443", "tls", "ssl", "cert", "https", "acme"]))
        }
        _ => return None,
    };
    Some(if is_there { Gap::None } else { gap })
}
