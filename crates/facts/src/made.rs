//! How libraries' things in module-level variables and fields are made: what is said to a client where it is made holds wherever it is used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shipworthy_syntax::Language;

use crate::by_name::ByName;
use crate::declare::{global_targets, method_of};
use crate::fact::{Facts, Kind, Node, Role};
use crate::summary::Made;
use crate::vocabulary::Vocabulary;

/// The makings of a file's variables and fields, as its items are read.
#[derive(Default, PartialEq)]
pub(crate) struct Makings {
    /// What is made in several ways, or in one that is not known, has none.
    places: BTreeMap<Arc<str>, Option<Made>>,
    /// The names of fields' owners that somebody changes: `client.timeout = 5`.
    changed: BTreeSet<Arc<str>>,
}

impl Makings {
    /// Adds those of an item. `name_of` gives the absolute name of what is called.
    pub(crate) fn add(
        &mut self,
        facts: &Facts,
        vocabulary: &Vocabulary,
        name_of: &dyn Fn(Node<'_>) -> Option<String>,
    ) {
        for node in facts.nodes() {
            for (name, value) in places(node) {
                if value.is(Kind::Nothing) {
                    continue;
                }
                let made = making(value, vocabulary, name_of);
                let one = self.places.get(&*name).is_none_or(|earlier| *earlier == made);
                self.places.insert(name.into(), made.filter(|_| one));
            }
            let fields = node.all(Role::Target).filter(|t| node.is(Kind::Assign) && t.is(Kind::Attribute));
            self.changed.extend(fields.filter_map(|field| Some(field.object()?.name().into())));
        }
    }

    /// Those of what is made in one way, and not changed afterwards.
    pub(crate) fn known(self) -> ByName<Made> {
        let Self { places, changed } = self;
        let last = |name: &str| name.rsplit(['.', ':']).next().is_some_and(|last| changed.contains(last));
        places
            .into_iter()
            .filter(|(name, _)| !last(name))
            .filter_map(|(name, made)| Some((name, made?)))
            .collect()
    }
}

/// The module-level variables, class attributes and fields that a node gives a value: an assignment, or a construction of a type.
fn places(node: Node<'_>) -> Vec<(String, Node<'_>)> {
    let separator = node.language().separator();
    match node.kind() {
        Kind::Assign => {
            let Some(value) = node.get(Role::Value).filter(|_| node.all(Role::Target).count() == 1) else {
                return Vec::new();
            };
            let global = global_targets(node).map(|t| (t.name().to_owned(), value));
            let attribute = node.get(Role::Target).filter(|t| t.is(Kind::Name) && node.function().is_none());
            let attribute = attribute
                .zip(node.class())
                .map(|(t, class)| (format!("{}{separator}{}", class.name(), t.name()), value));
            let class = node.function().and_then(method_of);
            let field =
                node.get(Role::Target).filter(|t| t.is(Kind::Attribute)).zip(class).and_then(|(t, class)| {
                    let owner = t.object().filter(|o| o.is(Kind::Name))?;
                    let first = node.function()?.children().find(|c| c.is(Kind::Parameter))?;
                    (first.name() == owner.name()).then(|| (format!("{class}{separator}{}", t.name()), value))
                });
            global.chain(attribute).chain(field).collect()
        }
        Kind::Construct => {
            let Some(class) = node.callee().filter(|c| c.is(Kind::Name)).map(Node::name) else {
                return Vec::new();
            };
            // `Self { client }` of an implementation.
            let method = || node.ancestors().find(|n| n.is(Kind::Function)).and_then(method_of);
            let class = if class == "Self" { method().unwrap_or("") } else { class };
            let fields = node.arguments().filter(|a| !a.label().is_empty());
            fields.map(|field| (format!("{class}{separator}{}", field.label()), field)).collect()
        }
        _ => Vec::new(),
    }
}

/// What a call or construction of a library's is given.
fn making(
    value: Node<'_>,
    vocabulary: &Vocabulary,
    name_of: &dyn Fn(Node<'_>) -> Option<String>,
) -> Option<Made> {
    let value = whole(value);
    let value = if value.is(Kind::Name) { whole(local(value)?) } else { value };
    if !matches!(value.kind(), Kind::Call | Kind::Construct) {
        return None;
    }
    let calls: Vec<Node<'_>> = std::iter::successors(Some(value), |call| {
        call.callee().filter(|c| c.is(Kind::Attribute))?.object().filter(|o| o.is(Kind::Call))
    })
    .collect();
    // A builder is told what what it builds is given: `Client::builder().timeout(limit).build()`.
    let mut meaning = vocabulary.call(&name_of(calls.last()?.callee()?)?)?;
    let mut given = BTreeMap::new();
    let mut open = false;
    for (at, call) in calls.iter().rev().enumerate() {
        if at > 0 {
            let built = meaning.returns.first().filter(|class| ***class != *"self");
            let class = built.map_or_else(|| owner(&meaning.name, call.language()), |class| &**class);
            let method = [class, call.language().separator(), call.callee()?.name()].concat();
            meaning = vocabulary.call(&method)?;
        }
        open |= call.has_spread();
        given.extend(meaning.arguments.iter().filter_map(|(name, argument)| {
            let argument = argument.of(*call)?;
            let off =
                argument.is(Kind::Nothing) || argument.is_boolean(false) || argument.number() == Some(0.0);
            Some((name.clone(), off))
        }));
    }
    Some(Made { by: (&*meaning.name).into(), given, open })
}

