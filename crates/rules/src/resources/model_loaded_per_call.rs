use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Origin, Role};

use crate::lifetime::{Made, made};

rule! {
    /// A model is loaded on each call
    ///
    /// Loading a model reads hundreds of megabytes and takes seconds to minutes; done on each call, a request takes as long, and two at once
    /// need the memory twice. Load it once: at the top level, at start-up, or behind a cached function.
    ///
    /// ```python bad
    /// from sentence_transformers import SentenceTransformer
    ///
    /// def generate_cache(texts):
    ///     model = SentenceTransformer("all-MiniLM-L6-v2")
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     return model.encode(texts)
    /// ```
    /// ```python fixed
    /// import functools
    /// from sentence_transformers import SentenceTransformer
    ///
    /// @functools.cache
    /// def load_model():
    ///     return SentenceTransformer("all-MiniLM-L6-v2")
    ///
    ///
    /// def generate_cache(texts):
    ///     model = load_model()
    ///     return model.encode(texts)
    /// ```
    ///
    /// ```python bad
    /// import joblib
    ///
    /// def predict(rows):
    ///     return joblib.load("model.pkl").predict(rows)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^
    ///
    /// def score(paths, rows):
    ///     for path in paths:
    ///         model = joblib.load(path)
    ///                 ^^^^^^^^^^^^^^^^^
    ///         yield model.predict(rows)
    /// ```
    ///
    /// ```python bad
    /// import spacy
    ///
    /// def load_nlp():
    ///     return spacy.load("en_core_web_sm")
    ///
    /// def entities(text):
    ///     return [e.text for e in load_nlp()(text).ents]
    ///                             ^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import functools
    /// import spacy
    ///
    /// @functools.cache
    /// def load_nlp():
    ///     return spacy.load("en_core_web_sm")
    ///
    /// def entities(text):
    ///     return [e.text for e in load_nlp()(text).ents]
    ///
    /// def load_small():
    ///     return spacy.load("en_core_web_sm")
    ///
    /// NLP = load_small()
    ///
    /// class Tagger:
    ///     def __init__(self):
    ///         self.nlp = load_small()
    /// ```
    ///
    /// ```python good
    /// import functools
    /// from sentence_transformers import SentenceTransformer
    ///
    /// MODEL = SentenceTransformer("all-MiniLM-L6-v2")
    ///
    /// @functools.lru_cache(maxsize=1)
    /// def model():
    ///     loaded = SentenceTransformer("all-MiniLM-L6-v2")
    ///     loaded.eval()
    ///     return loaded
    ///
    /// class Embedder:
    ///     def __init__(self):
    ///         self.model = SentenceTransformer("all-MiniLM-L6-v2")
    ///
    ///     def embed(self, texts):
    ///         if self.model is None:
    ///             self.model = SentenceTransformer("all-MiniLM-L6-v2")
    ///         return self.model.encode(texts)
    /// ```
    ///
    /// ```python good
    /// import joblib
    ///
    /// models = {}
    ///
    /// def model_of(name):
    ///     if name not in models:
    ///         model = joblib.load(name)
    ///         models[name] = model
    ///     return models[name]
    ///
    /// def main():
    ///     model = joblib.load("model.pkl")
    ///     print(model.predict([[1]]))
    /// ```
    name: "model-loaded-per-call",
    category: Resources,
    severity: Blocking,
    scope: Both,
    fix: { Python: Suggested },
    on: [Effect(Effects::LOADS_MODEL), Reach(Effects::LOADS_MODEL)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(meaning) = cx.meaning(call) else { return check_handed(cx, call) };
    let guessed = meaning.guessed;
    cx.site();
    let how = match made(cx, call) {
        Made::PerItem => "for each item of a loop",
        Made::PerCall => "on each call",
        Made::Once | Made::Handed => return,
    };
    let function = cx.named_function(call).map_or("", Node::name);
    let finding = cx
        .finding(call, format!("`{function}` loads a model {how}"))
        .why("Loading takes seconds to minutes and hundreds of megabytes, each time.")
        .help("Load it once: at start-up, or in a cached function.")
        .confidence(if guessed { Confidence::Medium } else { Confidence::High })
        .maybe_fix(fix(cx, call));
    cx.report(finding);
}

/// A call of a function of the workspace that loads a model anew and hands it over: `nlp = load_nlp()`.
fn check_handed(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(path) = cx.workspace_callee(call) else { return };
    // Further away it may be kept on the way.
    let itself = cx.certain_chain(&path, Effects::LOADS_MODEL).len() == 1;
    let Some(loads) = cx.library_call(&path, Effects::LOADS_MODEL).filter(|_| itself) else { return };
    let vocabulary = cx.resolver().vocabulary();
    let hands_over = cx.workspace().function(&path).is_some_and(|function| {
        function.results.iter().any(|result| match result {
            Origin::ResultOf(made_by, _) => **made_by == *loads,
            Origin::Instance(class) => vocabulary.type_of(class).is_some_and(|m| m.is("model")),
            _ => false,
        })
    });
    if !hands_over {
        return;
    }
    cx.site();
    let how = match made(cx, call) {
        Made::PerItem => "for each item of a loop",
        Made::PerCall => "on each call",
        Made::Once | Made::Handed => return,
    };
    let function = cx.named_function(call).map_or("", Node::name);
    let callee = call.callee().map_or("", Node::text);
    let finding = cx
        .finding(call, format!("`{function}` loads a model {how}: `{callee}` makes it anew"))
        .why("Loading takes seconds to minutes and hundreds of megabytes, each time.")
        .help("Load it once: at start-up, or in a cached function.")
        .confidence(Confidence::Medium)
        .related_function(&path, format!("loads it with `{loads}`"));
    cx.report(finding);
}

/// A cached loader in front of the definition, where what is loaded does not depend on the call.
fn fix(cx: &Check<'_>, call: Node<'_>) -> Option<Fix> {
    if !call.arguments().all(Node::is_literal) || call.parent()?.kind() != Kind::Assign {
        return None;
    }
    let local = call.parent()?.get(Role::Target)?.name();
    let loader = format!("load_{local}");
    let definition = call.ancestors().filter(|n| n.parent().is_some_and(|p| p.is(Kind::Module))).last()?;
    let (functools, import) = cx.import("functools", "");
    let text = format!("@{functools}.cache\ndef {loader}():\n    return {}\n\n\n", call.text());
    let fix = Fix::suggested("Load it once, in a cached function").import(import);
    Some(fix.insert(definition.range().start, text).replace(call, format!("{loader}()")))
}
