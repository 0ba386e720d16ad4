//! What kind of code a file is. Most rules judge production code only.

use shipworthy_evidence::Format;
use shipworthy_facts::{Flags, Kind, Node, Role};
use shipworthy_syntax::Language;

use crate::rule::Audience;
use crate::subject::Subject;

/// What kind of code a file, or a part of it, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeRole {
    /// Code that is shipped.
    Production,
    /// Tests, their fixtures and helpers, benchmarks.
    Test,
    /// Examples, demonstrations, documentation.
    Example,
    /// Written by a program.
    Generated,
    /// Another project's code, copied in.
    Vendored,
}

impl CodeRole {
    /// The role of a file, from its path in the workspace (with `/`) and the start of its text.
    pub fn of_file(subject: impl Into<Subject>, path: &str, text: &str) -> Self {
        let mut folders: Vec<&str> = path.split('/').collect();
        let file = folders.pop().unwrap_or_default();
        let within = |names: &[&str]| folders.iter().any(|f| names.contains(f));
        if within(&[
            "vendor",
            "third_party",
            "third-party",
            "node_modules",
            "_vendor",
            "_vendored",
            "vendored",
            "site-packages",
        ]) {
            return Self::Vendored;
        }
        let generated_name = file.ends_with("_pb2.py")
            || file.ends_with("_pb2_grpc.py")
            || file.ends_with(".pb.go")
            || file.starts_with("zz_generated")
            || file.ends_with("_generated.go");
        let head = text.lines().take(8).filter(|l| l.trim_start().starts_with(['#', '/', '*']));
        const MARKS: [&str; 5] =
            ["code generated", "@generated", "do not edit", "automatically generated", "generated from"];
        // What no build takes along: `go run` starts it by hand.
        const NO_BUILD: [&str; 4] =
            ["//go:build ignore", "// +build ignore", "//go:build none", "// +build none"];
        if text.lines().take(20).any(|l| NO_BUILD.contains(&l.trim_end())) {
            return Self::Example;
        }
        if generated_name || head.map(str::to_ascii_lowercase).any(|l| MARKS.iter().any(|m| l.contains(m))) {
            return Self::Generated;
        }
        let subject = subject.into();
        let is_test = match subject {
            Subject::Code(Language::Python) => {
                file.starts_with("test_")
                    || file.ends_with("_test.py")
                    || matches!(file, "conftest.py" | "tests.py" | "test_utils.py" | "pytest_plugin.py")
            }
            Subject::Code(Language::Go) => {
                // Packages for the tests of another: `http/httptest`.
                let of_another = |pair: &[&str]| pair[1].strip_suffix("test").is_some_and(|of| of == pair[0]);
                // `internal/shoptest`, with a library for tests: `qt "github.com/frankban/quicktest"`.
                let names_tests = folders.last().is_some_and(|f| f.ends_with("test") && *f != "latest");
                let for_tests = names_tests && text.lines().any(|line| line.trim_end().ends_with("test\""));
                // `mockpay`, not the programs that write mocks.
                let mocks =
                    |f: &&str| f.strip_prefix("mock").is_some_and(|of| !matches!(of, "" | "gen" | "ery"));
                // What takes a `*testing.T` is called by tests.
                let takes_test = |line: &str| matches!(line.trim(), "\"testing\"" | "import \"testing\"");
                file.ends_with("_test.go")
                    || folders.windows(2).any(of_another)
                    || for_tests
                    || folders.iter().any(mocks)
                    || within(&["functional", "tester"])
                    || text.lines().any(takes_test)
            }
            Subject::Code(Language::Rust) => {
                matches!(
                    file,
                    "tests.rs"
                        | "test.rs"
                        | "test_utils.rs"
                        | "testutil.rs"
                        | "test_support.rs"
                        | "test_helpers.rs"
                ) || file.ends_with("_test.rs")
                    || file.ends_with("_tests.rs")
            }
            // Workflows and manifests are what they are, whatever they test.
            Subject::File(Format::Ci | Format::Manifest) => false,
            // `Dockerfile.test`, `docker-compose.ci.yml`, `.env.e2e`
            Subject::File(_) => file
                .split(['.', '-', '_'])
                .any(|word| matches!(word, "test" | "tests" | "testing" | "e2e" | "ci")),
        };
        const TESTS: &[&str] = &[
            "tests",
            "test",
            "testing",
            "testdata",
            "testutil",
            "testutils",
            "test_utils",
            "__tests__",
            "fixtures",
            "e2e",
            "testserver",
            "testhelpers",
            "mock",
            "mocks",
            "mockserver",
            "fstest",
            "iotest",
            "benches",
            "benchmarks",
            "benchmark",
        ];
        // `test_jobs`, `test_plugins`: code that tests run.
        let many = |f: &str| f.ends_with('s') || f.ends_with("data");
        let for_tests = folders.iter().any(|f| f.starts_with("test_") && many(f) || f.ends_with("_tests"));
        if is_test || for_tests || within(TESTS) {
            return Self::Test;
        }
        const EXAMPLES: &[&str] = &[
            "examples",
            "example",
            "_examples",
            "demo",
            "demos",
            "samples",
            "tutorials",
            "docs",
            "doc",
            "devstack",
        ];
        let is_container = matches!(subject, Subject::File(Format::Dockerfile | Format::Compose));
        // `docker-compose.override.yml`, `Dockerfile.dev`: what developers start on their own machines.
        let for_developers = is_container
            && (within(&[".devcontainer", ".github", ".gitlab", ".circleci"])
                || file
                    .split(['.', '-', '_'])
                    .any(|word| matches!(word, "dev" | "devel" | "development" | "local" | "override")));
        let example_folder = folders
            .iter()
            .any(|f| f.starts_with("example_") || f.ends_with("example") || f.ends_with("examples"));
        if example_folder || for_developers || within(EXAMPLES) { Self::Example } else { Self::Production }
    }

