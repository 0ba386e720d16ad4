//! Hovering over a finding shows its rule's page.

use shipworthy_audit::{Rule, page};
use tower_lsp_server::ls_types as lsp;

use crate::view::View;

pub(crate) fn at(view: &View<'_>, position: lsp::Position) -> Option<lsp::Hover> {
    let at = view.bytes(lsp::Range::new(position, position)).start;
    let here: Vec<_> = view.findings().filter(|f| f.range.start <= at && at <= f.range.end).collect();
    let narrowest = here.iter().min_by_key(|finding| finding.range.len())?;
    let mut rules: Vec<&Rule> = Vec::new();
    for finding in &here {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule);
        }
    }
    let subject = view.subject();
    let pages = rules.iter().map(|rule| {
        let page = page::readable(rule.page, subject);
        format!("### {} · {} · {}\n\n{page}", rule.name, rule.category, rule.severity)
    });
    let kind = if view.session.markdown { lsp::MarkupKind::Markdown } else { lsp::MarkupKind::PlainText };
    let value = pages.collect::<Vec<_>>().join("\n---\n\n");
    Some(lsp::Hover {
        contents: lsp::HoverContents::Markup(lsp::MarkupContent { kind, value }),
        range: Some(view.range(narrowest.range)),
    })
}
