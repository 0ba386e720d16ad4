use std::collections::BTreeSet;

use shipworthy_audit::level::Confidence;
use shipworthy_audit::{Served, Survey, rule};
use shipworthy_facts::{Effects, Topics};

use crate::apis::names_machines;

rule! {
    /// A route can be called by anyone
    ///
    /// Who finds the address can change what the route changes and read what it gives. Attackers try every path of a service, those that no page
    /// links to first.
    ///
    /// Ask who calls: with a dependency, a decorator, a middleware on the route, on its router or on the application. Routes that are public by
    /// nature (login, sign-up, health, webhooks that check a signature) are left alone.
    ///
    /// ```python bad
    /// from fastapi import APIRouter, Depends, FastAPI
    /// from sqlalchemy.orm import Session
    ///
    /// app = FastAPI()
    /// router = APIRouter(prefix="/orders")
    ///
    /// def current_user(token: str):
    ///     return decode(token)
    ///
    /// @router.get("/mine")
    /// def mine(user=Depends(current_user)):
    ///     return user.orders
    ///
    /// @router.delete("/{order_id}")
    /// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// def remove(order_id: int, db: Session):
    ///     db.delete(db.get(Order, order_id))
    ///     db.commit()
    ///
    /// app.include_router(router)
    /// ```
    ///
    /// ```python bad file=shop/main.py
    /// from flask import Flask
    /// from shop.orders import orders
    /// from shop.users import users
    ///
    /// app = Flask(__name__)
    /// app.register_blueprint(orders, url_prefix="/orders")
    /// app.register_blueprint(users, url_prefix="/admin/users")
    /// ```
    ///
    /// ```python bad file=shop/orders.py
    /// from flask import Blueprint
    /// from flask_login import login_required
    ///
    /// orders = Blueprint("orders", __name__)
    ///
    /// @orders.post("/")
    /// @login_required
    /// def create():
    ///     return save()
    /// ```
    ///
    /// ```python bad file=shop/users.py
    /// from flask import Blueprint
    ///
    /// users = Blueprint("users", __name__)
    ///
    /// @users.get("/")
    /// ^^^^^^^^^^^^^^^
    /// def everyone():
    ///     return names()
    ///
    /// def names():
    ///     return []
    /// ```
    ///
    /// ```python bad file=shop/settings.py
    /// ROOT_URLCONF = "shop.urls"
    /// MIDDLEWARE = ["django.contrib.auth.middleware.AuthenticationMiddleware"]
    /// ```
    ///
    /// ```python bad file=shop/urls.py
    /// from django.urls import include, path
    ///
    /// urlpatterns = [path("entries/", include("shop.entries.urls"))]
    /// ```
    ///
    /// ```python bad file=shop/entries/urls.py
    /// from django.urls import path
    /// from shop.entries import views
    ///
    /// urlpatterns = [
    ///     path("", views.listed),
    ///     path("new/", views.book),
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^
    ///     path("close/", views.Close.as_view()),
    /// ]
    /// ```
    ///
    /// ```python bad file=shop/entries/views.py
    /// from django.contrib.auth.decorators import login_required
    /// from django.contrib.auth.mixins import LoginRequiredMixin
    /// from django.http import HttpResponse
    /// from django.views import View
    /// from django.views.decorators.http import require_POST
    /// from shop.models import Entry
    ///
    /// @login_required
    /// def listed(request):
    ///     return HttpResponse(Entry.objects.count())
    ///
    /// @require_POST
    /// def book(request):
    ///     Entry.objects.create(amount=1)
    ///     return HttpResponse(status=204)
    ///
    /// class Close(LoginRequiredMixin, View):
    ///     def post(self, request):
    ///         Entry.objects.all().delete()
    ///         return HttpResponse(status=204)
    /// ```
    ///
    /// ```python bad file=shop/models.py
    /// from django.db import models
    ///
    /// class Entry(models.Model):
    ///     amount = models.IntegerField()
    /// ```
    ///
    /// A middleware that may ask who calls:
    ///
    /// ```python good file=shop/settings.py
    /// ROOT_URLCONF = "shop.urls"
    /// MIDDLEWARE = ["django.contrib.auth.middleware.AuthenticationMiddleware", "shop.gate.Gate"]
    /// ```
    ///
    /// ```python good file=shop/urls.py
    /// from django.urls import include, path
    ///
    /// urlpatterns = [path("entries/", include("shop.entries.urls"))]
    /// ```
    ///
    /// ```python good file=shop/entries/urls.py
    /// from django.urls import path
    /// from shop.entries import views
    ///
    /// urlpatterns = [
    ///     path("", views.listed),
    ///     path("new/", views.book),
    ///     path("close/", views.Close.as_view()),
    /// ]
    /// ```
    ///
    /// ```python good file=shop/entries/views.py
    /// from django.contrib.auth.decorators import login_required
    /// from django.contrib.auth.mixins import LoginRequiredMixin
    /// from django.http import HttpResponse
    /// from django.views import View
    /// from django.views.decorators.http import require_POST
    /// from shop.models import Entry
    ///
    /// @login_required
    /// def listed(request):
    ///     return HttpResponse(Entry.objects.count())
    ///
    /// @require_POST
    /// def book(request):
    ///     Entry.objects.create(amount=1)
    ///     return HttpResponse(status=204)
    ///
    /// class Close(LoginRequiredMixin, View):
    ///     def post(self, request):
    ///         Entry.objects.all().delete()
    ///         return HttpResponse(status=204)
    /// ```
    ///
    /// ```python good file=shop/models.py
    /// from django.db import models
    ///
    /// class Entry(models.Model):
    ///     amount = models.IntegerField()
    /// ```
    ///
    /// ```python good file=shop/gate.py
    /// class Gate:
    ///     def __init__(self, get_response):
    ///         self.get_response = get_response
    ///
    ///     def __call__(self, request):
    ///         if not request.user.is_authenticated:
    ///             raise PermissionError
    ///         return self.get_response(request)
    /// ```
    ///
    /// A dependency of the application:
    ///
    /// ```python good file=shop/main.py
    /// from fastapi import Depends, FastAPI
    /// from shop import orders, items
    /// from shop.security import check
    ///
    /// app = FastAPI()
    /// app.include_router(orders.router, prefix="/orders", dependencies=[Depends(check)])
    /// app.include_router(items.router)
    /// ```
    ///
    /// ```python good file=shop/orders.py
    /// from fastapi import APIRouter
    ///
    /// router = APIRouter()
    ///
    /// @router.post("/")
    /// def create(order: dict):
    ///     open("orders", "a").write(str(order))
    /// ```
    ///
    /// ```python good file=shop/items.py
    /// from fastapi import APIRouter, Depends
    /// from shop.security import check
    ///
    /// router = APIRouter(prefix="/items", dependencies=[Depends(check)])
    ///
    /// @router.post("/")
    /// def create(item: dict):
    ///     open("items", "a").write(str(item))
    ///
    /// @router.post("/login")
    /// def login(name: str):
    ///     open("logins", "a").write(name)
    /// ```
    ///
    /// ```python good file=shop/security.py
    /// from fastapi import Header, HTTPException
    ///
    /// def check(x_api_key: str = Header()):
    ///     if x_api_key != load():
    ///         raise HTTPException(403)
    /// ```
    ///
    /// ```python good
    /// from fastapi import FastAPI, Request
    ///
    /// app = FastAPI()
    ///
    /// @app.middleware("http")
    /// async def guard(request: Request, call_next):
    ///     if request.headers.get("authorization") is None:
    ///         return None
    ///     return await call_next(request)
    ///
    /// @app.post("/orders")
    /// def create(order: dict):
    ///     open("orders", "a").write(str(order))
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import (
    /// 	"net/http"
    /// 	"os"
    /// )
    ///
    /// func main() {
    /// 	mux := http.NewServeMux()
    /// 	mux.Handle("POST /orders", requireAuth(http.HandlerFunc(create)))
    /// 	mux.HandleFunc("DELETE /orders/{id}", remove)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	http.ListenAndServe(":8080", mux)
    /// }
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	os.WriteFile("orders", nil, 0o600)
    /// }
    ///
    /// func remove(w http.ResponseWriter, r *http.Request) {
    /// 	os.Remove(r.PathValue("id"))
    /// }
    ///
    /// func requireAuth(next http.Handler) http.Handler {
    /// 	return next
    /// }
    /// ```
    ///
    /// ```go bad
    /// package main
    ///
    /// import (
    /// 	"os"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	open := r.Group("/open")
    /// 	open.POST("/files", store)
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	closed := r.Group("/api", requireToken)
    /// 	closed.POST("/files", store)
    /// 	r.Run()
    /// }
    ///
    /// func requireToken(c *gin.Context) {
    /// 	if c.GetHeader("Authorization") == "" {
    /// 		c.AbortWithStatus(401)
    /// 	}
    /// }
    ///
    /// func store(c *gin.Context) {
    /// 	os.WriteFile("file", nil, 0o600)
    /// }
    /// ```
    ///
    /// ```go good file=main.go
    /// package main
    ///
    /// import (
    /// 	"os"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func main() {
    /// 	r := gin.Default()
    /// 	api := r.Group("/api")
    /// 	api.Use(check())
    /// 	register(api)
    /// 	r.Run()
    /// }
    ///
    /// func check() gin.HandlerFunc {
    /// 	return func(c *gin.Context) {
    /// 		if c.GetHeader("Authorization") == "" {
    /// 			c.AbortWithStatus(401)
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good file=orders.go
    /// package main
    ///
    /// import (
    /// 	"os"
    ///
    /// 	"github.com/gin-gonic/gin"
    /// )
    ///
    /// func register(g *gin.RouterGroup) {
    /// 	g.POST("/orders", func(c *gin.Context) {
    /// 		os.WriteFile("orders", nil, 0o600)
    /// 	})
    /// }
    /// ```
    ///
    /// ```go good
    /// package main
    ///
    /// import (
    /// 	"net/http"
    /// 	"os"
    /// )
    ///
    /// func main() {
    /// 	mux := http.NewServeMux()
    /// 	mux.HandleFunc("POST /orders", create)
    /// 	http.ListenAndServe(":8080", withSession(mux))
    /// }
    ///
    /// func withSession(next http.Handler) http.Handler {
    /// 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
    /// 		if _, err := r.Cookie("token"); err == nil {
    /// 			next.ServeHTTP(w, r)
    /// 		}
    /// 	})
    /// }
    ///
    /// func create(w http.ResponseWriter, r *http.Request) {
    /// 	os.WriteFile("orders", nil, 0o600)
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use axum::{Router, middleware, routing::{get, post}};
    ///
    /// async fn create() {
    ///     std::fs::write("orders", "").ok();
    /// }
    ///
    /// async fn require_auth() {}
    ///
    /// pub fn app() -> Router {
    ///     Router::new()
    ///         .route("/orders", post(create))
    ///         .route_layer(middleware::from_fn(require_auth))
    ///         .route("/admin/orders", post(create))
    ///                                 ^^^^^^^^^^^^
    /// }
    /// ```
    ///
    /// ```rust bad
    /// use actix_web::{App, HttpServer, web};
    ///
    /// async fn create(user: AuthenticatedUser) {
    ///     std::fs::write("orders", "").ok();
    /// }
    ///
    /// async fn remove() {
    ///     std::fs::remove_file("orders").ok();
    /// }
    ///
    /// pub async fn run() {
    ///     HttpServer::new(|| {
    ///         App::new()
    ///             .route("/orders", web::post().to(create))
    ///             .route("/orders", web::delete().to(remove))
    ///                                             ^^^^^^^^^^
    ///     });
    /// }
    /// ```
    ///
    /// ```rust good file=src/main.rs
    /// use axum::{Router, middleware};
    ///
    /// mod orders;
    ///
    /// async fn require_auth() {}
    ///
    /// pub fn app() -> Router {
    ///     Router::new()
    ///         .nest("/orders", orders::routes())
    ///         .layer(middleware::from_fn(require_auth))
    /// }
    /// ```
    ///
    /// ```rust good file=src/orders.rs
    /// use axum::{Router, routing::post};
    ///
    /// async fn create() {
    ///     std::fs::write("orders", "").ok();
    /// }
    ///
    /// pub fn routes() -> Router {
    ///     Router::new().route("/", post(create))
    /// }
    /// ```
    ///
    /// ```rust good
    /// use axum::{Router, routing::post};
    ///
    /// pub struct Caller;
    ///
    /// async fn create(claims: Claims) {
    ///     std::fs::write("orders", "").ok();
    /// }
    ///
    /// async fn login() {
    ///     std::fs::write("logins", "").ok();
    /// }
    ///
    /// pub fn app() -> Router {
    ///     Router::new().route("/orders", post(create)).route("/login", post(login))
    /// }
    /// ```
    name: "missing-authentication",
    category: Security,
    severity: High,
    scope: Workspace,
    workspace: judge,
}

const WHY: &str = "Whoever finds the address can call it.";

fn judge(survey: &mut Survey<'_>) {
    let routes = survey.routes();
    // Projects in which something asks who calls: elsewhere a gateway may, and one word at the application is enough.
    let files = survey.all_files();
    let asking: BTreeSet<&str> = routes
        .served
        .iter()
        .filter(|route| route.authentication == Some(true))
        .map(|route| &*files[route.file].project)
        .collect();
    let judged: BTreeSet<usize> = survey.files().map(|(number, _)| number).collect();
    let mut open: BTreeSet<&str> = BTreeSet::new();
    let mut told = BTreeSet::new();
    for route in survey.served() {
        if !told.insert((route.file, route.range)) {
            continue;
        }
        survey.site(route.file);
        // A route that several ways lead to is open where one of them is.
        let ways = routes.served.iter().filter(|r| (r.file, r.range) == (route.file, route.range));
        let Some(route) = ways.clone().find(|r| r.authentication == Some(false)).filter(|r| matters(r))
        else {
            continue;
        };
        if ways.into_iter().any(|r| r.authentication.is_none()) {
            continue;
        }
        if asking.contains(&*files[route.file].project) {
            report(survey, route);
        } else if let Some(application) = &route.application {
            open.insert(application);
        }
    }
    for application in
        routes.applications.iter().filter(|a| open.contains(&*a.key) && judged.contains(&a.file))
    {
        let finding = survey
            .finding(application.range, "nothing in this application asks who calls")
            .why("Unless something in front of it does, whoever reaches it can call every route.")
            .help("Authenticate in a middleware or dependency, or say here that a gateway does it.")
            .confidence(Confidence::Low);
        survey.report(application.file, finding);
    }
}

/// Whether a route should know who calls: it changes something, or its path says that it is not for everybody.
fn matters(route: &Served) -> bool {
    const CLOSED: [&str; 6] = ["admin", "internal", "debug", "tenant", "privacy", "gdpr"];
    let words = route.path_words();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let changes = Effects::WRITES
        | Effects::COMMITS
        | Effects::FILES
        | Effects::SENDS
        | Effects::PROCESS
        | Effects::LANGUAGE_MODEL;
    // `/admin/tenants/{id}/reset` is no reset of a password.
    let public = is_public(route, has(&CLOSED));
    !public && (has(&CLOSED) || route.changes_state() && route.effects.intersects(changes))
}

/// Whether a route is for everybody by nature: what comes before a login, what machines ask, what proves itself.
fn is_public(route: &Served, closed: bool) -> bool {
    const PUBLIC: [&str; 41] = [
        "login",
        "signin",
        "signup",
        "register",
        "registration",
        "logout",
        "signout",
        "token",
        "tokens",
        "refresh",
        "reset",
        "password",
        "forgot",
        "forget",
        "verify",
        "verification",
        "confirm",
        "callback",
        "oauth",
        "oauth2",
        "oidc",
        "saml",
        "sso",
        "auth",
        "authorize",
        "session",
        "sessions",
        "redoc",
        "swagger",
        "static",
        "assets",
        "public",
        "favicon",
        "robots",
        "manifest",
        "wellknown",
        "captcha",
        "csp",
        "acme",
        "share",
        "shared",
    ];
    let handler = route.handler.rsplit(['.', ':', '/']).next().unwrap_or_default();
    let named = shipworthy_facts::words(handler);
    let words = route.path_words();
    // What these words say of a path for everybody, they do not say of one that is for few.
    const WEAK: [&str; 9] =
        ["reset", "refresh", "verify", "verification", "confirm", "share", "shared", "sessions", "tokens"];
    let says =
        |word: &str| names_machines(word) || PUBLIC.contains(&word) && !(closed && WEAK.contains(&word));
    words.iter().chain(&named).any(|word| says(word))
        || route.path.contains("well-known")
        || words.windows(2).any(|pair| {
            matches!(
                (pair[0].as_str(), pair[1].as_str()),
                ("sign", "in" | "up" | "out") | ("log", "in" | "out")
            )
        })
        || Topics::of(handler).contains(Topics::ACCESS)
}

fn report(survey: &mut Survey<'_>, route: &Served) {
    let mut finding = survey
        .finding(route.range, format!("nothing asks who calls `{}`", route.shown()))
        .why(WHY)
        .help("Put the authentication that other routes of this project have on it, or on its router.");
    if !route.effects.intersects(Effects::WRITES | Effects::FILES | Effects::COMMITS | Effects::PROCESS) {
        finding = finding.confidence(Confidence::Medium);
    }
    finding.related.extend(route.answers());
    survey.report(route.file, finding);
}
