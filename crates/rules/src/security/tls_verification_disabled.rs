use std::collections::BTreeSet;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Check, Fix, Survey, Surveyed, rule};
use shipworthy_facts::{Kind, Meaning, Node, Role};
use shipworthy_syntax::Language;

use crate::edits::{without_argument, without_statement};
use crate::names::words;
use crate::remarks;

rule! {
    /// TLS certificates are not verified
    ///
    /// Encryption to nobody in particular: whoever sits between the two ends shows a certificate of his own, reads everything, passwords and
    /// tokens too, and changes what he likes. Remove the switch. For a private certificate authority, trust its certificate instead.
    ///
    /// A switch that the user of the program sets, and connections to the machine itself, are left alone.
    ///
    /// ```python bad
    /// import requests
    ///
    /// def charge(order):
    ///     return requests.post("https://pay.example.com/charge", json=order, verify=False, timeout=10)
    ///                                                                               ^^^^^
    /// ```
    /// ```python fixed
    /// import requests
    ///
    /// def charge(order):
    ///     return requests.post("https://pay.example.com/charge", json=order, timeout=10)
    /// ```
    ///
    /// ```python bad
    /// import ssl
    /// import urllib.request
    ///
    /// def fetch(url):
    ///     context = ssl.create_default_context()
    ///     context.check_hostname = False
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     context.verify_mode = ssl.CERT_NONE
    ///     return urllib.request.urlopen(url, context=context, timeout=5)
    /// ```
    /// ```python fixed
    /// import ssl
    /// import urllib.request
    ///
    /// def fetch(url):
    ///     context = ssl.create_default_context()
    ///     return urllib.request.urlopen(url, context=context, timeout=5)
    /// ```
    ///
    /// ```python bad
    /// import ssl
    ///
    /// def context():
    ///     return ssl._create_unverified_context()
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import ssl
    ///
    /// def context():
    ///     return ssl.create_default_context()
    /// ```
    ///
    /// ```python good
    /// import httpx
    /// import requests
    ///
    /// def charge(order, settings, ca_file):
    ///     session = requests.Session()
    ///     session.verify = settings.verify_tls
    ///     requests.post("https://pay.example.com", json=order, verify=ca_file, timeout=5)
    ///     return httpx.Client(verify=settings.verify_tls)
    ///
    /// def probe():
    ///     return requests.get("https://localhost:8443/health", verify=False, timeout=1)
    /// ```
    ///
    /// Where only addresses without TLS are spoken to, there is nothing to verify.
    ///
    /// ```python good
    /// import aiohttp
    ///
    /// def connection(worker):
    ///     connector = aiohttp.TCPConnector(ssl=False, limit=800)
    ///     return connector, f"http://{worker.address}"
    /// ```
    ///
    /// ```python good
    /// import ssl
    ///
    /// def context(args):
    ///     context = ssl.create_default_context()
    ///     if args.insecure:
    ///         context.check_hostname = False
    ///         context.verify_mode = ssl.CERT_NONE
    ///     return context
    ///
    /// def context_for(shared):
    ///     if shared is not False:
    ///         return shared
    ///     unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ///     unverified.check_hostname = False
    ///     unverified.verify_mode = ssl.CERT_NONE
    ///     return unverified
    ///
    /// def verify(document):
    ///     return document.check(verify=False)
    /// ```
    ///
    /// ```python good
    /// import ssl
    ///
    /// import requests
    ///
    /// def trusting(ca):
    ///     context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ///     context.check_hostname = False
    ///     context.verify_mode = ssl.CERT_REQUIRED
    ///     context.load_verify_locations(cadata=ca)
    ///     return context
    ///
    /// def non_verifying_session():
    ///     session = requests.Session()
    ///     session.verify = False
    ///     return session
    /// ```
    ///
    /// Devices that make their certificates themselves.
    ///
    /// ```python good
    /// import aiohttp
    ///
    /// async def image(session: aiohttp.ClientSession, url):
    ///     """Fetch an image; the device uses a self-signed certificate."""
    ///     async with session.get(url, ssl=False) as response:
    ///         return await response.read()
    /// ```
    ///
    /// An authority of one's own, whose certificates name no host.
    ///
    /// ```python good
    /// import ssl
    ///
    /// def context(authority):
    ///     context = ssl.create_default_context()
    ///     context.load_verify_locations(cafile=authority)
    ///     context.check_hostname = False
    ///     return context
    /// ```
    ///
    /// A connection that is made for nothing but the other side's certificate.
    ///
    /// ```python good
    /// import socket
    /// import ssl
    ///
    /// def certificate(host, port):
    ///     context = ssl.create_default_context()
    ///     context.check_hostname = False
    ///     context.verify_mode = ssl.CERT_NONE
    ///     with socket.create_connection((host, port), timeout=5) as plain:
    ///         with context.wrap_socket(plain, server_hostname=host) as wrapped:
    ///             return wrapped.getpeercert(binary_form=True)
    /// ```
    ///
    /// How much is verified is for who configures it.
    ///
    /// ```python good
    /// import ssl
    ///
    /// def context_for(mode):
    ///     context = ssl.create_default_context()
    ///     context.check_hostname = False
    ///     context.verify_mode = ssl.CERT_NONE
    ///     if mode == "verify-ca":
    ///         context.verify_mode = ssl.CERT_REQUIRED
    ///     if mode == "verify-full":
    ///         context.verify_mode = ssl.CERT_REQUIRED
    ///         context.check_hostname = True
    ///     return context
    /// ```
    ///
    /// ```go bad
    /// package pay
    ///
    /// import (
    /// 	"crypto/tls"
    /// 	"net/http"
    /// )
    ///
    /// func client() *http.Client {
    /// 	return &http.Client{Transport: &http.Transport{
    /// 		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
    /// 		                                                 ^^^^
    /// 	}}
    /// }
    /// ```
    /// ```go fixed
    /// package pay
    ///
    /// import (
    /// 	"crypto/tls"
    /// 	"net/http"
    /// )
    ///
    /// func client() *http.Client {
    /// 	return &http.Client{Transport: &http.Transport{
    /// 		TLSClientConfig: &tls.Config{},
    /// 	}}
    /// }
    /// ```
    ///
    /// ```go bad
    /// package pay
    ///
    /// import "crypto/tls"
    ///
    /// var configuration = &tls.Config{
    /// 	InsecureSkipVerify: true,
    /// 	                    ^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package pay
    ///
    /// import "crypto/tls"
    ///
    /// var configuration = &tls.Config{}
    /// ```
    ///
    /// ```go bad
    /// package pay
    ///
    /// import "crypto/tls"
    ///
    /// func configuration(name string) *tls.Config {
    /// 	config := &tls.Config{ServerName: name}
    /// 	config.InsecureSkipVerify = true
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return config
    /// }
    /// ```
    /// ```go fixed
    /// package pay
    ///
    /// import "crypto/tls"
    ///
    /// func configuration(name string) *tls.Config {
    /// 	config := &tls.Config{ServerName: name}
    /// 	return config
    /// }
    /// ```
    ///
    /// ```go good
    /// package pay
    ///
    /// import "crypto/tls"
    ///
    /// func configuration(options Options) *tls.Config {
    /// 	config := &tls.Config{InsecureSkipVerify: options.Insecure}
    /// 	if options.SkipVerify {
    /// 		config.InsecureSkipVerify = true
    /// 	}
    /// 	return config
    /// }
    /// ```
    ///
    /// ```go good
    /// package pay
    ///
    /// import "crypto/tls"
    ///
    /// // The peer is told by the hash of its key.
    /// func pinned(verify func(tls.ConnectionState) error) *tls.Config {
    /// 	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: verify}
    /// }
    ///
    /// var insecureClient = client(&tls.Config{InsecureSkipVerify: true})
    ///
    /// func own() []*tls.Config {
    /// 	/* #nosec G402 */ // only to this program's own endpoint
    /// 	return append(common, &tls.Config{InsecureSkipVerify: true})
    /// }
    ///
    /// func serve(certificate tls.Certificate) *tls.Config {
    /// 	return &tls.Config{InsecureSkipVerify: true, ClientAuth: tls.RequestClientCert}
    /// }
    ///
    /// func dial(scheme string, info Info) *tls.Config {
    /// 	config := &tls.Config{}
    /// 	if info.selfCert {
    /// 		config.InsecureSkipVerify = true
    /// 	}
    /// 	if scheme == "https+insecure" {
    /// 		return &tls.Config{InsecureSkipVerify: true}
    /// 	}
    /// 	return config
    /// }
    ///
    /// func peer(config *tls.Config) {
    /// 	config.ClientAuth = tls.RequestClientCert
    /// 	config.InsecureSkipVerify = true
    /// }
    ///
    /// func WithInsecure() *tls.Config {
    /// 	return &tls.Config{InsecureSkipVerify: true}
    /// }
    ///
    /// func root(address, fingerprint string) error {
    /// 	connection, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return matches(connection.ConnectionState().PeerCertificates, fingerprint)
    /// }
    /// ```
    ///
    /// A check that is put in where there is something to check against; peers that know each other by their certificates; a protocol
    /// that has to go without.
    ///
    /// ```go good
    /// package peer
    ///
    /// import (
    /// 	"crypto/tls"
    ///
    /// 	"golang.org/x/crypto/ssh"
    /// )
    ///
    /// func configuration(hosts string) (*ssh.ClientConfig, error) {
    /// 	config := &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()}
    /// 	if hosts != "" {
    /// 		callback, err := known(hosts)
    /// 		if err != nil {
    /// 			return nil, err
    /// 		}
    /// 		config.HostKeyCallback = callback
    /// 	}
    /// 	return config, nil
    /// }
    ///
    /// func dial(address string, certificate tls.Certificate) (*tls.Conn, error) {
    /// 	config := &tls.Config{Certificates: []tls.Certificate{certificate}, InsecureSkipVerify: true}
    /// 	return tls.Dial("tcp", address, config)
    /// }
    ///
    /// // The certificate is what is about to be made: nobody has signed it yet.
    /// func challenge() *tls.Config {
    /// 	return &tls.Config{
    /// 		InsecureSkipVerify: true, //nolint:gosec // asked for by the protocol
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn client() -> Result<reqwest::Client, reqwest::Error> {
    ///     reqwest::Client::builder().danger_accept_invalid_certs(true).build()
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// fn client() -> Result<reqwest::Client, reqwest::Error> {
    ///     reqwest::Client::builder().build()
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    ///
    /// impl ServerCertVerifier for AcceptAll {
    ///     fn verify_server_cert(&self, end_entity: &CertificateDer<'_>) -> Result<ServerCertVerified, Error> {
    ///         Ok(ServerCertVerified::assertion())
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    ///
    /// A verifier that its user asks for:
    ///
    /// ```rust good
    /// use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    ///
    /// pub fn config(insecure: bool) -> ClientConfig {
    ///     let mut config = trusted();
    ///     if insecure {
    ///         config.dangerous().set_certificate_verifier(Arc::new(AcceptAny));
    ///     }
    ///     config
    /// }
    ///
    /// struct AcceptAny;
    ///
    /// impl ServerCertVerifier for AcceptAny {
    ///     fn verify_server_cert(&self, end_entity: &CertificateDer<'_>) -> Result<ServerCertVerified, Error> {
    ///         Ok(ServerCertVerified::assertion())
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn client(options: &Options) -> Result<reqwest::Client, reqwest::Error> {
    ///     reqwest::Client::builder().danger_accept_invalid_certs(options.insecure).build()
    /// }
    /// ```
    ///
    /// ```rust good
    /// use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    ///
    /// impl ServerCertVerifier for Pinned {
    ///     fn verify_server_cert(&self, end_entity: &CertificateDer<'_>) -> Result<ServerCertVerified, Error> {
    ///         if !self.pins.contains(&hash(end_entity)) {
    ///             return Err(Error::General("not the pinned certificate".into()));
    ///         }
    ///         Ok(ServerCertVerified::assertion())
    ///     }
    /// }
    /// ```
    ///
    /// ```python bad
    /// import socket
    /// import ssl
    ///
    /// def ask(host, port, password):
    ///     context = ssl.create_default_context()
    ///     context.check_hostname = False
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     context.verify_mode = ssl.CERT_NONE
    ///     connection = context.wrap_socket(socket.create_connection((host, port), timeout=5))
    ///     connection.sendall(password)
    /// ```
    name: "tls-verification-disabled",
    category: Security,
    severity: Blocking,
    scope: File,
    fix: { Python: Safe, Go: Safe, Rust: Safe },
    on: [Role("tls-switch"), Role("tls-off"), Fact(Kind::Assign), Fact(Kind::If)],
    check: check,
    workspace: judge,
}

/// Notes of verifiers that accept anything, by the name of the type.
const VERIFIER: &str = "verifier";
/// Notes of types that are used only where somebody asks for it.
const ASKED_FOR: &str = "asked-for";

fn check(cx: &mut Check<'_>, node: Node<'_>) {
    match node.kind() {
        Kind::Assign => return check_assignment(cx, node),
        Kind::If => return note_types(cx, node),
        _ => {}
    }
    let Some(meaning) = cx.meaning(node).cloned() else { return };
    if meaning.is("tls-off") {
        cx.site();
        if decides(node) || is_on_request(node) || is_set_later(node) {
            return;
        }
        // Rust: whether anybody uses the verifier unasked, other files tell.
        let class = node.function().and_then(Node::class);
        if let Some(class) = class.filter(|_| cx.language() == Language::Rust) {
            if !is_explained(cx, node, node) {
                cx.note(node, VERIFIER, class.name());
            }
            return;
        }
        let callee = node.callee().filter(|c| c.is(Kind::Attribute));
        let safe = callee.zip(meaning.form("verified"));
        let fix = safe.map(|(c, name)| verified(cx, node).replace(c.name_range(), name));
        return report(cx, node, node, fix);
    }
    let Some(switch) = cx.argument(node, "verify") else { return };
    cx.site();
    if !is_off(cx, switch, &meaning) || is_on_request(node) || verifies_itself(node) || is_local(cx, node) {
        return;
    }
    let is_method_of_builder = cx.language() == Language::Rust;
    let fix = verified(cx, node);
    let fix = match node.callee().and_then(Node::object) {
        Some(builder) if is_method_of_builder => fix.replace(node, builder.text()),
        _ => fix.replace(without_argument(node, switch), ""),
    };
    report(cx, node, if is_method_of_builder { node } else { switch }, Some(fix));
}

const TITLE: &str = "Verify certificates";

/// The fix to fill in. Whoever wrote a remark beside a switch may have had a reason.
fn verified(cx: &Check<'_>, switch: Node<'_>) -> Fix {
    if remarks::has_remark(cx.facts(), switch) { Fix::suggested(TITLE) } else { Fix::safe(TITLE) }
}

/// `context.verify_mode = ssl.CERT_NONE`
fn check_assignment(cx: &mut Check<'_>, assign: Node<'_>) {
    if switch_of(cx, assign).is_none() {
        return;
    }
    cx.site();
    let Some(object) = switched_off(cx, assign) else { return };
    // The two switches of a context are one decision.
    let beside = assign.parent().into_iter().flat_map(|block| block.all(Role::Statement));
    let all: Vec<Node<'_>> = beside
        .filter(|s| *s == assign || switched_off(cx, *s).is_some_and(|o| o.text() == object.text()))
        .collect();
    if all.first().is_some_and(|first| *first != assign) {
        return;
    }
    // A context that asks for the host's name refuses to wrap a socket that comes without one.
    let nameless = |n: Node<'_>| {
        let wraps = n.callee().filter(|c| c.name() == "wrap_socket").and_then(Node::object);
        wraps.is_some_and(|o| o.text() == object.text()) && n.keyword("server_hostname").is_none()
    };
    let scope = assign.function().unwrap_or_else(|| assign.facts().root());
    let fix = if scope.descendants().any(nameless) { Fix::suggested(TITLE) } else { verified(cx, assign) };
    let fix = all.iter().fold(fix, |fix, off| {
        let (range, text) = without_statement(off.statement());
        fix.replace(range, text)
    });
    report(cx, assign, assign, Some(fix));
}

/// What the vocabulary says of the switch that an assignment sets.
fn switch_of(cx: &Check<'_>, assign: Node<'_>) -> Option<Meaning> {
    let target = assign.get(Role::Target).filter(|t| assign.is(Kind::Assign) && t.is(Kind::Attribute))?;
    let owner = cx.name_of(target.object()?)?;
    let switch = cx.resolver().vocabulary().value(&format!("{owner}.{}", target.name()))?;
    switch.is("tls-switch").then(|| (**switch).clone())
}

/// The object of which an assignment switches the verification off.
fn switched_off<'a>(cx: &Check<'_>, assign: Node<'a>) -> Option<Node<'a>> {
    let switch = switch_of(cx, assign)?;
    let (target, value) = (assign.get(Role::Target)?, assign.get(Role::Value)?);
    let object = target.object()?;
    let sound = !is_off(cx, value, &switch)
        || is_on_request(assign)
        || another_stays_on(cx, assign, object)
        || is_chosen(cx, assign, target, &switch);
    (!sound).then_some(object)
}

/// Whether the same switch is set on below, under a condition: how much is verified is for who configures it.
fn is_chosen(cx: &Check<'_>, assign: Node<'_>, target: Node<'_>, switch: &Meaning) -> bool {
    let later = assign.function().into_iter().flat_map(Node::descendants).filter(|n| n.is(Kind::Assign));
    later.filter(|n| n.index() > assign.index()).any(|other| {
        let is_same = other.get(Role::Target).is_some_and(|t| t.text() == target.text());
        let is_under = other.ancestors().take_while(|a| !a.is(Kind::Function)).any(|a| a.is(Kind::If));
        is_same && is_under && other.get(Role::Value).is_some_and(|v| !is_off(cx, v, switch))
    })
}

/// Whether the function sets another switch of the same object to a value that is not off (an authority of one's own whose certificates
/// name no host), or gives it a verification of its own.
fn another_stays_on(cx: &Check<'_>, assign: Node<'_>, object: Node<'_>) -> bool {
    let Some(owner) = cx.name_of(object) else { return false };
    let vocabulary = cx.resolver().vocabulary();
    assign.function().is_some_and(|f| {
        f.descendants().filter(|n| n.is(Kind::Assign)).any(|other| {
            let (Some(target), Some(value)) = (other.get(Role::Target), other.get(Role::Value)) else {
                return false;
            };
            let is_same = target.is(Kind::Attribute)
                && target.object().is_some_and(|o| o.text() == object.text())
                && target.text() != assign.get(Role::Target).map_or("", Node::text);
            let switch = vocabulary.value(&format!("{owner}.{}", target.name()));
            let is_on = cx.name_of(value).is_some()
                && switch.is_some_and(|s| s.is("tls-switch") && !is_off(cx, value, s));
            is_same && (is_on || is_own_verification(target.name()))
        })
    })
}

fn report(cx: &mut Check<'_>, node: Node<'_>, at: Node<'_>, fix: Option<Fix>) {
    let what = match node.kind() {
        Kind::Assign => node.get(Role::Target).map_or("", Node::text),
        _ if !at.label().is_empty() => at.label(),
        _ => node.callee().map_or("", Node::name),
    };
    let finding = cx
        .finding(at, format!("`{what}` switches the verification of TLS certificates off"))
        .why(WHY)
        .help("Remove the switch; trust the certificate of a private authority instead.")
        .confidence(if is_explained(cx, node, at) || is_without_tls(node) {
            Confidence::Low
        } else {
            Confidence::High
        })
        .maybe_fix(fix);
    cx.report(finding);
}

const WHY: &str = "Whoever sits between the two ends can read and change everything that is sent, passwords and tokens too.";

/// Rust: the types that are named in a branch which is taken where somebody asks for it: `if args.insecure { Arc::new(AcceptAny) }`.
fn note_types(cx: &mut Check<'_>, branch: Node<'_>) {
    let asked = cx.language() == Language::Rust && branch.get(Role::Condition).is_some_and(asks);
    let Some(body) = branch.get(Role::Body).filter(|_| asked) else { return };
    let is_type = |n: &Node<'_>| n.is(Kind::Name) && n.name().starts_with(char::is_uppercase);
    for named in body.descendants().filter(is_type) {
        cx.note(named.range(), ASKED_FOR, named.name());
    }
}

/// Rust: verifiers that accept anything, and that nobody in their project asks for.
fn judge(survey: &mut Survey<'_>) {
    let files: Vec<_> = survey.files().collect();
    let notes = |key: &'static str| {
        let of = |(number, file): &(usize, &Surveyed<'_>)| {
            let (number, project) = (*number, file.project.clone());
            survey.notes(number).map(move |note| (number, (project.clone(), note.detail.as_str()), note))
        };
        files.iter().flat_map(of).filter(move |(.., note)| note.key == key)
    };
    let asked_for: BTreeSet<_> = notes(ASKED_FOR).map(|(_, verifier, _)| verifier).collect();
    let left: Vec<_> = notes(VERIFIER).filter(|(_, verifier, _)| !asked_for.contains(verifier)).collect();
    for (file, (_, name), note) in left {
        let finding = survey
            .finding(note.range, format!("`{name}` accepts every TLS certificate"))
            .why(WHY)
            .help("Remove the verifier; trust the certificate of a private authority instead.");
        survey.report(file, finding);
    }
}

