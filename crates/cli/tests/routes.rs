//! Routes in the report, with their full paths through routers and prefixes.

#![allow(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod common;

use common::{json, project};

fn routes(files: &[(&str, &str)]) -> Vec<String> {
    let audit = json(project(files).path(), &[]);
    let text = |route: &serde_json::Value, key: &str| route[key].as_str().unwrap().to_owned();
    let routes = audit["routes"].as_array().unwrap().iter();
    routes.map(|route| format!("{} {}", text(route, "method"), text(route, "path"))).collect()
}

/// The routes with the last part of their handlers' names.
fn table(files: &[(&str, &str)]) -> Vec<String> {
    let audit = json(project(files).path(), &[]);
    let row = |route: &serde_json::Value| {
        let text = |key: &str| route[key].as_str().unwrap().to_owned();
        let handler = text("handler");
        let handler = handler.rsplit(['.', ':', '#']).next().unwrap_or_default().to_owned();
        format!("{} {} {handler}", text("method"), text("path")).trim_end().to_owned()
    };
    audit["routes"].as_array().unwrap().iter().map(row).collect()
}

const GO: (&str, &str) = ("go.mod", "module shop\n");

fn cargo(dependency: &str) -> String {
    format!("[package]\nname = \"shop\"\n\n[dependencies]\n{dependency}\n")
}

