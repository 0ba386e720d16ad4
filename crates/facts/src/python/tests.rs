use std::sync::Arc;

use crate::dump::dump;
use crate::fact::Facts;

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
