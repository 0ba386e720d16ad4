use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Kind, Node, Role};

use crate::duty::{Duty, is_fresh};
use crate::names::words;
use crate::ownership::{Fate, fate};
use crate::values::{Given, given};

rule! {
    /// The body of an HTTP response is not closed on every way out
    ///
    /// A body that is not closed keeps its connection open. The client cannot use the connection again and opens another one for the next request,
    /// until file descriptors run out and every request of the process fails. It happens on the paths that nobody tests: a status that is not 200, a
    /// body that does not decode. Write `defer resp.Body.Close()` right after the error check.
    ///
    /// ```go bad
    /// package llm
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func models(client *http.Client, url string) ([]string, error) {
    /// 	resp, err := client.Get(url)
    /// 	             ^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	var names []string
    /// 	err = json.NewDecoder(resp.Body).Decode(&names)
    /// 	return names, err
    /// }
    /// ```
    /// ```go fixed
    /// package llm
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func models(client *http.Client, url string) ([]string, error) {
    /// 	resp, err := client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	var names []string
    /// 	err = json.NewDecoder(resp.Body).Decode(&names)
    /// 	return names, err
    /// }
    /// ```
    ///
    /// ```go bad
    /// package health
    ///
    /// import (
    /// 	"fmt"
    /// 	"net/http"
    /// )
    ///
    /// func send(url string) (*http.Response, error) {
    /// 	return http.Get(url)
    /// }
    ///
    /// func check(url string) error {
    /// 	resp, err := send(url)
    /// 	             ^^^^^^^^^
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	if resp.StatusCode != http.StatusOK {
    /// 		return fmt.Errorf("status %d", resp.StatusCode)
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	return nil
    /// }
    ///
    /// func ping(url string) bool {
    /// 	_, err := http.Get(url)
    /// 	          ^^^^^^^^^^^^^
    /// 	return err == nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package llm
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"io"
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func fetch(client *http.Client, url string) ([]byte, error) {
    /// 	resp, err := client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer func() {
    /// 		io.Copy(io.Discard, resp.Body)
    /// 		resp.Body.Close()
    /// 	}()
    /// 	return io.ReadAll(resp.Body)
    /// }
    ///
    /// func open(client *http.Client, url string) (io.ReadCloser, error) {
    /// 	resp, err := client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return resp.Body, nil
    /// }
    ///
    /// func retry(client *http.Client, url string) error {
    /// 	var resp *http.Response
    /// 	var err error
    /// 	for i := 0; i < 3; i++ {
    /// 		resp, err = client.Get(url)
    /// 		if err == nil {
    /// 			break
    /// 		}
    /// 		time.Sleep(time.Second)
    /// 	}
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package proxy
    ///
    /// import "net/http"
    ///
    /// func drain(resp *http.Response) {
    /// 	resp.Body.Close()
    /// }
    ///
    /// func up(url string) bool {
    /// 	if resp, err := http.Get(url); err == nil {
    /// 		defer resp.Body.Close()
    /// 		return resp.StatusCode == http.StatusOK
    /// 	}
    /// 	return false
    /// }
    ///
    /// func forward(client *http.Client, req *http.Request) (*http.Response, error) {
    /// 	resp, err := client.Do(req)
    /// 	if resp != nil && resp.Body != nil {
    /// 		defer drain(resp)
    /// 	}
    /// 	return nil, err
    /// }
    ///
    /// func exists(client *http.Client, url string) (bool, error) {
    /// 	resp, err := client.Head(url)
    /// 	if err != nil {
    /// 		return false, err
    /// 	}
    /// 	return resp.StatusCode == http.StatusOK, nil
    /// }
    ///
    /// func pass(client *http.Client, req *http.Request) (*http.Response, error) {
    /// 	return client.Do(req)
    /// }
    /// ```
    ///
    /// Answers without a body, and a call that reads its answer itself.
    ///
    /// ```go good
    /// package drive
    ///
    /// import (
    /// 	"encoding/json"
    /// 	"net/http"
    /// )
    ///
    /// func size(client *http.Client, url string) (int64, error) {
    /// 	request, err := http.NewRequest(http.MethodHead, url, nil)
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	response, err := client.Do(request)
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	return response.ContentLength, nil
    /// }
    ///
    /// func (c *Client) length(url string) (int64, error) {
    /// 	request, err := c.newRequest("HEAD", url)
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	var response *http.Response
    /// 	for tries := 0; tries < 3; tries++ {
    /// 		response, err = http.DefaultClient.Do(request)
    /// 		if err == nil {
    /// 			break
    /// 		}
    /// 	}
    /// 	if err != nil {
    /// 		return 0, err
    /// 	}
    /// 	return response.ContentLength, nil
    /// }
    ///
    /// func (s *Server) CallJSON(url string, into any) (*http.Response, error) {
    /// 	response, err := s.client.Get(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer response.Body.Close()
    /// 	return response, json.NewDecoder(response.Body).Decode(into)
    /// }
    ///
    /// func (s *Server) user(url string) (user User, err error) {
    /// 	_, err = s.CallJSON(url, &user)
    /// 	return user, err
    /// }
    ///
    /// func (s *Server) call(url string, into any) (*http.Response, error) {
    /// 	return s.CallJSON(url, into)
    /// }
    ///
    /// func (s *Server) info() (string, error) {
    /// 	var info Info
    /// 	_, err := s.call("/info", &info)
    /// 	return info.Name, err
    /// }
    ///
    /// func (s *Server) zone(request *http.Request) (*Zone, error) {
    /// 	zone := &Zone{}
    /// 	resp, err := s.ask(request, zone)
    /// 	if err != nil && resp.StatusCode == http.StatusNotFound {
    /// 		return nil, ErrNoZone
    /// 	}
    /// 	return zone, err
    /// }
    ///
    /// func (s *Server) ask(request *http.Request, to any) (*http.Response, error) {
    /// 	resp, err := s.client.Do(request)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	return resp, json.NewDecoder(resp.Body).Decode(to)
    /// }
    ///
    /// func change(client *http.Client, request *http.Request) error {
    /// 	resp, err := client.Do(request)
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	if resp.Body == nil {
    /// 		return ErrNoBody
    /// 	}
    /// 	defer resp.Body.Close()
    /// 	return check(resp)
    /// }
    /// ```
    ///
    /// ```go good
    /// package quotes
    ///
    /// import "net/http"
    ///
    /// func fetch(client *http.Client, req *http.Request) (*http.Response, error) {
    /// 	res, err := client.Do(req)
    /// 	if err == nil && res.StatusCode >= 400 {
    /// 		res.Body.Close()
    /// 		req, err = http.NewRequest("GET", req.URL.String(), nil)
    /// 		if err != nil {
    /// 			return nil, err
    /// 		}
    /// 		res, err = client.Do(req)
    /// 	}
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return res, nil
    /// }
    /// ```
    ///
    /// ```go good file=cmdline/listcmd/list.go
    /// package listcmd
    ///
    /// import (
    /// 	"io"
    /// 	"net/http"
    /// 	"time"
    ///
    /// 	"cmdline/shared"
    /// )
    ///
    /// var client = &http.Client{Timeout: time.Second}
    ///
    /// func list(url string) error {
    /// 	response, err := client.Get(url)
    /// 	if err != nil {
    /// 		return shared.Fail(err)
    /// 	}
    /// 	_, err = io.ReadAll(response.Body)
    /// 	if err != nil {
    /// 		return shared.Fail(err)
    /// 	}
    /// 	return response.Body.Close()
    /// }
    /// ```
    /// ```go good file=cmdline/shared/util.go
    /// package shared
    ///
    /// import (
    /// 	"fmt"
    /// 	"os"
    /// )
    ///
    /// func Fail(err error) error {
    /// 	if err != nil {
    /// 		fmt.Fprintln(os.Stderr, "ERROR:", err)
    /// 		os.Exit(70)
    /// 	}
    /// 	return err
    /// }
    /// ```
    name: "response-body-not-closed",
    category: Resources,
    severity: High,
    scope: Both,
    fix: { Go: Safe },
    on: [Fact(Kind::Call)],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(response) = cx.type_of(call) else { return };
    let Some(meaning) = cx.resolver().vocabulary().type_of(&response).filter(|t| t.is("http-response"))
    else {
        return;
    };
    let bodiless = cx.meaning(call).is_some_and(|m| m.property("body") == Some("none"));
    if meaning.close.is_empty()
        || !is_fresh(cx, call)
        || bodiless
        || asks_for_headers(cx, call)
        || decodes(cx, call)
    {
        return;
    }
    cx.site();
    let methods: Vec<&str> = meaning.close.iter().map(|c| &**c).collect();
    let duty = Duty {
        methods: &methods,
        arguments: "",
        subject: "the body of ",
        done: "closed",
        dropped: "the response is dropped, and its body never closed",
        keep: "Keep the response, and close its body.",
        leaving: "leaves with the body open",
        excused: &|_| false,
        why: "Its connection stays open and cannot be used again, until file descriptors run out.",
    };
    // A function of the project that gives a response nobody keeps may have closed its body.
    let helped = cx.workspace_callee(call).is_some() && matches!(fate(cx, call, 0), Fate::Dropped);
    if let Some(finding) = duty.neglected(cx, call, 0) {
        cx.report(if helped { finding.confidence(Confidence::Low) } else { finding });
    }
}

/// Whether the request that a call sends asks for headers only: the answer has no body.
fn asks_for_headers(cx: &Check<'_>, call: Node<'_>) -> bool {
    let Some(made) = cx.argument(call, "request").and_then(|r| cx.made_by(r)) else { return false };
    let is_head = |m: Node<'_>| m.text() == "\"HEAD\"" || m.name() == "MethodHead";
    // A function of the project's own is given the method as well: `c.newRequest(ctx, "HEAD", url)`.
    cx.argument(made, "method").map_or_else(|| made.arguments().any(is_head), is_head)
}

/// Whether a call is of a function of the workspace that decodes the answer itself, and so has read and closed it: by its name, or because it
/// is given something empty to fill: `client.CallJSON(...)`, `var info Info; client.call("info", &info)`.
fn decodes(cx: &Check<'_>, call: Node<'_>) -> bool {
    if cx.workspace_callee(call).is_none() {
        return false;
    }
    let said = words(call.callee().map_or("", Node::name));
    let named = said.iter().any(|w| matches!(w.as_str(), "json" | "xml" | "decode" | "unmarshal"));
    let is_empty = |g: &Given<'_>| {
        let Given::Other(bound) = g else { return false };
        bound.parent().is_some_and(|p| p.is(Kind::Assign) && p.get(Role::Value).is_none())
    };
    let mut filled = call.arguments().filter(|a| a.is(Kind::Reference)).filter_map(|a| a.get(Role::Value));
    // `zone := &Zone{}`
    let is_new = |g: &Given<'_>| {
        matches!(g, Given::Value(v) if v.is(Kind::Reference)
            && v.get(Role::Value).is_some_and(|v| v.is(Kind::Construct) && v.arguments().next().is_none()))
    };
    named
        || filled.any(|v| v.is(Kind::Name) && given(cx, v).iter().any(is_empty))
        || call.arguments().any(|a| a.is(Kind::Name) && given(cx, a).iter().any(is_new))
}
