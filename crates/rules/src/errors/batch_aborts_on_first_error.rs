use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Role};
use shipworthy_syntax::{Language, Range};

use crate::handlers::handler;
use crate::items::{depends, stands_alone};
use crate::loops::{goes_over_items, header};
use crate::names::{called, words};
use crate::ownership::indentation;
use crate::program;

rule! {
    /// One item's failure ends the whole batch
    ///
    /// A batch that talks to the outside for each item fails at some item sooner or later: an address that does not exist, a service that answers
    /// 503 once, a document that nobody can read. Where that ends the run, the items after it are never tried and the results before it are
    /// lost, and the next run fails at the same place. Handle the failure where the item is, keep it with the item, and go on; say at the end what
    /// failed.
    ///
    /// A function that answers for one thing, all of whose parts are needed, is right to fail as a whole: pages of one listing, steps of a setup,
    /// what is done in one transaction. Where a function's name does not say that it works off many things, findings have low confidence.
    ///
    /// ```python bad
    /// import requests
    ///
    /// def fetch_documents(urls):
    ///     documents = []
    ///     for url in urls:
    ///     ^^^^^^^^^^^^^^^^
    ///         response = requests.get(url, timeout=10)
    ///         response.raise_for_status()
    ///         documents.append(response.text)
    ///     return documents
    /// ```
    ///
    /// ```python bad
    /// from django.core.mail import send_mail
    ///
    /// def send_reminders(users):
    ///     for user in users:
    ///     ^^^^^^^^^^^^^^^^^^
    ///         send_mail("Reminder", user.text, None, [user.email])
    /// ```
    /// ```python fixed
    /// from django.core.mail import send_mail
    ///
    /// def send_reminders(users):
    ///     errors = []
    ///     for user in users:
    ///         try:
    ///             send_mail("Reminder", user.text, None, [user.email])
    ///         except Exception as error:
    ///             errors.append(error)
    ///     if errors:
    ///         raise RuntimeError(f"{len(errors)} items failed") from errors[0]
    /// ```
    ///
    /// ```python good
    /// import logging
    ///
    /// import requests
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def fetch_documents(urls):
    ///     documents, failed = [], []
    ///     for url in urls:
    ///         try:
    ///             response = requests.get(url, timeout=10)
    ///             response.raise_for_status()
    ///         except requests.RequestException as error:
    ///             logger.warning("skipped %s: %s", url, error)
    ///             failed.append(url)
    ///             continue
    ///         documents.append(response.text)
    ///     return documents, failed
    ///
    /// def settle(invoice):
    ///     try:
    ///         requests.post("https://bank.example.com", json=invoice, timeout=5)
    ///     except requests.RequestException:
    ///         logger.exception("not settled: %s", invoice)
    ///
    /// def process_invoices(invoices):
    ///     for invoice in invoices:
    ///         settle(invoice)
    ///
    /// def stream_documents(urls):
    ///     for url in urls:
    ///         yield requests.get(url, timeout=10).text
    ///
    /// def find_mirror(urls):
    ///     for url in urls:
    ///         if requests.head(url, timeout=1).ok:
    ///             return url
    ///     return None
    /// ```
    ///
    /// ```python good
    /// import requests
    /// from django.db import transaction
    ///
    /// def import_listing(pages):
    ///     rows = []
    ///     for page in pages:
    ///         rows.extend(requests.get(page, timeout=10).json())
    ///     return rows
    ///
    /// def configure(hosts):
    ///     for host in hosts:
    ///         requests.put(host, timeout=5)
    ///
    /// def import_orders(orders, save):
    ///     with transaction.atomic():
    ///         for order in orders:
    ///             requests.post("https://erp.example.com", json=order, timeout=5)
    /// ```
    ///
    /// ```go bad
    /// package notify
    ///
    /// import (
    /// 	"net/http"
    /// )
    ///
    /// func notifyAll(client *http.Client, urls []string) error {
    /// 	for _, url := range urls {
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		resp, err := client.Get(url)
    /// 		if err != nil {
    /// 			return err
    /// 		}
    /// 		resp.Body.Close()
    /// 	}
    /// 	return nil
    /// }
    /// ```
    /// ```go fixed
    /// package notify
    ///
    /// import (
    /// 	"errors"
    /// 	"net/http"
    /// )
    ///
    /// func notifyAll(client *http.Client, urls []string) error {
    /// 	var errs []error
    /// 	for _, url := range urls {
    /// 		resp, err := client.Get(url)
    /// 		if err != nil {
    /// 			errs = append(errs, err)
    /// 			continue
    /// 		}
    /// 		resp.Body.Close()
    /// 	}
    /// 	return errors.Join(errs...)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package crawl
    ///
    /// import "net/http"
    ///
    /// func fetchDocuments(client *http.Client, urls []string) ([]string, error) {
    /// 	var documents []string
    /// 	for _, url := range urls {
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		resp, err := client.Get(url)
    /// 		if err != nil {
    /// 			return nil, err
    /// 		}
    /// 		documents = append(documents, read(resp))
    /// 	}
    /// 	return documents, nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package notify
    ///
    /// import (
    /// 	"errors"
    /// 	"log"
    /// 	"net/http"
    /// )
    ///
    /// func notifyAll(client *http.Client, urls []string) error {
    /// 	var failed []error
    /// 	for _, url := range urls {
    /// 		resp, err := client.Get(url)
    /// 		if err != nil {
    /// 			failed = append(failed, err)
    /// 			continue
    /// 		}
    /// 		resp.Body.Close()
    /// 	}
    /// 	return errors.Join(failed...)
    /// }
    ///
    /// func pingAll(client *http.Client, urls []string) {
    /// 	for _, url := range urls {
    /// 		if _, err := client.Get(url); err != nil {
    /// 			log.Print(err)
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package notify
    ///
    /// import "net/http"
    ///
    /// func join(client *http.Client, urls []string) error {
    /// 	for _, url := range urls {
    /// 		if _, err := client.Get(url); err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn fetch_documents(client: &reqwest::Client, urls: &[String]) -> reqwest::Result<Vec<String>> {
    ///     let mut documents = Vec::new();
    ///     for url in urls {
    ///     ^^^^^^^^^^^^^^^
    ///         let response = client.get(url).send().await?;
    ///         documents.push(response.text().await?);
    ///     }
    ///     Ok(documents)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn notify_users(client: &reqwest::Client, users: &[User]) -> reqwest::Result<()> {
    ///     for user in users {
    ///     ^^^^^^^^^^^^^^^^^
    ///         client.post(user.hook.clone()).send().await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn fetch_documents(client: &reqwest::Client, urls: &[String]) -> Vec<reqwest::Result<String>> {
    ///     let mut documents = Vec::new();
    ///     for url in urls {
    ///         documents.push(fetch(client, url).await);
    ///     }
    ///     documents
    /// }
    ///
    /// async fn notify_users(client: &reqwest::Client, users: &[User]) {
    ///     for user in users {
    ///         if let Err(error) = client.post(user.hook.clone()).send().await {
    ///             tracing::warn!(%error, "not told");
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// async fn replicate(client: &reqwest::Client, nodes: &[String]) -> reqwest::Result<()> {
    ///     for node in nodes {
    ///         client.put(node).send().await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    name: "batch-aborts-on-first-error",
    category: Errors,
    severity: Medium,
    scope: Both,
    fix: { Python: Suggested, Go: Suggested },
    on: [Fact(Kind::For)],
    check: check,
}

