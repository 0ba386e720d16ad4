//! Which files of a workspace use which, as far as imports, calls and names tell.

use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::{Check, Note, Surveyed};
use shipworthy_facts::{Import, Node};
use shipworthy_syntax::Language;

use crate::projects::has_word;

/// What an import statement binds.
pub(crate) fn imports_of(statement: Node<'_>) -> &[Import] {
    let all = &statement.facts().imports;
    let first = all.partition_point(|import| import.fact < statement.index());
    let behind = all.partition_point(|import| import.fact <= statement.index());
    &all[first..behind]
}

/// Notes what an import statement loads where the file's names do not tell: `import a.b` binds `a`, and functions may import several things
/// under one name.
pub(crate) fn note_imports(cx: &mut Check<'_>, statement: Node<'_>) {
    let facts = cx.facts();
    for import in imports_of(statement) {
        let written = facts.slice(import.range);
        let dotted = cx.language() == Language::Python && !import.path.contains('.') && written.contains('.');
        let path = if dotted { written.to_owned() } else { cx.environment().absolute_import(&import.path) };
        let known = matches!(&*import.local, "*" | "_")
            || matches!(cx.environment().lookup(&import.local), Some(shipworthy_facts::Origin::Item(known)) if **known == *path);
        if !known {
            cx.note(import.range, IMPORT, path);
        }
    }
}

/// The key of a note of an import.
pub(crate) const IMPORT: &str = "import";

/// Which files use which.
pub(crate) struct Uses {
    /// By file, the files that it uses.
    uses: Vec<Vec<usize>>,
}

impl Uses {
    /// The uses among all files; `notes` gives what [`note_imports`] noted in one.
    pub(crate) fn of<'a>(all: &'a [Surveyed<'a>], notes: impl Fn(usize) -> Vec<&'a Note>) -> Self {
        let mut modules: BTreeMap<(Language, &str), Vec<usize>> = BTreeMap::new();
        for (number, file) in all.iter().enumerate() {
            modules.entry((file.language, &file.summary.module)).or_default().push(number);
        }
        let uses = all.iter().enumerate().map(|(number, file)| {
            let summary = file.summary;
            // Rust: to declare a module is not to use it.
            let declares = |local: &str, path: &str| {
                file.language == Language::Rust
                    && path.strip_prefix(&*summary.module).and_then(|rest| rest.strip_prefix("::"))
                        == Some(local)
            };
            let imports =
                summary.imports.iter().filter(|(local, path)| !declares(local, path)).map(|(_, path)| path);
            let imports = imports.chain(&summary.wildcards).map(|path| &**path);
            let calls =
                summary.functions.values().flat_map(|f| f.behaviour.calls.iter().map(|call| &*call.path));
            let noted = notes(number);
            let noted = noted.iter().filter(|note| note.key == IMPORT).map(|note| &*note.detail);
            let mut used: Vec<usize> = Vec::new();
            for path in imports.chain(calls).chain(noted) {
                add_modules(&modules, file.language, path, &mut used);
                if file.language == Language::Python {
                    add_beside(&modules, &summary.module, path, &mut used);
                }
            }
            used.retain(|other| *other != number);
            used.sort_unstable();
            used.dedup();
            used
        });
        let mut uses: Vec<Vec<usize>> = uses.collect();
        add_rust_paths(all, &mut uses);
        add_rust_methods(all, &modules, &mut uses);
        Self { uses }
    }

    /// The files that each file uses.
    pub(crate) fn each(&self) -> impl Iterator<Item = (usize, &[usize])> {
        self.uses.iter().enumerate().map(|(number, used)| (number, used.as_slice()))
    }

    /// All files that some files use, through others too, themselves included.
    pub(crate) fn reached(&self, from: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.uses.len()];
        let mut open: Vec<usize> = from.collect();
        while let Some(file) = open.pop() {
            if !std::mem::replace(&mut reached[file], true) {
                open.extend(self.uses[file].iter().filter(|next| !reached[**next]));
            }
        }
        reached
    }
}

