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
        ["* /^old/(?P<n>\\d+)$", "* /api/items/<int:pk>/", "* /api/orders", "* /health/"]
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
