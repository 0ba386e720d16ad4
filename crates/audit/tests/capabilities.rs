//! Capabilities on small workspaces: each status, and what must not be taken for evidence.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

use std::collections::BTreeMap;

use shipworthy_audit::capability::{Catalogue, Code, Scene, judge};
use shipworthy_audit::index::Change;
use shipworthy_audit::inventory::{Capability, Evidence, Route, Span, Spot, Status};
use shipworthy_audit::{Auditor, FileDocument, Home, Index, Reading};
use shipworthy_evidence::Format;
use shipworthy_syntax::Language;

/// What the catalogue says of a workspace.
fn judged(files: &[(&str, &str)]) -> BTreeMap<String, Capability> {
    with(Catalogue::built_in(), files, &[])
}

fn with(catalogue: &Catalogue, files: &[(&str, &str)], routes: &[Route]) -> BTreeMap<String, Capability> {
    let mut readings = Vec::new();
    let mut documents = Vec::new();
    let mut texts = BTreeMap::new();
    for (path, text) in files {
        if let Some(language) = Language::from_path(path) {
            let home = Home::by_path(language, path);
            readings.push(Reading::new(path, &home, language, text));
        } else if let Some(format) = Format::of(path, text) {
            documents.push(FileDocument::new(path, format, text));
        }
        if catalogue.wants_text(path) {
            texts.insert((*path).to_owned(), (*text).to_owned());
        }
    }
    let mut index = Index::default();
    let declared = readings.iter().map(|reading| Change::Set(reading.indexed(reading.declared())));
    index.declare(declared);
    let code: Vec<Code<'_>> = readings
        .iter()
        .map(|reading| Code {
            path: reading.path().clone(),
            role: reading.role(),
            text: reading.text(),
            sightings: reading.sightings(catalogue, &index.view(reading)),
        })
        .collect();
    let configuration = Auditor::new(&[]).default_configuration();
    let around: Vec<_> = documents.iter().map(|document| document.around(&configuration)).collect();
    let mut paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    paths.sort();
    let scene = Scene {
        code: code.iter().collect(),
        around: around.iter().collect(),
        paths: paths.iter().collect(),
        texts: &texts,
        audited: Vec::new(),
        routes: routes.iter().collect(),
    };
    judge(catalogue, &scene).into_iter().map(|capability| (capability.id.clone(), capability)).collect()
}

fn statuses(files: &[(&str, &str)], wanted: &[(&str, Status)]) {
    let judged = judged(files);
    for (id, status) in wanted {
        assert_eq!(judged[*id].status, *status, "{id}: {:?}", judged[*id].evidence);
    }
}