/// The modules that a name begins with: in Python, to load the inner one loads those around it.
fn add_modules(
    modules: &BTreeMap<(Language, &str), Vec<usize>>,
    language: Language,
    path: &str,
    used: &mut Vec<usize>,
) {
    let separator = language.separator();
    // A path of Go's packages ends behind its last slash.
    let from = if language == Language::Go { path.rfind('/').unwrap_or(0) } else { 0 };
    let ends = path[from..].match_indices(separator).map(|(at, _)| from + at).chain([path.len()]);
    for end in ends.collect::<Vec<_>>().into_iter().rev() {
        let files = modules.get(&(language, &path[..end])).into_iter().flatten();
        let known = used.len();
        used.extend(files);
        if used.len() > known && language != Language::Python {
            return;
        }
    }
    // Without a `go.mod` a package is known by its folder, with which its path ends.
    if language == Language::Go {
        let folders = path.match_indices('/').map(|(at, _)| &path[at + 1..]);
        used.extend(folders.filter_map(|folder| modules.get(&(language, folder))).flatten());
    }
}

/// Python: a program whose folder is a package as well imports its modules by their names in that folder: `ml.models` in `shop/tests` is
/// `shop.ml.models`.
fn add_beside(
    modules: &BTreeMap<(Language, &str), Vec<usize>>,
    module: &str,
    path: &str,
    used: &mut Vec<usize>,
) {
    let first = path.split('.').next().unwrap_or(path);
    if modules.contains_key(&(Language::Python, first)) {
        return;
    }
    for (at, _) in module.match_indices('.') {
        let folder = &module[..at];
        if modules.contains_key(&(Language::Python, format!("{folder}.{first}").as_str())) {
            add_modules(modules, Language::Python, &format!("{folder}.{path}"), used);
        }
    }
}

/// Rust: a module is used without an import too, as `store::open()`.
fn add_rust_paths(all: &[Surveyed<'_>], uses: &mut [Vec<usize>]) {
    let rust = || all.iter().enumerate().filter(|(_, file)| file.language == Language::Rust);
    let mut named: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (number, file) in rust() {
        let module = file.summary.module.rsplit("::").next().unwrap_or_default();
        named.entry((&file.project, module)).or_default().push(number);
    }
    for (number, file) in rust() {
        let text = file.contents();
        for (at, _) in text.match_indices("::") {
            let before = &text[..at];
            let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
            let before = before.get(start..).unwrap_or_default();
            uses[number].extend(named.get(&(&*file.project, before)).into_iter().flatten());
        }
        uses[number].sort_unstable();
        uses[number].dedup();
    }
}

/// Rust: who uses a type uses the methods that other modules give it: `impl Session` beside the module of `Session`.
fn add_rust_methods(
    all: &[Surveyed<'_>],
    modules: &BTreeMap<(Language, &str), Vec<usize>>,
    uses: &mut [Vec<usize>],
) {
    for (number, file) in all.iter().enumerate().filter(|(_, file)| file.language == Language::Rust) {
        let classes = file.summary.functions.keys().filter_map(|name| Some(name.split_once("::")?.0));
        let mut definers = Vec::new();
        for class in classes.collect::<BTreeSet<&str>>() {
            if let Some(path) = file.summary.imports.get(class) {
                add_modules(modules, Language::Rust, path, &mut definers);
            }
        }
        for definer in definers.into_iter().filter(|definer| *definer != number) {
            uses[definer].push(number);
        }
    }
}

/// Whether code loads modules by names that it computes.
pub(crate) fn loads_by_name(text: &str) -> bool {
    const LOADS: [&str; 6] =
        ["import_module", "__import__", "pkgutil", "entry_points", "iter_modules", "spec_from_file_location"];
    LOADS.iter().any(|word| has_word(text, word))
}
