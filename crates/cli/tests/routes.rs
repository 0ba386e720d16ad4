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
