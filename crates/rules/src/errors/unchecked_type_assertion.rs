use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Flags, Kind, Node, Role};

use crate::edits::error_return;
use crate::names::words;
use crate::ownership::indentation;
use crate::values::{Given, behind, latest};

rule! {
    /// A type assertion panics when the value is of another type
    ///
    /// `value.(T)` panics when the value is of another type, or not there at all. Where the value comes from decoded JSON, a context, a token's
    /// claims or a caller, others decide its type: a field that is missing, or a number where a text was expected, ends the goroutine. Take the second
    /// value, `v, ok := value.(T)`, and return an error where it is false.
    ///
    /// What the field of an event holds is told by the event's kind, a handler of errors is given those of its caller, and a map of a package's own
    /// type is filled there: they are reported at low confidence only. What the program's own middleware puts into a context, or wraps a writer
    /// with, is of medium severity.
    ///
    /// Where the function itself decides the type (it checked it, it made the value, it put it into its own pool or container) the assertion is sound.
    ///
    /// ```go bad
    /// package api
    ///
    /// import "encoding/json"
    ///
    /// func name(body []byte) (string, error) {
    /// 	var data map[string]interface{}
    /// 	if err := json.Unmarshal(body, &data); err != nil {
    /// 		return "", err
    /// 	}
    /// 	user := data["user"].(map[string]interface{})
    /// 	        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return user["name"].(string), nil
    /// 	       ^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import (
    /// 	"context"
    /// 	"fmt"
    /// )
    ///
    /// func tenant(ctx context.Context) (string, error) {
    /// 	tenant := ctx.Value(tenantKey).(string)
    /// 	          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return tenant, nil
    /// }
    ///
    /// func (l *Level) Decode(data map[string]any) error {
    /// 	text := data["level"].(string)
    /// 	        ^^^^^^^^^^^^^^^^^^^^^^
    /// 	return l.parse(text)
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import (
    /// 	"context"
    /// 	"fmt"
    /// )
    ///
    /// func tenant(ctx context.Context) (string, error) {
    /// 	tenant, ok := ctx.Value(tenantKey).(string)
    /// 	if !ok {
    /// 		return "", fmt.Errorf("tenant is no string: %T", ctx.Value(tenantKey))
    /// 	}
    /// 	return tenant, nil
    /// }
    ///
    /// func (l *Level) Decode(data map[string]any) error {
    /// 	text, ok := data["level"].(string)
    /// 	if !ok {
    /// 		return fmt.Errorf("text is no string: %T", data["level"])
    /// 	}
    /// 	return l.parse(text)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "fmt"
    ///
    /// func same(data map[string]any, name string) error {
    /// 	if data["name"].(string) != name {
    /// 	   ^^^^^^^^^^^^^^^^^^^^^
    /// 		return fmt.Errorf("%s is not %s", data["name"].(string), name)
    /// 	}
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"net"
    /// 	"net/http"
    /// 	"sync"
    /// )
    ///
    /// var buffers = sync.Pool{New: func() any { return new(Buffer) }}
    ///
    /// func buffer() *Buffer {
    /// 	return buffers.Get().(*Buffer)
    /// }
    ///
    /// func port(listener net.Listener) int {
    /// 	return listener.Addr().(*net.TCPAddr).Port
    /// }
    ///
    /// func transport() *http.Transport {
    /// 	return http.DefaultTransport.(*http.Transport).Clone()
    /// }
    ///
    /// func (c *codec) Marshal(v any) ([]byte, error) {
    /// 	return proto.Marshal(v.(proto.Message))
    /// }
    ///
    /// func (h *Heap) Push(x any) {
    /// 	h.items = append(h.items, x.(*Item))
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import "context"
    ///
    /// func size(data map[string]any, err error) (int, error) {
    /// 	if name, ok := data["name"].(string); ok {
    /// 		return len(name), nil
    /// 	}
    /// 	switch err.(type) {
    /// 	case *NotFound:
    /// 		return err.(*NotFound).Size, nil
    /// 	}
    /// 	if _, ok := data["tags"].([]string); !ok {
    /// 		return 0, ErrNoTags
    /// 	}
    /// 	data["limit"] = 10
    /// 	return len(data["tags"].([]string)) + data["limit"].(int), nil
    /// }
    ///
    /// func follow(event Event) (string, float64) {
    /// 	data := event.Data.(map[string]interface{})
    /// 	summary := data["summary"].(map[string]interface{})
    /// 	return data["folder"].(string), summary["need"].(float64)
    /// }
    ///
    /// func call(p params) string {
    /// 	return p["token"].(string)
    /// }
    ///
    /// func signature(hook *Hook) string {
    /// 	return hook.Headers["X-Signature"].(string)
    /// }
    ///
    /// func summary() map[string]any {
    /// 	return map[string]any{"message": "all is well"}
    /// }
    ///
    /// func message() string {
    /// 	told := summary()
    /// 	return told["message"].(string)
    /// }
    ///
    /// func (r *Role) update(data map[string]any) (err error) {
    /// 	for _, key := range []string{"defaults", "overrides"} {
    /// 		data[key], err = attributes(data[key])
    /// 		if err != nil {
    /// 			return err
    /// 		}
    /// 	}
    /// 	r.Defaults = data["defaults"].(map[string]any)
    /// 	return nil
    /// }
    ///
    /// func remove(store Store, request map[string]any) error {
    /// 	accounts, ok := request["accounts"].([]any)
    /// 	if !ok {
    /// 		return ErrMalformed
    /// 	}
    /// 	for _, entry := range accounts {
    /// 		if name, ok := entry.(string); !ok || name == "" {
    /// 			return ErrMalformed
    /// 		}
    /// 	}
    /// 	for _, account := range accounts {
    /// 		store.Delete(account.(string))
    /// 	}
    /// 	return nil
    /// }
    ///
    /// func (p *parser) report(err error) {
    /// 	p.errors <- err.(SyntaxError)
    /// }
    ///
    /// func settings(ctx context.Context) *Settings {
    /// 	value := ctx.Value(settingsKey)
    /// 	if value == nil {
    /// 		return defaults
    /// 	}
    /// 	return value.(*Settings)
    /// }
    ///
    /// func parse(data map[string]any, errors *[]error) {
    /// 	defer convertPanicToError(errors)
    /// 	use(data["name"].(string))
    /// }
    ///
    /// func safe(data map[string]any) (err error) {
    /// 	defer func() {
    /// 		if cause := recover(); cause != nil {
    /// 			err = ErrMalformed
    /// 		}
    /// 	}()
    /// 	use(data["name"].(string))
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"fmt"
    ///
    /// 	"github.com/docopt/docopt-go"
    /// )
    ///
    /// const usage = `shop.
    /// Usage:
    /// 	shop initdb [--conf <filename>]`
    ///
    /// func main() {
    /// 	arguments, _ := docopt.ParseArgs(usage, nil, "1.0")
    /// 	if arguments["initdb"].(bool) {
    /// 		fmt.Println(arguments["--conf"].(string))
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import "sort"
    ///
    /// func sources(names []string, ages map[string]int) []map[string]any {
    /// 	results := make([]map[string]any, 0, len(names))
    /// 	for _, name := range names {
    /// 		results = append(results, map[string]any{"name": name, "age": ages[name]})
    /// 	}
    /// 	sort.Slice(results, func(i, j int) bool {
    /// 		return results[i]["name"].(string) < results[j]["name"].(string)
    /// 	})
    /// 	return results
    /// }
    /// ```
    ///
    /// ```go bad
    /// package shop
    ///
    /// import "encoding/json"
    ///
    /// func first(text []byte) (string, error) {
    /// 	results := make([]map[string]any, 0)
    /// 	if err := json.Unmarshal(text, &results); err != nil {
    /// 		return "", err
    /// 	}
    /// 	return results[0]["name"].(string), nil
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    name: "unchecked-type-assertion",
    category: Errors,
    severity: High,
    scope: File,
    fix: { Go: Suggested },
    on: [Fact(Kind::TypeAssertion)],
    check: check,
}

/// Whether decoding gives values of a type: what else stands in a map of anything, the program itself put there.
fn decoding_gives(class: Node<'_>) -> bool {
    matches!(
        class.text(),
        "string"
            | "float64"
            | "bool"
            | "json.Number"
            | "map[string]interface{}"
            | "map[string]any"
            | "[]interface{}"
            | "[]any"
    )
}

/// How far a value is followed.
const MAX_STEPS: u32 = 4;

fn check(cx: &mut Check<'_>, assertion: Node<'_>) {
    let (Some(value), Some(class)) = (assertion.get(Role::Value), assertion.get(Role::Type)) else { return };
    cx.site();
    if assertion.has(Flags::CHECKED) {
        return;
    }
    let Some(source) = source(cx, value, assertion, MAX_STEPS) else { return };
    let Some(function) = cx.named_function(assertion) else { return };
    if is_decided(cx, assertion, value, function) {
        return;
    }
    let (what, confidence) = match source {
        Source::Keyed if !decoding_gives(class) => ("an element of untyped data", Confidence::Low),
        Source::Keyed => ("an element of untyped data", Confidence::High),
        Source::Context => ("a value from a context", Confidence::High),
        Source::Error => ("an error", Confidence::High),
        Source::Writer => ("a response writer, which middleware may wrap,", Confidence::High),
        Source::Field => ("an element of untyped data", Confidence::Low),
        // An interface that the function implements may leave it no other type, and a handler of errors is given those of its caller.
        Source::Parameter => ("a caller's value", Confidence::Low),
    };
    // The program's own handlers and middleware put these there.
    let severity = match source {
        Source::Context | Source::Writer => Severity::Medium,
        _ => Severity::High,
    };
    let finding = cx
        .finding(assertion, format!("the assertion panics when {what} is no `{}`", class.text()))
        .why("Others decide the type of the value: one that is missing, or of another type, ends the goroutine.")
        .help("Take the second value, `v, ok := ...`, and return an error where it is false.")
        .severity(severity)
        .confidence(confidence)
        .maybe_fix(fix(cx, assertion, value, class));
    cx.report(finding);
}

/// Who decides the type of a value.
#[derive(Clone, Copy)]
enum Source {
    /// Who wrote the data: `data["name"]`, an element of a decoded list.
    Keyed,
    /// The program itself, by the kind of what has the field.
    Field,
    /// Who filled the context, or the request's values.
    Context,
    Error,
    /// Who wrapped the writer.
    Writer,
    /// The caller.
    Parameter,
}

/// Who decides the type of a value, if the function does not.
fn source(cx: &Check<'_>, value: Node<'_>, assertion: Node<'_>, steps: u32) -> Option<Source> {
    let steps = steps.checked_sub(1)?;
    match value.kind() {
        Kind::Index => {
            let object = value.object()?;
            let keyed = value.get(Role::Index).is_some_and(|i| i.is(Kind::String));
            // `list[0]` of a list that was asserted itself.
            let asserted = asserted(cx, object);
            let of_program = is_of_package(cx, object) || is_filled_here(cx, object);
            if of_program || asserted.is_some_and(|a| is_of_field(cx, a, steps)) {
                return Some(Source::Field);
            }
            (keyed || asserted.is_some()).then_some(Source::Keyed)
        }
        Kind::Call => cx.meaning(value).is_some_and(|m| m.is("context-value")).then_some(Source::Context),
        Kind::Name => {
            if cx.type_of(value).is_some_and(|t| t == "error") {
                let handed = matches!(latest(cx, value), Some(Given::Other(b)) if b.is(Kind::Parameter));
                return Some(if handed { Source::Parameter } else { Source::Error });
            }
            if cx.type_meaning(value).is_some_and(|m| m.is("response-writer")) {
                return Some(Source::Writer);
            }
            match latest(cx, value)? {
                Given::Value(given) => source(cx, given, assertion, steps),
                Given::Added(_) => None,
                Given::Other(bound) => bound_source(cx, bound, assertion, steps),
            }
        }
        _ => None,
    }
}

/// Who decides the type of what a parameter, a loop or the first of two targets is given.
fn bound_source(cx: &Check<'_>, bound: Node<'_>, assertion: Node<'_>, steps: u32) -> Option<Source> {
    if bound.is(Kind::Parameter) {
        let kind = bound.get(Role::Type)?.text();
        // A closure's signature is somebody else's, who then decides.
        let own = bound.parent().is_some_and(|f| f.is(Kind::Function));
        return (matches!(kind, "any" | "interface{}") && own).then_some(Source::Parameter);
    }
    let holder = bound.ancestors().find(|a| !a.is(Kind::Tuple))?;
    match holder.kind() {
        Kind::Assign if holder.get(Role::Target) == Some(bound) => {
            source(cx, holder.get(Role::Value)?, assertion, steps)
        }
        Kind::For => {
            let over = holder.get(Role::Iterable)?;
            let second = holder.all(Role::Target).last() == Some(bound) || bound.is_in(holder);
            let asserted = asserted(cx, over).filter(|_| second)?;
            Some(if is_of_field(cx, asserted, steps) { Source::Field } else { Source::Keyed })
        }
        _ => None,
    }
}

/// The assertion that gave a list or map of anything, itself or through a name: `items := data["items"].([]interface{})`.
fn asserted<'a>(cx: &Check<'a>, node: Node<'_>) -> Option<Node<'a>> {
    let given = match node.kind() {
        Kind::TypeAssertion => Some(cx.facts().node(node.index())),
        Kind::Name => match latest(cx, node)? {
            Given::Value(value) => Some(value),
            Given::Other(bound) => bound.parent().filter(|p| p.is(Kind::Assign))?.get(Role::Value),
            Given::Added(_) => None,
        },
        _ => None,
    };
    given.filter(|g| g.is(Kind::TypeAssertion))
}

/// Whether a map is a parameter of a type of the package's own, that only the package fills: `p params`.
fn is_of_package(cx: &Check<'_>, map: Node<'_>) -> bool {
    let bound = match latest(cx, map) {
        Some(Given::Other(bound)) if map.is(Kind::Name) => bound,
        _ => return false,
    };
    let own = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_alphanumeric())
    };
    bound.is(Kind::Parameter) && bound.get(Role::Type).is_some_and(|t| own(t.text()))
}