fn check(cx: &mut Check<'_>, around: Node<'_>) {
    let Some(function) = around.function().filter(|f| f.is(Kind::Function)) else { return };
    if !goes_over_items(around) || program::is_migration(cx) {
        return;
    }
    const OUTSIDE: Effects = Effects::NETWORK.union(Effects::SENDS).union(Effects::LANGUAGE_MODEL);
    let body = around.get(Role::Body);
    let calls = body.iter().flat_map(|b| b.descendants_here()).filter(|n| n.is(Kind::Call));
    let work = |c: &Node<'_>| {
        let effects = cx.effects(*c);
        effects.intersects(OUTSIDE) && !effects.contains(Effects::CONNECTS) && depends(cx, *c, around)
    };
    let work: Vec<Node<'_>> = calls.filter(work).collect();
    let Some(first) = work.first().copied() else { return };
    cx.site();
    let whole = around
        .ancestors()
        .take_while(|a| *a != function)
        .any(|a| matches!(a.kind(), Kind::With | Kind::For | Kind::While | Kind::Try));
    if whole
        || stands_alone(cx, first, around)
        || function.has(Flags::GENERATOR)
        || looks_for_one(cx, around)
        || !work.iter().any(|w| leaves(cx, *w, around))
        || cx.is_decorated(function, "route")
        || cx.is_decorated(function, "retry-decorator")
    {
        return;
    }
    let start = around.range().start;
    let head = around.get(Role::Body).map_or(around.range().end, |b| b.range().start);
    let text = cx.facts().slice(Range { start, end: head });
    let at = Range { start, end: start + text.trim_end().len() as u32 };
    // By its name it may answer for one thing, all of whose parts are needed; and Python's functions do not say whether they raise.
    let shows = cx.language() != Language::Python || work.iter().any(|w| cx.meaning(*w).is_some());
    let callee = called(first);
    let finding = cx
        .finding(at, format!("the first item for which `{callee}` fails ends `{}`", function.name()))
        .why("The items after it are never tried, what was done before is lost, and the next run fails at the same item.")
        .help("Handle the failure in the loop, collect it with its item, and report all of them at the end.")
        .related(first, "can fail for each item")
        .related(header(around), "the items")
        .confidence(if works_off_many(function.name()) && shows { Confidence::Medium } else { Confidence::Low })
        .maybe_fix(match cx.language() {
            Language::Python => collect(around, function),
            Language::Go => join(cx, around, function),
            Language::Rust => None,
        });
    cx.report(finding);
}