const SERVICE: &str = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post(\"/orders\")\ndef create(order: dict):\n    return order\n";

#[test]
fn the_catalogue_can_be_read_and_is_whole() {
    let catalogue = Catalogue::built_in();
    assert_eq!(catalogue.capabilities.len(), 61);
    for capability in &catalogue.capabilities {
        assert!(!capability.evidence.is_empty(), "{}", capability.id);
        assert!((1..=3).contains(&capability.weight), "{}", capability.id);
        assert!(catalogue.page(capability).contains("## What counts"), "{}", capability.id);
    }
}

#[test]
fn mistakes_in_a_catalogue_are_said() {
    let mistake = |text: &str| Catalogue::of(&[("mine", text)]).unwrap_err().to_string();
    let capability = "category = \"security\"\n[[capability]]\nid = \"a\"\ntitle = \"A\"\nweight = 1\nsummary = \"\"\ncounts = \"\"\n";
    assert!(mistake(&capability.replace("category = \"security\"\n", "")).contains("no category"));
    assert!(
        mistake(&format!("{capability}applies = \"nowhere\"\n")).contains("no condition is called nowhere")
    );
    assert!(mistake(&format!("{capability}[[capability.evidence]]\nefects = []\n")).contains("efects"));
    assert!(
        mistake(&format!("{capability}[[capability.evidence]]\neffects = [\"flies\"]\n")).contains("flies")
    );
}

#[test]
fn a_service_without_anything_misses_what_it_needs() {
    statuses(
        &[("app.py", SERVICE)],
        &[
            ("rate-limiting", Status::Missing),
            ("authentication", Status::Missing),
            ("health-endpoints", Status::Missing),
            ("continuous-integration", Status::Missing),
            ("unit-tests", Status::Missing),
            ("readme", Status::Missing),
            ("migrations", Status::NotApplicable),
            ("dead-letter-queue", Status::NotApplicable),
            ("backup-and-recovery", Status::NotApplicable),
        ],
    );
}

#[test]
fn a_library_needs_nothing_that_services_need() {
    let files = [("lib.py", "def double(x):\n    return x * 2\n")];
    statuses(
        &files,
        &[
            ("rate-limiting", Status::NotApplicable),
            ("metrics", Status::NotApplicable),
            ("persistence", Status::NotApplicable),
            ("timeouts", Status::NotApplicable),
            ("readme", Status::Missing),
        ],
    );
}

#[test]
fn a_dependency_that_nothing_uses_is_only_declared() {
    let declared = ("requirements.txt", "slowapi==0.1.9\nsentry-sdk==2.0\nprometheus-client==0.20\n");
    let wanted = [
        ("rate-limiting", Status::DeclaredOnly),
        ("error-tracking", Status::DeclaredOnly),
        ("metrics", Status::DeclaredOnly),
    ];
    statuses(&[("app.py", SERVICE), declared], &wanted);
    // An import alone uses nothing.
    let imported = format!("import sentry_sdk\nfrom slowapi import Limiter\n{SERVICE}");
    statuses(&[("app.py", &imported), declared], &wanted);
    let used = format!(
        "import sentry_sdk\nfrom slowapi import Limiter\n{SERVICE}\nlimiter = Limiter()\nsentry_sdk.init()\n"
    );
    let judged = judged(&[("app.py", &used), declared]);
    assert_eq!(judged["rate-limiting"].status, Status::Present);
    let place = &judged["error-tracking"].evidence[0];
    assert_eq!((place.path.as_str(), place.range.start.line), ("app.py", 13));
    assert_eq!(place.text, "sentry_sdk.init()");
}

#[test]
fn what_only_tests_do_proves_nothing_of_production() {
    let test = "import sentry_sdk\n\n\ndef test_it():\n    sentry_sdk.init()\n";
    statuses(
        &[("app.py", SERVICE), ("tests/test_app.py", test)],
        &[("error-tracking", Status::Missing), ("unit-tests", Status::Present)],
    );
}

#[test]
fn a_name_of_the_workspace_is_no_library() {
    let own = "def counter(name):\n    return name\n";
    let service = format!("from statsd import counter\n{SERVICE}\ncounter(\"x\")\n");
    statuses(&[("statsd.py", own), ("app.py", &service)], &[("metrics", Status::Missing)]);
}

#[test]
fn parts_make_a_share() {
    let readme = "# Shop\n\n## Install\n\npip install shop\n\n## Usage\n\nuvicorn app:app\n";
    let judged =
        judged(&[("app.py", SERVICE), ("README.md", readme), ("LICENSE", "MIT"), ("CHANGELOG.md", "x")]);
    assert_eq!(judged["contribution-and-licence"].status, Status::Partial);
    assert!((judged["contribution-and-licence"].share - 0.5).abs() < 1e-9);
    assert_eq!(judged["readme"].status, Status::Present);
    assert!((judged["readme"].share - 0.75).abs() < 1e-9);
}

#[test]
fn continuous_integration_that_tests_nothing_is_partial() {
    let workflow =
        |run: &str| format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {run}\n");
    let path = ".github/workflows/ci.yml";
    let of =
        |run: &str| judged(&[("app.py", SERVICE), (path, &workflow(run))])["continuous-integration"].clone();
    assert_eq!(of("ruff check && pytest -q").status, Status::Present);
    assert_eq!(of("ruff check").status, Status::Partial);
    assert_eq!(of("echo pytesting").status, Status::Missing);
    let both = of("ruff check && pytest -q");
    assert_eq!(both.evidence[0].range.start.line, 6);
}

#[test]
fn go_and_rust_services_are_read_too() {
    let go = "package main\n\nimport (\n\t\"context\"\n\t\"net/http\"\n\t\"log/slog\"\n\n\t\"github.com/prometheus/client_golang/prometheus/promhttp\"\n)\n\nfunc main() {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc(\"/healthz\", health)\n\tmux.Handle(\"/metrics\", promhttp.Handler())\n\tserver := &http.Server{Addr: \":8080\", Handler: mux}\n\tslog.Info(\"up\", \"port\", 8080)\n\tserver.Shutdown(context.Background())\n}\n\nfunc health(w http.ResponseWriter, r *http.Request) {}\n";
    statuses(
        &[("main.go", go)],
        &[
            ("health-endpoints", Status::Present),
            ("metrics", Status::Present),
            ("structured-logging", Status::Present),
            ("graceful-shutdown", Status::Present),
            ("tracing", Status::Missing),
            ("rate-limiting", Status::Missing),
        ],
    );
    let rust = "use axum::{Router, routing::get};\nuse tower_http::compression::CompressionLayer;\n\nasync fn serve() {\n    let app = Router::new().route(\"/health\", get(health)).layer(CompressionLayer::new());\n    axum::serve(listener().await, app).with_graceful_shutdown(stop()).await;\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {\n        assert!(true);\n    }\n}\n";
    statuses(
        &[("src/main.rs", rust)],
        &[
            ("health-endpoints", Status::Present),
            ("response-compression", Status::Present),
            ("graceful-shutdown", Status::Present),
            ("unit-tests", Status::Present),
            ("metrics", Status::Missing),
        ],
    );
}

#[test]
fn deployment_files_are_evidence_and_conditions() {
    let compose = "services:\n  api:\n    build: .\n  db:\n    image: postgres:16\n  redis:\n    image: redis:7\n  grafana:\n    image: grafana/grafana:11\n";
    statuses(
        &[("app.py", SERVICE), ("compose.yaml", compose)],
        &[
            ("deployment-manifests", Status::Present),
            ("backup-and-recovery", Status::Missing),
            ("operations-runbook", Status::Missing),
            ("caching", Status::DeclaredOnly),
            ("dashboards", Status::DeclaredOnly),
        ],
    );
    let network = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: a\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec: {}\n";
    statuses(
        &[("app.py", SERVICE), ("k8s/net.yaml", network), ("k8s/app.yaml", deployment)],
        &[
            ("network-policy", Status::Present),
            ("deployment-manifests", Status::Present),
            ("rollback-and-autoscaling", Status::Missing),
        ],
    );
}

#[test]
fn settings_and_secrets_of_the_environment_are_half_of_it() {
    let code = "import os\n\nTOKEN = os.environ[\"API_TOKEN\"]\n";
    statuses(
        &[("app.py", code)],
        &[("secret-management", Status::Partial), ("configuration-validation", Status::Missing)],
    );
    let vault = "import hvac\n\nclient = hvac.Client()\n";
    statuses(&[("app.py", vault)], &[("secret-management", Status::Present)]);
}

#[test]
fn what_stands_in_vendored_code_is_somebody_elses() {
    statuses(
        &[
            ("app.py", SERVICE),
            ("node_modules/x/README.md", "install usage pytest"),
            ("vendor/y/LICENSE", ""),
        ],
        &[("readme", Status::Missing), ("contribution-and-licence", Status::Missing)],
    );
}

/// `CONN_MAX_AGE = 0` keeps no connection, `CSRF_COOKIE_SECURE = False` protects nothing.
#[test]
fn what_is_switched_off_proves_nothing() {
    let settings = |age: &str| {
        format!(
            "import django.db\n{SERVICE}\nDATABASES = {{\"default\": {{\"CONN_MAX_AGE\": {age}}}}}\n\n\ndef read():\n    django.db.connection.cursor()\n"
        )
    };
    statuses(&[("app.py", &settings("0"))], &[("connection-pooling", Status::Missing)]);
    statuses(&[("app.py", &settings("60"))], &[("connection-pooling", Status::Present)]);
    let secure = |on: &str| format!("{SERVICE}\nCSRF_COOKIE_SECURE = {on}\n");
    statuses(&[("app.py", &secure("False"))], &[("security-headers", Status::Missing)]);
    statuses(&[("app.py", &secure("True"))], &[("security-headers", Status::Present)]);
}

/// A function that is called like a health check, and answers no route, tells nobody anything.
#[test]
fn a_health_function_counts_where_it_is_served() {
    let service = format!("{SERVICE}\n\ndef health_check():\n    return True\n");
    let status = |handler: &str| {
        let place =
            judged(&[("a.py", "def test_a(): ...\n"), ("README.md", "x")])["readme"].evidence[0].clone();
        let route = Route {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            handler: handler.to_owned(),
            place,
            authentication: None,
            rate_limit: None,
            validation: None,
            validated_by: Vec::new(),
            operation: None,
        };
        with(Catalogue::built_in(), &[("app.py", &service)], &[route])["health-endpoints"].status
    };
    assert_eq!(status("app.health_check"), Status::Present);
    assert_eq!(status("app.create"), Status::Missing);
    // Where no route is known, nobody can say.
    statuses(&[("app.py", &service)], &[("health-endpoints", Status::Present)]);
}

#[test]
fn metrics_that_nobody_can_read_are_half_of_it() {
    let counted = format!(
        "from prometheus_client import Counter\n{SERVICE}\nORDERS = Counter(\"orders\", \"Orders\")\n"
    );
    statuses(&[("app.py", &counted)], &[("metrics", Status::Partial)]);
    let shown = format!("{counted}\n\n@app.get(\"/metrics\")\ndef metrics(): ...\n");
    statuses(&[("app.py", &shown)], &[("metrics", Status::Present)]);
}

/// The content type of a spreadsheet is no version of an interface.
#[test]
fn versions_stand_in_paths() {
    let sheet =
        format!("{SERVICE}\nSHEET = \"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\"\n");
    statuses(&[("app.py", &sheet)], &[("api-versioning", Status::Missing)]);
    let go = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.HandleFunc(\"/1.0/orders\", list)\n}\n\nfunc list(w http.ResponseWriter, r *http.Request) {}\n";
    statuses(&[("main.go", go)], &[("api-versioning", Status::Present)]);
    let mounted = go
        .replace("HandleFunc(\"/1.0/orders\", list)", "Handle(prefix, list)")
        .replace("func list", "const prefix = \"/1.0\"\n\nfunc list");
    statuses(&[("main.go", &mounted)], &[("api-versioning", Status::Present)]);
}

#[test]
fn what_validates_itself_and_who_authorizes() {
    let go = "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n)\n\ntype Config struct{ Port string }\n\nfunc (c *Config) Validate() error { return nil }\n\ntype order struct{ Number int }\n\nfunc (o *order) Validate() error { return nil }\n\nfunc AuthorizeToken(token string) error { return nil }\n\nfunc main() {\n\t_ = os.Getenv(\"PORT\")\n\thttp.HandleFunc(\"POST /orders\", add)\n}\n\nfunc add(w http.ResponseWriter, r *http.Request) {\n\tvar o order\n\tif err := o.Validate(); err != nil {\n\t\treturn\n\t}\n}\n";
    statuses(
        &[("main.go", go)],
        &[
            ("configuration-validation", Status::Present),
            ("input-validation", Status::Present),
            ("authorization", Status::Present),
        ],
    );
    let without = go.replace("Validate", "Print").replace("AuthorizeToken", "Other");
    statuses(
        &[("main.go", &without)],
        &[("configuration-validation", Status::Missing), ("input-validation", Status::Missing)],
    );
}

#[test]
fn connections_that_commit_by_themselves_and_signed_cookies() {
    let write = |with: &str| {
        format!(
            "import sqlite3\nfrom itsdangerous import URLSafeSerializer\n{SERVICE}\n\ndef add(conn):\n    {with}\n        conn.execute(\"insert into orders values (1)\")\n"
        )
    };
    statuses(
        &[("app.py", &write("with conn:"))],
        &[("transactions", Status::Present), ("authentication", Status::Missing)],
    );
    statuses(&[("app.py", &write("if True:"))], &[("transactions", Status::Missing)]);
    let signed = format!("{}\nsigner = URLSafeSerializer(\"x\")\n", write("with conn:"));
    statuses(&[("app.py", &signed)], &[("authentication", Status::Present)]);
}

#[test]
fn rust_attributes_caches_and_helpers_of_tests() {
    let main = "use actix_web::{App, get};\nuse moka::future::Cache;\n\n#[get(\"/\", wrap = \"middleware::Compress::default()\")]\nasync fn index() -> String { String::new() }\n\nfn cache_control_middleware() {}\n\nfn call() { reqwest::get(\"https://example.com\"); }\n";
    let support = "use backon::ConstantBuilder;\n\npub fn again() { ConstantBuilder::default(); }\n";
    statuses(
        &[("src/main.rs", main), ("src/test_support.rs", support)],
        &[
            ("response-compression", Status::Present),
            ("caching", Status::Present),
            ("retries", Status::Missing),
        ],
    );
}

/// Routes that the inventory knows have full paths and methods, however they are registered.
#[test]
fn routes_of_the_inventory_are_evidence() {
    let app = "from fastapi import FastAPI\n\napp = FastAPI()\n";
    let route = |method: &str, path: &str| Route {
        method: method.to_owned(),
        path: path.to_owned(),
        handler: String::new(),
        place: Evidence {
            path: "app.py".to_owned(),
            range: Span { start: Spot { line: 3, column: 1 }, end: Spot { line: 3, column: 1 } },
            text: String::new(),
        },
        authentication: None,
        rate_limit: None,
        validation: None,
        validated_by: Vec::new(),
        operation: None,
    };
    let status =
        |routes: &[Route], id: &str| with(Catalogue::built_in(), &[("app.py", app)], routes)[id].status;
    let reading = [route("GET", "/v3/orders"), route("GET", "/v3/system/health")];
    assert_eq!(status(&reading, "api-versioning"), Status::Present);
    assert_eq!(status(&reading, "health-endpoints"), Status::Present);
    assert_eq!(status(&reading, "audit-logging"), Status::NotApplicable);
    assert_eq!(status(&[route("PUT", "/orders")], "audit-logging"), Status::Missing);
    assert_eq!(status(&[route("PUT", "/orders")], "api-versioning"), Status::Missing);
}

/// What operators look at is open to whoever reaches it, and says nothing of the routes for callers.
#[test]
fn routes_for_operators_need_no_authentication() {
    let go = "package main\n\nimport \"net/http\"\n\nfunc checkAuth(r *http.Request) bool { return true }\n\nfunc main() {\n\thttp.HandleFunc(\"/debug/health/down\", down)\n}\n\nfunc down(w http.ResponseWriter, r *http.Request) {}\n";
    let open = |path: &str| Route {
        method: "*".to_owned(),
        path: path.to_owned(),
        handler: "down".to_owned(),
        place: Evidence {
            path: "main.go".to_owned(),
            range: Span { start: Spot { line: 8, column: 2 }, end: Spot { line: 8, column: 2 } },
            text: String::new(),
        },
        authentication: Some(false),
        rate_limit: None,
        validation: None,
        validated_by: Vec::new(),
        operation: None,
    };
    let status =
        |path: &str| with(Catalogue::built_in(), &[("main.go", go)], &[open(path)])["authentication"].status;
    assert_eq!(status("/debug/health/down"), Status::Present);
    assert_eq!(status("/orders"), Status::Partial);
}

/// A mail to a user is no event for others, and what a client does is not what the service does.
#[test]
fn what_clients_do_proves_nothing_of_the_service() {
    let client = format!(
        "import smtplib\nimport ssl\n{SERVICE}\n\ndef mail(text):\n    server = smtplib.SMTP(\"mail\")\n    server.starttls(context=ssl.create_default_context())\n    server.send_message(text)\n\n\ndef ask(session):\n    response = session.get(\"https://example.com\")\n    return response.headers.get(\"x-request-id\")\n"
    );
    let wanted = [
        ("events-and-webhooks", Status::Missing),
        ("transport-encryption", Status::Missing),
        ("request-correlation", Status::Missing),
    ];
    statuses(&[("app.py", &client)], &wanted);
    let server = client
        .replace("server.send_message(text)", "redis.publish(\"orders\", text)")
        .replace("create_default_context()", "create_default_context(ssl.Purpose.CLIENT_AUTH)")
        .replace("response.headers.get", "request.headers.get");
    statuses(&[("app.py", &server)], &wanted.map(|(id, _)| (id, Status::Present)));
}

/// A limit on a reader of anything is none on requests; nor is a tracer's on what it shows.
#[test]
fn limits_are_on_what_is_sent_here() {
    let go = |read: &str| {
        format!(
            "package main\n\nimport (\n\t\"io\"\n\t\"net/http\"\n)\n\nfunc main() {{\n\thttp.HandleFunc(\"/orders\", add)\n}}\n\nfunc add(w http.ResponseWriter, r *http.Request) {{\n\t{read}\n}}\n"
        )
    };
    let status = |read: &str| judged(&[("main.go", &go(read))])["request-size-limits"].status;
    assert_eq!(status("io.ReadAll(io.LimitReader(file, 10))"), Status::Missing);
    assert_eq!(status("io.ReadAll(io.LimitReader(r.Body, 10))"), Status::Present);
    assert_eq!(status("r.Body = http.MaxBytesReader(w, r.Body, 10)"), Status::Present);
    let tracer = format!("{SERVICE}\n\nclass Tracer:\n    max_body_bytes = 262144\n");
    statuses(&[("app.py", &tracer)], &[("request-size-limits", Status::Missing)]);
}

/// Words that say something else as a rule.
#[test]
fn common_words_are_no_evidence() {
    let words = format!(
        "{SERVICE}\n\nclass PermissionDeniedError(Exception): ...\n\n\nclass FallbackElement: ...\n\n\ndef verify_heading_retention(): ...\n\n\ndef consent_required(): ...\n\n\nclient = connect(api_version=\"2024-08-01\", path=\"/v1/convert/file\")\nemail = None\n"
    );
    let go = "package files\n\nfunc (f File) HasPermissionBits() bool { return true }\n";
    statuses(
        &[("app.py", &words), ("files/files.go", go)],
        &[
            ("authorization", Status::Missing),
            ("graceful-degradation", Status::NotApplicable),
            ("data-retention", Status::NotApplicable),
            ("privacy-requests", Status::NotApplicable),
            ("api-versioning", Status::Missing),
        ],
    );
}

/// What projects write by themselves, under the names that it has there.
#[test]
fn projects_have_their_own() {
    let go = "package main\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/aws/aws-sdk-go/service/s3\"\n)\n\ntype retryingSink struct{}\n\ntype Broadcaster struct{}\n\ntype auditService struct{}\n\nfunc GetRequestID(r *http.Request) string { return \"\" }\n\nfunc startUploadPurger() {}\n\nfunc main() {\n\tclient := s3.New(nil)\n\tclient.PutObject(&s3.PutObjectInput{ServerSideEncryption: kind})\n\thttp.Get(\"https://example.com\")\n\thttp.HandleFunc(\"POST /orders\", nil)\n}\n";
    statuses(
        &[("main.go", go)],
        &[
            ("retries", Status::Partial),
            ("events-and-webhooks", Status::Present),
            ("audit-logging", Status::Present),
            ("request-correlation", Status::Present),
            ("data-retention", Status::Present),
            ("persistence", Status::Present),
            ("encryption-at-rest", Status::Present),
        ],
    );
    let rust = "fn main() {\n    let config: Config = toml::from_str(text).unwrap();\n    cleanup_outdated_variants(&repo);\n}\n";
    statuses(
        &[("src/main.rs", rust)],
        &[("configuration-validation", Status::Present), ("data-retention", Status::Present)],
    );
}

/// Names that look like evidence and are about something else: a store's own statistics, authors, a session that goes live.
#[test]
fn names_are_not_taken_for_others() {
    let app = |name: &str, route: &str| {
        format!(
            "import requests\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.{route}\ndef {name}():\n    return requests.get(\"https://example.com\").text\n"
        )
    };
    let test = |name: &str| format!("def {name}():\n    assert True\n");
    let wanted = |status: Status| {
        [("circuit-breaking", status), ("security-tests", status), ("health-endpoints", status)]
    };
    statuses(
        &[
            ("app.py", &app("circuit_breaker_stats", "post(\"/live\")")),
            ("tests/test_app.py", &test("test_multiple_authors")),
        ],
        &wanted(Status::Missing),
    );
    statuses(
        &[
            ("app.py", &app("with_circuit_breaker", "get(\"/live\")")),
            ("tests/test_app.py", &test("test_unauthorized")),
        ],
        &wanted(Status::Present),
    );
    statuses(&[("tests/test_app.py", &test("test_token_auth"))], &[("security-tests", Status::Present)]);
}

/// A server of Tornado, whose options, clients, tests and certificates have names of its own.
#[test]
fn tornado_is_known() {
    let app = "import tornado.web\nfrom tornado.httpclient import AsyncHTTPClient\nfrom tornado.options import define\n\ndefine(\"port\", type=int, default=80)\n\n\nclass Orders(tornado.web.RequestHandler):\n    async def post(self):\n        await AsyncHTTPClient().fetch(\"https://example.com\")\n\n\nserver = tornado.web.Application([(\"/orders\", Orders)])\nserver.listen(80, ssl_options=files)\n";
    let test = "from tornado.testing import AsyncHTTPTestCase\n\n\nclass OrderTests(AsyncHTTPTestCase):\n    def test_orders(self): ...\n";
    statuses(
        &[("app.py", app), ("tests/test_orders.py", test)],
        &[
            ("configuration-validation", Status::Present),
            ("environment-configuration", Status::Present),
            ("circuit-breaking", Status::Missing),
            ("transport-encryption", Status::Present),
            ("integration-tests", Status::Present),
        ],
    );
}

/// A property that is made once is kept with its object, and is no cache of the service.
#[test]
fn properties_are_no_caches() {
    let app = |decorator: &str| {
        format!(
            "import functools\nimport sqlite3\n{SERVICE}\n\nclass Orders:\n    @functools.{decorator}\n    def all(self): ...\n"
        )
    };
    statuses(&[("app.py", &app("cached_property"))], &[("caching", Status::NotApplicable)]);
    statuses(&[("app.py", &app("lru_cache(maxsize=8)"))], &[("caching", Status::Present)]);
}

/// The package `testing` has suites for others to run; a runner finds none in it.
#[test]
fn suites_for_others_are_no_tests_of_the_project() {
    let suite = "class Orders:\n    def test_orders(self): ...\n";
    statuses(
        &[("app.py", SERVICE), ("app/testing/suites.py", suite)],
        &[("unit-tests", Status::Missing), ("coverage-measurement", Status::NotApplicable)],
    );
    statuses(&[("app.py", SERVICE), ("tests/test_orders.py", suite)], &[("unit-tests", Status::Present)]);
}

/// Who a caller is, asked where something is allowed, is authorization; a dependency that finds it out is not.
#[test]
fn asking_for_a_role_authorizes() {
    let app = |check: &str| {
        format!(
            "from fastapi import Security\n{SERVICE}\n\ndef drop(user=Security(scheme)):\n    if not user.{check}:\n        raise Forbidden\n"
        )
    };
    statuses(&[("app.py", &app("is_superuser"))], &[("authorization", Status::Present)]);
    statuses(&[("app.py", &app("name"))], &[("authorization", Status::Missing)]);
}

/// OpenTelemetry sends measurements and traces by exporters of one package each.
#[test]
fn exporters_of_metrics_are_no_traces() {
    let app = |kind: &str, class: &str| {
        format!(
            "from opentelemetry.exporter.otlp.proto.http.{kind}_exporter import {class}\n{SERVICE}\nexporter = {class}()\n"
        )
    };
    let declared = ("requirements.txt", "opentelemetry-sdk==1.27.0\n");
    statuses(
        &[("app.py", &app("metric", "OTLPMetricExporter")), declared],
        &[("tracing", Status::Missing), ("metrics", Status::Partial)],
    );
    statuses(&[("app.py", SERVICE), declared], &[("tracing", Status::DeclaredOnly)]);
    statuses(
        &[("app.py", &app("trace", "OTLPSpanExporter"))],
        &[("tracing", Status::Present), ("metrics", Status::Missing)],
    );
    let go = |call: &str| {
        format!(
            "package main\n\nimport (\n\t\"net/http\"\n\n\t\"go.opentelemetry.io/otel\"\n)\n\nfunc main() {{\n\totel.{call}(\"orders\")\n\thttp.ListenAndServe(\":80\", nil)\n}}\n"
        )
    };
    statuses(&[("main.go", &go("Meter"))], &[("tracing", Status::Missing)]);
    statuses(&[("main.go", &go("Tracer"))], &[("tracing", Status::Present)]);
}

/// A server of aiohttp runs what is registered with the application when it stops.
#[test]
fn aiohttp_cleans_up_when_it_stops() {
    let app = |hook: &str| {
        format!(
            "from aiohttp import web\n\napp = web.Application()\napp.{hook}.append(keep_alive)\nweb.run_app(app)\n"
        )
    };
    for hook in ["cleanup_ctx", "on_shutdown"] {
        statuses(&[("app.py", &app(hook))], &[("graceful-shutdown", Status::Present)]);
    }
    statuses(&[("app.py", &app("on_startup"))], &[("graceful-shutdown", Status::Missing)]);
}

/// What a plugin for pytest starts is no server of the service.
#[test]
fn a_plugin_for_tests_serves_nothing() {
    let plugin = "import ssl\n\ncontext = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n";
    let wanted = |status| [("transport-encryption", status)];
    statuses(&[("app.py", SERVICE), ("shop/pytest_plugin.py", plugin)], &wanted(Status::Missing));
    statuses(&[("app.py", SERVICE), ("shop/server.py", plugin)], &wanted(Status::Present));
}

/// A service on the libraries of OpenStack, which bring middleware, notifications and transactions of their own; what
/// starts one for its developers deploys nothing.
#[test]
fn openstack_is_known() {
    let app = "import flask\nimport flask_restful\nimport ldap\nimport oslo_messaging\nfrom oslo_context import context\nfrom oslo_db.sqlalchemy import enginefacade\nfrom pycadf import reason\nimport osprofiler.initializer\n\nosprofiler.initializer.init_from_conf(conf)\nmanager = enginefacade.transaction_context()\nnotifier = oslo_messaging.Notifier(transport)\n\n\nclass Context(context.RequestContext): ...\n\n\nclass Orders(flask_restful.Resource):\n    def post(self):\n        ldap.set_option(ldap.OPT_NETWORK_TIMEOUT, 5)\n        notifier.info({}, \"order\", reason.Reason(\"created\"))\n        return ldap.initialize(url)\n\n\napp = flask.Flask(\"orders\")\n";
    let entry = "[project.entry-points.\"orders.middleware\"]\nsizelimit = \"oslo_middleware:RequestBodySizeLimiter\"\n";
    let compose = "services:\n  database:\n    image: mariadb:11\n";
    statuses(
        &[
            ("app.py", app),
            ("pyproject.toml", entry),
            ("devstack/tools/docker-compose.yaml", compose),
            ("api-ref/source/orders.inc", "List orders\n\n.. rest_method:: GET /v3/orders\n"),
            ("doc/source/admin/troubleshoot.inc", "Troubleshoot\n"),
            ("rally-jobs/orders.yaml", "Orders.create: []\n"),
            ("orders/tests/functional/test_orders.py", "def test_orders(): ...\n"),
        ],
        &[
            ("tracing", Status::Present),
            ("request-correlation", Status::Present),
            ("request-size-limits", Status::Present),
            ("transactions", Status::Present),
            ("connection-pooling", Status::Present),
            ("events-and-webhooks", Status::Present),
            ("audit-logging", Status::Present),
            ("security-headers", Status::Missing),
            ("timeouts", Status::Present),
            ("circuit-breaking", Status::Missing),
            ("api-documentation", Status::Present),
            ("operations-runbook", Status::Present),
            ("load-tests", Status::Present),
            ("end-to-end-tests", Status::Partial),
            ("deployment-manifests", Status::Missing),
            ("rollback-and-autoscaling", Status::NotApplicable),
            ("backup-and-recovery", Status::NotApplicable),
            ("network-policy", Status::NotApplicable),
        ],
    );
}
