//! HTML, for readers: one file that asks for nothing from anywhere. The template escapes whatever it is given.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, Output, State, context, escape_formatter};
use serde::Serialize;
use shipworthy_audit::level::Severity;

use crate::excerpt::{Hunk, Line};
use crate::markdown::{priority, stars, title};
use crate::model::{FindingEntry, ProjectEntry, Report};
use crate::paths::encoded;
use crate::prose::{Piece, counted, pieces, visible};

const PAGE: &str = include_str!("../templates/report.html");
const STYLE: &str = include_str!("../templates/report.css");
const SCRIPT: &str = include_str!("../templates/report.js");

/// A report as HTML.
pub(crate) fn html(report: &Report) -> String {
    // A template that does not render is a mistake in the program, and its tests show it: the page then says so.
    render(report).unwrap_or_else(|error| format!("<!doctype html><title>Audit</title><p>{error:#}"))
}

/// A finding with what JSON leaves out.
#[derive(Serialize)]
struct FindingView<'a> {
    #[serde(flatten)]
    entry: &'a FindingEntry,
    lines: &'a [Line],
    hunks: &'a [Hunk],
    is_chain: bool,
}

#[derive(Serialize)]
struct SeverityView {
    id: &'static str,
    title: &'static str,
    count: u64,
}

/// A point of the trend's line, in the picture's units.
#[derive(Serialize)]
struct Point {
    x: f64,
    y: f64,
}

fn render(report: &Report) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(format_value);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
    environment.set_syntax(syntax);
    environment.add_filter("prose", prose);
    environment.add_filter("href", |path: &str| encoded(path));
    environment.add_filter("counted", |count: u64, what: &str| counted(count, what));
    environment.add_filter("decimal", |number: f64| format!("{number:.1}"));
    environment.add_filter("percent", |share: f64| format!("{:.0} %", share * 100.0));
    environment.add_filter("stars", stars);
    environment.add_filter("priority", priority);
    environment.add_filter("known", |is: Option<bool>| crate::markdown::yes_or_no(is));
    environment.add_template("report.html", PAGE)?;
    let views: Vec<FindingView<'_>> = report
        .findings
        .iter()
        .map(|entry| FindingView {
            entry,
            lines: &entry.code.lines,
            hunks: &entry.diff,
            is_chain: entry.related.iter().any(|r| r.function.is_some()),
        })
        .collect();
    let (open, accepted): (Vec<_>, Vec<_>) = views.iter().partition(|v| v.entry.suppressed.is_none());
    let severities = Severity::ALL.iter().rev();
    let severities: Vec<SeverityView> =
        severities.map(|s| SeverityView { id: s.id(), title: title(*s), count: report.count(*s) }).collect();
    environment.get_template("report.html")?.render(context! {
        report => to_value(report),
        by_severity => by_severity(report, &open),
        by_category => by_category(report, &open),
        accepted => to_value(&accepted),
        severities => to_value(&severities),
        verdict => report.grade.verdict.id(),
        tone => tone(report.grade.score),
        trend => to_value(trend(report)),
        present => report.projects.iter().map(ProjectEntry::present).collect::<Vec<_>>(),
        came => report.came_and_went().0,
        went => report.came_and_went().1,
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
    })
}

fn to_value(of: impl Serialize) -> Value {
    Value::from(Serde(of))
}

/// Strings are made visible, then escaped.
fn format_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(&*visible(text))),
        _ => escape_formatter(out, state, value),
    }
}

/// A message with its code as code.
fn prose(message: &str) -> Value {
    let mut html = String::with_capacity(message.len() + 16);
    for piece in pieces(message) {
        match piece {
            Piece::Words(text) => html.push_str(&escaped(text)),
            Piece::Code(text) => html.push_str(&format!("<code>{}</code>", escaped(text))),
        }
    }
    Value::from_safe_string(html)
}

fn escaped(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Open findings of each rule, in the report's order: for each severity, and for each category.
fn by_severity(report: &Report, open: &[&FindingView<'_>]) -> Value {
    let group = |severity: &Severity| {
        let of = |id: &str| {
            let own = open.iter().filter(|v| v.entry.rule == id && v.entry.severity == *severity);
            own.collect::<Vec<_>>()
        };
        let rules = report.rules.iter().filter(|r| r.findings > 0).map(|r| (r, of(&r.id)));
        let rules: Vec<Value> = rules
            .filter(|(_, findings)| !findings.is_empty())
            .map(|(rule, findings)| {
                context! { rule => to_value(rule), findings => to_value(findings) }
            })
            .collect();
        context! { id => severity.id(), title => title(*severity), rules => rules }
    };
    Severity::ALL.iter().rev().map(group).collect()
}

fn by_category(report: &Report, open: &[&FindingView<'_>]) -> Value {
    let group = |category: &crate::model::CategoryEntry| {
        let rules = report.rules.iter().filter(|r| r.category == category.id && r.findings > 0);
        let rules: Vec<Value> = rules
            .map(|rule| {
                let own = open.iter().filter(|v| v.entry.rule == rule.id);
                let findings = to_value(own.collect::<Vec<_>>());
                context! { rule => to_value(rule), findings => findings }
            })
            .collect();
        context! { title => category.title.as_str(), rules => rules }
    };
    report.categories.iter().filter(|c| c.findings > 0).map(group).collect()
}

/// How a score looks.
fn tone(score: Option<f64>) -> &'static str {
    match score {
        Some(90.0..) => "good",
        Some(70.0..) => "fair",
        Some(_) => "poor",
        None => "none",
    }
}

/// The trend as a line in a picture of 600 by 120.
fn trend(report: &Report) -> Vec<Point> {
    let last = report.trend.len().saturating_sub(1).max(1) as f64;
    let points = report.trend.iter().enumerate().filter_map(|(number, past)| {
        let x = 10.0 + 580.0 * number as f64 / last;
        Some(Point { x, y: 110.0 - past.score? })
    });
    points.collect()
}