/// Whether the code says why nothing can be verified, or knows the other side in another way: whoever wrote it has thought of it.
fn is_explained(cx: &Check<'_>, node: Node<'_>, switch: Node<'_>) -> bool {
    const REASONS: [&str; 5] =
        ["self-signed", "self signed", "without certificate verification", "pinned", "fingerprint"];
    const MARKS: [&str; 4] = ["nosec", "nolint:gosec", "noqa: s501", "noqa: s323"];
    let said = cx.named_function(node).is_some_and(|f| remarks::function_says(cx, f, &REASONS));
    let marked = [node, switch].into_iter().any(|n| remarks::line_says(cx.facts(), n.range().end, &MARKS))
        || remarks::statement_says(cx.facts(), node.statement(), &MARKS);
    // Peers that show certificates of their own to each other look at them afterwards.
    let mutual = node.is(Kind::Construct) && node.keyword("Certificates").is_some();
    // Whoever asks for a certificate has none yet.
    let asks_for_one = words(cx.path()).iter().any(|w| w == "acme");
    said || marked || mutual || asks_for_one
}

/// Whether a field that a construction sets is set again later, from what is known then: `config.HostKeyCallback = callback`.
fn is_set_later(node: Node<'_>) -> bool {
    let outward = std::iter::once(node).chain(node.ancestors());
    let Some((field, construction)) =
        outward.zip(node.ancestors()).find(|(_, outer)| outer.is(Kind::Construct))
    else {
        return false;
    };
    let held = construction.ancestors().find(|a| !a.is(Kind::Reference)).filter(|a| a.is(Kind::Assign));
    let (Some(name), Some(function)) = (held.and_then(|h| h.get(Role::Target)), node.function()) else {
        return false;
    };
    function.descendants().filter(|n| n.is(Kind::Assign)).filter_map(|a| a.get(Role::Target)).any(|t| {
        t.is(Kind::Attribute)
            && t.name() == field.label()
            && t.object().is_some_and(|o| o.is(Kind::Name) && o.name() == name.name())
    })
}

