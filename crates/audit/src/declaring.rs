//! The manifest that a fix has to change where it needs a library: which one, and how.

use std::sync::Arc;

use shipworthy_evidence::manifest::{self, Kind, Purpose};
use shipworthy_syntax::{Edit, Language, Range};

use crate::finding::{Declaration, FixEdit};
use crate::outcome::AuditedFile;
use crate::subject::Subject;

/// The names of the manifests that a fix may change, for code in a language.
pub const fn manifest_names(language: Language) -> &'static [&'static str] {
    match language {
        Language::Python => &["pyproject.toml", "Pipfile", "requirements.txt"],
        Language::Rust => &["Cargo.toml"],
        // A requirement without its checksum does not build: `go get` writes both.
        Language::Go => &[],
    }
}

/// The change that declares a library for a file: in the manifest that is named, else in the nearest one that takes it, of those that are given
/// with their texts. None where one of them declares it, or none takes it.
pub fn declare<'m>(
    wanted: &Declaration,
    file: &str,
    language: Language,
    manifests: impl Iterator<Item = (&'m str, &'m str)>,
) -> Option<(&'m str, Edit)> {
    let names = manifest_names(language);
    let rank = |path: &str| {
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
        let covers = folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let place = names.iter().position(|known| *known == name)?;
        covers.then_some((std::cmp::Reverse(folder.len()), place))
    };
    let given = |(path, text): (&'m str, &'m str)| {
        let rank = match &wanted.manifest {
            Some(named) => (**named == *path).then_some((std::cmp::Reverse(0), 0)),
            None => rank(path),
        };
        rank.map(|rank| (rank, path, text))
    };
    let mut manifests: Vec<_> = manifests.filter_map(given).collect();
    manifests.sort_unstable();
    if manifests.iter().any(|(_, path, text)| manifest::declares(path, text, &wanted.name)) {
        return None;
    }
    manifests.into_iter().find_map(|(_, path, text)| {
        let (at, line) = manifest::declaration(path, text, &wanted.name, &wanted.version)?;
        Some((path, Edit::new(Range::empty(at), line)))
    })
}

/// Completes the fixes of audited files with the changes of their manifests.
pub fn complete(files: &mut [AuditedFile]) {
    let is_manifest = |file: &&AuditedFile| {
        Kind::of(&file.path).is_some_and(|kind| kind != Kind::GoMod)
            && manifest::purpose_of_file(&file.path) == Purpose::Runtime
    };
    let manifests: Vec<(String, Arc<str>)> =
        files.iter().filter(is_manifest).map(|file| (file.path.clone(), file.text.clone())).collect();
    for file in files {
        let Subject::Code(language) = file.language else { continue };
        for finding in &mut file.findings {
            let Some(fix) = &mut finding.fix else { continue };
            for edit in &mut fix.edits {
                let FixEdit::Dependency(wanted) = edit else { continue };
                let texts = manifests.iter().map(|(path, text)| (path.as_str(), &**text));
                if let Some((path, change)) = declare(wanted, &file.path, language, texts) {
                    *edit = FixEdit::Elsewhere(path.into(), change.range, change.text);
                }
            }
            // What is declared already needs no change.
            fix.edits.retain(|edit| !matches!(edit, FixEdit::Dependency(_)));
            if fix.edits.is_empty() {
                finding.fix = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_manifest_that_takes_it_is_changed() {
        let manifests = [
            ("requirements.txt", "flask\n"),
            ("api/requirements.txt", "flask\n"),
            ("web/requirements.txt", "flask\n"),
            ("api/go.mod", "module api\n"),
        ];
        let wanted = Declaration { name: "tenacity".into(), version: ">=8".into(), manifest: None };
        let found = declare(&wanted, "api/app/main.py", Language::Python, manifests.into_iter());
        assert_eq!(found, Some(("api/requirements.txt", Edit::new(Range::empty(6), "tenacity>=8\n"))));
        let elsewhere = declare(&wanted, "apinot/main.py", Language::Python, manifests.into_iter());
        assert_eq!(elsewhere.map(|(path, _)| path), Some("requirements.txt"));
        let named = Declaration { manifest: Some("web/requirements.txt".into()), ..wanted };
        let found = declare(&named, "api/app/main.py", Language::Python, manifests.into_iter());
        assert_eq!(found.map(|(path, _)| path), Some("web/requirements.txt"));
    }

    #[test]
    fn what_is_declared_is_not_declared_again() {
        let manifests = [
            ("requirements.txt", "flask\n"),
            ("pyproject.toml", "[project]\ndependencies = [\"Tenacity\"]\n"),
        ];
        let wanted = Declaration { name: "tenacity".into(), version: "".into(), manifest: None };
        assert_eq!(declare(&wanted, "main.py", Language::Python, manifests.into_iter()), None);
    }
}
