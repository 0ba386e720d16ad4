use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, Safety, rule};
use shipworthy_facts::{Kind, Node};

use crate::logs;

rule! {
    /// An exception is logged without its traceback
    ///
    /// The text of an exception (`'id'`, `list index out of range`) says neither where it was raised nor on which way the code got there. Whoever
    /// reads the log at night needs both. `logger.exception` logs them with the message, as does `exc_info=True`.
    ///
    /// A handler that raises, ends the program, reports the exception elsewhere or hands it to somebody is left alone. So are handlers of one
    /// certain kind of exception, whose name often says enough: they are reported at low confidence.
    ///
    /// ```python bad
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def refresh(index):
    ///     try:
    ///         index.refresh()
    ///     except Exception as error:
    ///         logger.error("refresh failed: %s", error)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def refresh(index):
    ///     try:
    ///         index.refresh()
    ///     except Exception as error:
    ///         logger.exception("refresh failed: %s", error)
    /// ```
    ///
    /// ```python bad
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def consume(queue, handle):
    ///     for message in queue:
    ///         try:
    ///             handle(message)
    ///         except:
    ///             logger.critical("message lost")
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def consume(queue, handle):
    ///     for message in queue:
    ///         try:
    ///             handle(message)
    ///         except:
    ///             logger.critical("message lost", exc_info=True)
    /// ```
    ///
    /// ```python good
    /// import logging
    /// import sys
    /// import traceback
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def refresh(index, report):
    ///     try:
    ///         index.refresh()
    ///     except ConnectionError:
    ///         logger.error("the index cannot be reached")
    ///     except KeyError as error:
    ///         logger.error("refresh failed", exc_info=error)
    ///     except ValueError:
    ///         logger.error("refresh failed: %s", traceback.format_exc())
    ///
    /// def run(job):
    ///     try:
    ///         job.run()
    ///     except Exception:
    ///         shown = serializable_error(sys.exc_info())
    ///         logger.error("caught:\n%s", shown)
    ///
    /// def refresh_all(index, report):
    ///     try:
    ///         index.refresh()
    ///     except OSError as error:
    ///         logger.error("refresh failed: %s", error)
    ///         raise
    ///     except Exception as error:
    ///         logger.error("refresh failed: %s", error)
    ///         report.failed(error)
    /// ```
    ///
    /// ```python good
    /// import logging
    /// import sys
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def load(path, parse):
    ///     try:
    ///         return parse(path)
    ///     except Exception as error:
    ///         logger.warning("%s is read without its settings: %s", path, error)
    ///
    /// def start(service):
    ///     try:
    ///         service.run()
    ///     except Exception as error:
    ///         logger.error("cannot start: %s", error)
    ///         sys.exit(1)
    ///     except BaseException:
    ///         logger.error("stopped")
    ///         logger.debug("where", exc_info=True)
    /// ```
    ///
    /// Beside a report of the exception, what follows from it.
    ///
    /// ```python good
    /// import logging
    ///
    /// logger = logging.getLogger(__name__)
    ///
    /// def refresh(access):
    ///     try:
    ///         access.update()
    ///     except Exception as error:
    ///         logger.warning("the update failed: %s", error)
    ///         if access.expired:
    ///             logger.error("the data is too old")
    /// ```
    name: "exception-without-traceback",
    category: Observability,
    severity: Low,
    scope: File,
    fix: { Python: Safe },
    on: [Role("log")],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    if call.ancestors().any(|n| n.is(Kind::Handler)) {
        cx.site();
    }
    let Some(logged) = logs::exception_as_text(cx, call) else { return };
    let callee = call.callee().map_or("", Node::text);
    let error = logged.error;
    let message = if error.is_empty() {
        format!("`{callee}` logs that something failed, not what and where")
    } else {
        format!("`{callee}` logs `{error}` as text, without its traceback")
    };
    let finding = cx
        .finding(call, message)
        .why(
            "The text of an exception does not say where it was raised, nor on which way the code got there.",
        )
        .help("Log the traceback with it: `logger.exception`, or `exc_info=True`.")
        .confidence(if logged.broad { Confidence::High } else { Confidence::Low })
        .maybe_fix(fix(cx, call));
    cx.report(finding);
}

fn fix(cx: &Check<'_>, call: Node<'_>) -> Option<Fix> {
    let meaning = cx.meaning(call)?;
    let callee = call.callee().filter(|c| c.is(Kind::Attribute))?;
    // What is a logger by its name only may lack the method.
    let safety = if meaning.guessed { Safety::Suggested } else { Safety::Safe };
    let fix = Fix::new("Log the traceback", safety);
    if let Some(form) = meaning.form("traceback") {
        return Some(fix.replace(callee.name_range(), form));
    }
    let keyword = meaning.argument("traceback")?.keywords.first()?;
    let last = call.arguments().last()?;
    Some(fix.insert(last.range().end, format!(", {keyword}=True")))
}
