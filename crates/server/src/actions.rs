//! Code actions. An edit travels as a reference, a finding's fingerprint and the document's version, and is computed when the user picks the
//! action; by then the code may have changed, and the reference is refused. Clients that cannot ask again get all edits at once.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shipworthy_audit::settings::Problem;
use shipworthy_audit::{Declaration, Finding, Rule, Safety, combine};
use shipworthy_syntax::Edit;
use tower_lsp_server::ls_types as lsp;

use crate::backend::SHOW_RULE;
use crate::convert;
use crate::view::View;

/// Stands for the reason until somebody gives one; it is found as an open to-do until then.
const REASON: &str = "TODO: say why this is acceptable";

pub(crate) const FIX_ALL_KIND: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.shipworthy");

/// An edit that is not computed yet.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Reference {
    pub(crate) uri: lsp::Uri,
    version: i32,
    change: Change,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Change {
    /// The fix of the finding with this fingerprint.
    Fix(String),
    /// The safe fixes of one rule.
    Rule(String),
    /// All safe fixes.
    All,
    /// A comment that accepts the finding with this fingerprint.
    Ignore(String),
    /// What rights the mistake at this offset of a settings file.
    Problem(u32),
}

/// The actions for a range: each fix, all safe fixes of its rule, all safe fixes, the rule's page, a comment that accepts the finding. With
/// its edit each, where the client does not ask for that.
pub(crate) fn offer(
    view: &View<'_>,
    params: &lsp::CodeActionParams,
) -> Vec<(lsp::CodeAction, Option<Planned>)> {
    let range = view.bytes(params.range);
    let touches = |f: &&Finding| f.range.start <= range.end && range.start <= f.range.end;
    let here: Vec<&Finding> = view.findings().filter(touches).collect();
    let mut rules: Vec<&'static Rule> = Vec::new();
    for finding in &here {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule);
        }
    }
    let mut actions = Vec::new();
    for finding in &here {
        let Some(fix) = view.fix(finding) else { continue };
        actions.push(lsp::CodeAction {
            diagnostics: Some(vec![convert::diagnostic(finding, view)]),
            is_preferred: (fix.safety == Safety::Safe).then_some(true),
            ..action(view, fix.title.clone(), Change::Fix(finding.fingerprint.clone()))
        });
    }
    for rule in &rules {
        if fixable(view, Some(rule.name)).nth(1).is_some() {
            let title = format!("Fix all of {} in this file", rule.name);
            actions.push(action(view, title, Change::Rule(rule.name.to_owned())));
        }
    }
    if fixable(view, None).next().is_some() {
        actions.push(lsp::CodeAction {
            kind: Some(FIX_ALL_KIND),
            ..action(view, "Apply every safe fix in this file".to_owned(), Change::All)
        });
    }
    for rule in &rules {
        let title = format!("Show what {} is about", rule.name);
        actions.push(lsp::CodeAction {
            title: title.clone(),
            kind: Some(lsp::CodeActionKind::QUICKFIX),
            command: Some(lsp::Command::new(title, SHOW_RULE.to_owned(), Some(vec![json!(rule.name)]))),
            ..lsp::CodeAction::default()
        });
    }
    let ignorable =
        |finding: &&&Finding| view.session.options.suppress && view.ignore(finding, REASON).is_some();
    for finding in here.iter().filter(ignorable) {
        let title = format!("Ignore {} here, with a reason", finding.rule.name);
        actions.push(lsp::CodeAction {
            diagnostics: Some(vec![convert::diagnostic(finding, view)]),
            ..action(view, title, Change::Ignore(finding.fingerprint.clone()))
        });
    }
    let touches = |p: &&Problem| p.range.start <= range.end && range.start <= p.range.end;
    for problem in view.problems().iter().filter(touches) {
        let Some(fix) = &problem.fix else { continue };
        let title =
            if fix.text.is_empty() { "Remove it".to_owned() } else { format!("Write `{}`", fix.text) };
        actions.push(lsp::CodeAction {
            diagnostics: Some(vec![convert::problem(problem, view.text, view.session.encoding)]),
            is_preferred: Some(true),
            ..action(view, title, Change::Problem(problem.range.start))
        });
    }
    actions.retain(|action| is_wanted(action, params.context.only.as_deref()));
    let planned = |mut action: lsp::CodeAction| {
        if view.session.resolves_actions {
            return (action, None);
        }
        let planned = reference(&action).and_then(|reference| resolve(view, &reference));
        action.data = None;
        (action, planned)
    };
    actions.into_iter().map(planned).collect()
}

