use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Effects, Kind, Meaning, Node};
use shipworthy_syntax::Language;

use crate::names::{called, words};
use crate::program;
use crate::requests::request_handler;
use crate::waits::{Wait, wait};

rule! {
    /// A call over the network can wait for ever
    ///
    /// The other side hangs, a packet is lost, a firewall drops the connection: without a time limit the call waits until somebody
    /// restarts the process. Its thread, connection and lock wait with it, and soon all of them do. Give every call that leaves the process a
    /// limit, at the call or on its client.
    ///
    /// Libraries with a finite default (httpx: 5 seconds) are sound, unless they are told to wait for ever.
    ///
    /// ```python bad
    /// import requests
    ///
    /// def profile(user):
    ///     return requests.get(f"https://api.example.com/users/{user}")
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    /// ```python fixed
    /// import requests
    ///
    /// def profile(user):
    ///     return requests.get(f"https://api.example.com/users/{user}", timeout=10)
    /// ```
    ///
    /// ```python bad
    /// import httpx
    /// import requests
    ///
    /// session = requests.Session()
    ///
    /// def push(event):
    ///     session.post("https://hooks.example.com", json=event, timeout=None)
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     with httpx.Client(timeout=None) as client:
    ///         client.post("https://hooks.example.com", json=event)
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import subprocess
    ///
    /// def convert(command, show):
    ///     process = subprocess.Popen(command, stdout=subprocess.PIPE)
    ///     for line in process.stdout:
    ///         show(line)
    ///     return process.wait()
    ///
    /// def end(process: subprocess.Popen):
    ///     process.kill()
    ///     process.wait()
    ///
    /// class Job:
    ///     def __init__(self, command):
    ///         self.process = subprocess.Popen(command)
    ///
    ///     def wait(self):
    ///         return self.process.wait()
    /// ```
    ///
    /// ```python good
    /// import httpx
    /// import requests
    ///
    /// def profile(user, **options):
    ///     requests.get("https://api.example.com", **options)
    ///     requests.get("https://api.example.com", timeout=(3, 10))
    ///     return httpx.get("https://api.example.com")
    /// ```
    ///
    /// ```python good
    /// import asyncio
    /// import aiohttp
    /// import httpx
    ///
    /// class Api:
    ///     def __init__(self):
    ///         self.client = httpx.AsyncClient(timeout=20)
    ///
    ///     async def get(self, path):
    ///         return await self.client.get(path)
    ///
    /// async def fetch(client: httpx.AsyncClient, get):
    ///     await get("https://api.example.com")
    ///     return await asyncio.wait_for(client.get("https://api.example.com"), 5)
    /// ```
    ///
    /// A library's own limit of minutes is no limit for who waits for an answer:
    ///
    /// ```python bad
    /// from fastapi import APIRouter
    /// from supabase import create_client
    ///
    /// router = APIRouter()
    /// client = create_client("https://db.example.com", "key")
    ///
    /// @router.get("/tickets")
    /// def tickets():
    ///     return client.table("tickets").select("id").limit(10).execute()
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// from fastapi import APIRouter
    /// from supabase import ClientOptions, create_client
    ///
    /// router = APIRouter()
    /// client = create_client("https://db.example.com", "key", ClientOptions(postgrest_client_timeout=10))
    ///
    /// @router.get("/tickets")
    /// def tickets():
    ///     return client.table("tickets").select("id").limit(10).execute()
    /// ```
    ///
    /// A client says it for all its calls, wherever it is made:
    ///
    /// ```python bad file=app/clients.py
    /// import httpx
    ///
    /// billing = httpx.Client(timeout=None)
    /// stock = httpx.Client(timeout=5)
    /// ```
    /// ```python bad file=app/prices.py
    /// from app.clients import billing, stock
    ///
    /// def price(item):
    ///     stock.post("https://stock.example.com", json=item)
    ///     return billing.post("https://billing.example.com", json=item)
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import httpx
    ///
    /// slow = httpx.Client(timeout=None)
    ///
    /// class Api:
    ///     def __init__(self, timeout):
    ///         self.client = httpx.Client(timeout=timeout)
    ///         self.other = httpx.Client(timeout=None)
    ///         self.other.timeout = timeout
    ///
    ///     def send(self, item):
    ///         self.client.post("https://api.example.com", json=item)
    ///         self.other.post("https://api.example.com", json=item)
    ///
    /// def limit(seconds):
    ///     slow.timeout = seconds
    ///
    /// def send(item):
    ///     slow.post("https://api.example.com", json=item)
    /// ```
    ///
    /// A socket says it itself.
    ///
    /// ```python good
    /// import socket
    ///
    /// def is_open(port):
    ///     with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
    ///         probe.settimeout(1)
    ///         probe.connect(("192.168.0.7", port))
    ///
    /// def own_address():
    ///     probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ///     probe.setblocking(False)
    ///     probe.connect(("192.0.2.1", 80))
    ///     return probe.getsockname()[0]
    /// ```
    ///
    /// Sockets of this machine, and a connection that is there already.
    ///
    /// ```python good
    /// import asyncio
    /// import socket
    ///
    /// def tell(port, text):
    ///     sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    ///     sock.connect(("127.0.0.1", port))
    ///     sock.sendall(text)
    ///
    /// async def pipe():
    ///     return await asyncio.open_connection(sock=socket.socket(fileno=0))
    /// ```
    ///
    /// A socket of this machine. And of a client that connects when it is made, making it is the finding.
    ///
    /// ```python good
    /// import socket
    ///
    /// JOURNAL = "/run/systemd/journal/socket"
    ///
    /// def tell(message):
    ///     journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ///     try:
    ///         journal.sendto(message, JOURNAL)
    ///     finally:
    ///         journal.close()
    /// ```
    ///
    /// ```python bad
    /// import smtplib
    ///
    /// def send(host, user, password, message):
    ///     server = smtplib.SMTP(host)
    ///              ^^^^^^^^^^^^^^^^^^
    ///     server.starttls()
    ///     server.login(user, password)
    ///     server.send_message(message)
    ///     server.quit()
    /// ```
    /// ```python fixed
    /// import smtplib
    ///
    /// def send(host, user, password, message):
    ///     server = smtplib.SMTP(host, timeout=10)
    ///     server.starttls()
    ///     server.login(user, password)
    ///     server.send_message(message)
    ///     server.quit()
    /// ```
    ///
    /// Work that takes its time, started by hand.
    ///
    /// ```python good
    /// import subprocess
    ///
    /// def upgrade(revision):
    ///     subprocess.check_call(["alembic", "upgrade", revision])
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "net/http"
    ///
    /// func fetch(url string) (*http.Response, error) {
    /// 	return http.Get(url)
    /// 	       ^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```go fixed
    /// package api
    ///
    /// import "net/http"
    /// import "time"
    ///
    /// func fetch(url string) (*http.Response, error) {
    /// 	return (&http.Client{Timeout: 10 * time.Second}).Get(url)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package api
    ///
    /// import "net/http"
    ///
    /// func send(body *http.Request) error {
    /// 	client := &http.Client{}
    /// 	resp, err := client.Post("https://api.example.com", "text/plain", nil)
    /// 	             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if err != nil {
    /// 		return err
    /// 	}
    /// 	return resp.Body.Close()
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// func fetch(url string) (*http.Response, error) {
    /// 	client := &http.Client{Timeout: 5 * time.Second}
    /// 	return client.Get(url)
    /// }
    /// ```
    ///
    /// ```go good
    /// package api
    ///
    /// import (
    /// 	"context"
    /// 	"net/http"
    /// )
    ///
    /// func relays(ctx context.Context, url string) (*http.Response, error) {
    /// 	req, err := http.NewRequest(http.MethodGet, url, nil)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	req.Cancel = ctx.Done()
    /// 	return http.DefaultClient.Do(req)
    /// }
    ///
    /// func newRequest(ctx context.Context, url string) (*http.Request, error) {
    /// 	return http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
    /// }
    ///
    /// func relay(ctx context.Context, url string) (*http.Response, error) {
    /// 	req, err := newRequest(ctx, url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return http.DefaultClient.Do(req)
    /// }
    ///
    /// type Api struct {
    /// 	client *http.Client
    /// }
    ///
    /// func (a *Api) fetch(ctx context.Context, url string) (*http.Response, error) {
    /// 	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return a.client.Do(req)
    /// }
    /// ```
    ///
    /// ```go good
    /// package probe
    ///
    /// import "net"
    ///
    /// func isOpen() bool {
    /// 	address := "localhost:8080"
    /// 	connection, err := net.Dial("tcp", address)
    /// 	if err != nil {
    /// 		return false
    /// 	}
    /// 	return connection.Close() == nil
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn fetch(url: &str) -> reqwest::Result<String> {
    ///     reqwest::get(url).await?.text().await
    ///     ^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// async fn fetch(url: &str) -> reqwest::Result<reqwest::Response> {
    ///     let client = reqwest::Client::new();
    ///     client.get(url).send().await
    ///     ^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    /// ```rust fixed
    /// async fn fetch(url: &str) -> reqwest::Result<reqwest::Response> {
    ///     let client = reqwest::Client::new();
    ///     client.get(url).timeout(std::time::Duration::from_secs(10)).send().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// async fn fetch(url: &str) -> reqwest::Result<reqwest::Response> {
    ///     let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    ///     client.get(url).send().await
    /// }
    /// ```
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// async fn fetch(client: &reqwest::Client, url: &str) -> reqwest::Result<reqwest::Response> {
    ///     client.get(url).send().await?;
    ///     let fresh = reqwest::Client::new();
    ///     fresh.get(url).timeout(Duration::from_secs(1)).send().await
    /// }
    /// ```
    ///
    /// The limit may stand where the answer is waited for, or around all calls of a private function; others may give an exported field a client of
    /// their own.
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// use tokio::net::TcpStream;
    /// use tokio::time::timeout;
    ///
    /// struct Link {
    ///     address: String,
    /// }
    ///
    /// impl Link {
    ///     pub async fn open(&self) -> Option<TcpStream> {
    ///         timeout(Duration::from_secs(5), self.connect()).await.ok()?.ok()
    ///     }
    ///
    ///     async fn connect(&self) -> std::io::Result<TcpStream> {
    ///         let stream = TcpStream::connect(&self.address).await?;
    ///         stream.set_nodelay(true)?;
    ///         Ok(stream)
    ///     }
    ///
    ///     pub async fn greet(&self, url: &str) -> Option<String> {
    ///         let answer = reqwest::get(url);
    ///         let response = timeout(Duration::from_secs(5), answer).await.ok()?.ok()?;
    ///         response.text().await.ok()
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::time::Duration;
    ///
    /// use tokio::net::TcpStream;
    /// use tokio::time::timeout;
    ///
    /// struct Link {
    ///     address: String,
    /// }
    ///
    /// impl Link {
    ///     pub async fn open(&self) -> Option<TcpStream> {
    ///         timeout(Duration::from_secs(5), self.connect()).await.ok()?.ok()
    ///     }
    ///
    ///     pub async fn open_again(&self) -> std::io::Result<TcpStream> {
    ///         self.connect().await
    ///     }
    ///
    ///     async fn connect(&self) -> std::io::Result<TcpStream> {
    ///         TcpStream::connect(&self.address).await
    ///         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     }
    /// }
    /// ```
    ///
    /// ```go good
    /// package dns
    ///
    /// import "net/http"
    ///
    /// type Client struct {
    /// 	HTTPClient *http.Client
    /// }
    ///
    /// func NewClient() *Client {
    /// 	return &Client{HTTPClient: &http.Client{}}
    /// }
    ///
    /// func (c *Client) zones(url string) (*http.Response, error) {
    /// 	req, err := http.NewRequest(http.MethodGet, url, nil)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return c.HTTPClient.Do(req)
    /// }
    /// ```
    ///
    /// The client that the library itself holds has no limit either.
    ///
    /// ```go bad
    /// package rates
    ///
    /// import "net/http"
    ///
    /// func latest(url string) (*http.Response, error) {
    /// 	return http.DefaultClient.Get(url)
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// func (c *Client) newRequest(requestURL string) (*http.Request, error) {
    /// 	req, err := http.NewRequest(http.MethodPost, requestURL, nil)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	req.Header.Set("Authorization", c.key)
    /// 	return req, nil
    /// }
    ///
    /// func (c *Client) convert(url string) (*http.Response, error) {
    /// 	req, err := c.newRequest(url)
    /// 	if err != nil {
    /// 		return nil, err
    /// 	}
    /// 	return http.DefaultClient.Do(req)
    /// 	       ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```go good
    /// package rates
    ///
    /// import (
    /// 	"net/http"
    /// 	"time"
    /// )
    ///
    /// var client = &http.Client{Timeout: 10 * time.Second}
    ///
    /// func latest(url string) (*http.Response, error) {
    /// 	return client.Get(url)
    /// }
    /// ```
    ///
    /// What a datagram socket sends waits for nobody, and its `connect` sends nothing; a socket that does not block never waits, wherever it was told so.
    /// Connections to this machine answer at once, or not at all.
    ///
    /// ```python good
    /// import asyncio
    /// import socket
    ///
    /// def own_address():
    ///     with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as probe:
    ///         probe.connect(("192.0.2.1", 80))
    ///         return probe.getsockname()[0]
    ///
    /// class Bus:
    ///     def open(self, loop, interface):
    ///         self.sock = socket.socket(socket.PF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    ///         self.sock.bind((interface,))
    ///         self.sock.setblocking(False)
    ///         loop.add_reader(self.sock.fileno(), self.on_data)
    ///
    ///     def on_data(self):
    ///         return self.sock.recv(4096)
    ///
    /// class Output:
    ///     def init(self, address):
    ///         self.address = address
    ///         self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ///
    ///     def process(self, message):
    ///         self.udp.sendto(message, self.address)
    ///
    /// class Console:
    ///     async def wrap(self):
    ///         self.reader, self.writer = await asyncio.open_connection(host="127.0.0.1", port=self.port)
    /// ```
    /// ```python bad
    /// import socket
    ///
    /// def ask(question, server):
    ///     with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    ///         sock.sendto(question, server)
    ///         return sock.recvfrom(512)
    ///                ^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```python good
    /// import requests
    ///
    /// class Session(requests.Session):
    ///     def request(self, method, url, params=None, data=None, headers=None, cookies=None, files=None, auth=None, timeout=30):
    ///         return super().request(method, url, params, data, headers, cookies, files, auth, timeout)
    /// ```
    ///
    /// An adapter of the project's own may set the limit:
    ///
    /// ```python good
    /// import requests
    /// from requests.adapters import HTTPAdapter
    ///
    /// class TimeoutAdapter(HTTPAdapter):
    ///     def __init__(self, timeout):
    ///         super().__init__()
    ///         self.timeout = timeout
    ///
    ///     def send(self, *args, **kwargs):
    ///         kwargs["timeout"] = self.timeout
    ///         return super().send(*args, **kwargs)
    ///
    /// def look():
    ///     session = requests.Session()
    ///     session.mount("https://", TimeoutAdapter(5))
    ///     return session.get("https://data.example.com")
    /// ```
    ///
    /// ```python bad
    /// import requests
    /// from requests.adapters import HTTPAdapter
    ///
    /// def look():
    ///     session = requests.Session()
    ///     session.mount("https://", HTTPAdapter(max_retries=3))
    ///     return session.get("https://data.example.com")
    ///            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// A stream of events comes for as long as there are some, where the call itself says that it has no limit:
    ///
    /// ```python good
    /// import httpx
    ///
    /// class Wallet:
    ///     def __init__(self, url: str):
    ///         self.client = httpx.AsyncClient(base_url=url)
    ///
    ///     async def paid_invoices(self):
    ///         while True:
    ///             async with self.client.stream("GET", "/v1/invoices/subscribe", timeout=None) as response:
    ///                 async for line in response.aiter_lines():
    ///                     yield line
    /// ```
    ///
    /// ```go good
    /// package shop
    ///
    /// import (
    /// 	"log"
    /// 	"os/exec"
    /// )
    ///
    /// type pool struct{ exited chan int }
    ///
    /// func (p *pool) spawn(program string) error {
    /// 	cmd := exec.Command(program, "worker")
    /// 	if err := cmd.Start(); err != nil {
    /// 		return err
    /// 	}
    /// 	pid := cmd.Process.Pid
    /// 	go func() {
    /// 		if err := cmd.Wait(); err != nil {
    /// 			log.Printf("worker %d: %v", pid, err)
    /// 		}
    /// 		p.exited <- pid
    /// 	}()
    /// 	return nil
    /// }
    /// ```
    ///
    /// A limit around all calls of a private function, at once or through another, and a timer that a wait is raced with; a datagram waits for nobody.
    ///
    /// ```rust good
    /// use std::time::Duration;
    ///
    /// use tokio::net::{TcpStream, UdpSocket};
    /// use tokio::time::timeout;
    ///
    /// async fn dial(address: &str) -> std::io::Result<TcpStream> {
    ///     TcpStream::connect(address).await
    /// }
    ///
    /// async fn greet(address: &str) -> std::io::Result<TcpStream> {
    ///     dial(address).await
    /// }
    ///
    /// pub async fn open(address: &str) -> Option<TcpStream> {
    ///     timeout(Duration::from_secs(5), greet(address)).await.ok()?.ok()
    /// }
    ///
    /// async fn race(address: String) -> std::io::Result<TcpStream> {
    ///     tokio::select! {
    ///         stream = TcpStream::connect(address) => stream,
    ///         _ = tokio::time::sleep(Duration::from_secs(5)) => Err(std::io::ErrorKind::TimedOut.into()),
    ///     }
    /// }
    ///
    /// async fn tell(socket: &UdpSocket, text: &[u8]) -> std::io::Result<usize> {
    ///     socket.send(text).await
    /// }
    ///
    /// #[cfg(test)]
    /// mod tests {
    ///     #[tokio::test]
    ///     async fn dials() {
    ///         assert!(super::dial("127.0.0.1:1").await.is_err());
    ///     }
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use std::time::Duration;
    ///
    /// use tokio::io::AsyncWriteExt;
    /// use tokio::net::TcpStream;
    /// use tokio::time::timeout;
    ///
    /// async fn dial(address: &str) -> std::io::Result<TcpStream> {
    ///     TcpStream::connect(address).await
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// }
    ///
    /// pub async fn open(address: &str) -> Option<TcpStream> {
    ///     timeout(Duration::from_secs(5), dial(address)).await.ok()?.ok()
    /// }
    ///
    /// pub async fn reopen(address: &str) -> Option<TcpStream> {
    ///     dial(address).await.ok()
    /// }
    ///
    /// async fn pass_on(mut stream: TcpStream, mut orders: Receiver<Vec<u8>>) {
    ///     tokio::select! {
    ///         Some(order) = orders.recv() => {
    ///             stream.write_all(&order).await.ok();
    ///             ^^^^^^^^^^^^^^^^^^^^^^^^
    ///         }
    ///         _ = tokio::time::sleep(Duration::from_secs(5)) => {}
    ///     }
    /// }
    /// ```
    name: "missing-timeout",
    category: Errors,
    severity: High,
    scope: Both,
    fix: { Python: Safe, Go: Suggested, Rust: Suggested },
    on: [
        Effect(Effects::NETWORK), Effect(Effects::PROCESS), Effect(Effects::SENDS), Effect(Effects::LANGUAGE_MODEL)
    ],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let Some(wait) = wait(cx, call) else { return };
    cx.site();
    if is_at_end(cx, call) {
        return;
    }
    let Some(meaning) = cx.meaning(call).cloned() else { return };
    match wait {
        Wait::ForEver(Some(made)) if is_judged(cx, made) => {}
        Wait::ForEver(made) => report(cx, call, &meaning, made),
        Wait::Minutes(seconds) => report_long(cx, call, seconds),
        Wait::Limited | Wait::Unknown => {}
    }
}

/// Whether making a client is a finding already: it connects, for ever, and is the place to say how long its calls wait.
fn is_judged(cx: &Check<'_>, made: Node<'_>) -> bool {
    cx.meaning(made).is_some_and(|m| m.effects.contains(Effects::NETWORK))
        && matches!(wait(cx, made), Some(Wait::ForEver(_)))
}

/// Whether a call only waits for the end of a process: of one that is told to end, that has said all, or for whoever says how long.
fn is_at_end(cx: &Check<'_>, call: Node<'_>) -> bool {
    let process = cx.meaning(call).is_some_and(|m| m.effects.contains(Effects::PROCESS));
    let waits = call.callee().filter(|c| process && c.name().eq_ignore_ascii_case("wait"));
    let (Some(waited), Some(function)) = (waits.and_then(Node::object), call.function()) else {
        return false;
    };
    let is_it = |n: Node<'_>| n.text() == waited.text();
    let ends = |name: &str| {
        const ENDS: [&str; 8] =
            ["kill", "killpg", "terminate", "signal", "stop", "reap", "shutdown", "close"];
        words(name).iter().any(|w| ENDS.contains(&w.as_str()))
    };
    // `def wait(self): return self.process.wait()`, a task that is raced with others
    // A goroutine that reaps a child which is meant to live: `go func() { cmd.Wait(); exited <- pid }()`.
    let reaps = || call.ancestors().any(|a| a.is(Kind::Spawn));
    let of_caller = ends(function.name())
        || reaps()
        || function.name().eq_ignore_ascii_case("wait")
        || call
            .parent()
            .is_some_and(|p| p.is(Kind::Call) && cx.meaning(p).is_some_and(|m| m.is("spawns-task")));
    of_caller
        || function.descendants().take_while(|n| n.index() < call.index()).any(|n| match n.kind() {
            Kind::Attribute => {
                matches!(n.name(), "stdout" | "stderr" | "StdoutPipe" | "StderrPipe")
                    && n.object().is_some_and(is_it)
            }
            Kind::Call => n.callee().is_some_and(|c| {
                ends(c.name()) && (c.object().is_some_and(is_it) || n.arguments().any(is_it))
            }),
            _ => false,
        })
}

/// A limit of minutes, on the way of a request.
fn report_long(cx: &mut Check<'_>, call: Node<'_>, seconds: f64) {
    let served = request_handler(cx, call).is_some();
    let callee = called(call);
    let finding = cx
        .finding(
            call,
            format!("`{callee}` waits up to {} minutes, the library's own limit", (seconds / 60.0).round()),
        )
        .why("When the other side hangs, who asked has long given up; the thread and the connection wait on.")
        .help("Give its client a limit of seconds.")
        .severity(Severity::Medium)
        .confidence(if served { Confidence::Medium } else { Confidence::Low });
    cx.report(finding);
}

fn report(cx: &mut Check<'_>, call: Node<'_>, meaning: &Meaning, made: Option<Node<'_>>) {
    let process = meaning.effects.contains(Effects::PROCESS);
    let mut finding = cx
        .finding(call, format!("`{}` can wait for ever", called(call)))
        .why(if process {
            "A child process that hangs holds its caller for ever."
        } else {
            "When the other side hangs, so does this call, with its thread, its connection and whatever waits for it."
        })
        .help("Give it a time limit.")
        .severity(if process { Severity::Low } else { Severity::High })
        // Who started a program by hand stops it by hand, with what it runs.
        .confidence(match () {
            () if process && program::runs_now_and_then(cx, call) => Confidence::Low,
            () if meaning.guessed => Confidence::Medium,
            () => Confidence::High,
        })
        .maybe_fix(fix(cx, call, meaning));
    if let Some(made) = made {
        let what = if process { "command" } else { "client" };
        finding = finding.related(made, format!("its {what} is made here, without a limit"));
    }
    cx.report(finding);
}

fn fix(cx: &Check<'_>, call: Node<'_>, meaning: &Meaning) -> Option<Fix> {
    const TITLE: &str = "Limit it to 10 seconds";
    match cx.language() {
        Language::Python => {
            let keyword = meaning.argument("timeout")?.keywords.first()?;
            if meaning.property("timeout-unit").is_some() || meaning.effects.contains(Effects::PROCESS) {
                return None;
            }
            if let Some(endless) = call.keyword(keyword) {
                return Some(Fix::suggested(TITLE).replace(endless, "10"));
            }
            let last = call.arguments().last();
            let inside = call.text().strip_suffix(')')?.trim_end();
            let close = call.range().start + inside.len() as u32;
            let comma = if last.is_some() && !inside.ends_with(',') {
                ", "
            } else if last.is_some() {
                " "
            } else {
                ""
            };
            let is_work = meaning.property("waits-for") == Some("work");
            // What is said here wins over a limit in the address, `?connect_timeout=5`, which whoever runs the program may write.
            let hidden = meaning.effects.contains(Effects::DATABASE)
                && meaning.argument("url").and_then(|a| a.of(call)).is_some_and(|url| !url.is_literal());
            let fix = if is_work || hidden { Fix::suggested(TITLE) } else { Fix::safe(TITLE) };
            Some(fix.insert(close, format!("{comma}{keyword}=10")))
        }
        Language::Go => {
            let callee = call.callee()?;
            let package = callee.object().filter(|o| o.is(Kind::Name))?;
            let helper =
                meaning.name.starts_with("net/http.") && !meaning.name.starts_with("net/http.Client");
            let (time, import) = cx.import("time", "");
            let client = format!("(&{}.Client{{Timeout: 10 * {time}.Second}})", package.text());
            helper.then(|| Fix::suggested(TITLE).replace(package, client).import(import))
        }
        Language::Rust => {
            let object = call.callee().filter(|c| c.name() == "send")?.object()?;
            // A request, not whatever else sends: its builder takes a limit.
            let limits = format!("{}::timeout", cx.type_of(object)?);
            cx.resolver().vocabulary().call(&limits).filter(|m| m.is("sets-timeout"))?;
            let limit = ".timeout(std::time::Duration::from_secs(10))";
            Some(Fix::suggested(TITLE).insert(object.range().end, limit))
        }
    }
}