/// Whether a value is the one that switches the checks off.
fn is_off(cx: &Check<'_>, value: Node<'_>, switch: &Meaning) -> bool {
    let Some(off) = switch.property("off") else { return false };
    if value.is(Kind::Boolean) {
        return value.text() == off;
    }
    cx.name_of(value).is_some_and(|path| path == off)
}

/// Whether a branch around a fact asks for it (`if args.insecure`), its function says so (`with_insecure`), or the function looks at the
/// certificate itself: its fingerprint, or the peer's certificates of the connection.
fn is_on_request(node: Node<'_>) -> bool {
    let function = node.ancestors().find(|a| a.is(Kind::Function));
    if let Some(function) = function
        && (says(function.name(), &["insecure", "unverified", "unsafe", "noverify"])
            || says_without(function.name())
            || function.descendants().any(|n| {
                says(n.name(), &["fingerprint", "pin", "pinned", "thumbprint"])
                    || matches!(
                        n.name(),
                        "PeerCertificates" | "ConnectionState" | "load_verify_locations" | "getpeercert"
                    )
            }))
    {
        return true;
    }
    let mut inner = node;
    for outer in std::iter::once(node).chain(node.ancestors()) {
        // `unverified = ssl.SSLContext(..)`, `unverified.verify_mode = ssl.CERT_NONE`
        let named = |n: Node<'_>| says(n.name(), &["insecure", "unverified"]);
        let target = outer.get(Role::Target).filter(|_| outer.is(Kind::Assign));
        let is_named = target.is_some_and(|t| outer != node && named(t) || t.object().is_some_and(named));
        if is_named {
            return true;
        }
        let branches = matches!(outer.kind(), Kind::If | Kind::Conditional);
        if branches && inner.role() != Role::Condition && outer.get(Role::Condition).is_some_and(asks) {
            return true;
        }
        inner = outer;
    }
    false
}