/// Whether a function has a name of its own for something.
fn has_name(function: Node<'_>, name: &str) -> bool {
    function.descendants().any(|n| n.name() == name)
}

/// Python: tries each item, and raises at the end what failed. Only where nothing comes after the loop, which a raise would take away.
fn collect(around: Node<'_>, function: Node<'_>) -> Option<Fix> {
    let body = around.get(Role::Body)?;
    let is_last = function.get(Role::Body)?.all(Role::Statement).last() == Some(around);
    let plain = !around.has(Flags::ASYNC) && around.get(Role::Else).is_none();
    let text = around.text();
    let literal = |n: Node<'_>| matches!(n.kind(), Kind::String | Kind::Template) && n.text().contains('\n');
    if !is_last
        || !plain
        || has_name(function, "errors")
        || has_name(function, "error")
        || around.descendants().any(literal)
    {
        return None;
    }
    let first = body.all(Role::Statement).next()?;
    let (outer, inner) = (indentation(around)?, indentation(first)?);
    let step = inner.strip_prefix(outer).filter(|step| !step.is_empty())?;
    let start = (first.range().start - around.range().start) as usize;
    let head = text.get(..start)?.trim_end();
    let tried = text.get(start..)?.trim_end().replace(&format!("\n{inner}"), &format!("\n{inner}{step}"));
    if head.contains('\n') {
        return None;
    }
    let all = format!(
        "errors = []\n{outer}{head}\n{inner}try:\n{inner}{step}{tried}\n{inner}except Exception as error:\n\
         {inner}{step}errors.append(error)\n{outer}if errors:\n\
         {outer}{step}raise RuntimeError(f\"{{len(errors)}} items failed\") from errors[0]"
    );
    Some(Fix::suggested("Try each item, and raise at the end").replace(around, all))
}