#[test]
fn fastapi_routers_within_routers() {
    let main = "from fastapi import FastAPI\nfrom shop.api import api\n\napp = FastAPI()\napp.include_router(api, prefix=\"/v1\")\n";
    let api = "from fastapi import APIRouter\nfrom shop.orders import router\n\napi = APIRouter(prefix=\"/api\")\napi.include_router(router, prefix=\"/orders\")\n";
    let orders = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get(\"/{number}\")\ndef one(number: int): ...\n\n\n@router.post(\"\")\ndef add(): ...\n";
    let files = [
        ("pyproject.toml", ""),
        ("shop/__init__.py", ""),
        ("shop/main.py", main),
        ("shop/api.py", api),
        ("shop/orders.py", orders),
    ];
    assert_eq!(routes(&files), ["POST /v1/api/orders", "GET /v1/api/orders/{number}"]);
}

#[test]
fn flask_blueprints() {
    let app = "from flask import Flask, Blueprint\n\nbp = Blueprint(\"orders\", __name__, url_prefix=\"/orders\")\n\n\n@bp.route(\"/<int:number>\", methods=[\"GET\", \"PUT\"])\ndef one(number): ...\n\n\napp = Flask(__name__)\napp.register_blueprint(bp)\n";
    assert_eq!(routes(&[("app.py", app)]), ["GET /orders/<int:number>", "PUT /orders/<int:number>"]);
}

#[test]
fn gin_groups() {
    let main = "package main\n\nimport \"github.com/gin-gonic/gin\"\n\nfunc main() {\n\tr := gin.New()\n\tv1 := r.Group(\"/v1\")\n\torders := v1.Group(\"/orders\")\n\torders.GET(\"/:number\", one)\n\torders.POST(\"\", one)\n\tr.Run()\n}\n\nfunc one(c *gin.Context) {}\n";
    assert_eq!(
        routes(&[("go.mod", "module shop\n"), ("main.go", main)]),
        ["POST /v1/orders", "GET /v1/orders/:number"]
    );
}

#[test]
fn chi_routes_in_routes() {
    let main = "package main\n\nimport \"github.com/go-chi/chi/v5\"\n\nfunc routes() *chi.Mux {\n\tr := chi.NewRouter()\n\tr.Route(\"/v1\", func(r chi.Router) {\n\t\tr.Route(\"/orders\", func(r chi.Router) {\n\t\t\tr.Get(\"/{number}\", one)\n\t\t})\n\t})\n\treturn r\n}\n\nfunc one(w http.ResponseWriter, r *http.Request) {}\n";
    assert_eq!(routes(&[("go.mod", "module shop\n"), ("main.go", main)]), ["GET /v1/orders/{number}"]);
}

/// However long a chain is, each of its links belongs to it.
#[test]
fn axum_nests_and_long_chains() {
    let chain: String = (10..30).map(|n| format!("\n        .route(\"/r{n}\", get(one))")).collect();
    let main = format!(
        "use axum::Router;\nuse axum::routing::get;\n\npub fn app() -> Router {{\n    let orders = Router::new(){chain};\n    Router::new().nest(\"/v1\", orders)\n}}\n\nasync fn one() {{}}\n"
    );
    let manifest = "[package]\nname = \"shop\"\n\n[dependencies]\naxum = \"0.8\"\n";
    let expected: Vec<String> = (10..30).map(|n| format!("GET /v1/r{n}")).collect();
    assert_eq!(routes(&[("Cargo.toml", manifest), ("src/main.rs", &main)]), expected);
}

#[test]
fn actix_scopes_with_many_services() {
    let services: String = (10..25)
        .map(|n| format!("\n            .service(web::resource(\"/r{n}\").route(web::post().to(one)))"))
        .collect();
    let main = format!(
        "use actix_web::{{App, web}};\n\npub fn configure(config: &mut web::ServiceConfig) {{\n    config.service(\n        web::scope(\"/internal\"){services},\n    );\n}}\n\nasync fn one() {{}}\n"
    );
    let manifest = "[package]\nname = \"shop\"\n\n[dependencies]\nactix-web = \"4\"\n";
    let expected: Vec<String> = (10..25).map(|n| format!("POST /internal/r{n}")).collect();
    assert_eq!(routes(&[("Cargo.toml", manifest), ("src/main.rs", &main)]), expected);
}

#[test]
fn starlette_mounts_within_mounts() {
    let files = [(
        "app.py",
        "from starlette.applications import Starlette\nfrom starlette.routing import Mount, Route, WebSocketRoute\n\n\nasync def one(request): ...\nasync def add(request): ...\n\n\nroutes = [\n    Route(\"/health\", one),\n    Mount(\"/api\", routes=[\n        Mount(\"/orders\", routes=[\n            Route(\"/{number:int}\", one, methods=[\"GET\", \"DELETE\"]),\n            Route(\"/\", endpoint=add, methods=[\"POST\"]),\n        ]),\n    ]),\n]\napp = Starlette(routes=routes)\n",
    )];
    assert_eq!(
        routes(&files),
        [
            "POST /api/orders/",
            "DELETE /api/orders/{number:int}",
            "GET /api/orders/{number:int}",
            "GET /health"
        ]
    );
}

#[test]
fn django_includes_and_rest_framework_routers() {
    let files = [
        ("manage.py", ""),
        ("shop/__init__.py", ""),
        ("shop/settings.py", "ROOT_URLCONF = \"shop.urls\"\n"),
        (
            "shop/urls.py",
            "from django.urls import include, path, re_path\nfrom orders import views\n\nurlpatterns = [\n    path(\"health/\", views.health),\n    path(\"api/\", include(\"orders.urls\")),\n    re_path(r\"^old/(?P<n>\\d+)$\", views.health),\n]\n",
        ),
        ("orders/__init__.py", ""),
        (
            "orders/urls.py",
            "from django.urls import include, path\nfrom rest_framework.routers import DefaultRouter\n\nfrom . import views\n\nrouter = DefaultRouter()\nrouter.register(\"orders\", views.OrderViewSet, basename=\"order\")\n\nurlpatterns = [\n    path(\"\", include(router.urls)),\n    path(\"items/<int:pk>/\", views.ItemView.as_view()),\n]\n",
        ),
        (
            "orders/views.py",
            "from django.views import View\nfrom rest_framework import viewsets\nfrom rest_framework.decorators import api_view\n\n\n@api_view([\"GET\"])\ndef health(request): ...\n\n\nclass ItemView(View):\n    def get(self, request, pk): ...\n    def post(self, request, pk): ...\n\n\nclass OrderViewSet(viewsets.ModelViewSet):\n    pass\n",
        ),
    ];
    assert_eq!(
        routes(&files),
        [
            "GET /api/",
            "GET /api/items/<int:pk>/",
            "POST /api/items/<int:pk>/",
            "GET /api/orders/",
            "POST /api/orders/",
            "DELETE /api/orders/{pk}/",
            "GET /api/orders/{pk}/",
            "PATCH /api/orders/{pk}/",
            "PUT /api/orders/{pk}/",
            "GET /health/",
            "GET /old/(?P<n>\\d+)"
        ]
    );
}

#[test]
fn aiohttp_tables_and_applications_within() {
    let files = [(
        "app.py",
        "from aiohttp import web\n\nroutes = web.RouteTableDef()\n\n\n@routes.get(\"/orders/{number}\")\nasync def one(request): ...\n\n\nasync def add(request): ...\n\n\ndef make():\n    app = web.Application()\n    app.add_routes(routes)\n    app.add_routes([web.post(\"/orders\", add), web.delete(\"/orders/{number}\", add)])\n    app.router.add_get(\"/health\", one)\n    app.router.add_route(\"PUT\", \"/put\", add)\n    sub = web.Application()\n    sub.router.add_post(\"/users\", add)\n    app.add_subapp(\"/admin\", sub)\n    return app\n",
    )];
    assert_eq!(
        routes(&files),
        [
            "POST /admin/users",
            "GET /health",
            "POST /orders",
            "DELETE /orders/{number}",
            "GET /orders/{number}",
            "PUT /put"
        ]
    );
}

#[test]
fn echo_groups() {
    let files = [
        ("go.mod", "module shop\n"),
        (
            "main.go",
            "package main\n\nimport \"github.com/labstack/echo/v4\"\n\nfunc main() {\n\te := echo.New()\n\tv1 := e.Group(\"/v1\")\n\torders := v1.Group(\"/orders\")\n\torders.GET(\"/:number\", one)\n\torders.DELETE(\"/:number\", one)\n\te.POST(\"/login\", one)\n\te.Any(\"/any\", one)\n\te.Start(\":8080\")\n}\n\nfunc one(c echo.Context) error { return nil }\n",
        ),
    ];
    assert_eq!(
        routes(&files),
        ["* /any", "POST /login", "DELETE /v1/orders/:number", "GET /v1/orders/:number"]
    );
}

#[test]
fn fiber_groups_and_mounted_applications() {
    let files = [
        ("go.mod", "module shop\n"),
        (
            "main.go",
            "package main\n\nimport \"github.com/gofiber/fiber/v2\"\n\nfunc main() {\n\tapp := fiber.New()\n\tv1 := app.Group(\"/v1\")\n\torders := v1.Group(\"/orders\")\n\torders.Get(\"/:number\", one)\n\torders.Post(\"/\", one)\n\tapp.Route(\"/admin\", func(r fiber.Router) {\n\t\tr.Delete(\"/users/:id\", one)\n\t})\n\tsub := fiber.New()\n\tsub.Put(\"/x\", one)\n\tapp.Mount(\"/sub\", sub)\n\tapp.All(\"/any\", one)\n\tapp.Listen(\":3000\")\n}\n\nfunc one(c *fiber.Ctx) error { return nil }\n",
        ),
    ];
    assert_eq!(
        routes(&files),
        ["DELETE /admin/users/:id", "* /any", "PUT /sub/x", "POST /v1/orders/", "GET /v1/orders/:number"]
    );
}

#[test]
fn gorilla_subrouters() {
    let files = [
        ("go.mod", "module shop\n"),
        (
            "main.go",
            "package main\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/gorilla/mux\"\n)\n\nfunc main() {\n\tr := mux.NewRouter()\n\tv1 := r.PathPrefix(\"/v1\").Subrouter()\n\torders := v1.PathPrefix(\"/orders\").Subrouter()\n\torders.HandleFunc(\"/{number}\", one).Methods(\"GET\", \"PUT\")\n\torders.HandleFunc(\"\", one).Methods(http.MethodPost)\n\tr.Handle(\"/health\", http.HandlerFunc(one)).Methods(\"GET\")\n\tr.Path(\"/path\").HandlerFunc(one).Methods(\"DELETE\")\n\thttp.ListenAndServe(\":8080\", r)\n}\n\nfunc one(w http.ResponseWriter, r *http.Request) {}\n",
        ),
    ];
    assert_eq!(
        routes(&files),
        [
            "GET /health",
            "DELETE /path",
            "POST /v1/orders",
            "GET /v1/orders/{number}",
            "PUT /v1/orders/{number}"
        ]
    );
}

#[test]
fn net_http_patterns_with_methods() {
    let files = [
        ("go.mod", "module shop\n"),
        (
            "main.go",
            "package main\n\nimport \"net/http\"\n\nfunc main() {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc(\"GET /orders/{number}\", one)\n\tmux.HandleFunc(\"POST /orders\", one)\n\tmux.Handle(\"/files\", http.HandlerFunc(one))\n\thttp.HandleFunc(\"/health\", one)\n\thttp.ListenAndServe(\":8080\", mux)\n}\n\nfunc one(w http.ResponseWriter, r *http.Request) {}\n",
        ),
    ];
    assert_eq!(routes(&files), ["* /files", "* /health", "POST /orders", "GET /orders/{number}"]);
}

#[test]
fn actix_scopes_within_scopes_and_attributes() {
    let files = [
        ("Cargo.toml", "[package]\nname = \"shop\"\n\n[dependencies]\nactix-web = \"4\"\n"),
        (
            "src/main.rs",
            "use actix_web::{App, HttpServer, web, get, delete};\n\n#[get(\"/orders/{number}\")]\nasync fn one() -> String { String::new() }\n\n#[delete(\"/orders/{number}\")]\nasync fn delete_order() -> String { String::new() }\n\nasync fn add() -> String { String::new() }\n\n#[actix_web::main]\nasync fn main() {\n    HttpServer::new(|| {\n        App::new()\n            .service(web::scope(\"/v1\").service(web::scope(\"/shop\").service(one).service(delete_order)))\n            .route(\"/add\", web::post().to(add))\n    });\n}\n",
        ),
    ];
    assert_eq!(
        routes(&files),
        ["POST /add", "DELETE /v1/shop/orders/{number}", "GET /v1/shop/orders/{number}"]
    );
}

/// What decorators and base classes of Django and its REST framework say of methods.
#[test]
fn django_views_and_actions() {
    let files = [
        ("manage.py", ""),
        (
            "shop/urls.py",
            r#"
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from shop import views

router = SimpleRouter(trailing_slash=False)
router.register(r"orders", views.OrderViewSet)
router.register("books", views.BookViewSet)

api = [
    path("users/", views.Users.as_view()),
    path("raw", views.BookViewSet.as_view({"get": "list", "post": "create"})),
]

urlpatterns = [
    path("list", views.Listing.as_view()),
    path("edit", views.Editing.as_view()),
    path("only", views.only_post),
    path("both", views.both),
    path("api/", include(api)),
]
urlpatterns += router.urls
"#,
        ),
        (
            "shop/views.py",
            r#"
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import ListView, UpdateView
from rest_framework import generics, mixins, viewsets
from rest_framework.decorators import action


class Listing(ListView): ...


class Editing(UpdateView): ...


class Users(generics.ListCreateAPIView): ...


@require_POST
def only_post(request): ...


@require_http_methods(["GET", "HEAD"])
def both(request): ...


class Base(mixins.ListModelMixin, viewsets.GenericViewSet):
    @action(detail=False, methods=["post"])
    def clear(self, request): ...


class OrderViewSet(Base):
    lookup_field = "number"

    @action(detail=True, url_path="pay-now", methods=["post", "put"])
    def pay(self, request, number=None): ...

    def destroy(self, request, number=None): ...


class BookViewSet(viewsets.ModelViewSet):
    http_method_names = ["get", "post"]
"#,
        ),
    ];
    assert_eq!(
        table(&files),
        [
            "GET /api/raw list",
            "POST /api/raw create",
            "GET /api/users/ Users",
            "POST /api/users/ Users",
            "GET /books BookViewSet",
            "POST /books BookViewSet",
            "GET /books/{pk} BookViewSet",
            "GET /both both",
            "HEAD /both both",
            "GET /edit Editing",
            "POST /edit Editing",
            "GET /list Listing",
            "POST /only only_post",
            "GET /orders OrderViewSet",
            "POST /orders/clear clear",
            "DELETE /orders/{number} destroy",
            "POST /orders/{number}/pay-now pay",
            "PUT /orders/{number}/pay-now pay",
        ]
    );
}

/// Flask: the prefix of a registration stands in place of the blueprint's own; classes say their methods.
#[test]
fn flask_prefixes_classes_and_resources() {
    let app = r#"
from flask import Blueprint, Flask
from flask.views import MethodView
from flask_restful import Api, Resource

PREFIX = "/v2"


class Order(MethodView):
    def get(self, number): ...
    def delete(self, number): ...


class User(Resource):
    def get(self): ...
    def put(self): ...


def plain(): ...


bp = Blueprint("orders", __name__, url_prefix="/orders")
bp.add_url_rule("/<int:number>", view_func=Order.as_view("order"))
bp.add_url_rule("/plain", "plain", plain)
inner = Blueprint("inner", __name__, url_prefix="/inner")


@inner.get("/x")
def x(): ...


bp.register_blueprint(inner)
app = Flask(__name__)
app.register_blueprint(bp, url_prefix="/v1")
api = Api(app)
api.add_resource(User, "/user", f"{PREFIX}/user")
"#;
    assert_eq!(
        table(&[("app.py", app)]),
        [
            "GET /user User",
            "PUT /user User",
            "DELETE /v1/<int:number> Order",
            "GET /v1/<int:number> Order",
            "GET /v1/inner/x x",
            "GET /v1/plain plain",
            "GET /v2/user User",
            "PUT /v2/user User",
        ]
    );
}

#[test]
fn tornado_handlers_in_lists() {
    let files = [
        (
            "app.py",
            r#"
import tornado.web
from tornado.web import Application, RequestHandler, url
from tornado.websocket import WebSocketHandler

from more import more_handlers


class Base(RequestHandler): ...


class Orders(Base):
    def get(self): ...
    async def post(self): ...


class Feed(WebSocketHandler):
    def on_message(self, message): ...


def make():
    return Application([
        (r"/orders/([0-9]+)$", Orders),
        url(r"/named", Orders, name="named"),
        (r"/feed", Feed),
        (r"/static/(.*)", tornado.web.StaticFileHandler, {"path": "static"}),
    ] + more_handlers)
"#,
        ),
        (
            "more.py",
            r#"
from tornado.web import RequestHandler


class Health(RequestHandler):
    def get(self): ...


more_handlers = [(r"/health", Health)]
"#,
        ),
    ];
    assert_eq!(
        table(&files),
        [
            "WEBSOCKET /feed Feed",
            "GET /health Health",
            "GET /named Orders",
            "POST /named Orders",
            "GET /orders/([0-9]+) Orders",
            "POST /orders/([0-9]+) Orders",
            "GET /static/(.*) StaticFileHandler",
            "HEAD /static/(.*) StaticFileHandler",
        ]
    );
}

#[test]
fn starlette_classes_and_defaults() {
    let app = r#"
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Mount, Route, Router, WebSocketRoute


class Order(HTTPEndpoint):
    async def get(self, request): ...
    async def patch(self, request): ...


def plain(request): ...
async def feed(socket): ...


api = Router(routes=[Route("/order", Order), Route("/plain", plain)])
app = Starlette(routes=[Mount("/api", app=api), WebSocketRoute("/feed", feed)])
app.add_route("/added", plain)
"#;
    assert_eq!(
        table(&[("app.py", app)]),
        [
            "GET /added plain",
            "GET /api/order Order",
            "PATCH /api/order Order",
            "GET /api/plain plain",
            "WEBSOCKET /feed feed",
        ]
    );
}

#[test]
fn fastapi_prefixes_from_elsewhere() {
    let files = [
        ("shop/__init__.py", ""),
        (
            "shop/config.py",
            r#"
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    API: str = "/api/v1"


settings = Settings()
ADMIN = "/admin"
"#,
        ),
        (
            "shop/orders.py",
            r#"
from fastapi import APIRouter


class Orders:
    def __init__(self):
        self.router = APIRouter()
        self.add()

    def add(self):
        @self.router.options("/orders")
        async def asked(): ...

        self.router.add_api_route("/more", self.more)
        self.router.add_api_route("/both", self.more, methods=["PUT", "POST"])

    async def more(self): ...
"#,
        ),
        (
            "shop/main.py",
            r#"
from fastapi import FastAPI

from shop.config import ADMIN, settings
from shop.orders import Orders


class Shop:
    def __init__(self, orders: Orders):
        self.orders = orders
        self.app = FastAPI()
        self.app.include_router(self.orders, prefix=settings.API)

        @self.app.get(f"{ADMIN}/x")
        async def admin(): ...
"#,
        ),
    ];
    assert_eq!(
        table(&files),
        [
            "GET /admin/x admin",
            "POST /api/v1/both more",
            "PUT /api/v1/both more",
            "GET /api/v1/more more",
            "OPTIONS /api/v1/orders asked",
        ]
    );
}

#[test]
fn aiohttp_views() {
    let app = r#"
from aiohttp import web

routes = web.RouteTableDef()


@routes.view("/order")
class Order(web.View):
    async def get(self): ...
    async def delete(self): ...


async def one(request): ...


app = web.Application()
app.add_routes(routes)
app.add_routes([web.view("/again", Order), web.route("PUT", "/put", one), web.route("*", "/any", one)])
app.router.add_head("/head", one)
"#;
    assert_eq!(
        table(&[("app.py", app)]),
        [
            "DELETE /again Order",
            "GET /again Order",
            "* /any one",
            "HEAD /head one",
            "DELETE /order Order",
            "GET /order Order",
            "PUT /put one",
        ]
    );
}

#[test]
fn go_handlers_that_are_routers() {
    let main = r#"package main

import (
	"net/http"

	"github.com/julienschmidt/httprouter"
)

const base = "/v1"

func main() {
	rest := httprouter.New()
	rest.HandlerFunc(http.MethodGet, "/rest/orders", one)
	rest.GET("/rest/orders/:number", nil)
	api := http.NewServeMux()
	api.HandleFunc("DELETE /orders/{number}", one)
	api.HandleFunc(base+"/x", one)
	mux := http.NewServeMux()
	mux.Handle("/rest/", logged(rest))
	debug := http.NewServeMux()
	debug.HandleFunc("/rest/debug/heap", one)
	rest.Handler(http.MethodGet, "/rest/debug/*method", debug)
	mux.Handle("/api/", http.StripPrefix("/api", api))
	mux.Handle("/files/", http.StripPrefix("/files/", http.FileServer(http.Dir("files"))))
	http.ListenAndServe(":8080", mux)
}

func logged(h http.Handler) http.Handler { return h }

func one(w http.ResponseWriter, r *http.Request) {}
"#;
    assert_eq!(
        routes(&[GO, ("main.go", main)]),
        [
            "DELETE /api/orders/{number}",
            "* /api/v1/x",
            "* /files/",
            "GET /rest/debug/heap",
            "GET /rest/orders",
            "GET /rest/orders/:number",
        ]
    );
}

#[test]
fn libraries_on_the_host_of_the_module_are_not_its_own() {
    let server = r#"package api

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

type Server struct{}

func (s *Server) Routes() http.Handler {
	r := chi.NewRouter()
	r.Delete("/admin/orders/{id}", s.remove)
	return r
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {}
"#;
    let module = ("go.mod", "module github.com/acme/shop\n");
    let audit = json(project(&[module, ("api/server.go", server)]).path(), &[]);
    let route = &audit["routes"][0];
    assert_eq!(route["authentication"], false, "{route}");
    assert_eq!(route["rate_limit"], false, "{route}");
}

#[test]
fn what_a_type_asks_before_its_router() {
    let api = r#"package main

import (
	"crypto/subtle"
	"net/http"
)

type shopAPI struct {
	mux   *http.ServeMux
	token []byte
}

func newAPI(token []byte) *shopAPI {
	api := &shopAPI{mux: http.NewServeMux(), token: token}
	api.mux.HandleFunc("POST /v1/delete", api.delete)
	return api
}

func (a *shopAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.checkBearerAuth(r.Header.Get("Authorization")) {
		a.mux.ServeHTTP(w, r)
	} else {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	}
}

func (a *shopAPI) checkBearerAuth(given string) bool {
	return subtle.ConstantTimeCompare([]byte(given), a.token) == 1
}

func (a *shopAPI) delete(w http.ResponseWriter, r *http.Request) {}
"#;
    let audit = json(project(&[GO, ("api.go", api)]).path(), &[]);
    // What it asks is in its own code: it cannot be told.
    assert_eq!(audit["routes"][0]["authentication"], serde_json::Value::Null, "{}", audit["routes"]);
    let (before, rest) = api.split_once("\tif a.check").unwrap();
    let (_, behind) = rest.split_once("\t}\n}\n").unwrap();
    let open =
        format!("{before}\tw.Header().Set(\"Server\", \"shop\")\n\ta.mux.ServeHTTP(w, r)\n}}\n{behind}");
    let audit = json(project(&[GO, ("api.go", &open)]).path(), &[]);
    assert_eq!(audit["routes"][0]["authentication"], false, "{}", audit["routes"]);
}

#[test]
fn chi_mounts_and_methods() {
    let main = r#"package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

type server struct{ router chi.Router }

func main() {
	s := &server{router: chi.NewRouter()}
	s.router.Mount("/orders", orders())
	s.router.Method(http.MethodPut, "/put", http.HandlerFunc(one))
	s.router.MethodFunc("GET", "/get", one)
	s.router.With(guard).Post("/with", one)
	s.router.HandleFunc("/any", one)
	s.router.Group(func(r chi.Router) {
		r.Use(guard)
		r.Delete("/grouped", one)
	})
	http.ListenAndServe(":8080", s.router)
}

func orders() http.Handler {
	r := chi.NewRouter()
	r.Get("/{number}", one)
	return r
}

func guard(next http.Handler) http.Handler { return next }

func one(w http.ResponseWriter, r *http.Request) {}
"#;
    assert_eq!(
        table(&[GO, ("main.go", main)]),
        [
            "* /any one",
            "GET /get one",
            "DELETE /grouped one",
            "GET /orders/{number} one",
            "PUT /put one",
            "POST /with one",
        ]
    );
}

#[test]
fn echo_and_gin_for_several_methods() {
    let echo = r#"package main

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

func main() {
	e := echo.New()
	e.Match([]string{http.MethodGet, "POST"}, "/match", one)
	e.Add(http.MethodPut, "/put", one)
	e.File("/", "index.html")
	e.Start(":8080")
}

func one(c echo.Context) error { return nil }
"#;
    assert_eq!(
        table(&[GO, ("main.go", echo)]),
        ["GET /", "GET /match one", "POST /match one", "PUT /put one"]
    );
    let gin = r#"package main

import "github.com/gin-gonic/gin"

func main() {
	r := gin.Default()
	r.Match([]string{"GET", "HEAD"}, "/match", one)
	r.Handle("PATCH", "/patch", one)
	r.Any("/any", one)
	register(r.Group("/v1"))
	r.Run()
}

func register(g *gin.RouterGroup) {
	g.GET("/x", guard, one)
}

func guard(c *gin.Context) {}

func one(c *gin.Context) {}
"#;
    assert_eq!(
        table(&[GO, ("main.go", gin)]),
        ["* /any one", "GET /match one", "HEAD /match one", "PATCH /patch one", "GET /v1/x one"]
    );
}

#[test]
fn gorilla_in_any_order() {
    let main = r#"package main

import (
	"net/http"

	"github.com/gorilla/mux"
)

func main() {
	r := mux.NewRouter().StrictSlash(true)
	r.Methods("POST").Path("/orders").HandlerFunc(one)
	r.NewRoute().Path("/new").Methods("PUT").HandlerFunc(one)
	r.HandleFunc("/named", one).Methods(http.MethodGet, http.MethodHead).Name("named")
	r.PathPrefix("/static/").Handler(http.FileServer(http.Dir(".")))
	http.ListenAndServe(":8080", r)
}

func one(w http.ResponseWriter, r *http.Request) {}
"#;
    assert_eq!(
        routes(&[GO, ("main.go", main)]),
        ["GET /named", "HEAD /named", "PUT /new", "POST /orders", "* /static/"]
    );
}

#[test]
fn actix_attributes_guards_and_resources() {
    let main = r#"
use actix_web::{App, HttpServer, delete, guard, http::Method, route, web};

#[route("/{file}", method = "GET", method = "HEAD")]
async fn serve() -> String { String::new() }

#[delete("/{file}")]
async fn delete() -> String { String::new() }

async fn one() -> String { String::new() }

fn api(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/order").get(one).route(web::put().to(one)))
        .service(web::resource("/guarded").route(web::route().guard(guard::Post()).to(one)))
        .service(web::resource(["/a", "/b"]).route(web::delete().to(one)))
        .service(web::resource("/patched").route(web::route().method(Method::PATCH).to(one)))
        .service((serve, delete));
}

#[actix_web::main]
async fn main() {
    HttpServer::new(|| App::new().service(web::scope("/v1").configure(api)).route("/any", web::to(one)));
}
"#;
    assert_eq!(
        table(&[("Cargo.toml", &cargo("actix-web = \"4\"")), ("src/main.rs", main)]),
        [
            "* /any one",
            "DELETE /v1/a one",
            "DELETE /v1/b one",
            "POST /v1/guarded one",
            "GET /v1/order one",
            "PUT /v1/order one",
            "PATCH /v1/patched one",
            "DELETE /v1/{file} delete",
            "GET /v1/{file} serve",
            "HEAD /v1/{file} serve",
        ]
    );
}

#[test]
fn rocket_mounts() {
    let main = r#"
#[macro_use] extern crate rocket;

mod orders;

#[get("/")]
fn index() -> String { String::new() }

#[get("/search?<q>&<page>")]
fn search(q: &str, page: usize) -> String { String::new() }

#[launch]
fn rocket() -> _ {
    rocket::build().mount("/", routes![index, search]).mount("/orders", routes![orders::list, orders::delete])
}
"#;
    let orders = r#"
use rocket::{delete, get};

#[get("/")]
pub fn list() -> String { String::new() }

#[delete("/<number>", format = "json")]
pub fn delete(number: u32) -> String { String::new() }
"#;
    assert_eq!(
        table(&[
            ("Cargo.toml", &cargo("rocket = \"0.5\"")),
            ("src/main.rs", main),
            ("src/orders.rs", orders)
        ]),
        ["GET / index", "GET /orders list", "DELETE /orders/<number> delete", "GET /search search"]
    );
}

#[test]
fn axum_methods_and_nested_roots() {
    let main = r#"
use axum::Router;
use axum::routing::{MethodFilter, any, get, on};

mod orders;

use orders::API_VERSION;

const BASE: &str = "/base";

pub fn app() -> Router {
    Router::new()
        .nest("/orders", orders::router())
        .route("/any", any(one))
        .route("/on", on(MethodFilter::DELETE, one))
        .route(&format!("{BASE}/x"), get(one).post(one))
        .route("/state", get(one).with_state(State).post(one))
        .nest(&format!("/{API_VERSION}"), health())
        .merge(health())
}

fn health() -> Router {
    Router::new().route("/health", get(|| async { "ok" }))
}

async fn one() {}
"#;
    let orders = r#"
use axum::{Router, routing::get};

pub const API_VERSION: &str = "v1";

pub fn router() -> Router {
    Router::new().route("/", get(list)).route("/{number}", get(list).delete(list))
}

async fn list() {}
"#;
    assert_eq!(
        table(&[("Cargo.toml", &cargo("axum = \"0.8\"")), ("src/main.rs", main), ("src/orders.rs", orders)]),
        [
            "* /any one",
            "GET /base/x one",
            "POST /base/x one",
            "GET /health",
            "DELETE /on one",
            "GET /orders list",
            "DELETE /orders/{number} list",
            "GET /orders/{number} list",
            "GET /state one",
            "POST /state one",
            "GET /v1/health",
        ]
    );
}

/// A function that registers routes is given their paths, and a table of them is gone through by the workspace's own code.
#[test]
fn go_paths_of_callers_and_tables() {
    let main = r#"package main

import "net/http"

type Route struct {
	Name, Method, Pattern string
	Handler               http.HandlerFunc
}

var table = []Route{
	{"list", "GET", "/table", one},
	Route{Name: "add", Method: http.MethodPost, Pattern: "/table", Handler: one},
}

func main() {
	mux := http.NewServeMux()
	register(mux, "/a")
	register(mux, "/b")
	for _, route := range table {
		mux.HandleFunc(route.Pattern, route.Handler)
	}
	http.ListenAndServe(":8080", mux)
}

func register(mux *http.ServeMux, path string) {
	mux.HandleFunc(path, one)
}

func one(w http.ResponseWriter, r *http.Request) {}
"#;
    assert_eq!(
        table(&[GO, ("main.go", main)]),
        ["* /a one", "* /b one", "GET /table one", "POST /table one"]
    );
}

/// What a module inside the file defines is no name of the file's.
#[test]
fn a_function_of_a_module_hides_no_import() {
    let main = r##"
use axum::{Router, routing::get};

pub fn router() -> Router {
    Router::new().route("/", get(index))
}

async fn index() -> &'static str { "shop" }

mod asset {
    pub async fn get(name: &str) -> String { name.to_owned() }
}
"##;
    assert_eq!(table(&[("Cargo.toml", &cargo("axum = \"0.8\"")), ("src/main.rs", main)]), ["GET / index"]);
}

#[test]
fn warp_filters() {
    let main = r##"
use warp::Filter;

#[tokio::main]
async fn main() {
    let hello = warp::path!("hello" / String).and(warp::get()).map(|name| format!("Hello, {name}!"));
    let orders = warp::path("orders").and(warp::path::param());
    let one = orders.and(warp::delete()).and_then(remove);
    let database = warp::any().map(move || 1);
    let add = warp::post().and(warp::path("orders")).and(warp::path::end()).and(database).and_then(add);
    warp::serve(hello.or(one).or(add)).run(([127, 0, 0, 1], 3030)).await;
}

async fn remove(number: u32) -> Result<String, warp::Rejection> { Ok(String::new()) }

async fn add(database: u32) -> Result<String, warp::Rejection> { Ok(String::new()) }
"##;
    assert_eq!(
        table(&[("Cargo.toml", &cargo("warp = \"0.3\"")), ("src/main.rs", main)]),
        ["GET /hello/{String}", "POST /orders add", "DELETE /orders/{param} remove"]
    );
}

/// Remote procedures, by the name of their service; its package stands in no code.
#[test]
fn grpc_services() {
    let main = r##"
use tonic::{Request, Response, Status, transport::Server};
use hello::greeter_server::{Greeter, GreeterServer};

pub mod hello {
    tonic::include_proto!("hello");
}

#[derive(Default)]
pub struct MyGreeter {}

#[tonic::async_trait]
impl Greeter for MyGreeter {
    async fn say_hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        Err(Status::unimplemented("no"))
    }
}
"##;
    assert_eq!(
        table(&[("Cargo.toml", &cargo("tonic = \"0.12\"")), ("src/main.rs", main)]),
        ["RPC /Greeter/SayHello say_hello"]
    );
    // The attribute stands on other traits too, and a service may have another name here.
    let other = r##"
use hello::greeter_server::Greeter as GrpcService;

pub mod hello {
    tonic::include_proto!("hello");
}

#[tonic::async_trait]
pub trait Pool: Send + Sync {
    async fn get(&self) -> Client;
}

#[tonic::async_trait]
impl Pool for Clients {
    async fn get(&self) -> Client { Client }
}

#[tonic::async_trait]
impl<P: Pool> GrpcService for Greeter<P> {
    async fn say_hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        Err(Status::unimplemented("no"))
    }
}
"##;
    assert_eq!(
        table(&[("Cargo.toml", &cargo("tonic = \"0.12\"")), ("src/main.rs", other)]),
        ["RPC /Greeter/SayHello say_hello"]
    );
    let python = "import grpc\nimport hello_pb2_grpc\n\n\nclass Greeter(hello_pb2_grpc.GreeterServicer):\n    def SayHello(self, request, context): ...\n\n    def _helper(self): ...\n";
    assert_eq!(table(&[("app.py", python)]), ["RPC /Greeter/SayHello SayHello"]);
    let go = r##"package main

import (
	"context"

	"google.golang.org/grpc"

	pb "example.com/hello/pb"
)

type greeter struct {
	pb.UnimplementedGreeterServer
}

func main() {
	server := grpc.NewServer()
	pb.RegisterGreeterServer(server, &greeter{})
}
"##;
    let more = r##"package main

func (g *greeter) SayHello(ctx context.Context, in *pb.HelloRequest) (*pb.HelloReply, error) { return nil, nil }

func (g *greeter) helper() {}
"##;
    assert_eq!(table(&[GO, ("main.go", go), ("more.go", more)]), ["RPC /Greeter/SayHello SayHello"]);
    // What starts and stops the server is no procedure; what is given a stream is one.
    let server = r##"package main

func (g *greeter) ListenAndServe(network, address string) error { return nil }

func (g *greeter) Stop() {}

func (g *greeter) Greetings(in *pb.HelloRequest, stream pb.Greeter_GreetingsServer) error { return nil }
"##;
    assert_eq!(table(&[GO, ("main.go", go), ("server.go", server)]), ["RPC /Greeter/Greetings Greetings"]);
}

