use std::collections::{BTreeMap, BTreeSet};

use shipworthy_audit::level::{Confidence, Severity};
use shipworthy_audit::{Check, CodeRole, Fix, Note, Survey, rule};
use shipworthy_evidence::manifest::{Kind, Purpose};
use shipworthy_evidence::package::python;
use shipworthy_facts::Node;
use shipworthy_syntax::Language;

use crate::graph::imports_of;
use crate::manifests::{self, Declared, folder_of};

rule! {
    /// An import that no manifest declares
    ///
    /// It works where somebody once installed the package by hand, and fails where the project is installed from its manifest: in the image, in
    /// production, on a new colleague's machine. Declare it. A package that is there only because another one needs it goes away with the next version
    /// of that one: such findings are of low severity.
    ///
    /// Left alone are the standard library, the workspace's own modules, imports that may fail (in a `try`, under a condition) here or elsewhere in
    /// the project, and projects whose dependencies are made up while they are built.
    ///
    /// ```manifest bad file=requirements.txt
    /// fastapi==0.115.6
    /// ```
    /// ```python bad file=app.py
    /// import os
    ///
    /// import redis
    ///        ^^^^^
    /// from fastapi import FastAPI
    /// ```
    /// ```manifest fixed file=requirements.txt
    /// fastapi==0.115.6
    /// redis
    /// ```
    /// ```python fixed file=app.py
    /// import os
    ///
    /// import redis
    /// from fastapi import FastAPI
    /// ```
    ///
    /// Seen from the code:
    ///
    /// ```manifest bad file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = ["requests"]
    /// ```
    /// ```python bad file=shop/client.py
    /// import requests
    /// from urllib3.util import Retry
    ///                          ^^^^^
    /// ```
    ///
    /// ```manifest good file=requirements.txt
    /// PyYAML==6.0.2
    /// google-cloud-storage
    /// ```
    /// ```python good file=app.py
    /// import json
    /// import sys
    ///
    /// import yaml
    /// from google.cloud import storage
    ///
    /// try:
    ///     import orjson
    /// except ImportError:
    ///     orjson = None
    ///
    /// if sys.version_info < (3, 11):
    ///     import tomli
    ///
    /// def fast():
    ///     import orjson
    ///     return orjson
    /// ```
    ///
    /// A package whose name resembles the module's, and that nothing else needs:
    ///
    /// ```manifest good file=requirements.txt
    /// shelfware-restapi==2.1
    /// ```
    /// ```python good file=app.py
    /// from swrestapi.users import Users
    /// ```
    ///
    /// Where each service has a manifest of its own:
    ///
    /// ```manifest good file=setup.py
    /// from setuptools import setup
    ///
    /// setup(name="shop", install_requires=read_requirements())
    /// ```
    /// ```python good file=shop/api.py
    /// import stripe
    /// ```
    ///
    /// ```python bad file=shop/models.py
    /// import sqlalchemy
    ///        ^^^^^^^^^^
    ///
    /// import shop.api
    /// ```
    /// ```python bad file=shop/api.py
    /// import sqlalchemy
    /// ```
    /// ```manifest bad file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = ["fastapi"]
    /// ```
    /// ```python fixed file=shop/models.py
    /// import sqlalchemy
    ///
    /// import shop.api
    /// ```
    /// ```python fixed file=shop/api.py
    /// import sqlalchemy
    /// ```
    /// ```manifest fixed file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// dependencies = ["fastapi", "sqlalchemy"]
    /// ```
    ///
    /// What is made up cannot be told:
    ///
    /// ```python bad file=worker/main.py
    /// import redis
    ///        ^^^^^
    /// ```
    /// ```manifest bad file=worker/requirements.txt
    /// celery==5.4.0
    /// ```
    /// ```manifest bad file=api/requirements.txt
    /// redis==5.2.1
    /// ```
    /// ```python bad file=api/main.py
    /// import redis
    /// ```
    ///
    /// ```python good file=app/main.py
    /// from typing import TYPE_CHECKING
    ///
    /// import helpers
    /// from app import settings
    ///
    /// if TYPE_CHECKING:
    ///     import pandas
    /// ```
    /// ```python good file=app/helpers.py
    /// import fastapi
    /// ```
    /// ```python good file=app/settings.py
    /// import fastapi
    /// ```
    /// ```manifest good file=requirements/base.txt
    /// fastapi==0.115.6
    /// ```
    ///
    /// Nor can what has no manifest:
    ///
    /// ```python good file=scripts/load.py
    /// import polars
    /// ```
    ///
    /// Packages hold modules of other names:
    ///
    /// ```manifest good file=pyproject.toml
    /// [project]
    /// name = "shop"
    /// version = "1.0"
    /// dependencies = ["django-oauth-toolkit>=3.4", "libpass>=1.9", "progressbar33==2.4", "peewee>=3"]
    /// ```
    /// ```python good file=shop/words.py
    /// import progressbar
    /// from oauth2_provider.models import get_access_token_model
    /// from passlib.hash import bcrypt
    /// from playhouse.shortcuts import model_to_dict
    /// ```
    name: "undeclared-dependency",
    category: Configuration,
    severity: High,
    scope: Workspace,
    audience: All,
    fix: { Manifest: Suggested, Python: Suggested },
    on: [Fact(shipworthy_facts::Kind::Import)],
    check: collect,
    workspace: judge,
}