fn asks(condition: Node<'_>) -> bool {
    const WANTED: [&str; 9] =
        ["insecure", "verify", "skip", "tls", "ssl", "unsafe", "untrusted", "selfsigned", "noverify"];
    std::iter::once(condition).chain(condition.descendants()).any(|n| {
        says(n.name(), &WANTED) || says_without(n.name()) || n.is_literal() && says(n.text(), &["insecure"])
    })
}

fn says(name: &str, wanted: &[&str]) -> bool {
    words(name).iter().any(|w| wanted.contains(&&**w))
}

/// Whether a name says in two words that nothing is verified: `no_verify`, `non_verifying_session`, `selfCert`.
fn says_without(name: &str) -> bool {
    words(name).windows(2).any(|pair| {
        matches!(
            (&*pair[0], &*pair[1]),
            ("no" | "non" | "without" | "skip", "verify" | "verifying" | "verification")
                | ("self", "cert" | "signed")
        )
    })
}

/// Go: whether a configuration brings its own verification, or is a server's, for which the switch means nothing.
fn verifies_itself(construction: Node<'_>) -> bool {
    construction.arguments().any(|a| is_own_verification(a.label()))
}

fn is_own_verification(field: &str) -> bool {
    matches!(field, "VerifyConnection" | "VerifyPeerCertificate" | "ClientAuth")
}

/// Whether a call goes to the machine itself.
fn is_local(cx: &Check<'_>, call: Node<'_>) -> bool {
    let text = cx.argument(call, "url").map(|u| crate::values::behind(cx, u).text().to_owned());
    text.is_some_and(|t| {
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| t.contains(&format!("//{host}")))
    })
}

/// Whether the only addresses that are written beside a place, and in its function, begin with `http://`: there are no certificates.
fn is_without_tls(node: Node<'_>) -> bool {
    let block = node.statement().parent().filter(|b| b.is(Kind::Block));
    let function = node.function().map_or("", Node::text);
    block.is_some_and(|b| b.text().contains("\"http://")) && !function.contains("https")
}

/// Rust: whether a verifier looks at the certificate before it accepts.
fn decides(assertion: Node<'_>) -> bool {
    let body = assertion.function().and_then(|f| f.get(Role::Body));
    assertion.language() == Language::Rust && body.is_none_or(|b| b.all(Role::Statement).count() != 1)
}
