//! What the report tells of a workspace beside findings: services, tests, documents, projects.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use common::{json, out, project, run};
use serde_json::{Value, json};

#[test]
fn external_services_with_what_holds_when_they_are_down() {
    let client = "import requests\n\n\ndef rates():\n    return requests.get(\"https://rates.holidayplans.io/now\", timeout=5)\n\n\ndef names():\n    try:\n        return requests.get(\"https://rates.holidayplans.io/names\")\n    except requests.RequestException:\n        return []\n";
    let audit = json(project(&[("shop/client.py", client)]).path(), &[]);
    let services = audit["services"].as_array().unwrap();
    assert_eq!(services.len(), 1, "{services:?}");
    let service = &services[0];
    assert_eq!(service["name"], "rates.holidayplans.io");
    assert_eq!(service["calls"].as_array().unwrap().len(), 2);
    assert_eq!(service["calls"][0]["range"]["start"]["line"], 5);
    assert_eq!(service["time_limit"], json!({"covered": 1, "total": 2}));
    assert_eq!(service["retries"], json!({"covered": 0, "total": 2}));
    assert_eq!(service["breaker"], json!({"covered": 0, "total": 2}));
    assert_eq!(service["fallback"], json!({"covered": 1, "total": 2}));
    assert!(service["when_down"].as_str().unwrap().starts_with("Some calls fail after their time limit"));
}

#[test]
fn tests_by_kind_and_documents() {
    let files = [
        ("README.md", "# Shop\n\nSells.\n"),
        ("docs/guide.rst", "Guide\n=====\n"),
        ("shop.py", "def total():\n    return 1\n"),
        ("tests/test_shop.py", "def test_total():\n    assert 1\n\n\ndef test_more():\n    assert 1\n"),
        (
            "tests/test_api.py",
            "from fastapi.testclient import TestClient\n\n\ndef test_api():\n    assert TestClient(app).get(\"/\").status_code == 200\n",
        ),
        ("tests/e2e/test_buy.py", "def test_buy():\n    assert 1\n"),
    ];
    let folder = project(&files);
    let audit = json(folder.path(), &[]);
    let kinds: Vec<_> =
        audit["tests"].as_array().unwrap().iter().map(|k| (&k["kind"], &k["cases"])).collect();
    let expected = [("end to end", 1), ("integration", 1), ("unit", 2)].map(|(k, n)| (json!(k), json!(n)));
    assert_eq!(kinds, expected.iter().map(|(k, n)| (k, n)).collect::<Vec<_>>());
    let documents =
        json!([{"path": "README.md", "title": "Shop"}, {"path": "docs/guide.rst", "title": "Guide"}]);
    assert_eq!(audit["documents"], documents);
    let text = out(&run(folder.path(), &["audit"]));
    assert!(text.contains("Tests: 1 end to end, 1 integration, 2 unit\nDocuments: 2\n"), "{text}");
}

/// Two services whose modules have the same names: one asks who calls, the other does not.
fn two() -> tempfile::TempDir {
    let main = |routes: &str| {
        format!(
            "from fastapi import FastAPI\nfrom app.routes import router\n\napp = FastAPI()\napp.include_router(router, prefix=\"/{routes}\")\n"
        )
    };
    let open = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get(\"/list\")\ndef listed():\n    return []\n";
    let closed = "from fastapi import APIRouter, Depends\nfrom fastapi.security import OAuth2PasswordBearer\n\noauth = OAuth2PasswordBearer(tokenUrl=\"token\")\nrouter = APIRouter(dependencies=[Depends(oauth)])\n\n\n@router.get(\"/list\")\ndef listed():\n    return []\n";
    project(&[
        ("orders/pyproject.toml", "[project]\nname = \"orders-service\"\n"),
        ("orders/app/__init__.py", ""),
        ("orders/app/main.py", &main("orders")),
        ("orders/app/routes.py", closed),
        ("users/pyproject.toml", "[project]\nname = \"users-service\"\n"),
        ("users/app/__init__.py", ""),
        ("users/app/main.py", &main("users")),
        ("users/app/routes.py", open),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pytest\n",
        ),
    ])
}