/// What checks the input of each route: models, constraints, serializers, tags, derived traits.
#[test]
fn what_validates_the_input() {
    let fastapi = r##"from fastapi import Depends, FastAPI, Query, Request
from pydantic import BaseModel

app = FastAPI()


class OrderIn(BaseModel):
    number: int


def paging(limit: int = Query(10, le=100)): ...


@app.post("/orders")
def add(order: OrderIn): ...


@app.get("/orders")
def find(page=Depends(paging)): ...


@app.post("/raw")
async def raw(request: Request):
    return await request.json()


@app.get("/none")
def none(): ...
"##;
    assert_eq!(
        validated(&[("app.py", fastapi)]),
        ["GET /none ?", "GET /orders Query", "POST /orders OrderIn", "POST /raw no"]
    );
    // What a dependency makes is not what the caller sent, nor is what a helper is given.
    let made = r##"from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel

app = FastAPI()


class User(BaseModel):
    name: str


class Page(BaseModel):
    limit: int


def current_user() -> User: ...


def greet(user: User): ...


@app.get("/account")
def account(user: User = Depends(current_user)): ...


@app.get("/other")
def other(user: Annotated[User, Depends(current_user)]):
    greet(user)


@app.get("/pages")
def pages(page: Page = Depends()): ...


@app.get("/more")
def more(page: Annotated[Page, Depends()]): ...
"##;
    assert_eq!(
        validated(&[("app.py", made)]),
        ["GET /account ?", "GET /more Page", "GET /other ?", "GET /pages Page"]
    );
    let rest = r##"from django.urls import path
from rest_framework import serializers
from rest_framework.views import APIView


class OrderSerializer(serializers.Serializer):
    number = serializers.IntegerField()


class Orders(APIView):
    def post(self, request):
        order = OrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)


