use std::collections::BTreeMap;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Survey, Surveyed, rule};
use shipworthy_facts::Function;
use shipworthy_syntax::{Language, Range};

use crate::names::words;
use crate::projects::by_project;

rule! {
    /// Names do not follow the project's own way
    ///
    /// Sibling classes that do one thing under several verbs (`get_order`, `fetch_invoice`) make readers look for a difference that is not there, and
    /// miss what they look for. A name that is written against the language's convention, where the rest of the project follows it, is found by no
    /// search. Name it as its siblings are named.
    ///
    /// Overrides, names that a framework or another language prescribes, and a class that has both verbs, for two different things, are left alone.
    ///
    /// ```python bad file=app/invoice.py
    /// class InvoiceRepository:
    ///     def fetch_invoice_by_id(self, key):
    ///         ^^^^^^^^^^^^^^^^^^^
    ///         return self.rows[key]
    /// ```
    /// ```python bad file=app/order.py
    /// class OrderRepository:
    ///     def get_order_by_id(self, key):
    ///         return self.rows[key]
    /// ```
    /// ```python bad file=app/user.py
    /// class UserRepository:
    ///     def get_user_by_id(self, key):
    ///         return self.rows[key]
    /// ```
    ///
    /// ```python bad
    /// def load_orders(path):
    ///     return path
    ///
    /// def save_orders(path):
    ///     return path
    ///
    /// def parse_order(text):
    ///     return text
    ///
    /// def send_mail(letter):
    ///     return letter
    ///
    /// def countOrders(orders):
    ///     ^^^^^^^^^^^
    ///     return len(orders)
    /// ```
    ///
    /// ```python good file=app/invoice.py
    /// class InvoiceRepository:
    ///     def get_invoice_by_id(self, key):
    ///         return self.fetch_invoice_by_id(key)
    ///
    ///     def fetch_invoice_by_id(self, key):
    ///         return key
    /// ```
    /// ```python good file=app/order.py
    /// class OrderRepository:
    ///     def get_order_by_id(self, key):
    ///         return self.rows[key]
    /// ```
    /// ```python good file=app/user.py
    /// class UserRepository:
    ///     def get_user_by_id(self, key):
    ///         return self.rows[key]
    /// ```
    /// ```python good file=app/files.py
    /// class FileRepository:
    ///     def load_template(self, name):
    ///         return name
    /// ```
    ///
    /// ```python good
    /// import unittest
    ///
    /// class OrderCase(unittest.TestCase):
    ///     def setUpOrders(self):
    ///         self.orders = []
    ///
    ///     def load_orders(self):
    ///         return self.orders
    ///
    /// def save_orders(path):
    ///     return path
    ///
    /// def parse_order(text):
    ///     return text
    ///
    /// def send_mail(letter):
    ///     return letter
    /// ```
    ///
    /// ```go bad file=shop/invoice.go
    /// package shop
    ///
    /// type InvoiceStore struct{}
    ///
    /// func (s *InvoiceStore) RetrieveInvoice(key string) string {
    ///                        ^^^^^^^^^^^^^^^
    /// 	return key
    /// }
    /// ```
    /// ```go bad file=shop/order.go
    /// package shop
    ///
    /// type OrderStore struct{}
    ///
    /// func (s *OrderStore) GetOrder(key string) string {
    /// 	return key
    /// }
    /// ```
    /// ```go bad file=shop/user.go
    /// package shop
    ///
    /// type UserStore struct{}
    ///
    /// func (s *UserStore) GetUser(key string) string {
    /// 	return key
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// func LoadOrders() {}
    ///
    /// func SaveOrders() {}
    ///
    /// func ParseOrder() {}
    ///
    /// func SendMail() {}
    ///
    /// func Count_orders() {}
    ///      ^^^^^^^^^^^^
    /// ```
    ///
    /// ```go good
    /// package sums
    ///
    /// func NewSum() int { return 1 }
    ///
    /// func OldSum() int { return 2 }
    ///
    /// func LastSum() int { return 3 }
    ///
    /// func FirstSum() int { return 4 }
    ///
    /// func New512_224() int { return 5 }
    /// ```
    ///
    /// ```go good file=shop/invoice.go
    /// package shop
    ///
    /// type InvoiceStore struct{}
    ///
    /// func (s *InvoiceStore) FetchInvoice(key string) string {
    /// 	return key
    /// }
    /// ```
    /// ```go good file=shop/order.go
    /// package shop
    ///
    /// type OrderStore struct{}
    ///
    /// func (s *OrderStore) GetOrder(key string) string {
    /// 	return key
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import "C"
    ///
    /// func LoadOrders() {}
    ///
    /// func SaveOrders() {}
    ///
    /// func ParseOrder() {}
    ///
    /// func SendMail() {}
    ///
    /// //export Count_orders
    /// func Count_orders() {}
    /// ```
    ///
    /// ```rust bad file=src/invoice.rs
    /// pub struct InvoiceStore;
    ///
    /// impl InvoiceStore {
    ///     pub fn load_invoice(&self, key: u32) -> u32 {
    ///            ^^^^^^^^^^^^
    ///         key
    ///     }
    /// }
    /// ```
    /// ```rust bad file=src/order.rs
    /// pub struct OrderStore;
    ///
    /// impl OrderStore {
    ///     pub fn get_order(&self, key: u32) -> u32 {
    ///         key
    ///     }
    /// }
    /// ```
    /// ```rust bad file=src/user.rs
    /// pub struct UserStore;
    ///
    /// impl UserStore {
    ///     pub fn get_user(&self, key: u32) -> u32 {
    ///         key
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// pub fn load_orders() {}
    ///
    /// pub fn save_orders() {}
    ///
    /// pub fn parse_order() {}
    ///
    /// pub fn send_mail() {}
    ///
    /// pub fn countOrders() {}
    ///        ^^^^^^^^^^^
    /// ```
    ///
    /// ```rust good file=src/invoice.rs
    /// pub struct InvoiceStore;
    ///
    /// impl InvoiceStore {
    ///     pub fn load_invoice(&self, key: u32) -> u32 {
    ///         key
    ///     }
    /// }
    /// ```
    /// ```rust good file=src/order.rs
    /// pub struct OrderStore;
    ///
    /// impl OrderStore {
    ///     pub fn get_order(&self, key: u32) -> u32 {
    ///         key
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// #![allow(non_snake_case)]
    ///
    /// pub fn load_orders() {}
    ///
    /// pub fn save_orders() {}
    ///
    /// pub fn parse_order() {}
    ///
    /// pub fn send_mail() {}
    ///
    /// pub fn countOrders() {}
    /// ```
    name: "inconsistent-naming",
    category: Quality,
    severity: Low,
    scope: Workspace,
    workspace: judge,
}

