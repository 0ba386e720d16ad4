//! Where a file belongs among the others.

use std::sync::Arc;

use shipworthy_syntax::Language;

/// Where a file belongs: the layer that sees packages and manifests says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The name under which others import it: `app.services.crm`, `example.com/shop/store`, `shop::store`.
    pub module: Arc<str>,
    /// The folder of its project, in the workspace: where two projects have modules of one name, each sees its own.
    pub project: Arc<str>,
}

impl Home {
    /// The home of a file of which only the path is known.
    pub fn by_path(language: Language, path: &str) -> Self {
        Self { module: default_module(language, path).into(), project: "".into() }
    }
}

/// The name under which a file is imported, as far as its path tells.
fn default_module(language: Language, path: &str) -> String {
    match language {
        Language::Python => {
            let path = path.strip_suffix(".py").or(path.strip_suffix(".pyi")).unwrap_or(path);
            path.strip_suffix("/__init__").unwrap_or(path).replace('/', ".")
        }
        Language::Go => path.rsplit_once('/').map_or("main", |(folder, _)| folder).to_owned(),
        Language::Rust => {
            let path = path.rsplit_once("src/").map_or(path, |(_, inside)| inside);
            let path = path.strip_suffix(".rs").unwrap_or(path);
            let path = path.strip_suffix("/mod").unwrap_or(path);
            match path {
                "lib" | "main" => "crate".to_owned(),
                _ => format!("crate::{}", path.replace('/', "::")),
            }
        }
    }
}