/// Whether the program itself put into a map what is there: it is in a field, a function of the workspace made it and decoded nothing, or the
/// program's usage text says what is in it.
fn is_filled_here(cx: &Check<'_>, map: Node<'_>) -> bool {
    match map.kind() {
        Kind::Attribute => !is_decoded_into(cx, map, map.index()),
        Kind::Name => {
            let made = match latest(cx, map) {
                Some(Given::Value(value)) => Some(value),
                Some(Given::Other(bound)) => {
                    bound.parent().filter(|p| p.is(Kind::Assign)).and_then(|p| p.get(Role::Value))
                }
                _ => None,
            };
            made.filter(|m| m.is(Kind::Call)).is_some_and(|call| {
                let own = cx.workspace_callee(call);
                own.is_some_and(|path| !cx.workspace().reach(&path).contains(Effects::DECODES))
                    || cx.meaning(call).is_some_and(|m| m.is("arguments"))
            })
        }
        // `results[i]["name"]`, of a list that the function has made and decodes nothing into.
        Kind::Index => map.object().filter(|list| list.is(Kind::Name)).is_some_and(|list| {
            let is_made = |bound: &Node<'_>| {
                let value = bound.parent().filter(|p| p.is(Kind::Assign)).and_then(|p| p.get(Role::Value));
                value.is_some_and(|value| makes(cx, value))
            };
            cx.resolver().bindings(list).iter().any(is_made) && !is_decoded_into(cx, list, u32::MAX)
        }),
        _ => false,
    }
}

