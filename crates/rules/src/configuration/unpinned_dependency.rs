use shipworthy_audit::{Survey, rule};
use shipworthy_evidence::manifest::{Dependency, Kind, Purpose};
use shipworthy_syntax::Language;

use crate::manifests::{self, Declared, folder_of};

rule! {
    /// An application whose dependencies have no fixed versions
    ///
    /// Each build installs what is newest that day: two images of one commit differ, what was tested is not what runs, and a bad release of
    /// somebody else's is in production within the hour. Commit a lock file, or requirements that a tool resolved.
    ///
    /// Libraries are left alone: their users choose the versions. Go's `go.mod` always says them.
    ///
    /// ```manifest bad file=requirements.txt
    /// flask==3.1.0
    /// requests>=2.28
    /// ^^^^^^^^^^^^^^
    /// redis
    /// ```
    ///
    /// A package that is deployed:
    ///
    /// ```manifest bad file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = ["flask>=3"]
    ///                 ^^^^^^^^^^
    /// ```
    /// ```dockerfile bad file=Dockerfile
    /// FROM python:3.12-slim
    /// RUN pip install .
    /// ```
    ///
    /// ```manifest good file=requirements.txt
    /// flask==3.1.0
    /// requests==2.32.3
    /// tools @ git+https://git.example.com/tools@v1
    /// ```
    ///
    /// A library:
    ///
    /// ```manifest good file=pyproject.toml
    /// [project]
    /// name = "shop-client"
    /// dependencies = ["requests>=2.28"]
    /// [build-system]
    /// requires = ["hatchling"]
    /// ```
    ///
    /// Constraints fix versions, too:
    ///
    /// ```manifest good file=requirements.txt
    /// flask>=3
    /// ```
    /// ```manifest good file=constraints.txt
    /// flask==3.1.0
    /// ```
    name: "unpinned-dependency",
    category: Configuration,
    severity: Low,
    scope: Workspace,
    workspace: judge,
}

fn judge(survey: &mut Survey<'_>) {
    let judged: Vec<usize> = survey.around().map(|(number, _)| number).collect();
    for language in [Language::Python, Language::Rust] {
        let all = manifests::of(survey, language);
        for declared in all.iter().filter(|declared| judged.contains(&declared.number)) {
            if is_application(survey, declared, &all) {
                judge_manifest(survey, declared, &all);
            }
        }
    }
}

/// Whether what a manifest is for is deployed by itself, as far as the files around it tell.
fn is_application(survey: &Survey<'_>, declared: &Declared<'_>, all: &[Declared<'_>]) -> bool {
    let folder = folder_of(declared.path());
    let file = |name: &str| survey.all_files().iter().any(|f| f.path.strip_prefix(folder) == Some(name));
    let is_deployed = || {
        survey.all_around().iter().any(|around| {
            let deploys = around.file.dockerfile().is_some() || around.file.compose().is_some();
            deploys && folder_of(&around.file.path) == folder
        })
    };
    let kind = declared.manifest.kind;
    let is_library = || {
        let mut beside = all.iter().filter(|other| folder_of(other.path()) == folder);
        beside.any(|other| other.manifest.kind != Kind::Requirements && other.manifest.name.is_some())
    };
    match kind {
        Kind::Requirements => !declared.path().ends_with(".in") && (!is_library() || is_deployed()),
        Kind::Pipfile => true,
        Kind::Pyproject | Kind::SetupCfg | Kind::SetupPy => is_deployed(),
        Kind::Cargo => file("src/main.rs") && !file("src/lib.rs"),
        Kind::GoMod => false,
    }
}

fn judge_manifest(survey: &mut Survey<'_>, declared: &Declared<'_>, all: &[Declared<'_>]) {
    let own: Vec<&Dependency> =
        declared.manifest.dependencies.iter().filter(|d| d.purpose == Purpose::Runtime).collect();
    let is_locked = declared.around.is_locked || {
        // `constraints.txt`, or requirements that a tool resolved.
        let mut beside = all.iter().filter(|other| other.folder == declared.folder);
        beside.any(|other| other.path().contains("constraints") || manifests::is_resolved(other))
    };
    own.iter().for_each(|_| survey.site(declared.number));
    let is_fixed = |d: &&&Dependency| d.is_pinned() || d.version.starts_with('=');
    let loose: Vec<&&Dependency> = own.iter().filter(|d| !is_fixed(d)).collect();
    let Some(first) = loose.first().filter(|_| !is_locked) else { return };
    let others = match loose.len() {
        1 => String::new(),
        2 => ", and one other,".to_owned(),
        count => format!(", and {} others,", count - 1),
    };
    let verb = if loose.len() == 1 { "has" } else { "have" };
    let finding = survey
        .finding(
            first.range,
            format!("`{}`{others} {verb} no fixed version, and there is no lock file", first.name),
        )
        .why("Each build takes what is newest that day: what was tested is not what runs.")
        .help("Commit a lock file, or resolve the requirements into fixed versions.");
    survey.report(declared.number, finding);
}