/// An action with a reference to its edit.
fn action(view: &View<'_>, title: String, change: Change) -> lsp::CodeAction {
    let reference = Reference { uri: view.uri.clone(), version: view.version, change };
    let (kind, data) = (Some(lsp::CodeActionKind::QUICKFIX), Some(json!(reference)));
    lsp::CodeAction { title, kind, data, ..lsp::CodeAction::default() }
}

/// Kinds are hierarchical: who asks for `source` gets `source.fixAll.shipworthy`.
fn is_wanted(action: &lsp::CodeAction, only: Option<&[lsp::CodeActionKind]>) -> bool {
    let kind = action.kind.as_ref().map_or("", lsp::CodeActionKind::as_str);
    let within = |wanted: &lsp::CodeActionKind| {
        let rest = kind.strip_prefix(wanted.as_str());
        wanted.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    only.is_none_or(|only| only.iter().any(within))
}

/// The reference that an action carries, if it is one of ours.
pub(crate) fn reference(action: &lsp::CodeAction) -> Option<Reference> {
    Reference::deserialize(action.data.as_ref()?).ok()
}

/// An edit of a document, and what manifests have to say beside it.
pub(crate) struct Planned {
    pub(crate) edit: lsp::WorkspaceEdit,
    pub(crate) declarations: Vec<Declaration>,
}

/// The edit that a reference stands for; none where the document has changed since.
pub(crate) fn resolve(view: &View<'_>, reference: &Reference) -> Option<Planned> {
    if view.version != reference.version {
        return None;
    }
    let mut declarations = Vec::new();
    let edits = match &reference.change {
        Change::Fix(fingerprint) => {
            let finding = view.findings().find(|finding| finding.fingerprint == *fingerprint)?;
            declarations = view.declarations(finding);
            view.fix_edits(finding)?
        }
        Change::Rule(rule) => return Some(planned(view, Some(rule)).0),
        Change::All => return Some(planned(view, None).0),
        Change::Ignore(fingerprint) => {
            let finding = view.findings().find(|finding| finding.fingerprint == *fingerprint)?;
            vec![view.ignore(finding, REASON)?]
        }
        Change::Problem(at) => {
            let problem = view.problems().iter().find(|problem| problem.range.start == *at)?;
            vec![problem.fix.clone()?]
        }
    };
    Some(Planned { edit: convert::workspace_edit(edits, view), declarations })
}

/// The safe fixes of a document as one edit, with their number; those of one rule, or all.
fn planned(view: &View<'_>, rule: Option<&str>) -> (Planned, usize) {
    let (edits, count) = safe_fixes(view, rule);
    let declarations = fixable(view, rule).flat_map(|finding| view.declarations(finding)).collect();
    (Planned { edit: convert::workspace_edit(edits, view), declarations }, count)
}

/// The safe fixes of a document as one, with their number; those of one rule, or all.
pub(crate) fn safe_fixes(view: &View<'_>, rule: Option<&str>) -> (Vec<Edit>, usize) {
    combine(fixable(view, rule).filter_map(|finding| view.fix_edits(finding)))
}

/// The findings with a safe fix; those of one rule, or all.
fn fixable<'a>(view: &View<'a>, rule: Option<&str>) -> impl Iterator<Item = &'a Finding> {
    let is_safe = |finding: &&Finding| view.fix(finding).is_some_and(|fix| fix.safety == Safety::Safe);
    view.findings().filter(move |finding| rule.is_none_or(|rule| finding.rule.name == rule)).filter(is_safe)
}

/// What `shipworthy.fixAll` applies.
pub(crate) fn fix_all(view: &View<'_>) -> (Planned, usize) {
    planned(view, None)
}