/// Whether something is decoded into a place of the function, `&results`, before a fact.
fn is_decoded_into(cx: &Check<'_>, place: Node<'_>, before: u32) -> bool {
    let is_it = |a: Node<'_>| a.get(Role::Value).unwrap_or(a).text() == place.text();
    let decodes = |call: Node<'_>| cx.effects(call).contains(Effects::DECODES);
    let function = cx.named_function(place);
    function
        .into_iter()
        .flat_map(Node::descendants)
        .any(|n| n.is(Kind::Call) && n.index() < before && n.arguments().any(is_it) && decodes(n))
}

/// Whether a value is a list that is written down or made here: `make([]map[string]any, 0, n)`.
fn makes(cx: &Check<'_>, value: Node<'_>) -> bool {
    value.is(Kind::Construct)
        || value.is(Kind::Call)
            && cx.workspace_callee(value).is_none()
            && value.callee().is_some_and(|c| c.is(Kind::Name) && c.name() == "make")
}

/// Whether what is asserted is a field, or a part of one, and nobody asks whether it is of the type: `data := event.Data.(map[string]any)`. What
/// kind of event it is tells what is in it, and who made it put that there.
fn is_of_field(cx: &Check<'_>, asserted_from: Node<'_>, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1).filter(|_| !asserted_from.has(Flags::CHECKED)) else {
        return false;
    };
    let Some(value) = asserted_from.get(Role::Value) else { return false };
    match value.kind() {
        Kind::Attribute => true,
        Kind::Index => {
            value.object().and_then(|o| asserted(cx, o)).is_some_and(|outer| is_of_field(cx, outer, steps))
        }
        // `for name, entry := range listed() { entry.(map[string]any) }`
        Kind::Name => matches!(latest(cx, value), Some(Given::Other(bound)) if bound
            .ancestors()
            .find(|a| a.is(Kind::For))
            .and_then(|l| l.get(Role::Iterable))
            .is_some_and(|over| is_filled_here(cx, over))),
        _ => false,
    }
}