urlpatterns = [path("orders/", Orders.as_view())]
"##;
    assert_eq!(validated(&[("views.py", rest)]), ["POST /orders/ OrderSerializer"]);
    let gin = r##"package main

import "github.com/gin-gonic/gin"

type Order struct {
	Number int `json:"number" binding:"required"`
}

type Loose struct {
	Number int `json:"number"`
}

func main() {
	r := gin.New()
	r.POST("/orders", add)
	r.POST("/loose", loose)
	r.Run()
}

func add(c *gin.Context) {
	var order Order
	if err := c.ShouldBindJSON(&order); err != nil {
		return
	}
}

func loose(c *gin.Context) {
	var order Loose
	if err := c.ShouldBindJSON(&order); err != nil {
		return
	}
}
"##;
    assert_eq!(validated(&[GO, ("main.go", gin)]), ["POST /loose no", "POST /orders Order"]);
    let axum = r##"use axum::{Json, Router, routing::post};
use axum_valid::Valid;
use validator::Validate;

#[derive(serde::Deserialize, Validate)]
pub struct Order {
    #[validate(range(min = 1))]
    number: u32,
}

pub fn app() -> Router {
    Router::new().route("/orders", post(add)).route("/valid", post(valid)).route("/loose", post(loose))
}

async fn add(Json(order): Json<Order>) -> Result<(), String> {
    order.validate().map_err(|e| e.to_string())?;
    Ok(())
}

async fn valid(Valid(Json(order)): Valid<Json<Order>>) {}

async fn loose(Json(order): Json<Order>) {}
"##;
    let manifest = cargo("axum = \"0.8\"\nvalidator = \"0.18\"");
    assert_eq!(
        validated(&[("Cargo.toml", &manifest), ("src/main.rs", axum)]),
        ["POST /loose ?", "POST /orders Order", "POST /valid Order"]
    );
}

fn validated(files: &[(&str, &str)]) -> Vec<String> {
    let audit = json(project(files).path(), &[]);
    let row = |route: &serde_json::Value| {
        let by: Vec<&str> =
            route["validated_by"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let said = match route["validation"].as_bool() {
            Some(true) => by.join(", "),
            Some(false) => "no".to_owned(),
            None => "?".to_owned(),
        };
        format!("{} {} {said}", route["method"].as_str().unwrap(), route["path"].as_str().unwrap())
    };
    audit["routes"].as_array().unwrap().iter().map(row).collect()
}
