//! `setup.cfg`, and what can be read of `setup.py` without running it.

use shipworthy_syntax::{Language, Node, Range, Source};

use super::{Dependency, Manifest, Purpose, Requirement, purpose_of};
use crate::command::Word;
use crate::file::Read;

/// Sections of `key = value`, where lines further in go on.
pub(super) fn read_cfg(text: &str) -> Read<Manifest> {
    let mut read = Read::<Manifest>::default();
    let (mut section, mut key) = (String::new(), String::new());
    let mut at = 0;
    for line in text.split('\n') {
        let start = at;
        at += line.len() + 1;
        let body = line.trim();
        let from = start + line.len() - line.trim_start().len();
        if body.starts_with(['#', ';']) {
            read.comments.push(Range::from(from..from + body.len()));
        } else if let Some(name) = body.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.trim().clone_into(&mut section);
            key.clear();
        } else if !body.is_empty() {
            let is_continued = line.starts_with([' ', '\t']) && !key.is_empty();
            let value = if is_continued {
                body
            } else if let Some((name, value)) = body.split_once(['=', ':']) {
                name.trim().clone_into(&mut key);
                value.trim()
            } else {
                read.unread.push(Range::from(from..from + body.len()));
                continue;
            };
            let start = from + (value.as_ptr() as usize - body.as_ptr() as usize);
            setting((&section, &key), value, Range::from(start..start + value.len()), &mut read.content);
        }
    }
    read
}

fn setting((section, key): (&str, &str), value: &str, range: Range, manifest: &mut Manifest) {
    let purpose = match (section, key) {
        ("metadata", "name") => {
            manifest.name = Some(Word { text: value.to_owned(), range });
            return;
        }
        ("options", "install_requires") => Purpose::Runtime,
        ("options", "setup_requires") => Purpose::Build,
        ("options", "tests_require") => Purpose::Development,
        ("options.extras_require", extra) => extra_purpose(extra),
        ("options.entry_points", _) => {
            let script = value
                .split_once('=')
                .map(|(name, target)| (name.trim().to_owned(), target.trim().to_owned()));
            manifest.scripts.extend(script);
            return;
        }
        _ => return,
    };
    if value.starts_with("file:") {
        manifest.is_dynamic = true;
        return;
    }
    let group = (section == "options.extras_require").then(|| key.to_owned());
    for part in value.split('\n').filter_map(Requirement::parse) {
        let dependency = Dependency::new(&part.name, purpose, range);
        manifest.dependencies.push(Dependency {
            version: part.version,
            is_direct: part.url.is_some(),
            group: group.clone(),
            ..dependency
        });
    }
}

fn extra_purpose(extra: &str) -> Purpose {
    match purpose_of(extra) {
        Purpose::Runtime => Purpose::Optional,
        other => other,
    }
}

/// The literal arguments of `setup(...)`, and of lists that it names.
pub(super) fn read_py(text: &str) -> Read<Manifest> {
    let source = Source::new(Language::Python, text);
    let mut read = Read::<Manifest>::default();
    let mut lists: Vec<(String, Vec<(String, Range)>)> = Vec::new();
    for item in source.items() {
        let file = Python { text: item.text(), start: item.start() };
        let mut waiting = vec![item.tree().root_node()];
        while let Some(node) = waiting.pop() {
            match node.kind() {
                "comment" => read.comments.push(file.range(node)),
                "assignment" => {
                    let name = node.child_by_field_name("left").map(|n| file.slice(n).to_owned());
                    let right = node.child_by_field_name("right").filter(|n| n.kind() == "list");
                    lists.extend(name.zip(right.map(|list| file.strings(list))));
                }
                "call" if file.callee(node).is_some_and(|n| matches!(n, "setup" | "setuptools.setup")) => {
                    let arguments = node.child_by_field_name("arguments");
                    let mut cursor = node.walk();
                    for argument in
                        arguments.into_iter().flat_map(|a| a.named_children(&mut cursor).collect::<Vec<_>>())
                    {
                        file.argument(argument, &lists, &mut read.content);
                    }
                }
                _ => {}
            }
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
            waiting.extend(children.into_iter().rev());
        }
    }
    read.comments.sort_unstable();
    read
}

/// An item of a Python file.
struct Python<'a> {
    text: &'a str,
    start: u32,
}

impl Python<'_> {
    fn range(&self, node: Node<'_>) -> Range {
        Range::from(node.start_byte()..node.end_byte()).shift(i64::from(self.start))
    }

    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn callee(&self, call: Node<'_>) -> Option<&str> {
        call.child_by_field_name("function").map(|function| self.slice(function))
    }

    /// A string without escapes; others are no requirement.
    fn string(&self, node: Node<'_>) -> Option<(String, Range)> {
        let text = self.slice(node);
        let inner = (node.kind() == "string").then(|| text.trim_matches(['"', '\'']))?;
        (!inner.contains(['\\', '{'])).then(|| (inner.to_owned(), self.range(node)))
    }

    fn strings(&self, list: Node<'_>) -> Vec<(String, Range)> {
        let mut cursor = list.walk();
        list.named_children(&mut cursor).filter_map(|item| self.string(item)).collect()
    }

    fn argument(
        &self,
        argument: Node<'_>,
        lists: &[(String, Vec<(String, Range)>)],
        manifest: &mut Manifest,
    ) {
        let name = argument.child_by_field_name("name").map(|n| self.slice(n));
        let (Some(name), Some(value)) = (name, argument.child_by_field_name("value")) else { return };
        let list = |value: Node<'_>, manifest: &mut Manifest| match value.kind() {
            "list" | "tuple" => self.strings(value),
            "identifier" => {
                let known = lists.iter().rev().find(|(name, _)| name == self.slice(value));
                manifest.is_dynamic |= known.is_none();
                known.map(|(_, strings)| strings.clone()).unwrap_or_default()
            }
            _ => {
                manifest.is_dynamic = true;
                Vec::new()
            }
        };
        let add = |strings: Vec<(String, Range)>, purpose, group: Option<String>, manifest: &mut Manifest| {
            for (text, range) in strings {
                let Some(part) = Requirement::parse(&text) else { continue };
                manifest.dependencies.push(Dependency {
                    version: part.version,
                    is_direct: part.url.is_some(),
                    group: group.clone(),
                    ..Dependency::new(&part.name, purpose, range)
                });
            }
        };
        match name {
            "name" => manifest.name = self.string(value).map(|(text, range)| Word { text, range }),
            "install_requires" => {
                let strings = list(value, manifest);
                add(strings, Purpose::Runtime, None, manifest);
            }
            "setup_requires" => {
                let strings = list(value, manifest);
                add(strings, Purpose::Build, None, manifest);
            }
            "tests_require" => {
                let strings = list(value, manifest);
                add(strings, Purpose::Development, None, manifest);
            }
            "extras_require" if value.kind() == "dictionary" => {
                let mut cursor = value.walk();
                for pair in value.named_children(&mut cursor) {
                    let key = pair.child_by_field_name("key").and_then(|key| self.string(key));
                    let Some(((extra, _), inner)) = key.zip(pair.child_by_field_name("value")) else {
                        continue;
                    };
                    let strings = list(inner, manifest);
                    add(strings, extra_purpose(&extra), Some(extra), manifest);
                }
            }
            _ => {}
        }
    }
}
