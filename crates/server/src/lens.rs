//! The line above a file that counts its findings.

use serde_json::json;
use shipworthy_audit::level::Severity;
use tower_lsp_server::ls_types as lsp;

use crate::actions;
use crate::backend::FIX_ALL;
use crate::view::View;

pub(crate) fn lenses(view: &View<'_>) -> Vec<lsp::CodeLens> {
    if !view.session.options.code_lens {
        return Vec::new();
    }
    let counts = Severity::ALL.iter().rev().filter_map(|severity| {
        let count = view.findings().filter(|finding| finding.severity == *severity).count();
        (count > 0).then(|| format!("{count} {severity}"))
    });
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() {
        return Vec::new();
    }
    // An empty command is a title that cannot be clicked.
    let mut titles = vec![lsp::Command::new(counts.join(" · "), String::new(), None)];
    let fixes = actions::safe_fixes(view, None).1;
    if fixes > 0 {
        let title =
            if fixes == 1 { "Apply 1 safe fix".to_owned() } else { format!("Apply {fixes} safe fixes") };
        titles.push(lsp::Command::new(title, FIX_ALL.to_owned(), Some(vec![json!(view.uri)])));
    }
    let top = lsp::Range::default();
    titles.into_iter().map(|title| lsp::CodeLens { range: top, command: Some(title), data: None }).collect()
}
