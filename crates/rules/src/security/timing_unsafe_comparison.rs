use shipworthy_audit::{Check, Finding, Fix, rule};
use shipworthy_facts::{Flags, Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

use crate::names;

rule! {
    /// Secrets are compared with `==`
    ///
    /// `==` stops at the first byte that differs. Whoever can send guesses and measure the answers learns a token, a signature or a
    /// password hash byte by byte. Compare secrets with a function that always takes the same time.
    ///
    /// A comparison with `None`, with an empty string, with a length or with a literal that is no secret tells nothing about the
    /// secret and is sound.
    ///
    /// ```python bad
    /// def verify(request, settings):
    ///     token = request.headers.get("X-Admin-Token")
    ///     if token == settings.admin_token:
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         return True
    ///     return False
    /// ```
    /// ```python fixed
    /// import hmac
    ///
    /// def verify(request, settings):
    ///     token = request.headers.get("X-Admin-Token")
    ///     if hmac.compare_digest(token, settings.admin_token):
    ///         return True
    ///     return False
    /// ```
    ///
    /// ```python bad
    /// import os
    ///
    /// def check(signature, expected_signature):
    ///     if signature != expected_signature:
    ///        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         raise PermissionError(os.getpid())
    /// ```
    /// ```python fixed
    /// import hmac
    /// import os
    ///
    /// def check(signature, expected_signature):
    ///     if not hmac.compare_digest(signature, expected_signature):
    ///         raise PermissionError(os.getpid())
    /// ```
    ///
    /// ```python good
    /// import hmac
    ///
    /// def verify(token, settings):
    ///     if token is None or token == "":
    ///         return False
    ///     if len(token) != 32 or settings.token_type == "bearer":
    ///         return False
    ///     return hmac.compare_digest(token, settings.admin_token)
    /// ```
    ///
    /// ```python good
    /// def parse(tokens, cache, etag):
    ///     if tokens[0].token_kind == tokens[1].token_kind and cache.etag == etag:
    ///         return tokens
    ///     return [t for t in tokens if t.token_id != cache.token_id]
    /// ```
    name: "timing-unsafe-comparison",
    category: Security,
    severity: Blocking,
    scope: File,
    fix: { Python: Safe },
    on: [Fact(Kind::Compare)],
    check: check,
}

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    if !matches!(node.operator(), Operator::Eq | Operator::Ne) {
        return;
    }
    let operands: Vec<Node<'_>> = node.all(Role::Operand).collect();
    let [left, right] = operands[..] else { return };
    if !is_secret(left) && !is_secret(right) || tells_nothing(left) || tells_nothing(right) {
        return;
    }
    cx.site();
    let secret = if is_secret(left) { left } else { right };
    let finding = cx
        .finding(node, format!("`{}` is compared with `{}`", secret.text(), operator(node)))
        .why("The comparison stops at the first byte that differs, so its time tells an attacker how much of a guess is right.")
        .help("Use a constant-time compare.");
    let finding: Finding = finding.maybe_fix(fix(cx, node, left, right));
    cx.report(finding);
}

fn operator(node: Node<'_>) -> &'static str {
    if node.operator() == Operator::Eq { "==" } else { "!=" }
}

fn fix(cx: &Check<'_>, node: Node<'_>, left: Node<'_>, right: Node<'_>) -> Option<Fix> {
    let fix = Fix::safe("Use a constant-time compare");
    match cx.language() {
        Language::Python => {
            let (hmac, import) = cx.import("hmac", "");
            let not = if node.operator() == Operator::Ne { "not " } else { "" };
            let call = format!("{not}{hmac}.compare_digest({}, {})", left.text(), right.text());
            Some(fix.replace(node, call).import(import))
        }
        Language::Go | Language::Rust => None,
    }
}

/// Whether an expression's name says that its value is a secret.
fn is_secret(node: Node<'_>) -> bool {
    matches!(node.kind(), Kind::Name | Kind::Attribute) && names::is_secret(node.name())
}

/// Whether comparing with a value tells nothing about a secret.
fn tells_nothing(node: Node<'_>) -> bool {
    node.is(Kind::Nothing) || node.is_literal() || node.has(Flags::CONSTANT)
}
