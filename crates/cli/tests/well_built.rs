//! The well-built specimens get an A, and each thing that is broken in them lowers the category that it belongs to.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::json;
use serde_json::Value;
use tempfile::TempDir;

const PYTHON_AND_GO: &str = "well-built";
const RUST: &str = "well-built-rust";

/// The least score of an A.
const LEAST: f64 = 93.0;

/// One thing that is broken in a specimen.
struct Break {
    specimen: &'static str,
    /// What is broken.
    what: &'static str,
    /// The category that it belongs to.
    category: &'static str,
    edits: &'static [Edit],
}

enum Edit {
    /// A file or a folder goes.
    Remove(&'static str),
    /// Each place of a text in a file gets another.
    Replace(&'static str, &'static str, &'static str),
}

use Edit::{Remove, Replace};

const BREAKS: &[Break] = &[
    Break {
        specimen: PYTHON_AND_GO,
        what: "a client without a time limit",
        category: "errors",
        edits: &[Replace("shop/payments.py", "timeout=httpx.Timeout(5.0, connect=2.0),", "timeout=None,")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a token that is compared with !=",
        category: "security",
        edits: &[
            Replace(
                "gateway/internal/proxy/proxy.go",
                "subtle.ConstantTimeCompare([]byte(given), []byte(p.settings.Token)) != 1",
                "given != p.settings.Token",
            ),
            Replace("gateway/internal/proxy/proxy.go", "\t\"crypto/subtle\"\n", ""),
        ],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "no health endpoint",
        category: "observability",
        edits: &[
            Replace(
                "shop/main.py",
                "    app.add_api_route(\"/health\", health)\n    app.add_api_route(\"/ready\", ready)\n",
                "",
            ),
            Replace(
                "shop/main.py",
                "async def health() -> dict[str, str]:\n    \"\"\"Whether the process is up.\"\"\"\n    return {\"status\": \"up\"}\n\n\n",
                "",
            ),
            Replace(
                "gateway/internal/proxy/proxy.go",
                "\tmux.HandleFunc(\"GET /health\", func(w http.ResponseWriter, _ *http.Request) {\n\t\tw.WriteHeader(http.StatusOK)\n\t})\n",
                "",
            ),
        ],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "no continuous integration",
        category: "configuration",
        edits: &[Remove(".github/workflows/ci.yml")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "routes without authentication",
        category: "security",
        edits: &[Replace("shop/routes.py", ", dependencies=[Depends(require_token)]", "")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a connection that stays open",
        category: "resources",
        edits: &[Replace("shop/export.py", "        await connection.close()\n", "        written += 0\n")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a response body that stays open",
        category: "resources",
        edits: &[Replace("gateway/internal/proxy/proxy.go", "\tdefer resp.Body.Close()\n", "")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "no index",
        category: "performance",
        edits: &[Replace(
            "migrations/0001_orders.sql",
            "CREATE INDEX orders_customer ON orders (customer_id, id);\n",
            "",
        )],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a bare except",
        category: "errors",
        edits: &[Replace(
            "shop/payments.py",
            "except (httpx.HTTPError, CircuitBreakerError):\n",
            "except:\n",
        )],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a container that runs as root",
        category: "configuration",
        edits: &[Replace("Dockerfile", "USER shop\n", "")],
    },
    Break { specimen: PYTHON_AND_GO, what: "no tests", category: "testing", edits: &[Remove("tests")] },
    Break {
        specimen: PYTHON_AND_GO,
        what: "no rate limit",
        category: "security",
        edits: &[Replace("gateway/internal/proxy/proxy.go", "p.rateLimited(private)", "private")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a wait that blocks the event loop",
        category: "concurrency",
        edits: &[
            Replace("shop/main.py", "import uuid\n", "import time\nimport uuid\n"),
            Replace(
                "shop/main.py",
                "    return {\"status\": \"up\"}\n",
                "    time.sleep(1)\n    return {\"status\": \"up\"}\n",
            ),
        ],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a map without its lock",
        category: "concurrency",
        edits: &[Replace("gateway/internal/proxy/proxy.go", "\tp.mu.Lock()\n\tdefer p.mu.Unlock()\n", "")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a lock that is never released",
        category: "concurrency",
        edits: &[Replace("gateway/internal/proxy/proxy.go", "\tdefer p.mu.Unlock()\n", "")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "a dependency without a version",
        category: "configuration",
        edits: &[Replace("pyproject.toml", "\"httpx==0.27.2\"", "\"httpx\"")],
    },
    Break {
        specimen: PYTHON_AND_GO,
        what: "no README",
        category: "documentation",
        edits: &[Remove("README.md")],
    },
    Break {
        specimen: RUST,
        what: "no continuous integration",
        category: "configuration",
        edits: &[Remove(".github/workflows/ci.yml")],
    },
    Break {
        specimen: RUST,
        what: "no health endpoint",
        category: "observability",
        edits: &[
            Replace(
                "src/api.rs",
                "        .route(\"/health\", get(health))\n        .route(\"/ready\", get(ready))\n",
                "",
            ),
            Replace("src/api.rs", "async fn health() -> &'static str {\n    \"up\"\n}\n\n", ""),
        ],
    },
    Break {
        specimen: RUST,
        what: "routes without authentication",
        category: "security",
        edits: &[Replace(
            "src/api.rs",
            "\n        .route_layer(middleware::from_fn_with_state(app.clone(), authenticated))",
            "",
        )],
    },
    Break {
        specimen: RUST,
        what: "no rate limit",
        category: "security",
        edits: &[Replace("src/api.rs", "\n        .layer(GovernorLayer { config: limits })", "")],
    },
    Break {
        specimen: RUST,
        what: "a container that runs as root",
        category: "configuration",
        edits: &[Replace("Dockerfile", "USER notes\n", "")],
    },
    Break { specimen: RUST, what: "no tests", category: "testing", edits: &[Remove("tests")] },
    Break { specimen: RUST, what: "no migrations", category: "data", edits: &[Remove("migrations")] },
    Break {
        specimen: RUST,
        what: "a wait that blocks the runtime",
        category: "concurrency",
        edits: &[Replace(
            "src/store.rs",
            "        let mut transaction = self.pool.begin().await?;\n        let added",
            "        std::thread::sleep(Duration::from_secs(1));\n        let mut transaction = self.pool.begin().await?;\n        let added",
        )],
    },
    Break { specimen: RUST, what: "no runbook", category: "documentation", edits: &[Remove("docs")] },
];

/// A copy of a specimen that can be broken.
fn copy_of(specimen: &str) -> TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/specimens").join(specimen);
    let target = tempfile::tempdir().unwrap();
    copy(&from, target.path());
    target
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

impl Edit {
    fn make(&self, folder: &Path) {
        match self {
            Remove(path) if folder.join(path).is_dir() => fs::remove_dir_all(folder.join(path)).unwrap(),
            Remove(path) => fs::remove_file(folder.join(path)).unwrap(),
            Replace(path, from, to) => {
                let text = fs::read_to_string(folder.join(path)).unwrap();
                assert!(text.contains(from), "{path} has no {from:?}");
                fs::write(folder.join(path), text.replace(from, to)).unwrap();
            }
        }
    }
}

fn whole(audit: &Value) -> f64 {
    audit["grade"]["score"].as_f64().unwrap()
}

fn score(audit: &Value, category: &str) -> f64 {
    let categories = audit["categories"].as_array().unwrap();
    categories.iter().find(|c| c["id"] == category).unwrap()["score"].as_f64().unwrap()
}

#[test]
fn well_built_specimens_get_an_a() {
    for specimen in [PYTHON_AND_GO, RUST] {
        let audit = json(copy_of(specimen).path(), &[]);
        let letter = audit["grade"]["letter"].as_str().unwrap();
        assert!(["A", "A+"].contains(&letter) && whole(&audit) >= LEAST, "{specimen}: {letter}");
        let findings = audit["findings"].as_array().unwrap();
        let severe = findings.iter().find(|f| ["blocking", "high"].iter().any(|s| f["severity"] == *s));
        assert!(severe.is_none(), "{specimen}: {severe:?}");
    }
}

#[test]
fn each_break_lowers_its_category() {
    let mut wrong = Vec::new();
    for specimen in [PYTHON_AND_GO, RUST] {
        let sound = json(copy_of(specimen).path(), &[]);
        for one in BREAKS.iter().filter(|one| one.specimen == specimen) {
            let folder = copy_of(specimen);
            one.edits.iter().for_each(|edit| edit.make(folder.path()));
            let broken = json(folder.path(), &[]);
            let (before, after) = (score(&sound, one.category), score(&broken, one.category));
            if after >= before || whole(&broken) > whole(&sound) {
                let (all, now) = (whole(&sound), whole(&broken));
                wrong.push(format!(
                    "{specimen}: {}: {} {before} -> {after}, whole {all} -> {now}",
                    one.what, one.category
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