fn judge(survey: &mut Survey<'_>) {
    for ((_, language), files) in by_project(survey.files()) {
        let mut names: Vec<Named<'_>> = Vec::new();
        for (number, file) in files {
            let text = file.contents();
            // Names that other languages see are theirs.
            let foreign =
                ["non_snake_case", "import \"C\"", "extern \"C\""].iter().any(|mark| text.contains(mark));
            names.extend(
                file.definitions
                    .iter()
                    .filter(|_| !foreign)
                    .filter_map(|(name, range)| named(number, file, name, *range)),
            );
        }
        for name in &names {
            survey.site(name.file);
        }
        verbs(survey, &names, language);
        conventions(survey, &names, language);
    }
}

/// A public function or method.
struct Named<'a> {
    file: usize,
    range: Range,
    class: &'a str,
    name: &'a str,
    function: &'a Function,
    /// Something outside the project may prescribe its name.
    prescribed: bool,
}

fn named<'a>(number: usize, file: &'a Surveyed<'a>, name: &'a str, range: Range) -> Option<Named<'a>> {
    let function = file.summary.functions.get(name)?;
    let (class, own) = name.rsplit_once(file.language.separator()).unwrap_or(("", name));
    let public = match file.language {
        Language::Go => own.starts_with(char::is_uppercase),
        Language::Python | Language::Rust => !own.starts_with('_'),
    };
    let bases = file.summary.classes.get(class).map_or(&[][..], |class| &class.bases);
    let prescribed = !function.decorators.is_empty()
        || bases.iter().any(|base| !base.ends_with("ABC") && &**base != "object");
    public.then_some(Named { file: number, range, class, name: own, function, prescribed })
}