/// Go: keeps the error of each item, and returns all of them at the end. Only in a function that gives an error and nothing else.
fn join(cx: &Check<'_>, around: Node<'_>, function: Node<'_>) -> Option<Fix> {
    let mut results = function.all(Role::Result);
    let only = results.next().filter(|r| r.text() == "error" && results.next().is_none());
    let statements: Vec<Node<'_>> = function.get(Role::Body)?.all(Role::Statement).collect();
    let [.., before, end] = statements[..] else { return None };
    let well = end.get(Role::Value).filter(|v| end.is(Kind::Return) && v.is(Kind::Nothing))?;
    let (errors, import) = cx.import("errors", "");
    let taken = cx.environment().lookup("errors").is_some() && import.is_some();
    if only.is_none()
        || before != around
        || taken
        || has_name(function, "errs")
        || has_name(function, "errors")
    {
        return None;
    }
    let other = |n: Node<'_>| {
        matches!(n.kind(), Kind::For | Kind::While | Kind::Match | Kind::Defer | Kind::Spawn | Kind::Lambda)
    };
    if around.descendants().any(other) {
        return None;
    }
    let mut fix = Fix::suggested("Keep the error of each item, and return all of them")
        .insert(around.range().start, format!("var errs []error\n{}", indentation(around)?));
    for left in around.descendants_here().filter(|n| n.is(Kind::Return)) {
        let mut values = left.all(Role::Value);
        let error = values.next().filter(|v| !v.is(Kind::Nothing) && values.next().is_none())?;
        let indentation = indentation(left)?;
        let kept = format!("errs = append(errs, {})\n{indentation}continue", error.text());
        fix = fix.replace(left, kept);
    }
    Some(fix.replace(well, format!("{errors}.Join(errs...)")).import(import))
}

/// Whether a function's name says that it works off many things: `send_reminders`, `processBatch`, `sync_all`.
fn works_off_many(name: &str) -> bool {
    const WORK: [&str; 33] = [
        "process",
        "sync",
        "import",
        "ingest",
        "send",
        "notify",
        "export",
        "index",
        "embed",
        "crawl",
        "scrape",
        "backfill",
        "refresh",
        "enrich",
        "classify",
        "summarize",
        "translate",
        "publish",
        "deliver",
        "broadcast",
        "dispatch",
        "download",
        "upload",
        "fetch",
        "email",
        "run",
        "generate",
        "store",
        "save",
        "tag",
        "label",
        "migrate",
        "archive",
    ];
    let words = words(name);
    let works = words.iter().take(2).any(|w| WORK.contains(&w.as_str()));
    let many = words
        .iter()
        .skip(1)
        .any(|w| matches!(w.as_str(), "all" | "batch" | "many" | "bulk" | "every" | "pending"))
        || words.len() > 1
            && words.last().is_some_and(|w| w.ends_with('s') && !w.ends_with("ss") && w != "status");
    works && many
}

/// Whether the loop ends well in the middle: it looks for one item.
fn looks_for_one(cx: &Check<'_>, around: Node<'_>) -> bool {
    around.descendants_here().any(|n| match n.kind() {
        Kind::Break => true,
        Kind::Return => !n.ancestors().take_while(|a| *a != around).any(|a| handler(cx, a).is_some()),
        _ => false,
    })
}

/// Whether a call's failure leaves the loop.
fn leaves(cx: &Check<'_>, call: Node<'_>, around: Node<'_>) -> bool {
    match cx.language() {
        Language::Python => true,
        Language::Rust => call.ancestors().take_while(|a| *a != around).any(|a| a.is(Kind::Propagate)),
        Language::Go => {
            let statement = call.statement();
            let mut after = around.descendants_here().skip_while(|n| n.index() < statement.index());
            let check = after.find_map(|n| handler(cx, n));
            check.is_some_and(|h| h.facts().any(|n| n.is(Kind::Return)))
        }
    }
}