/// Whether the function itself decides the type: it looked at it before, put the value there, or recovers.
fn is_decided(cx: &Check<'_>, assertion: Node<'_>, value: Node<'_>, function: Node<'_>) -> bool {
    let same = |n: Node<'_>| n.text() == value.text();
    let here = || function.descendants().filter(|n| n.index() < assertion.index());
    let looked = here().any(|n| {
        n.is(Kind::TypeAssertion)
            && (n.has(Flags::CHECKED) || n.get(Role::Type).is_none())
            && n.get(Role::Value).is_some_and(same)
    });
    let put = here().any(|n| n.is(Kind::Assign) && n.all(Role::Target).any(|t| t.is(Kind::Index) && same(t)))
        || is_put_in_loop(cx, value, function);
    // It would have panicked before.
    let class = assertion.get(Role::Type).map(Node::text);
    let asserted = here().any(|n| {
        n.is(Kind::TypeAssertion)
            && n.get(Role::Value).is_some_and(same)
            && n.get(Role::Type).map(Node::text) == class
            && n.statement().parent().is_some_and(|block| block.is(Kind::Block) && assertion.is_in(block))
    });
    // `if kind == "text" { value.(string) }`: the branch may know.
    let told = assertion.ancestors().take_while(|a| *a != function).any(|a| {
        let head = match a.kind() {
            Kind::If => a.get(Role::Condition),
            Kind::Match => a.get(Role::Subject),
            _ => None,
        };
        head.is_some_and(|h| {
            !assertion.is_in(h)
                && std::iter::once(h).chain(h.descendants()).any(|n| {
                    n.is(Kind::Name) && value.is(Kind::Name) && n.name() == value.name()
                        || n.is(Kind::Attribute) && n.name() == "Kind"
                })
        })
    });
    // `if value == nil { return }`: what is there under a key of the program's own has its type.
    let there = here().any(|n| {
        n.is(Kind::Compare)
            && n.all(Role::Operand).any(|o| o.is(Kind::Nothing))
            && n.all(Role::Operand).any(|o| value.is(Kind::Name) && same(o))
    });
    // A loop over the same list has asked of all of them.
    let looped =
        || {
            let bound = cx.resolver().bindings(value).into_iter().next_back()?;
            let over = |l: Node<'_>| l.get(Role::Iterable).map(|i| i.text().to_owned());
            let list = over(bound.ancestors().find(|a| a.is(Kind::For))?)?;
            let asks = |l: Node<'_>| {
                let of = |a: Node<'_>| {
                    a.get(Role::Value).is_some_and(|v| {
                        l.all(Role::Target)
                            .any(|t| t.text() == v.text() || t.descendants().any(|d| d.text() == v.text()))
                    })
                };
                l.descendants().any(|n| n.is(Kind::TypeAssertion) && n.has(Flags::CHECKED) && of(n))
            };
            Some(here().any(|n| {
                n.is(Kind::For) && !assertion.is_in(n) && over(n).as_ref() == Some(&list) && asks(n)
            }))
        };
    let listed = value.is(Kind::Name) && looped() == Some(true);
    let recovers = function.descendants().any(|n| match n.kind() {
        Kind::Call => cx.meaning(n).is_some_and(|m| m.is("recovers")),
        // `defer convertPanicToError(&err)`
        Kind::Defer => {
            let callee = n.get(Role::Value).and_then(Node::callee).map_or("", Node::name);
            words(callee).iter().any(|w| matches!(w.as_str(), "recover" | "panic" | "panics"))
        }
        _ => false,
    });
    looked || put || asserted || told || there || listed || recovers
}

