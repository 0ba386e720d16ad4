use shipworthy_audit::{FileCheck, rule};
use shipworthy_evidence::env::{Entry, is_template};
use shipworthy_evidence::service::is_well_known_password;
use shipworthy_evidence::{File, Tracking};

use crate::names::{is_password, is_secret_name};
use crate::secrets;

rule! {
    /// Secrets are under version control
    ///
    /// An environment file keeps secrets out of the code only as long as it stays out of the repository. Once it was committed, everybody with a clone
    /// has its values, and deleting it does not take them back. Take the file out, name it in `.gitignore`, and replace every secret in it. A
    /// template for others to copy holds names and placeholders, never values that work somewhere.
    ///
    /// Files that an ignore file covers are where secrets belong; so are those that the repository does not hold.
    ///
    /// ```env bad
    /// APP_PORT=8000
    /// DJANGO_SECRET_KEY=t7Zq4Wn9Ls2Xv8Kb3Rm6Yp1Dc5
    /// ^^^^^^^^^^^^^^^^^
    /// SMTP_PASSWORD="Fr8!ghtTr@in77"
    /// ```
    ///
    /// ```env bad file=.env.example
    /// # copy to .env
    /// API_TOKEN=q7Zt4Wn9Ls2Xv8Kb3Rm6Yp1D
    /// ^^^^^^^^^
    /// DEBUG=false
    /// ```
    ///
    /// A password that is used counts, however weak it is.
    ///
    /// ```env bad file=deploy/prod.env
    /// export ADMIN_USERNAME=admin
    /// export ADMIN_PASSWORD=m1cr0b1n
    ///        ^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```env good file=.env.example
    /// # copy to .env
    /// DJANGO_SECRET_KEY=your-secret-key-here
    /// SMTP_PASSWORD=
    /// API_TOKEN=<token>
    /// TOKEN_URL=https://login.shop.net/oauth2/token
    /// ```
    ///
    /// ```env good
    /// PYTHONPATH=src
    /// APP_PORT=8000
    /// SECRET_KEY=${SECRET_KEY}
    /// PUBLIC_KEY=MCowBQYDK2VwAyEA7x9Q2v5t8Kd3Lp0Zs6Wq1Yb4Rn
    /// PASSWORD_MIN_LENGTH=12
    /// DB_PASSWORD=postgres
    /// ADMIN_PASSWORD=changeme123
    /// ```
    name: "committed-env-file",
    category: Configuration,
    severity: Blocking,
    scope: Workspace,
    files: [Env],
    check_file: check,
}

fn check(cx: &mut FileCheck<'_>, file: &File) {
    let Some(env) = file.env() else { return };
    if cx.tracking() == Tracking::Untracked {
        return;
    }
    cx.site();
    let template = is_template(&file.path);
    let real: Vec<&Entry> = env.entries.iter().filter(|entry| is_real(entry, template)).collect();
    let Some((first, rest)) = real.split_first() else { return };
    let (message, help) = if template {
        (
            format!("`{}` has a real value in a template", first.name.text),
            "Put a placeholder in its place, and replace the secret wherever it is valid.",
        )
    } else {
        (
            format!("`{}` and its value are in a file that is under version control", first.name.text),
            "Take the file out of the repository, name it in .gitignore, and replace its secrets.",
        )
    };
    let finding = cx
        .finding(first.name.range, message)
        .why("Everybody with a clone has it, and it stays in the history when the file is deleted.")
        .help(help);
    let finding = rest.iter().fold(finding, |finding, entry| finding.related(entry.name.range, "so is this"));
    cx.report(finding);
}

/// Whether an entry holds a secret that may work somewhere. Known formats in templates are `hardcoded-secret`'s.
fn is_real(entry: &Entry, template: bool) -> bool {
    let value = entry.value.text.as_str();
    if secrets::known_format(value).is_some() {
        return !template;
    }
    // Nobody writes a password with digits into a file that is used unless it is one; a template may show how one looks.
    let is_plain = |value: &str| {
        let has = |test: fn(&char) -> bool| value.chars().any(|c| test(&c));
        value.len() >= 8
            && has(char::is_ascii_alphabetic)
            && has(char::is_ascii_digit)
            && value.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '$' | '{' | '<' | '/' | ':' | ','))
            && !secrets::is_placeholder(value)
            && !is_well_known_password(value)
    };
    let name = entry.name.text.as_str();
    is_secret_name(name)
        && (secrets::is_random(value)
            || secrets::is_chosen_password(value)
            || !template && is_password(name) && is_plain(value))
}