    /// Whether rules for an audience judge it.
    pub fn concerns(self, audience: Audience) -> bool {
        match audience {
            Audience::Production => self == Self::Production,
            Audience::Tests => self == Self::Test,
            Audience::All => matches!(self, Self::Production | Self::Test),
        }
    }
}

/// Whether a definition is test code inside a file of another role: Rust's `#[test]` functions and `#[cfg(test)]` items.
pub fn is_test_definition(node: Node<'_>) -> bool {
    if !matches!(node.kind(), Kind::Function | Kind::Namespace | Kind::Class)
        || node.language() != Language::Rust
    {
        return false;
    }
    node.all(Role::Decorator).filter_map(|d| d.get(Role::Value)).any(|attribute| match attribute.kind() {
        Kind::Name | Kind::Attribute => matches!(attribute.name(), "test" | "bench" | "rstest" | "test_case"),
        Kind::Call => {
            let named = |name: &str| attribute.callee().is_some_and(|c| c.name() == name);
            let test = |n: Node<'_>| n.is(Kind::Name) && n.name() == "test";
            named("test")
                || named("cfg") && !attribute.has(Flags::ERROR) && {
                    let mut arguments = attribute.arguments();
                    arguments.any(|a| {
                        test(a)
                            || a.callee().is_some_and(|c| matches!(c.name(), "all" | "any"))
                                && a.arguments().any(test)
                    })
                }
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_roles() {
        let role = |path: &str, text: &str| CodeRole::of_file(Language::Python, path, text);
        assert_eq!(role("src/api/routes.py", ""), CodeRole::Production);
        assert_eq!(role("src/api/test_routes.py", ""), CodeRole::Test);
        assert_eq!(role("tests/helpers/http.py", ""), CodeRole::Test);
        assert_eq!(role("shop/test_jobs/receiver.py", ""), CodeRole::Test);
        assert_eq!(role("shop/test_reader/reader.py", ""), CodeRole::Production);
        assert_eq!(role("shop/pytest_plugin.py", ""), CodeRole::Test);
        assert_eq!(role("examples/basic.py", ""), CodeRole::Example);
        assert_eq!(role("devstack/tools/client.py", ""), CodeRole::Example);
        assert_eq!(role("client-examples/basic.py", ""), CodeRole::Example);
        // What is shipped for the tests of others is no suite.
        assert_eq!(role("shop/utils/testing.py", ""), CodeRole::Production);
        let go_at = |path: &str| CodeRole::of_file(Language::Go, path, "");
        assert_eq!(go_at("net/http/httptest/server.go"), CodeRole::Test);
        assert_eq!(go_at("net/latest/server.go"), CodeRole::Production);
        assert_eq!(go_at("pkg/mock/server.go"), CodeRole::Test);
        assert_eq!(go_at("functional/tester/cluster.go"), CodeRole::Test);
        assert_eq!(go_at("pay/internal/mockpay/server.go"), CodeRole::Test);
        assert_eq!(go_at("mockgen/model.go"), CodeRole::Production);
        let helper = |path: &str| {
            let text = "package x\n\nimport (\n\tqt \"github.com/frankban/quicktest\"\n)\n";
            CodeRole::of_file(Language::Go, path, text)
        };
        assert_eq!(helper("internal/shoptest/browser.go"), CodeRole::Test);
        assert_eq!(go_at("pkg/hubtest/run.go"), CodeRole::Production);
        assert_eq!(role("pkg/_vendor/six.py", ""), CodeRole::Vendored);
        assert_eq!(role("api/user_pb2.py", ""), CodeRole::Generated);
        assert_eq!(role("api/client.py", "# Code generated by x. DO NOT EDIT.\n"), CodeRole::Generated);
        assert_eq!(role("ql/lexer.py", "# Generated from Ql.g4 by ANTLR 4.13\n"), CodeRole::Generated);
        assert_eq!(role("api/client.py", "text = 'do not edit'\n"), CodeRole::Production);
        let go = |text: &str| CodeRole::of_file(Language::Go, "api/gen.go", text);
        assert_eq!(go("//go:build ignore\n\npackage main\n"), CodeRole::Example);
        assert_eq!(go("//go:build linux\n\npackage api\n"), CodeRole::Production);
        assert_eq!(go("package api\n\nimport (\n\t\"net\"\n\t\"testing\"\n)\n"), CodeRole::Test);
        assert_eq!(go_at("contrib/raftexample/raft.go"), CodeRole::Example);
        let role = |format: Format, path: &str| CodeRole::of_file(format, path, "");
        assert_eq!(role(Format::Compose, "docker-compose.yml"), CodeRole::Production);
        assert_eq!(role(Format::Compose, "docker-compose.test.yml"), CodeRole::Test);
        assert_eq!(role(Format::Compose, "docker-compose.override.yml"), CodeRole::Example);
        assert_eq!(role(Format::Dockerfile, "api/Dockerfile.dev"), CodeRole::Example);
        assert_eq!(role(Format::Env, ".env.local"), CodeRole::Production);
        assert_eq!(role(Format::Ci, ".gitlab-ci.yml"), CodeRole::Production);
    }
}
