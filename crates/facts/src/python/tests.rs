use std::sync::Arc;

use crate::dump::dump;
use crate::fact::{Facts, Kind};

fn facts(source: &str) -> Facts {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).unwrap();
    super::extract(&parser.parse(source, None).unwrap(), &Arc::from(source))
}

#[test]
fn every_construct_becomes_facts() {
    let f = facts(
        r#"
import os, a.b.c as d
from .x import (y as z, w)
from q import *
try:
    import ujson as json
except ImportError as e:
    json = None

@app.get("/x", status_code=200)
async def f(self, a: int = 3, *args, b, **kw) -> Optional[str]:
    """doc"""
    x = y = await g(a, key=b, *rest, **more)
    self.a, b = 1, "s"
    x: Annotated[int, Depends(q)] = 2
    n += 1
    if a == b and c is not None:
        return f"x {a!r:>{w}} y"
    elif z: pass
    else: raise ValueError("x") from e
    with open(p) as fh, lock: fh.read()
    for i, v in enumerate(xs): yield v
    else: ...
    try:
        go()
    except (A, B) as err: pass
    except: raise
    finally: done()
    r = [u for u in us if u not in seen for k in u]
    d = {"a": 1, **o}
    lam = lambda q, *z: q if q else -z
    m = x[1:2], x[0]["k"]
    match cmd:
        case [a, b] if a: pass
        case _: pass
    return

class C(Base, metaclass=M):
    n: int = 0  # note
    s = b"x" r"y"
"#,
    );
    insta::assert_snapshot!(dump(&f));
    let imports: Vec<String> =
        f.imports.iter().map(|i| format!("{} = {} {}", i.local, i.path, i.conditional)).collect();
    assert_eq!(
        imports,
        [
            "os = os false",
            "d = a.b.c false",
            "z = .x.y false",
            "w = .x.w false",
            "* = q false",
            "json = ujson true"
        ]
    );
    assert_eq!(f.errors, []);
    assert_eq!(f.comments.len(), 1);
}

/// What nobody writes costs its place only, and says so.
#[test]
fn texts_without_measure_are_read_in_part() {
    let count = |f: &Facts, kind| f.nodes().filter(|n| n.is(kind)).count();
    // A chain of branches nests as deep as it is long.
    let chain: String = (0..5_000).map(|n| format!("    elif x == {n}:\n        f()\n")).collect();
    let f = facts(&format!("def g(x):\n    if x:\n        f()\n{chain}    else:\n        f()\n"));
    let deepest = f.nodes().map(|n| n.ancestors().count()).max();
    assert!(deepest.is_some_and(|deepest| deepest < 1_000), "{deepest:?}");
    assert!(count(&f, Kind::If) > 100 && !f.errors.is_empty());
    // A function that is too large is there, and nothing of it.
    let long = "    import a\n    x = f(x)\n".repeat(20_000);
    let f = facts(&format!("def before(): pass\ndef long(x):\n{long}def after(): pass\n"));
    assert_eq!((count(&f, Kind::Function), count(&f, Kind::Assign), f.imports.len()), (2, 0, 0));
    let [unread] = f.errors[..] else { panic!("{:?}", f.errors) };
    assert!(f.slice(unread).starts_with("def long") && f.slice(unread).trim_end().ends_with("x = f(x)"));
    // A name that no module has.
    let f = facts(&format!("from {} import c\nimport b\n", ["a"; 1_000].join(".")));
    assert_eq!(f.imports.iter().map(|i| &*i.path).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn what_is_around_a_place_is_found_in_any_order() {
    let source =
        "@d(1)\ndef f(a=1):\n    x = [i for i in a if i]\n    # why\n    return a if x else g(x, k=2)\n";
    let f = facts(source);
    for node in f.nodes() {
        let found = f.covering(node.range());
        assert_eq!(found.range(), node.range());
        let mut slow = f.root();
        let covers =
            |n: &crate::Node<'_>| n.range().start <= node.range().start && node.range().end <= n.range().end;
        while let Some(child) = slow.children().find(covers) {
            slow = child;
        }
        assert_eq!(found, slow, "{node:?}");
        let before = node
            .parent()
            .filter(|_| node.index() > 0)
            .and_then(|parent| parent.children().take_while(|child| *child != node).last());
        assert_eq!(node.previous(), before);
    }
}
