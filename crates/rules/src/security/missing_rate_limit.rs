use std::collections::BTreeSet;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Served, Survey, rule};
use shipworthy_facts::{Effects, Topics};

rule! {
    /// Nothing limits how often an expensive route is called
    ///
    /// A login without a limit lets a program try a million passwords; a route that asks a language model or stores uploads lets one client run up
    /// the bill or fill the disk.
    ///
    /// Limit it: with a decorator or dependency on the route, or a middleware before all routes. Where a gateway does it, say so.
    ///
    /// ```python bad
    /// from fastapi import FastAPI
    /// from slowapi import Limiter
    ///
    /// app = FastAPI()
    /// limiter = Limiter(key_func=address)
    ///
    /// @app.post("/search")
    /// @limiter.limit("5/minute")
    /// def search(query: str):
    ///     return find(query)
    ///
    /// @app.post("/login")
    /// ^^^^^^^^^^^^^^^^^^^
    /// def login(name: str, password: str):
    ///     return check(name, password)
    /// ```
    ///
    /// ```python bad
    /// from flask import Flask
    /// from openai import OpenAI
    ///
    /// app = Flask(__name__)
    /// client = OpenAI()
    ///
    /// @app.post("/answers")
    /// ^^^^^^^^^^^^^^^^^^^^^
    /// def answer():
    ///     return ask("hello")
    ///
    /// def ask(question):
    ///     return client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": question}])
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    /// from slowapi import Limiter
    ///
    /// app = FastAPI()
    /// limiter = Limiter(key_func=address)
    ///
    /// @app.post("/login")
    /// @limiter.limit("5/minute")
    /// def login(name: str, password: str):
    ///     return check(name, password)
    ///
    /// @app.get("/login")
    /// def form():
    ///     return "<form>"
    /// ```
    ///
    /// ```python good file=shop/main.py
    /// from fastapi import FastAPI
    /// from shop.limits import RateLimitMiddleware
    /// from shop.users import router
    ///
    /// app = FastAPI()
    /// app.add_middleware(RateLimitMiddleware)
    /// app.include_router(router)
    /// ```
    ///
    /// ```python good file=shop/users.py
    /// from fastapi import APIRouter
    ///
    /// router = APIRouter()
    ///
    /// @router.post("/login")
    /// def login(name: str, password: str):
    ///     return check(name, password)
    /// ```
    ///
    /// A search costs little or much: without more in view it is left to whoever serves it.
    ///
    /// ```python good
    /// from fastapi import FastAPI
    ///
    /// app = FastAPI()
    ///
    /// @app.post("/login")
    /// async def login(request):
    ///     redirect_uri = str(request.app.url_path_for("callback"))
    ///     return await provider.authorize_redirect(request, redirect_uri)
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI
    /// from slowapi import Limiter
    ///
    /// app = FastAPI()
    /// limiter = Limiter(key_func=address)
    ///
    /// @app.post("/ask")
    /// @limiter.limit("5/minute")
    /// def ask(question: str):
    ///     return think(question)
    ///
    /// @app.post("/jobs/search")
    /// def jobs(payload: dict):
    ///     return find(payload)
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import "net/http"
    ///
    /// func main() {
    /// 	mux := http.NewServeMux()
    /// 	mux.HandleFunc("POST /login", login)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	http.ListenAndServe(":8080", mux)
    /// }
    ///
    /// func login(w http.ResponseWriter, r *http.Request) {
    /// 	w.WriteHeader(204)
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import "net/http"
    ///
    /// func main() {
    /// 	http.HandleFunc("/authenticate_user", authenticate)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    ///
    /// func authenticate(w http.ResponseWriter, r *http.Request) {
    /// 	if !matches(r.FormValue("user"), r.FormValue("password")) {
    /// 		w.WriteHeader(http.StatusUnauthorized)
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "net/http"
    ///
    /// func main() {
    /// 	http.HandleFunc("/login", page)
    /// 	http.ListenAndServe(":8080", nil)
    /// }
    ///
    /// func page(w http.ResponseWriter, r *http.Request) {
    /// 	http.ServeFile(w, r, "page.html")
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.POST("/password/reset", reset)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	r.Run()
    /// }
    ///
    /// func reset(c *gin.Context) {
    /// 	c.Status(204)
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "net/http"
    ///
    /// func main() {
    /// 	mux := http.NewServeMux()
    /// 	mux.Handle("POST /login", limit(http.HandlerFunc(login)))
    /// 	http.ListenAndServe(":8080", mux)
    /// }
    ///
    /// func limit(next http.Handler) http.Handler {
    /// 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
    /// 		if limiter.Allow() {
    /// 			next.ServeHTTP(w, r)
    /// 		}
    /// 	})
    /// }
    ///
    /// func login(w http.ResponseWriter, r *http.Request) {
    /// 	w.WriteHeader(204)
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import "github.com/gin-gonic/gin"
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	r.Use(rateLimit)
    /// 	r.POST("/login", login)
    /// 	r.Run()
    /// }
    ///
    /// func rateLimit(c *gin.Context) {
    /// 	c.Next()
    /// }
    ///
    /// func login(c *gin.Context) {
    /// 	c.Status(204)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Router, routing::post};
    ///
    /// async fn login() {}
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/login", post(login))
    ///                                   ^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::{App, HttpServer, web};
    ///
    /// async fn reset() {}
    ///
    /// pub async fn run() {
    ///     HttpServer::new(|| App::new().route("/password/reset", web::post().to(reset)));
    ///                                                                        ^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Router, routing::post};
    /// use tower_governor::GovernorLayer;
    ///
    /// async fn login() {}
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/login", post(login)).layer(GovernorLayer { config: load() })
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Router, routing::get};
    ///
    /// async fn form() {}
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/login", get(form))
    /// }
    /// ```
    ///
    /// A guard for who is not signed in yet:
    ///
    /// ```rust bad
    /// use rocket::{Request, form::Form, post, request::{FromRequest, Outcome}, routes};
    ///
    /// pub struct AuthAnonymousGuard;
    ///
    /// impl<'r> FromRequest<'r> for AuthAnonymousGuard {
    ///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
    ///         Outcome::Success(Self)
    ///     }
    /// }
    ///
    /// #[post("/login", data = "<form>")]
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// fn login(_nobody: AuthAnonymousGuard, form: Form<Credentials>) -> &'static str {
    ///     matching(&form.user, &form.password)
    /// }
    ///
    /// #[rocket::launch]
    /// fn web() -> _ {
    ///     rocket::build().mount("/", routes![login])
    /// }
    /// ```
    name: "missing-rate-limit",
    category: Security,
    severity: Medium,
    scope: Workspace,
    workspace: judge,
}