/// What is said of an import that may fail.
const OPTIONAL: &str = "optional";
/// What is said of an import that runs when a function does.
const LATE: &str = "late";

fn collect(cx: &mut Check<'_>, import: Node<'_>) {
    if cx.language() != Language::Python {
        return;
    }
    for bound in imports_of(import) {
        let path = &*bound.path;
        if path.starts_with('.') || python::needs_no_package(path) {
            continue;
        }
        // `if sys.version_info >= (3, 9):`
        let may_fail = bound.conditional || import.ancestors().any(|n| n.is(shipworthy_facts::Kind::If));
        let detail = match (may_fail, import.function()) {
            (true, _) => OPTIONAL,
            (false, Some(_)) => LATE,
            (false, None) => "",
        };
        cx.note(bound.range, path, detail);
    }
}

/// What the manifests say that a file sees.
struct Seen<'a> {
    names: BTreeSet<&'a str>,
    has_development: bool,
    /// Some dependencies cannot be read.
    is_open: bool,
}

impl<'a> Seen<'a> {
    fn of(manifests: &[&Declared<'a>]) -> Self {
        let all = || manifests.iter().flat_map(|declared| &declared.manifest.dependencies);
        let requirements = manifests.iter().any(|declared| {
            declared.manifest.kind == Kind::Requirements && !declared.manifest.dependencies.is_empty()
        });
        let is_dynamic = manifests.iter().any(|declared| declared.manifest.is_dynamic);
        let unread = manifests.iter().any(|declared| !declared.around.file.unread.is_empty());
        let runtime = all().any(|dependency| dependency.purpose != Purpose::Build);
        Self {
            names: all().map(|dependency| dependency.name.as_str()).collect(),
            has_development: all().any(|dependency| dependency.purpose == Purpose::Development),
            is_open: is_dynamic && !requirements || unread || !runtime,
        }
    }

    fn provides(&self, module: &str) -> bool {
        self.names.iter().any(|name| python::provides(name, module))
    }

    /// The declared package that brings one with a module.
    fn brought(&self, module: &str) -> Option<&'a str> {
        let brings = |name: &str, depth: u32| brings(name, module, depth);
        self.names.iter().copied().find(|name| brings(name, 3))
    }
}

fn brings(package: &str, module: &str, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    python::brings(package).iter().any(|own| python::provides(own, module) || brings(own, module, depth))
}

/// The first import of a module.
struct First<'a> {
    file: usize,
    note: &'a Note,
    is_test: bool,
}

