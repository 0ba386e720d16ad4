use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Node, Role};

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
    on: [Effect(Effects::LOADS_MODEL)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    cx.site();
    let how = match made(cx, call) {
        Made::PerItem => "for each item of a loop",
        Made::PerCall => "on each call",
        Made::Once | Made::Handed => return,
    };
    let function = cx.named_function(call).map_or("", Node::name);
    let guessed = cx.meaning(call).is_some_and(|m| m.guessed);
    let finding = cx
        .finding(call, format!("`{function}` loads a model {how}"))
        .why("Loading takes seconds to minutes and hundreds of megabytes, each time.")
        .help("Load it once: at start-up, or in a cached function.")
        .confidence(if guessed { Confidence::Medium } else { Confidence::High })
        .maybe_fix(fix(cx, call));
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
