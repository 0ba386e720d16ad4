//! What says which sites may call a service from a browser.

use std::sync::Arc;

use shipworthy_audit::Check;
use shipworthy_facts::{Meaning, Node};

/// What a call or construction that configures CORS means, or that of a class which it is given and which does:
/// `add_middleware(CORSMiddleware, ...)`.
pub(crate) fn configured(cx: &Check<'_>, call: Node<'_>) -> Option<Arc<Meaning>> {
    let meaning = cx.meaning(call)?;
    let Some(class) = meaning.argument("class").and_then(|a| a.of(call)) else {
        return Some(meaning.clone());
    };
    let path = cx.name_of(class)?;
    cx.resolver().vocabulary().call(&path).filter(|m| m.is("cors")).cloned()
}