/// Sibling classes that name one thing that they do by different verbs.
fn verbs(survey: &mut Survey<'_>, names: &[Named<'_>], language: Language) {
    // By kind of class and concept, the verbs, each with the methods.
    let mut concepts: BTreeMap<(String, String), BTreeMap<String, Vec<&Named<'_>>>> = BTreeMap::new();
    for named in names.iter().filter(|named| !named.class.is_empty()) {
        if let Some((kind, verb, concept)) = concept(named) {
            concepts.entry((kind, concept)).or_default().entry(verb).or_default().push(named);
        }
    }
    for ((kind, _), verbs) in concepts {
        let Some((main, most)) =
            verbs.iter().max_by_key(|(verb, methods)| (methods.len(), std::cmp::Reverse((*verb).clone())))
        else {
            continue;
        };
        let has_both = |class: &str| most.iter().any(|method| method.class == class);
        for (verb, methods) in verbs.iter().filter(|(verb, _)| *verb != main) {
            // Siblings live side by side: stores of other parts of a program are others' work.
            let folder = |named: &Named<'_>| {
                let path = &survey.all_files()[named.file].path;
                path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
            };
            let beside =
                |method: &Named<'_>| most.iter().filter(|other| folder(other) == folder(method)).count() > 1;
            let minority: Vec<&&Named<'_>> =
                methods.iter().filter(|method| !has_both(method.class) && beside(method)).collect();
            let Some((first, others)) = minority
                .split_first()
                .filter(|(_, others)| others.len() + 2 < most.len() + 1 && most.len() > 1)
            else {
                continue;
            };
            let separator = language.separator();
            let mut finding = survey
                .finding(first.range, format!("`{}{separator}{}` says `{verb}` where {} sibling classes say `{main}`", first.class, first.name, most.len()))
                .why("Whoever looks for it looks under the name that its siblings have, and wonders what the other verb means.")
                .help(format!("Say `{main}` in all classes that are a {kind}."))
                .confidence(Confidence::Medium);
            let places = others.iter().map(|named| **named).chain(most.iter().copied()).take(RELATED);
            finding.related.extend(places.filter_map(|named| {
                survey.related(named.file, named.range, format!("`{}{separator}{}`", named.class, named.name))
            }));
            survey.report(first.file, finding);
        }
    }
}

/// How many places a finding names.
const RELATED: usize = 10;

/// The kind of the class, the verb, and what is asked for, without the class's own noun: `UserStore.get_user_by_id` asks a store `by id`.
fn concept(named: &Named<'_>) -> Option<(String, String, String)> {
    // Others (clients, providers) ask different things of different parties.
    const KINDS: [&str; 7] = ["repository", "repo", "store", "storage", "service", "dao", "crud"];
    const VERBS: [&str; 4] = ["get", "fetch", "load", "retrieve"];
    let mut class = words(named.class);
    let kind = class.pop().filter(|kind| KINDS.contains(&kind.as_str()))?;
    let mut name = words(named.name).into_iter();
    let verb = name.next().filter(|verb| VERBS.contains(&verb.as_str()))?;
    let is_own =
        |word: &String| class.iter().any(|noun| noun.trim_end_matches('s') == word.trim_end_matches('s'));
    let mut noun = false;
    let rest: Vec<String> = name
        .filter(|word| {
            let own = is_own(word);
            noun |= own;
            !own
        })
        .collect();
    // A method that asks for something of another name asks for that.
    let asks_own = noun
        || rest.is_empty()
        || rest.first().is_some_and(|word| matches!(word.as_str(), "by" | "all" | "one" | "many"));
    asks_own.then(|| (kind, verb, rest.join(" ")))
}

/// Whether a name has an underscore that is not between numbers: `Sum512_224` says two.
fn has_underscore(name: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    name.match_indices('_')
        .any(|(at, _)| !(digit(name[..at].chars().next_back()) && digit(name[at + 1..].chars().next())))
}

/// Names that other languages ask a Python object for, through a bridge.
const OF_BRIDGES: [&str; 3] = ["toString", "hashCode", "compareTo"];

/// Names against what the language has agreed on, where most of the project follows it.
fn conventions(survey: &mut Survey<'_>, names: &[Named<'_>], language: Language) {
    let several_words = |named: &&Named<'_>| words(named.name).len() > 1;
    let against = |named: &&Named<'_>| match language {
        Language::Python | Language::Rust => {
            named.name.starts_with(char::is_lowercase)
                && named.name.contains(char::is_uppercase)
                && !named.name.contains('_')
                && !OF_BRIDGES.contains(&named.name)
        }
        Language::Go => {
            has_underscore(named.name.trim_start_matches(char::is_uppercase))
                && named.name.contains(char::is_lowercase)
        }
    };
    let free =
        names.iter().filter(|named| !named.prescribed && !named.function.is_abstract).filter(several_words);
    let (wrong, right): (Vec<&Named<'_>>, Vec<&Named<'_>>) = free.partition(against);
    let Some((first, others)) = wrong.split_first().filter(|_| wrong.len() * 4 <= right.len()) else {
        return;
    };
    let (form, instead) = match language {
        Language::Python | Language::Rust => ("words joined by underscores", words(first.name).join("_")),
        Language::Go => ("words joined by capitals", first.name.replace('_', "")),
    };
    let more =
        if others.is_empty() { String::new() } else { format!(", and {} more names are so", others.len()) };
    let mut finding = survey
        .finding(
            first.range,
            format!("`{}` is not written as the other {} names are{more}", first.name, right.len()),
        )
        .why(format!("The language writes such names as {form}; readers and tools expect it."))
        .help(format!("Call it `{instead}`."))
        .confidence(Confidence::Medium);
    finding.related.extend(
        others.iter().take(RELATED).filter_map(|named| survey.related(named.file, named.range, "this too")),
    );
    survey.report(first.file, finding);
}
