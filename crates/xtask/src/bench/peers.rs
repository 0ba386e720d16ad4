//! The programs that it is compared with.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::{cache, process};

/// A program from PyPI.
#[derive(Clone, Copy)]
pub(super) struct Peer {
    /// The package's name.
    package: &'static str,
    pub(super) version: &'static str,
    /// The program's.
    program: &'static str,
    /// Whether it needs other packages.
    needs: bool,
}

pub(super) const RUFF: Peer = Peer { package: "ruff", version: "0.17.6", program: "ruff", needs: false };
pub(super) const AST_GREP: Peer =
    Peer { package: "ast-grep-cli", version: "0.51.1", program: "ast-grep", needs: false };
pub(super) const SEMGREP: Peer =
    Peer { package: "semgrep", version: "1.185.0", program: "semgrep", needs: true };
pub(super) const BANDIT: Peer = Peer { package: "bandit", version: "1.9.4", program: "bandit", needs: true };

/// What ruff looks for. Its defaults are far fewer.
pub(super) const RUFF_RULES: [&str; 4] = ["E", "F", "B", "S"];

/// The calls that ast-grep and semgrep look for, a rule each: what such rules are written for as a rule.
const CALLS: [&str; 30] = [
    "eval",
    "exec",
    "hashlib.md5",
    "hashlib.sha1",
    "marshal.loads",
    "os.chmod",
    "os.popen",
    "os.system",
    "pickle.load",
    "pickle.loads",
    "random.choice",
    "random.randint",
    "random.random",
    "requests.delete",
    "requests.get",
    "requests.post",
    "requests.put",
    "shelve.open",
    "socket.socket",
    "ssl.wrap_socket",
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_output",
    "subprocess.run",
    "tempfile.mktemp",
    "time.sleep",
    "urllib.request.urlopen",
    "xml.dom.minidom.parseString",
    "xml.etree.ElementTree.parse",
    "yaml.load",
];

impl Peer {
    /// Installs it into the cache, unless it is there, and returns the words that start it.
    pub(super) fn command(self) -> anyhow::Result<Vec<String>> {
        let folder = installed(self.package, self.version, |work| {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(work);
            if !self.needs {
                pip.arg("--no-deps");
            }
            pip.arg(format!("{}=={}", self.package, self.version));
            pip
        })?;
        let programs = folder.join("bin");
        let program = programs.join(self.program).display().to_string();
        if !self.needs {
            return Ok(vec![program]);
        }
        // Such a program may start others of its package.
        let found = env::var_os("PATH").unwrap_or_default();
        let paths = env::join_paths(std::iter::once(programs).chain(env::split_paths(&found)))?;
        let path = format!("PATH={}", paths.to_string_lossy());
        Ok(vec!["env".to_owned(), path, format!("PYTHONPATH={}", folder.display()), program])
    }
}

/// From Cargo's registry. It wants no account for what is on the machine.
pub(super) const UNFAULT_VERSION: &str = "1.0.62";

/// The words that start unfault on a copy of the files, which it writes its cache into; that is removed before, so that each run is cold.
pub(super) fn unfault(copy: &Path) -> anyhow::Result<Vec<String>> {
    let folder = installed("unfault", UNFAULT_VERSION, |work| {
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "--quiet", "--locked", "--version", UNFAULT_VERSION, "--root"]).arg(work);
        cargo.arg("unfault");
        cargo
    })?;
    let lint = "cd \"$1\" && rm -rf .unfault && exec \"$0\" lint --output json";
    let program = folder.join("bin/unfault").display().to_string();
    Ok(["sh", "-c", lint, &program, &copy.display().to_string()].map(str::to_owned).to_vec())
}

/// The folder of a program in the cache; a command that makes it runs where it is not there.
fn installed(name: &str, version: &str, command: impl Fn(&Path) -> Command) -> anyhow::Result<PathBuf> {
    let folder = cache::root()?.join("tools").join(format!("{name}-{version}"));
    if !folder.exists() {
        let parent = folder.parent().context("a tool needs a folder above it")?;
        fs::create_dir_all(parent)?;
        let work = tempfile::Builder::new().prefix(".partial-").tempdir_in(parent)?;
        process::output(&mut command(work.path())).with_context(|| format!("cannot install {name}"))?;
        match fs::rename(work.path(), &folder) {
            // Another process was first.
            Err(_) if folder.exists() => {}
            renamed => renamed?,
        }
    }
    Ok(folder)
}

/// Writes the rules for ast-grep into a folder, and returns its settings. In other languages than Python the same calls are looked for.
pub(super) fn ast_grep_rules(folder: &Path, language: &str) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder.join("rules"))?;
    for call in CALLS {
        let id = call.replace('.', "-");
        let pattern = match language {
            // Alone it could be a conversion.
            "go" => format!("{{ context: 'func f() {{ {call}($$$) }}', selector: call_expression }}"),
            _ => format!("{call}($$$)"),
        };
        let rule = format!(
            "id: {id}\nlanguage: {language}\nseverity: warning\nmessage: {call} is called\nrule:\n  pattern: {pattern}\n"
        );
        fs::write(folder.join("rules").join(format!("{id}.yml")), rule)?;
    }
    let settings = folder.join("sgconfig.yml");
    fs::write(&settings, "ruleDirs: [rules]\n")?;
    Ok(settings)
}

/// Writes the same rules for semgrep.
pub(super) fn semgrep_rules(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut rules = "rules:\n".to_owned();
    for call in CALLS {
        let id = call.replace('.', "-");
        writeln!(
            rules,
            "- id: {id}\n  languages: [python]\n  severity: WARNING\n  message: {call} is called\n  pattern: {call}(...)"
        )?;
    }
    let path = folder.join("semgrep.yml");
    fs::write(&path, rules)?;
    Ok(path)
}