fn judge(survey: &mut Survey<'_>) {
    let mut told = BTreeSet::new();
    for route in survey.served() {
        let Some(costs) = costs(route) else { continue };
        if !told.insert((route.file, route.range)) {
            continue;
        }
        survey.site(route.file);
        if route.rate_limit != Some(false) {
            continue;
        }
        let mut finding = survey
            .finding(route.range, format!("nothing limits how often `{}` is called", route.shown()))
            .why(costs.why())
            .help("Limit calls by client on the route or before all routes, or say here that a gateway does.")
            .confidence(if let Costs::Search = costs { Confidence::Low } else { Confidence::Medium });
        finding.related.extend(route.answers());
        survey.report(route.file, finding);
    }
}

/// What calls without number do.
#[derive(Clone, Copy)]
enum Costs {
    Guesses,
    Money,
    Work,
    /// What one search costs is not in view.
    Search,
}

impl Costs {
    const fn why(self) -> &'static str {
        match self {
            Self::Guesses => "A program can try passwords and codes until one fits.",
            Self::Money => "Each call is paid for: one client can run up the bill.",
            Self::Work | Self::Search => {
                "Each call is expensive: one client can keep the service busy, or fill its disk."
            }
        }
    }
}

fn costs(route: &Served) -> Option<Costs> {
    const GUESSES: [&str; 8] =
        ["login", "signin", "signup", "authenticate", "otp", "forgot", "password", "2fa"];
    const WORK: [&str; 5] = ["upload", "uploads", "predict", "prediction", "predictions"];
    let words = route.path_words();
    // The last part says what the route does; what stands before says of what.
    let last = words.len().saturating_sub(2);
    let has = |any: &[&str]| words[last..].iter().any(|word| any.contains(&word.as_str()));
    // `/register` and `/token`, not `/agents/register`d with a key, nor `/bulk-register`.
    let ends = route.path.trim_end_matches('/').ends_with("/register")
        || route.path.trim_end_matches('/').ends_with("/token");
    // A sign-in that only leads to another service has nothing to guess.
    let leads_on = route.topics.contains(Topics::REDIRECTS) && !route.topics.contains(Topics::SECRETS);
    let guesses = route.authentication != Some(true) && !leads_on && (ends || has(&GUESSES));
    let posts = route.methods.iter().any(|method| method == "POST");
    let asks = route.effects.contains(Effects::LANGUAGE_MODEL);
    match () {
        // What takes any method, and a secret, takes that with a POST too.
        () if guesses && (posts || route.methods.is_empty() && route.topics.contains(Topics::SECRETS)) => {
            Some(Costs::Guesses)
        }
        () if asks && !route.methods.is_empty() => Some(Costs::Money),
        () if posts && has(&WORK) => Some(Costs::Work),
        () if has(&["search"]) && (posts || route.effects.contains(Effects::DATABASE)) => Some(Costs::Search),
        () => None,
    }
}