#[test]
fn routers_of_one_name_do_not_meet_across_projects() {
    let audit = json(two().path(), &[]);
    let routes = audit["routes"].as_array().unwrap();
    let paths: Vec<_> = routes.iter().map(|r| (r["path"].as_str().unwrap(), &r["authentication"])).collect();
    assert_eq!(paths, [("/orders/list", &json!(true)), ("/users/list", &json!(false))]);
}

/// What stands in a list of dependencies is known, and where a list is filled later it cannot be told who is asked.
#[test]
fn lists_of_dependencies_are_followed() {
    let app = "from fastapi import Depends, FastAPI\nfrom fastapi.security import OAuth2PasswordBearer\n\noauth = OAuth2PasswordBearer(tokenUrl=\"token\")\n\n\ndef create_app(key):\n    app = FastAPI()\n    asked = [Depends(oauth)]\n    filled = []\n    if key:\n        filled.append(Depends(oauth))\n    none = []\n\n    @app.post(\"/asked\", dependencies=asked)\n    def first():\n        return []\n\n    @app.post(\"/filled\", dependencies=filled)\n    def second():\n        return []\n\n    @app.post(\"/none\", dependencies=none)\n    def third():\n        return []\n\n    return app\n";
    let audit = json(project(&[("app.py", app)]).path(), &[]);
    let routes = audit["routes"].as_array().unwrap();
    let said: Vec<_> = routes.iter().map(|r| (r["path"].as_str().unwrap(), &r["authentication"])).collect();
    assert_eq!(said, [("/asked", &json!(true)), ("/filled", &Value::Null), ("/none", &json!(false))]);
}

#[test]
fn each_project_has_capabilities_and_a_grade_of_its_own() {
    let audit = json(two().path(), &[]);
    let projects = audit["projects"].as_array().unwrap();
    let names: Vec<_> = projects.iter().map(|p| (&p["name"], &p["path"])).collect();
    let expected = [(json!("orders-service"), json!("orders")), (json!("users-service"), json!("users"))];
    assert_eq!(names, expected.iter().map(|(n, p)| (n, p)).collect::<Vec<_>>());
    let status = |project: &Value, id: &str| {
        let capabilities = project["capabilities"].as_array().unwrap();
        capabilities.iter().find(|c| c["id"] == id).unwrap()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(&projects[0], "authentication"), "present");
    assert_eq!(status(&projects[1], "authentication"), "missing");
    for project in projects {
        assert_ne!(status(project, "continuous-integration"), "missing", "what both share counts for both");
    }
    let score = |project: &Value| project["score"].as_f64().unwrap();
    assert!(score(&projects[0]) > score(&projects[1]), "{projects:?}");
    assert_eq!(audit["grade"]["worst_project"], "users");
}

#[test]
fn what_one_project_asks_for_excuses_no_other() {
    let verifier = "use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};\n\npub struct AcceptAny;\n\nimpl ServerCertVerifier for AcceptAny {\n    fn verify_server_cert(&self) -> Result<ServerCertVerified, Error> {\n        Ok(ServerCertVerified::assertion())\n    }\n}\n";
    let asked = format!(
        "{verifier}\npub fn config(insecure: bool) -> ClientConfig {{\n    let mut config = trusted();\n    if insecure {{\n        config.dangerous().set_certificate_verifier(Arc::new(AcceptAny));\n    }}\n    config\n}}\n"
    );
    let manifest = |name| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    let (ctl, agent) = (manifest("ctl"), manifest("agent"));
    let folder = project(&[
        ("ctl/Cargo.toml", &ctl),
        ("ctl/src/lib.rs", &asked),
        ("agent/Cargo.toml", &agent),
        ("agent/src/lib.rs", verifier),
    ]);
    let audit = json(folder.path(), &[]);
    let findings = audit["findings"].as_array().unwrap();
    let places: Vec<_> = findings
        .iter()
        .filter(|finding| finding["rule"] == "tls-verification-disabled")
        .map(|finding| &finding["path"])
        .collect();
    assert_eq!(places, ["agent/src/lib.rs"]);
}
