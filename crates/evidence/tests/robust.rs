//! No text makes a reader panic, take for ever, or name a place that is not in the text.

use proptest::prelude::*;
use shipworthy_evidence::{File, Format};
use shipworthy_syntax::Range;

const PATHS: [(&str, Format); 13] = [
    ("Dockerfile", Format::Dockerfile),
    ("compose.yaml", Format::Compose),
    ("deployment.yaml", Format::Kubernetes),
    (".env", Format::Env),
    ("requirements.txt", Format::Manifest),
    ("pyproject.toml", Format::Manifest),
    ("setup.cfg", Format::Manifest),
    ("setup.py", Format::Manifest),
    ("Pipfile", Format::Manifest),
    ("go.mod", Format::Manifest),
    ("Cargo.toml", Format::Manifest),
    (".github/workflows/ci.yml", Format::Ci),
    ("schema.sql", Format::Sql),
];

const PIECES: [&str; 40] = [
    "FROM a:1 AS b\n",
    "RUN x \\\n",
    "RUN <<EOF\n",
    "EOF\n",
    "ENV A=\"é\" B\n",
    "CMD [\"a\", \"é\"]\n",
    "# é\n",
    "services:\n",
    "  web:\n",
    "    image: é\n",
    "    environment: [A=b]\n",
    "    <<: *x\n",
    "  x: &x {a: 1}\n",
    "---\n",
    "apiVersion: v1\n",
    "kind: Deployment\n",
    "spec: {template: {spec: {containers: [{name: é}]}}}\n",
    "A=1\n",
    "export B='é\n",
    "requests>=2 ; é\n",
    "-r é.txt\n",
    "[project]\n",
    "dependencies = ['é']\n",
    "[[",
    "= 1\n",
    "require (\n",
    "\tgithub.com/a v1 // indirect\n",
    ")\n",
    "[options]\n",
    "install_requires =\n    é\n",
    "setup(install_requires=['é'])\n",
    "jobs: {a: {steps: [{run: é}]}}\n",
    "CREATE TABLE é (a int);\n",
    "SELECT 'é",
    "/* é",
    "\r\n",
    "\t",
    "\u{feff}",
    "é",
    "\0",
];

fn check(path: &str, format: Format, text: &str) {
    let file = File::read(path, format, text);
    for range in file.comments.iter().chain(&file.spans).chain(&file.unread) {
        let fits = range.start <= range.end && text.get(std::ops::Range::from(*range)).is_some();
        assert!(fits, "{path}: {range:?} in {text:?}");
    }
    let dependencies = file.manifest().into_iter().flat_map(|m| &m.dependencies).map(|d| d.range);
    let entries = file.env().into_iter().flat_map(|e| &e.entries).map(|e| e.value.range);
    let images = file.dockerfile().into_iter().flat_map(|d| &d.stages).map(|s| s.image.range);
    let settings = file.dockerfile().into_iter().flat_map(|d| &d.stages).flat_map(|s| &s.instructions);
    let settings = settings.flat_map(|i| &i.settings).map(|s| s.value_range);
    let services = file.compose().into_iter().flat_map(|c| &c.services).map(|s| s.range);
    let ranges: Vec<Range> =
        dependencies.chain(entries).chain(images).chain(settings).chain(services).collect();
    for range in ranges {
        assert!(text.get(std::ops::Range::from(range)).is_some(), "{path}: {range:?} in {text:?}");
    }
}

proptest! {
    #[test]
    fn any_pieces_are_read(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12)) {
        let text = pieces.concat();
        for (path, format) in PATHS {
            check(path, format, &text);
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}") {
        for (path, format) in PATHS {
            check(path, format, &text);
        }
    }
}

#[test]
fn hostile_texts_are_read_in_time() {
    for text in [
        "a".repeat(4_000_000),
        "a=".repeat(200_000),
        "[".repeat(50_000),
        "{".repeat(50_000),
        "(".repeat(50_000),
        "SELECT 1;".repeat(20_000),
        "'".repeat(100_001),
        "<<A ".repeat(10_000),
        "FROM a\nRUN \\\n".repeat(20_000),
        (0..30_000).map(|n| format!("k{n}: 1\n")).collect(),
        format!("services: {}{}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("services: {}1{}", "{a: ".repeat(50_000), "}".repeat(50_000)),
        format!("services:\n{}a", "- ".repeat(50_000)),
    ] {
        for (path, format) in PATHS {
            check(path, format, &text);
        }
    }
}