/// Whether a loop over names has put an element of a map there that has one of them: `for _, k := range keys { data[k], err = valid(data[k]) }`.
fn is_put_in_loop(cx: &Check<'_>, value: Node<'_>, function: Node<'_>) -> bool {
    let key = value.get(Role::Index).filter(|i| i.is(Kind::String));
    let (Some(key), Some(map)) = (key, value.object()) else { return false };
    let names = |over: Node<'_>| {
        behind(cx, cx.facts().node(over.index())).descendants().any(|n| n.text() == key.text())
    };
    let puts = |assign: Node<'_>, each: Node<'_>| {
        assign.all(Role::Target).any(|t| {
            t.is(Kind::Index)
                && t.object().is_some_and(|o| o.text() == map.text())
                && t.get(Role::Index).is_some_and(|i| each.all(Role::Target).any(|n| n.text() == i.text()))
        })
    };
    function.descendants().filter(|n| n.is(Kind::For) && n.index() < value.index()).any(|each| {
        each.get(Role::Iterable).is_some_and(names)
            && each.descendants().any(|n| n.is(Kind::Assign) && puts(n, each))
    })
}

/// The two-value form with an early return, where the assertion is all that a declaration is given.
fn fix(cx: &Check<'_>, assertion: Node<'_>, value: Node<'_>, class: Node<'_>) -> Option<Fix> {
    let assign = assertion.parent().filter(|p| {
        p.is(Kind::Assign)
            && p.has(Flags::DECLARES)
            && p.role() == Role::Statement
            && p.all(Role::Value).count() == 1
            && p.get(Role::Type).is_none()
    })?;
    let mut targets = assign.all(Role::Target);
    let target = targets.next().filter(|t| t.is(Kind::Name) && targets.next().is_none())?;
    let indent = indentation(assign)?;
    let (fmt, import) = cx.import("fmt", "");
    let error = format!("{fmt}.Errorf(\"{} is no {}: %T\", {})", target.name(), class.text(), value.text());
    let leave = error_return(assertion.function()?, &error)?;
    let text = format!("\n{indent}if !ok {{\n{indent}\t{leave}\n{indent}}}");
    Some(
        Fix::suggested("Return an error where the type is another")
            .insert(target.range().end, ", ok")
            .insert(assign.range().end, text)
            .import(import),
    )
}