/// The type that a method is of.
fn owner(method: &str, language: Language) -> &str {
    method.rsplit_once(language.separator()).map_or(method, |(class, _)| class)
}

/// An expression without what waits for it or takes it out of a result: `make().await?`, `build().expect("settings are constant")`.
fn whole(value: Node<'_>) -> Node<'_> {
    let mut value = value;
    loop {
        let inner = match value.kind() {
            Kind::Await | Kind::Propagate | Kind::Reference => value.get(Role::Value),
            Kind::Call if value.language() == Language::Rust => {
                let taken = value.callee().filter(|c| {
                    c.is(Kind::Attribute)
                        && matches!(
                            c.name(),
                            "unwrap" | "expect" | "unwrap_or_default" | "context" | "map_err"
                        )
                });
                taken.and_then(Node::object)
            }
            _ => None,
        };
        match inner {
            Some(inner) => value = inner,
            None => return value,
        }
    }
}

/// What a local name was given before, where its function gives it one thing: `let client = Client::new(); Self { client }`.
fn local(name: Node<'_>) -> Option<Node<'_>> {
    let function = name.function()?;
    if function.all(Role::Parameter).any(|p| p.name() == name.name()) {
        return None;
    }
    let gives = |n: &Node<'_>| {
        n.is(Kind::Assign) && n.all(Role::Target).any(|t| t.is(Kind::Name) && t.name() == name.name())
    };
    let mut assigns = function.descendants_here().filter(gives);
    let only = assigns.next().filter(|a| assigns.next().is_none() && a.index() < name.index())?;
    only.get(Role::Value).filter(|_| only.get(Role::Target).is_some_and(|t| t.name() == name.name()))
}

#[cfg(test)]
mod tests {
    use shipworthy_syntax::Language;

    use crate::shape::facts_of;

    fn made(language: Language, source: &str) -> Vec<String> {
        let facts = facts_of(language, source);
        let summary = crate::Names::declare(&[&facts], language, "app", "app.py").summary;
        let given =
            |made: &crate::Made| format!("{:?}{}", made.given, if made.open { " and more" } else { "" });
        summary.made.iter().map(|(name, made)| format!("{name}: {} {}", made.by, given(made))).collect()
    }

    #[test]
    fn variables_and_fields_know_how_they_are_made() {
        let source = "import httpx\na = httpx.Client(timeout=None)\nb = httpx.Client(**options)\nclass C:\n    def __init__(self):\n        self.c = None\n        self.c = httpx.Client(timeout=5)\n";
        assert_eq!(
            made(Language::Python, source),
            [
                "C.c: httpx.Client {\"timeout\": false}",
                "a: httpx.Client {\"timeout\": true}",
                "b: httpx.Client {} and more"
            ]
        );
        let source = "import httpx\nclass C:\n    c = httpx.Client(timeout=5)\n    def f(self):\n        d = httpx.Client()\n";
        assert_eq!(made(Language::Python, source), ["C.c: httpx.Client {\"timeout\": false}"]);
        let source = "package app\nimport \"net/http\"\ntype S struct{ c *http.Client }\nfunc New() *S { return &S{c: &http.Client{Timeout: 5}} }\n";
        assert_eq!(made(Language::Go, source), ["S.c: net/http.Client {\"timeout\": false}"]);
    }

    #[test]
    fn a_field_knows_what_a_local_name_and_a_builder_were_told() {
        let source = "package app\nimport \"net/http\"\ntype S struct{ c *http.Client }\nfunc New() *S {\n\tc := &http.Client{Timeout: 5}\n\treturn &S{c: c}\n}\n";
        assert_eq!(made(Language::Go, source), ["S.c: net/http.Client {\"timeout\": false}"]);
        let client = |calls: &str| {
            made(
                Language::Rust,
                &format!(
                    "struct S {{ c: reqwest::Client }}\nimpl S {{\n    fn new() -> Self {{\n        let c = reqwest::Client::builder(){calls}.build().expect(\"\");\n        Self {{ c }}\n    }}\n}}\n"
                ),
            )
        };
        assert_eq!(client(".user_agent(\"x\")"), ["S::c: reqwest::ClientBuilder::build {}"]);
        assert_eq!(
            client(".timeout(LIMIT).user_agent(\"x\")"),
            ["S::c: reqwest::ClientBuilder::build {\"timeout\": false}"]
        );
        assert_eq!(client(".configured_elsewhere()"), Vec::<String>::new());
    }

    #[test]
    fn what_is_made_in_two_ways_or_changed_is_not_known() {
        let source = "import httpx\na = httpx.Client()\na = httpx.Client(timeout=5)\nb = httpx.Client()\nb.timeout = 5\ndef f(c=None):\n    d = httpx.Client()\n";
        assert_eq!(made(Language::Python, source), Vec::<String>::new());
    }
}
