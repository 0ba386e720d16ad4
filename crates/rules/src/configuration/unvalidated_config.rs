use std::collections::BTreeSet;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Note, Survey, rule};
use shipworthy_facts::{Effects, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names::words;
use crate::program;
use crate::projects::{by_project, has_word, identifiers};

rule! {
    /// Settings are read all over the code, and nothing checks them
    ///
    /// An environment variable that is used as it comes may be missing, empty or misspelt: the program starts, and the request that needs it
    /// fails much later, or goes on with an empty key, address or secret. Read all settings in one object that checks them when the program starts.
    ///
    /// A read with a default, one that fails where the variable is missing (`os.environ["X"]`, `env::var("X")?`), and one whose value is looked at
    /// are checked. What the system sets (`HOME`, `PATH`) is no setting.
    ///
    /// ```python bad file=app/mail.py
    /// import os
    /// import smtplib
    ///
    /// def send(letter):
    ///     server = smtplib.SMTP(os.getenv("MAIL_HOST"))
    ///                           ^^^^^^^^^^^^^^^^^^^^^^
    ///     server.login(os.getenv("MAIL_USER"), os.getenv("MAIL_PASSWORD"))
    ///     server.send_message(letter)
    /// ```
    ///
    /// Or:
    ///
    /// ```python bad file=app/bot.py
    /// import os
    /// import requests
    ///
    /// TOKEN = os.environ.get("BOT_TOKEN")
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// CHANNEL = os.environ.get("BOT_CHANNEL")
    /// ```
    /// ```python bad file=app/pay.py
    /// import os
    /// import requests
    ///
    /// def pay(order):
    ///     requests.post("https://pay.example.com", headers={"X-Shop": "1"}, auth=os.getenv("PAY_KEY"), json=order)
    /// ```
    ///
    /// ```python good file=app/mail.py
    /// import os
    ///
    /// HOST = os.environ["MAIL_HOST"]
    /// USER = os.getenv("MAIL_USER", "shop")
    /// PASSWORD = os.getenv("MAIL_PASSWORD")
    /// KEY = os.getenv("MAIL_KEY")
    ///
    /// if not PASSWORD or KEY is None:
    ///     raise RuntimeError("MAIL_PASSWORD and MAIL_KEY are needed")
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```python good file=app/settings.py
    /// import os
    ///
    /// class Settings:
    ///     host = os.getenv("MAIL_HOST")
    ///     user = os.getenv("MAIL_USER")
    ///     password = os.getenv("MAIL_PASSWORD")
    /// ```
    /// ```python good file=app/cache.py
    /// import os
    ///
    /// def folder():
    ///     return Path(os.getenv("XDG_CACHE_HOME"))
    /// ```
    ///
    /// ```go bad file=mail/mail.go
    /// package mail
    ///
    /// import (
    /// 	"net/http"
    /// 	"os"
    /// )
    ///
    /// func Send(letter string) error {
    /// 	request, err := http.NewRequest("POST", os.Getenv("MAIL_URL"), nil)
    /// 	                                        ^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	request.Header.Set("X-Key", os.Getenv("MAIL_KEY"))
    /// 	user := os.Getenv("MAIL_USER")
    /// 	request.SetBasicAuth(user, "")
    /// 	return do(request)
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```go bad file=store/store.go
    /// package store
    ///
    /// import "os"
    ///
    /// func New() *Store {
    /// 	return &Store{
    /// 		Host:     os.Getenv("STORE_HOST"),
    /// 		          ^^^^^^^^^^^^^^^^^^^^^^^
    /// 		User:     os.Getenv("STORE_USER"),
    /// 		Password: os.Getenv("STORE_PASSWORD"),
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good file=mail/mail.go
    /// package mail
    ///
    /// import (
    /// 	"errors"
    /// 	"os"
    /// )
    ///
    /// func Open() (*Mail, error) {
    /// 	url, user := os.Getenv("MAIL_URL"), os.Getenv("MAIL_USER")
    /// 	key := os.Getenv("MAIL_KEY")
    /// 	if key == "" {
    /// 		return nil, errors.New("MAIL_KEY is not set")
    /// 	}
    /// 	port, ok := os.LookupEnv("MAIL_PORT")
    /// 	return open(url, user, key, port, ok)
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```go good file=config/config.go
    /// package config
    ///
    /// import "os"
    ///
    /// func Load() Config {
    /// 	return Config{
    /// 		Host:     os.Getenv("STORE_HOST"),
    /// 		User:     os.Getenv("STORE_USER"),
    /// 		Password: os.Getenv("STORE_PASSWORD"),
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad file=src/mail.rs
    /// use std::env;
    ///
    /// pub fn client() -> Client {
    ///     Client {
    ///         url: env::var("MAIL_URL").unwrap_or_default(),
    ///              ^^^^^^^^^^^^^^^^^^^^
    ///         user: env::var("MAIL_USER").unwrap_or_default(),
    ///         key: env::var("MAIL_KEY").unwrap_or_default(),
    ///     }
    /// }
    /// ```
    ///
    /// Or:
    ///
    /// ```rust bad file=src/store.rs
    /// pub fn open() -> Store {
    ///     let host = std::env::var("STORE_HOST").unwrap_or_default();
    ///                ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     connect(&host)
    /// }
    /// ```
    /// ```rust bad file=src/pay.rs
    /// pub fn pay() -> Payment {
    ///     let key = std::env::var("PAY_KEY").unwrap_or_default();
    ///     let shop = std::env::var("PAY_SHOP").unwrap_or_default();
    ///     Payment::new(key, shop)
    /// }
    /// ```
    ///
    /// ```rust good file=src/mail.rs
    /// use std::env;
    ///
    /// pub fn client() -> Result<Client, env::VarError> {
    ///     Ok(Client {
    ///         url: env::var("MAIL_URL")?,
    ///         user: env::var("MAIL_USER").unwrap_or_else(|_| "shop".to_owned()),
    ///         key: env::var("MAIL_KEY").expect("MAIL_KEY is set"),
    ///     })
    /// }
    /// ```
    ///
    /// Nor is this one:
    ///
    /// ```rust good file=src/settings.rs
    /// use std::env;
    ///
    /// pub fn settings() -> Settings {
    ///     Settings {
    ///         url: env::var("MAIL_URL").unwrap_or_default(),
    ///         user: env::var("MAIL_USER").unwrap_or_default(),
    ///         key: env::var("MAIL_KEY").unwrap_or_default(),
    ///     }
    /// }
    /// ```
    name: "unvalidated-config",
    category: Configuration,
    severity: Low,
    scope: Workspace,
    options: ["unchecked-reads" = Integer(2), "How many unchecked reads of variables a project may have"],
    on: [Effect(Effects::READS_ENVIRONMENT)],
    check: check,
    workspace: judge,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(name) = variable(cx, call) else { return };
    if program::is_command_line(cx)
        || cx.is_program_entry(call)
        || is_of_system(&name)
        || is_settings(cx, call)
    {
        return;
    }
    cx.site();
    let state = match guard(cx, call) {
        Guard::Checked => CHECKED.to_owned(),
        Guard::No => UNGUARDED.to_owned(),
        Guard::Later(target) => target,
    };
    cx.note(call, name, state);
}

/// What a note says of a read: it is checked, it is not; else the name whose checking is to be looked for.
const CHECKED: &str = "!checked";
const UNGUARDED: &str = "!unguarded";

/// The name of the variable that a call reads, where it is written there.
fn variable(cx: &Check<'_>, call: Node<'_>) -> Option<String> {
    cx.meaning(call).filter(|m| m.is("environment"))?;
    let name = cx.argument(call, "name")?;
    name.string().map(|name| name.into_owned())
}

/// Whether a variable is of the system or the machine around the program, not of its settings.
fn is_of_system(name: &str) -> bool {
    const NAMES: [&str; 30] = [
        "HOME",
        "PATH",
        "USER",
        "USERNAME",
        "LOGNAME",
        "SHELL",
        "TERM",
        "COLORTERM",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "PWD",
        "OLDPWD",
        "LANG",
        "TZ",
        "CI",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "NO_COLOR",
        "TMPDIR",
        "TMP",
        "TEMP",
        "HOSTNAME",
        "APPDATA",
        "LOCALAPPDATA",
        "USERPROFILE",
        "NO_PROXY",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "SSH_AUTH_SOCK",
    ];
    const STARTS: [&str; 12] = [
        "XDG_",
        "LC_",
        "CARGO_",
        "KUBERNETES_",
        "GITHUB_",
        "GITLAB_",
        "PYTEST_",
        "PYTHON",
        "SSH_",
        "DBUS_",
        "GO",
        "RUST_",
    ];
    NAMES.contains(&name.to_ascii_uppercase().as_str()) || STARTS.iter().any(|start| name.starts_with(start))
}

/// Whether a read stands where settings are put together: in a settings class or a function of a settings module.
fn is_settings(cx: &Check<'_>, call: Node<'_>) -> bool {
    let says = |name: &str| {
        words(name).iter().any(|w| {
            matches!(
                w.as_str(),
                "config"
                    | "configuration"
                    | "conf"
                    | "settings"
                    | "setting"
                    | "env"
                    | "environment"
                    | "options"
            )
        })
    };
    let in_class = call.ancestors().any(|n| n.is(Kind::Class) && says(n.name()));
    in_class || cx.path().rsplit('/').take(2).any(says)
}

enum Guard {
    Checked,
    No,
    /// Its value has a name; whether that is checked, the rest of the file tells.
    Later(String),
}

/// Whether the value of a read is looked at where it stands: compared, replaced, parsed, or an error where it is missing.
fn guard(cx: &Check<'_>, call: Node<'_>) -> Guard {
    let callee = call.callee().map_or("", Node::name);
    let fails = cx.argument(call, "default").is_some()
        || call.arguments().count() > 1
        || matches!(callee, "LookupEnv" | "pop");
    if fails || !call.is(Kind::Call) {
        return Guard::Checked;
    }
    let told = Effects::LOGS | Effects::PRINTS;
    if call.ancestors().any(|n| n.is(Kind::Call) && cx.meaning(n).is_some_and(|m| m.effects.intersects(told)))
    {
        return Guard::Checked;
    }
    let mut inner = call;
    for outer in call.ancestors() {
        match outer.kind() {
            Kind::If
            | Kind::While
            | Kind::Conditional
            | Kind::Match
            | Kind::Compare
            | Kind::Unary
            | Kind::Assert
            | Kind::Let
            | Kind::Propagate => {
                return Guard::Checked;
            }
            Kind::Binary if outer.operator() != Operator::Add => return Guard::Checked,
            // A function of the program that is given the value may look at it, as may a chain that goes on from it.
            Kind::Attribute => return attribute(cx, outer),
            Kind::Call if inner.role() == Role::Argument => {
                let parses = matches!(
                    outer.callee().map_or("", Node::name),
                    "int" | "float" | "bool" | "loads" | "Atoi" | "ParseBool"
                );
                return if cx.meaning(outer).is_some() && !parses { Guard::No } else { Guard::Checked };
            }
            Kind::Assign if inner.role() == Role::Value => {
                return match outer.get(Role::Target) {
                    Some(target) if outer.all(Role::Target).count() == 1 && !target.name().is_empty() => {
                        Guard::Later(target.name().to_owned())
                    }
                    _ => Guard::Checked,
                };
            }
            Kind::Return | Kind::Lambda | Kind::Yield | Kind::Entry => return Guard::Checked,
            Kind::Construct => return Guard::No,
            _ => inner = outer,
        }
    }
    Guard::No
}

/// What a chain does with a read. In Rust, to go on with a placeholder for what is missing is no check; to fail is.
fn attribute(cx: &Check<'_>, attribute: Node<'_>) -> Guard {
    match (cx.language(), attribute.name()) {
        (Language::Rust, "unwrap_or_default") => Guard::No,
        (Language::Rust, "ok") => attribute.parent().map_or(Guard::No, |call| guard_of_option(&call)),
        _ => Guard::Checked,
    }
}

/// Rust: `env::var("X").ok()` is a setting that may be missing, unless something asks whether it is.
fn guard_of_option(call: &Node<'_>) -> Guard {
    match call.parent().map(Node::kind) {
        Some(Kind::Construct) => Guard::No,
        _ => Guard::Checked,
    }
}

fn judge(survey: &mut Survey<'_>) {
    for files in by_project(survey.files()).values() {
        let mut unguarded: Vec<(usize, &Note, String)> = Vec::new();
        // What is looked at anywhere may be looked at for all.
        let mut checked: BTreeSet<&str> = BTreeSet::new();
        let mut readers = 0;
        for &(number, file) in files {
            let notes: Vec<&Note> = survey.notes(number).collect();
            if notes.is_empty() {
                continue;
            }
            readers += 1;
            let text = file.contents();
            for note in notes {
                let open = match &*note.detail {
                    CHECKED => false,
                    UNGUARDED => true,
                    name => !is_checked(text, name),
                };
                if !open {
                    checked.insert(&note.key);
                } else {
                    unguarded.push((number, note, note.key.clone()));
                }
            }
        }
        unguarded.retain(|(_, note, _)| !checked.contains(&*note.key));
        report(survey, &unguarded, readers);
    }
}

/// Whether any line of a text asks something of a name, or gives it to what may ask.
fn is_checked(text: &str, name: &str) -> bool {
    const ASKS: [&str; 22] = [
        "if", "elif", "or", "and", "assert", "while", "not", "raise", "require", "validate", "check",
        "match", "all", "any", "None", "len", "int", "float", "Atoi", "parse", "strconv", "is_empty",
    ];
    text.lines().filter(|line| has_word(line, name)).any(|line| {
        ["==", "!=", "is_empty", "parse"].iter().any(|mark| line.contains(mark))
            || identifiers(line)
                .any(|(_, word)| word != name && ASKS.iter().any(|ask| word.eq_ignore_ascii_case(ask)))
    })
}

fn report(survey: &mut Survey<'_>, unguarded: &[(usize, &Note, String)], readers: usize) {
    let Some(((first, note, name), others)) = unguarded.split_first() else { return };
    let allowed = survey.options(*first).map_or(0, |o| o.integer("unchecked-reads"));
    if i64::try_from(others.len()).unwrap_or(i64::MAX) < allowed {
        return;
    }
    let spread =
        if readers > 1 { format!(", {readers} modules read the environment") } else { String::new() };
    let mut finding = survey
        .finding(
            note.range,
            format!("Nothing checks that `{name}` is set, nor {} more variables{spread}", others.len()),
        )
        .why("A missing or misspelt variable is found by the request that needs it, long after the start.")
        .help("Read all settings in one object that checks them when the program starts.")
        .confidence(Confidence::Medium);
    let related = others.iter().take(RELATED);
    finding.related.extend(related.filter_map(|(number, note, name)| {
        survey.related(*number, note.range, format!("`{name}` is read here"))
    }));
    survey.report(*first, finding);
}

/// How many places a finding names.
const RELATED: usize = 20;