fn judge(survey: &mut Survey<'_>) {
    let all = manifests::of(survey, Language::Python);
    let own = Own::of(survey);
    // The manifests that files see are the same for most.
    let mut groups: BTreeMap<Vec<usize>, BTreeMap<String, First<'_>>> = BTreeMap::new();
    let mut optional: BTreeSet<String> = BTreeSet::new();
    for (number, file) in survey.files().filter(|(_, file)| file.language == Language::Python) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if matches!(name, "setup.py" | "noxfile.py" | "fabfile.py" | "tasks.py" | "conf.py") {
            continue;
        }
        let seen: Vec<usize> = (0..all.len()).filter(|at| all[*at].covers(&file.path)).collect();
        if seen.is_empty() {
            continue;
        }
        let is_test = file.role == CodeRole::Test;
        let group = groups.entry(seen).or_default();
        for note in survey.notes(number) {
            let top = python::top(&note.key);
            if note.detail == OPTIONAL {
                optional.insert(top.to_owned());
            }
            if own.has(&file.path, top) {
                continue;
            }
            // Parts of one namespace are packages of their own.
            let key = if python::package_of(&note.key).is_some() { note.key.as_str() } else { top };
            let known = group.get(key);
            let is_better = known.is_none_or(|known| {
                known.is_test && !is_test
                    || known.is_test == is_test && known.note.detail == LATE && note.detail.is_empty()
            });
            if is_better && note.detail != OPTIONAL {
                group.insert(key.to_owned(), First { file: number, note, is_test });
            }
        }
    }
    let mut reported: BTreeSet<(usize, String)> = BTreeSet::new();
    for (manifests, modules) in &groups {
        let visible: Vec<&Declared<'_>> = manifests.iter().map(|at| &all[*at]).collect();
        let seen = Seen::of(&visible);
        if seen.is_open {
            continue;
        }
        for first in modules.values() {
            let module = &first.note.key;
            let top = python::top(module);
            if first.is_test && !seen.has_development {
                continue;
            }
            survey.site(first.file);
            let nearest = manifests.last().copied().unwrap_or_default();
            if optional.contains(top) || seen.provides(module) || !reported.insert((nearest, top.to_owned()))
            {
                continue;
            }
            let package = python::package_of(module).unwrap_or(top);
            // The nearest one that declares something: `setup.cfg` may hold a tool's settings alone.
            let declares = |declared: &&&Declared<'_>| {
                (!declared.manifest.dependencies.is_empty(), declared.folder.len())
            };
            let manifest = visible.iter().max_by_key(declares);
            let manifest = manifest.map_or("the manifest", |declared| declared.path());
            // What others often bring may come with one of which that is not known.
            let is_independent = python::is_known(package) && !python::is_often_brought(package);
            // Integrations, and code that asks for the package by its name before, can do without it.
            let file = &survey.all_files()[first.file];
            let is_integration =
                file.path.split('/').any(|part| matches!(part, "contrib" | "integrations" | "plugins"));
            let asks = || {
                let text = file.contents();
                [package, top].iter().any(|name| manifests::is_quoted(text, name))
            };
            // A declared one that is not known, and that no other import needs, may have the module: `drf-extensions`.
            let is_had = || {
                !python::is_known(package)
                    && seen.names.iter().any(|name| {
                        !python::is_known(name)
                            && manifests::are_akin(name, top)
                            && !modules.keys().any(|other| python::provides(name, other))
                    })
            };
            let may_miss = first.note.detail == LATE || is_integration || asks() || is_had();
            let finding = match seen.brought(module) {
                Some(by) => survey
                    .finding(first.note.range, format!("`{top}` is here only because `{by}` needs it"))
                    .why("A next version of that one may need it no more, or another version of it.")
                    .severity(Severity::Low)
                    .confidence(Confidence::High),
                None => survey
                    .finding(first.note.range, format!("`{top}` is imported, and no manifest declares it"))
                    .why("Where the project is installed from its manifest, this import fails.")
                    .severity(if is_independent && !first.is_test {
                        Severity::High
                    } else {
                        Severity::Medium
                    })
                    .confidence(match (may_miss, python::is_known(package)) {
                        (true, _) => Confidence::Low,
                        (false, true) => Confidence::High,
                        (false, false) => Confidence::Medium,
                    }),
            };
            let fix = Fix::suggested(format!("Declare `{package}` in `{manifest}`"));
            // Whether another registry's name is meant by the module's cannot be told.
            let fix = python::is_known(package).then(|| fix.declare(package.to_owned(), manifest));
            let finding = finding.help(format!("Declare `{package}` in `{manifest}`.")).maybe_fix(fix);
            survey.report(first.file, finding);
        }
    }
}

/// The modules of the workspace, as a file can import them.
struct Own {
    /// Paths of modules and folders with code, without endings.
    places: BTreeSet<String>,
    /// The last parts of these.
    ends: BTreeSet<String>,
    tops: BTreeSet<String>,
    /// Some code changes where modules are looked for: any module of the workspace may be meant.
    is_open: bool,
}

impl Own {
    fn of(survey: &Survey<'_>) -> Self {
        let (mut places, mut tops, mut is_open) = (BTreeSet::new(), BTreeSet::new(), false);
        for file in survey.all_files().iter().filter(|file| file.language == Language::Python) {
            let stem = file.path.strip_suffix(".py").or(file.path.strip_suffix(".pyi")).unwrap_or(&file.path);
            places.insert(stem.to_owned());
            places.extend(stem.match_indices('/').map(|(at, _)| stem[..at].to_owned()));
            tops.insert(python::top(&file.summary.module).to_owned());
            is_open |= file.contents().contains("sys.path.");
        }
        for name in survey.all_around().iter().filter_map(|a| a.file.manifest()?.name.as_ref()) {
            tops.insert(name.text.replace('-', "_"));
        }
        let last = |place: &String| place.rsplit('/').next().unwrap_or(place).to_owned();
        Self { ends: places.iter().map(last).collect(), places, tops, is_open }
    }

    fn has(&self, path: &str, top: &str) -> bool {
        let mut folder = folder_of(path);
        loop {
            for within in ["", "src/", "lib/", "python/"] {
                if self.places.contains(&format!("{folder}{within}{top}")) {
                    return true;
                }
            }
            if folder.is_empty() {
                break;
            }
            folder = folder_of(folder.trim_end_matches('/'));
        }
        self.tops.contains(top) || self.is_open && self.ends.contains(top)
    }
}
