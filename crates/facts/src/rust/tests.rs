use shipworthy_syntax::Language;

use crate::dump::dump;
use crate::fact::{Facts, Kind};
use crate::shape::{facts_of, well_formed_facts};

fn facts(source: &str) -> Facts {
    let facts = well_formed_facts(Language::Rust, source);
    assert_eq!(facts.errors, []);
    facts
}

#[test]
fn imports_comments_and_modules() {
    let f = facts(
        r#"//! Crate.
#![allow(dead_code)]
use std::{io::{self, Read as _}, sync::*, a::b as c}; // why
pub use ::foo::{bar};
extern crate serde as s;
#[cfg(test)]
mod tests {
    #![inner]
    use super::*;
    /* in */
    #[cfg(unix)] use self::x;
}
/// Doc.
pub mod z;
/** Doc. */
/*** Rule. */
//// Rule.
#[macro_export]
macro_rules! m { ($a:expr) => { f($a) /* kept */ } }
unsafe extern "C" { fn malloc(size: usize) -> *mut u8; pub static Z: u8; }
"#,
    );
    insta::assert_snapshot!(dump(&f), @r#"
    Decorator: Decorator
      Value: Call
        Callee: Name `allow`
        Argument: Name `dead_code`
    Statement: Import use std::{io::{self, Read as _}, sync::*, a::b as c};
    Statement: Import PUBLIC pub use ::foo::{bar};
    Statement: Import extern crate serde as s;
    Statement: Namespace `tests`
      Decorator: Decorator
        Value: Call
          Callee: Name `cfg`
          Argument: Name `test`
      Body: Block
        Decorator: Decorator
          Value: Name `inner`
        Statement: Import use super::*;
        Statement: Import
          Decorator: Decorator
            Value: Call
              Callee: Name `cfg`
              Argument: Name `unix`
    Statement: Namespace PUBLIC `z`
    Statement: OtherStatement `m`
      Decorator: Decorator
        Value: Name `macro_export`
    Statement: Block UNSAFE
      Statement: Function ABSTRACT `malloc`
        Parameter: Parameter `size`
          Type: Type usize
        Result: Type *mut u8
      Statement: Assign DECLARES|CONSTANT|PUBLIC
        Target: Name BINDS `Z`
        Type: Type u8
    "#);
    let imports: Vec<String> =
        f.imports.iter().map(|i| format!("{} = {} {}", i.local, i.path, i.conditional)).collect();
    assert_eq!(
        imports,
        [
            "io = std::io false",
            "_ = std::io::Read false",
            "* = std::sync false",
            "c = std::a::b false",
            "bar = foo::bar false",
            "s = serde false",
            "* = super true",
            "x = self::x true",
        ]
    );
    let comments: Vec<_> = f.comments.iter().map(|c| (f.slice(c.range), c.documentation)).collect();
    assert_eq!(
        comments,
        [
            ("//! Crate.", true),
            ("// why", false),
            ("/* in */", false),
            ("/// Doc.", true),
            ("/** Doc. */", true),
            ("/*** Rule. */", false),
            ("//// Rule.", false),
            ("/* kept */", false),
        ]
    );
}

#[test]
fn functions() {
    let f = facts(
        r#"
pub async fn f<T: Send + 'static, const N: usize>(&mut self, mut a: T, (b, _): (u8, u8), #[q] _: &str) -> Result<(), E>
where T: Copy, Vec<T>: D
{
    if a { b } else { c }
}
fn g(self: Arc<Self>) { y() }
fn h() -> u8 { x; }
fn i() -> u8 { return x }
fn j() -> u8 { loop { x() } }
fn k() { for x in y {} }
fn l() -> T { panic!("x") }
pub(crate) const unsafe fn m(_: u8, ...) {}
#[tokio::main(flavor = "current_thread")] #[must_use = "why"] #[test]
async fn main() {}
"#,
    );
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function ASYNC|PUBLIC `f`
      TypeParameter: Type `T`
        Type: Type Send + 'static
          Part: Name `Send`
      TypeParameter: Type `N`
        Type: Type usize
      Receiver: Parameter MUTABLE `self`
      Parameter: Parameter MUTABLE `a`
        Type: Type T
      Parameter: Parameter
        Pattern: Tuple
          Element: Name BINDS `b`
          Element: Name BINDS `_`
        Type: Type (u8, u8)
      Parameter: Parameter `_`
        Decorator: Decorator
          Value: Name `q`
        Type: Type &str
      Result: Type Result<(), E>
        Part: Name `Result`
        Part: Name `E`
      TypeParameter: Type `T`
        Type: Type Copy
      TypeParameter: Type Vec<T>: D
        Part: Name `Vec`
        Part: Name `T`
        Type: Type D
      Body: Block
        Statement: Return IMPLICIT
          Value: If
            Condition: Name `a`
            Body: Block
              Statement: Name IMPLICIT `b`
            Else: Block
              Statement: Name IMPLICIT `c`
    Statement: Function `g`
      Receiver: Parameter `self`
        Type: Type Arc<Self>
          Part: Name `Arc`
          Part: Name `Self`
      Body: Block
        Statement: Call IMPLICIT
          Callee: Name `y`
    Statement: Function `h`
      Result: Type u8
      Body: Block
        Statement: Name `x`
    Statement: Function `i`
      Result: Type u8
      Body: Block
        Statement: Return
          Value: Name `x`
    Statement: Function `j`
      Result: Type u8
      Body: Block
        Statement: Return IMPLICIT
          Value: While
            Body: Block
              Statement: Call IMPLICIT
                Callee: Name `x`
    Statement: Function `k`
      Body: Block
        Statement: For DECLARES
          Target: Name BINDS `x`
          Iterable: Name `y`
          Body: Block {}
    Statement: Function `l`
      Result: Type T
      Body: Block
        Statement: Return IMPLICIT
          Value: Call MACRO
            Callee: Name `panic!`
            Argument: String "x"
    Statement: Function UNSAFE `m`
      Parameter: Parameter `_`
        Type: Type u8
      Parameter: Parameter SPREAD ...
      Body: Block {}
    Statement: Function ASYNC `main`
      Decorator: Decorator
        Value: Call
          Callee: Attribute `main`
            Object: Name `tokio`
          Argument: String flavor= "current_thread"
      Decorator: Decorator
        Value: Call
          Callee: Name `must_use`
          Argument: String "why"
      Decorator: Decorator
        Value: Name `test`
      Body: Block {}
    "#);
}

#[test]
fn types() {
    let f = facts(
        r#"
#[derive(Debug, Clone)] // kept
#[serde(rename_all = "camelCase", default = "d")]
pub struct A<T: Send>(pub u8, #[x] B<T>) where T: Copy;
pub struct S { pub(crate) a: Option<u8>, #[serde(default)] pub b: [u8; N + f()] }
pub enum E { X, Y(u8, a::B) = 3, #[e] Z { a: Box<dyn Fn(x::Y) -> Z> } }
struct U;
union V { a: u8 }
type R<T> = std::Result<T, E>;
pub trait T: Base<u8> + for<'a> Q<'a> + 'static { type Item: Copy; const C: u8; fn f(&self); fn g() {} }
unsafe impl<T> m::Tr<u8> for &a::S<T> { type Item = u8; pub fn f(&self) {} }
impl S {}
"#,
    );
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Class PUBLIC `A`
      Decorator: Decorator
        Value: Call
          Callee: Name `derive`
          Argument: Name `Debug`
          Argument: Name `Clone`
      Decorator: Decorator
        Value: Call
          Callee: Name `serde`
          Argument: String rename_all= "camelCase"
          Argument: String default= "d"
      TypeParameter: Type `T`
        Type: Type Send
      Body: Block
        Statement: Field PUBLIC
          Type: Type u8
        Statement: Field
          Decorator: Decorator
            Value: Name `x`
          Type: Type B<T>
            Part: Name `B`
            Part: Name `T`
      TypeParameter: Type `T`
        Type: Type Copy
    Statement: Class PUBLIC `S`
      Body: Block
        Statement: Field `a`
          Type: Type Option<u8>
            Part: Name `Option`
        Statement: Field PUBLIC `b`
          Decorator: Decorator
            Value: Call
              Callee: Name `serde`
              Argument: Name `default`
          Type: Type [u8; N + f()]
            Part: Binary Add
              Operand: Name `N`
              Operand: Call
                Callee: Name `f`
    Statement: Class PUBLIC|ENUM `E`
      Body: Block
        Statement: Field PUBLIC `X`
        Statement: Field PUBLIC `Y`
          Body: Block
            Statement: Field
              Type: Type u8
            Statement: Field
              Type: Type a::B
                Part: Attribute `B`
                  Object: Name `a`
          Value: Number 3
        Statement: Field PUBLIC `Z`
          Decorator: Decorator
            Value: Name `e`
          Body: Block
            Statement: Field `a`
              Type: Type Box<dyn Fn(x::Y) -> Z>
                Part: Name `Box`
                Part: Name `Fn`
                Part: Attribute `Y`
                  Object: Name `x`
                Part: Name `Z`
    Statement: Class `U`
    Statement: Class `V`
      Body: Block
        Statement: Field `a`
          Type: Type u8
    Statement: Class `R`
      TypeParameter: Type `T`
      Base: Attribute `Result`
        Object: Name `std`
      Type: Type std::Result<T, E>
        Part: Attribute `Result`
          Object: Name `std`
        Part: Name `T`
        Part: Name `E`
    Statement: Class PUBLIC|ABSTRACT `T`
      Base: Name `Base`
      Base: Name `Q`
      Body: Block
        Statement: Field PUBLIC|ABSTRACT `Item`
          Type: Type Copy
        Statement: Assign DECLARES|CONSTANT|PUBLIC
          Target: Name BINDS `C`
          Type: Type u8
        Statement: Function PUBLIC|ABSTRACT `f`
          Receiver: Parameter `self`
        Statement: Function PUBLIC `g`
          Body: Block {}
    Statement: Class UNSAFE|IMPLEMENTATION `S`
      TypeParameter: Type `T`
      Base: Attribute `Tr`
        Object: Name `m`
      Type: Type &a::S<T>
        Part: Attribute `S`
          Object: Name `a`
        Part: Name `T`
      Body: Block
        Statement: Field `Item`
          Type: Type u8
        Statement: Function PUBLIC `f`
          Receiver: Parameter `self`
          Body: Block {}
    Statement: Class IMPLEMENTATION `S`
      Type: Type S
      Body: Block {}
    "#);
}

#[test]
fn statements() {
    let f = facts(
        r#"
const X: u8 = 1;
pub static mut Y: Vec<u8> = Vec::new();
fn f() {
    let mut a: u8;
    let (tx, rx) = channel();
    let Some(v) = o else { return };
    let _ = h();
    x.y.0 = 1; a = 2; b[i] = 3; (c, _) = d(); STATIC = 4;
    n += 1;
    if let Some(x) = y && x > 3 && let Ok(_) = z { a } else if q { b } else { c }
    'l: while let Some(x) = it.next() { continue 'l; }
    for (i, v) in xs { break; }
    let l = loop { break 'l 3; };
    match x {
        A | B(1..=3) if t && let Some(u) = s => 1,
        n @ 2 => {}
        &Z => (),
        [a, .., b] | (a, b) => {},
        S { a, ref b, c: mut d, .. } => x(),
        Some(1 | 2) => {}
        "s" | -1 => {},
        #[cfg(z)] _ => None,
    }
    #[cfg(feature = "x")]
    foo(#[a] b);
    { inner() };
    unsafe { *p; }
    const fn k() {}
    ;
    return x;
}
"#,
    );
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Assign DECLARES|CONSTANT
      Target: Name BINDS `X`
      Type: Type u8
      Value: Number 1
    Statement: Assign DECLARES|CONSTANT|MUTABLE|PUBLIC
      Target: Name BINDS `Y`
      Type: Type Vec<u8>
        Part: Name `Vec`
      Value: Call
        Callee: Attribute `new`
          Object: Name `Vec`
    Statement: Function `f`
      Body: Block
        Statement: Assign DECLARES|MUTABLE
          Target: Name BINDS `a`
          Type: Type u8
        Statement: Assign DECLARES
          Target: Tuple
            Element: Name BINDS `tx`
            Element: Name BINDS `rx`
          Value: Call
            Callee: Name `channel`
        Statement: Assign DECLARES
          Target: Pattern
            Callee: Name `Some`
            Argument: Name BINDS `v`
          Value: Name `o`
          Else: Block
            Statement: Return return
        Statement: Assign DECLARES
          Target: Name BINDS `_`
          Value: Call
            Callee: Name `h`
        Statement: Assign
          Target: Attribute `0`
            Object: Attribute `y`
              Object: Name `x`
          Value: Number 1
        Statement: Assign
          Target: Name BINDS `a`
          Value: Number 2
        Statement: Assign
          Target: Index
            Object: Name `b`
            Index: Name `i`
          Value: Number 3
        Statement: Assign
          Target: Tuple
            Element: Name BINDS `c`
            Element: Name BINDS `_`
          Value: Call
            Callee: Name `d`
        Statement: Assign
          Target: Name `STATIC`
          Value: Number 4
        Statement: Assign Add
          Target: Name BINDS `n`
          Value: Number 1
        Statement: If
          Condition: Binary And
            Operand: Let
              Pattern: Pattern
                Callee: Name `Some`
                Argument: Name BINDS `x`
              Value: Name `y`
            Operand: Compare Gt
              Operand: Name `x`
              Operand: Number 3
            Operand: Let
              Pattern: Pattern
                Callee: Name `Ok`
                Argument: Name BINDS `_`
              Value: Name `z`
          Body: Block
            Statement: Name IMPLICIT `a`
          Else: If
            Condition: Name `q`
            Body: Block
              Statement: Name IMPLICIT `b`
            Else: Block
              Statement: Name IMPLICIT `c`
        Statement: While l=
          Condition: Let
            Pattern: Pattern
              Callee: Name `Some`
              Argument: Name BINDS `x`
            Value: Call
              Callee: Attribute `next`
                Object: Name `it`
          Body: Block
            Statement: Continue `l`
        Statement: For DECLARES
          Target: Tuple
            Element: Name BINDS `i`
            Element: Name BINDS `v`
          Iterable: Name `xs`
          Body: Block
            Statement: Break break
        Statement: Assign DECLARES
          Target: Name BINDS `l`
          Value: While
            Body: Block
              Statement: Break `l`
                Value: Number 3
        Statement: Match
          Subject: Name `x`
          Arm: Arm
            Pattern: Name `A`
            Pattern: Pattern
              Callee: Name `B`
              Argument: RangeLiteral
                Operand: Number 1
                Operand: Number 3
            Guard: Binary And
              Operand: Name `t`
              Operand: Let
                Pattern: Pattern
                  Callee: Name `Some`
                  Argument: Name BINDS `u`
                Value: Name `s`
            Body: Number 1
          Arm: Arm
            Pattern: Pattern
              Part: Name BINDS `n`
              Part: Number 2
            Body: Block {}
          Arm: Arm
            Pattern: Reference
              Value: Name `Z`
            Body: Nothing ()
          Arm: Arm
            Pattern: List
              Element: Name BINDS `a`
              Element: Spread SPREAD ..
              Element: Name BINDS `b`
            Pattern: Tuple
              Element: Name BINDS `a`
              Element: Name BINDS `b`
            Body: Block {}
          Arm: Arm
            Pattern: Pattern
              Callee: Name `S`
              Argument: Name BINDS a= `a`
              Argument: Name BINDS b= `b`
              Argument: Name MUTABLE|BINDS c= `d`
              Argument: Spread SPREAD ..
            Body: Call
              Callee: Name `x`
          Arm: Arm
            Pattern: Pattern
              Callee: Name `Some`
              Argument: Pattern
                Part: Number 1
                Part: Number 2
            Body: Block {}
          Arm: Arm
            Pattern: String "s"
            Pattern: Unary Negate
              Operand: Number 1
            Body: Block {}
          Arm: Arm DEFAULT
            Decorator: Decorator
              Value: Call
                Callee: Name `cfg`
                Argument: Name `z`
            Body: Nothing None
        Statement: OtherStatement
          Decorator: Decorator
            Value: Call
              Callee: Name `cfg`
              Argument: String feature= "x"
          Statement: Call
            Callee: Name `foo`
            Argument: OtherExpression
              Decorator: Decorator
                Value: Name `a`
              Part: Name `b`
        Statement: Block
          Statement: Call IMPLICIT
            Callee: Name `inner`
        Statement: Block UNSAFE
          Statement: Dereference
            Value: Name `p`
        Statement: Function `k`
          Body: Block {}
        Statement: Return
          Value: Name `x`
    "#);
}

#[test]
fn expressions() {
    let f = facts(
        r##"
fn f() {
    let a = g::<u8, Vec<T>>(x)?.await;
    -1 + !b * *c as u8 - d;
    a == b && c != d || !(e <= f);
    0..; 1..=2; a[1..]; a[i]; &mut b;
    let c = move |a, mut b: u8, &c, (d, _)| -> u8 { a };
    let d = async move { x.await };
    let e = async |_| y;
    S { a, b: 1, ..Default::default() };
    (a, 1, "x", b"y", r#"z"#, 'c', 1.5, true, ());
    [1, 2]; [0; 3];
    Vec::<u8>::new(); <T as U>::v(); ::std::x::y(); None::<T>; u8::MAX;
    x.iter().map(|x| x.y()).collect::<Vec<_>>();
}
"##,
    );
    insta::assert_snapshot!(dump(&f), @r##"
    Statement: Function `f`
      Body: Block
        Statement: Assign DECLARES
          Target: Name BINDS `a`
          Value: Await
            Value: Propagate
              Value: Call
                Callee: Name `g`
                Type: Type u8
                Type: Type Vec<T>
                  Part: Name `Vec`
                  Part: Name `T`
                Argument: Name `x`
        Statement: Binary Sub
          Operand: Binary Add
            Operand: Unary Negate
              Operand: Number 1
            Operand: Binary Mul
              Operand: Unary Not
                Operand: Name `b`
              Operand: Cast
                Value: Dereference
                  Value: Name `c`
                Type: Type u8
          Operand: Name `d`
        Statement: Binary Or
          Operand: Binary And
            Operand: Compare Eq
              Operand: Name `a`
              Operand: Name `b`
            Operand: Compare Ne
              Operand: Name `c`
              Operand: Name `d`
          Operand: Unary Not
            Operand: Compare Le
              Operand: Name `e`
              Operand: Name `f`
        Statement: RangeLiteral
          Operand: Number 0
        Statement: RangeLiteral
          Operand: Number 1
          Operand: Number 2
        Statement: Slice
          Object: Name `a`
          Index: RangeLiteral
            Operand: Number 1
        Statement: Index
          Object: Name `a`
          Index: Name `i`
        Statement: Reference MUTABLE
          Value: Name `b`
        Statement: Assign DECLARES
          Target: Name BINDS `c`
          Value: Lambda MOVE
            Parameter: Parameter `a`
            Parameter: Parameter MUTABLE `b`
              Type: Type u8
            Parameter: Parameter
              Pattern: Reference
                Value: Name BINDS `c`
            Parameter: Parameter
              Pattern: Tuple
                Element: Name BINDS `d`
                Element: Name BINDS `_`
            Result: Type u8
            Body: Block
              Statement: Return IMPLICIT
                Value: Name `a`
        Statement: Assign DECLARES
          Target: Name BINDS `d`
          Value: Lambda ASYNC|MOVE
            Body: Block
              Statement: Return IMPLICIT
                Value: Await
                  Value: Name `x`
        Statement: Assign DECLARES
          Target: Name BINDS `e`
          Value: Lambda ASYNC
            Parameter: Parameter `_`
            Body: Name `y`
        Statement: Construct
          Callee: Name `S`
          Argument: Name a= `a`
          Argument: Number b= 1
          Argument: Spread SPREAD
            Value: Call
              Callee: Attribute `default`
                Object: Name `Default`
        Statement: Tuple
          Element: Name `a`
          Element: Number 1
          Element: String "x"
          Element: String BYTES b"y"
          Element: String RAW r#"z"#
          Element: Character 'c'
          Element: Number 1.5
          Element: Boolean true
          Element: Nothing ()
        Statement: List
          Element: Number 1
          Element: Number 2
        Statement: List
          Element: Number 0
          Element: Number 3
        Statement: Call
          Callee: Attribute `new`
            Object: Name `Vec`
        Statement: Call
          Callee: Attribute `v`
            Object: Type <T as U>
              Part: Name `T`
              Part: Name `U`
        Statement: Call
          Callee: Attribute `y`
            Object: Attribute `x`
              Object: Name `std`
        Statement: Nothing
          Part: Name `T`
        Statement: Attribute `MAX`
          Object: Name `u8`
        Statement: Call
          Callee: Attribute `collect`
            Object: Call
              Callee: Attribute `map`
                Object: Call
                  Callee: Attribute `iter`
                    Object: Name `x`
              Argument: Lambda
                Parameter: Parameter `x`
                Body: Call
                  Callee: Attribute `y`
                    Object: Name `x`
          Type: Type Vec<_>
            Part: Name `Vec`
            Part: Name `_`
    "##);
}

#[test]
fn macros() {
    let f = facts(
        r##"
fn f(x: u8) {
    println!("a {} b", b.c(1)?, /* kept */ d = %e.f(), ?g, user.id = 3, x..=3, a[1..2], &'a str);
    tracing::error!(target: "t", err = ?e, "failed", a && b == c || !d, Foo { a: 1, b, ..c }, x.await?.y::<u8>().z);
    vec![1; n]; vec![(1, 2), (3), ()];
    json!({"a": x, "b": [1, {"c": y.z()}], "d": {}});
    assert!(matches!(x, Some(A::B(n) | C) if n > 1), "msg");
    foo!(if a == b { c() } else { d }, match x { 1 => y(), _ => z }, g::h!(1).i);
    let h = hashmap!{ "a" => 1, "b" => g(2) };
    m!(return Err(x), let Some(y) = z, &&w, &mut q, *p, -1 as i64, <T as U>::v(1), Vec::<u8>::new(), a::<u8>, None);
    m!(a b c.d() => @ +);
    error!({ code = 3, %e }, "x");
    insta!(S { #[cfg(q)] a: 1, .. }, { b.c(): 2 }, @"z");
}
"##,
    );
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Parameter: Parameter `x`
        Type: Type u8
      Body: Block
        Statement: Call MACRO
          Callee: Name `println!`
          Argument: String "a {} b"
          Argument: Propagate
            Value: Call
              Callee: Attribute `c`
                Object: Name `b`
              Argument: Number 1
          Argument: Call d=
            Callee: Attribute `f`
              Object: Name `e`
          Argument: Name `g`
          Argument: Number user.id= 3
          Argument: RangeLiteral
            Operand: Name `x`
            Operand: Number 3
          Argument: Slice
            Object: Name `a`
            Index: RangeLiteral
              Operand: Number 1
              Operand: Number 2
          Argument: OtherExpression
            Part: Reference &
            Part: Name `a`
            Part: Name `str`
        Statement: Call MACRO
          Callee: Attribute `error!`
            Object: Name `tracing`
          Argument: String target= "t"
          Argument: Name err= `e`
          Argument: String "failed"
          Argument: Binary Or
            Operand: Binary And
              Operand: Name `a`
              Operand: Compare Eq
                Operand: Name `b`
                Operand: Name `c`
            Operand: Unary Not
              Operand: Name `d`
          Argument: Construct
            Callee: Name `Foo`
            Argument: Number a= 1
            Argument: Name b= `b`
            Argument: Spread SPREAD
              Value: Name `c`
          Argument: Attribute `z`
            Object: Call
              Callee: Attribute `y`
                Object: Propagate
                  Value: Await
                    Value: Name `x`
              Type: Type u8
        Statement: Call MACRO
          Callee: Name `vec!`
          Argument: Number 1
          Argument: Name `n`
        Statement: Call MACRO
          Callee: Name `vec!`
          Argument: Tuple
            Element: Number 1
            Element: Number 2
          Argument: Number 3
          Argument: Nothing ()
        Statement: Call MACRO
          Callee: Name `json!`
          Argument: Dictionary
            Element: Entry
              Key: String "a"
              Value: Name `x`
            Element: Entry
              Key: String "b"
              Value: List
                Element: Number 1
                Element: Dictionary
                  Element: Entry
                    Key: String "c"
                    Value: Call
                      Callee: Attribute `z`
                        Object: Name `y`
            Element: Entry
              Key: String "d"
              Value: Dictionary {}
        Statement: Call MACRO
          Callee: Name `assert!`
          Argument: Call MACRO
            Callee: Name `matches!`
            Argument: Name `x`
            Pattern: Pattern
              Callee: Name `Some`
              Argument: Pattern
                Part: Pattern
                  Callee: Attribute `B`
                    Object: Name `A`
                  Argument: Name BINDS `n`
                Part: Name `C`
            Guard: Compare Gt
              Operand: Name `n`
              Operand: Number 1
          Argument: String "msg"
        Statement: Call MACRO
          Callee: Name `foo!`
          Argument: If
            Condition: Compare Eq
              Operand: Name `a`
              Operand: Name `b`
            Body: Block
              Statement: Call IMPLICIT
                Callee: Name `c`
            Else: Block
              Statement: Name IMPLICIT `d`
          Argument: Match
            Subject: Name `x`
            Arm: Arm
              Pattern: Number 1
              Body: Call
                Callee: Name `y`
            Arm: Arm DEFAULT
              Body: Name `z`
          Argument: Attribute `i`
            Object: Call MACRO
              Callee: Attribute `h!`
                Object: Name `g`
              Argument: Number 1
        Statement: Assign DECLARES
          Target: Name BINDS `h`
          Value: Call MACRO
            Callee: Name `hashmap!`
            Argument: Entry
              Key: String "a"
              Value: Number 1
            Argument: Entry
              Key: String "b"
              Value: Call
                Callee: Name `g`
                Argument: Number 2
        Statement: Call MACRO
          Callee: Name `m!`
          Argument: Return
            Value: Call
              Callee: Name `Err`
              Argument: Name `x`
          Argument: Let
            Pattern: Pattern
              Callee: Name `Some`
              Argument: Name BINDS `y`
            Value: Name `z`
          Argument: Reference
            Value: Reference
              Value: Name `w`
          Argument: Reference MUTABLE
            Value: Name `q`
          Argument: Dereference
            Value: Name `p`
          Argument: Cast
            Value: Unary Negate
              Operand: Number 1
            Type: Type i64
          Argument: Call
            Callee: Attribute `v`
              Object: Type <T as U>
            Argument: Number 1
          Argument: Call
            Callee: Attribute `new`
              Object: Name `Vec`
          Argument: Name `a`
          Argument: Nothing None
        Statement: Call MACRO
          Callee: Name `m!`
          Argument: OtherExpression
            Part: Name `a`
            Part: Name `b`
            Part: Call
              Callee: Attribute `d`
                Object: Name `c`
          Argument: OtherExpression +
        Statement: Call MACRO
          Callee: Name `error!`
          Argument: OtherExpression
            Part: Number code= 3
            Part: Name `e`
          Argument: String "x"
        Statement: Call MACRO
          Callee: Name `insta!`
          Argument: Construct
            Callee: Name `S`
            Argument: Number a= 1
            Argument: Spread SPREAD ..
          Argument: Dictionary
            Element: Entry
              Key: Call
                Callee: Attribute `c`
                  Object: Name `b`
              Value: Number 2
          Argument: String "z"
    "#);
    assert_eq!(f.comments.len(), 1);
}

#[test]
fn code_in_macros() {
    let f = facts(
        r##"
fn f() {
    tokio::select! {
        Some(v) = rx.recv(), if !done => { use_it(v).await; }
        r = fut => r?,
        _ = sleep(d) => break,
        else => {}
    }
    select! { recv(rx) -> msg => f(msg?), default => {} }
    tokio::join!(async move { a().await }, |x, mut y: &u8, (z, _)| -> u8 { x.y(z) }, move || z);
    stream! { let a = b().await; /* once */ yield a.c()?; }
    quote! { fn #name() { x.unwrap() } }
    quote!(#(#x),*);
}
lazy_static! { static ref X: Mutex<u8> = Mutex::new(1); }
thread_local!(static Y: RefCell<u8> = RefCell::new(f()));
cfg_if! { if #[cfg(x)] { use a::b; fn q() {} } else { x!() } }
"##,
    );
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Body: Block
        Statement: Call MACRO
          Callee: Attribute `select!`
            Object: Name `tokio`
          Argument: Arm
            Pattern: Pattern
              Callee: Name `Some`
              Argument: Name BINDS `v`
            Value: Call
              Callee: Attribute `recv`
                Object: Name `rx`
            Guard: Unary Not
              Operand: Name `done`
            Body: Block
              Statement: Await
                Value: Call
                  Callee: Name `use_it`
                  Argument: Name `v`
          Argument: Arm
            Pattern: Name BINDS `r`
            Value: Name `fut`
            Body: Propagate
              Value: Name `r`
          Argument: Arm
            Pattern: Name BINDS `_`
            Value: Call
              Callee: Name `sleep`
              Argument: Name `d`
            Body: Break break
          Argument: Arm DEFAULT
            Body: Block {}
        Statement: Call MACRO
          Callee: Name `select!`
          Argument: Arm
            Value: Call
              Callee: Name `recv`
              Argument: Name `rx`
            Pattern: Name BINDS `msg`
            Body: Call
              Callee: Name `f`
              Argument: Propagate
                Value: Name `msg`
          Argument: Arm DEFAULT
            Body: Block {}
        Statement: Call MACRO
          Callee: Attribute `join!`
            Object: Name `tokio`
          Argument: Lambda ASYNC|MOVE
            Body: Block
              Statement: Return IMPLICIT
                Value: Await
                  Value: Call
                    Callee: Name `a`
          Argument: Lambda
            Parameter: Parameter `x`
            Parameter: Parameter MUTABLE `y`
              Type: Type &u8
            Parameter: Parameter
              Pattern: Tuple
                Element: Name BINDS `z`
                Element: Name BINDS `_`
            Result: Type u8
            Body: Block
              Statement: Return IMPLICIT
                Value: Call
                  Callee: Attribute `y`
                    Object: Name `x`
                  Argument: Name `z`
          Argument: Lambda MOVE
            Body: Name `z`
        Statement: Call MACRO
          Callee: Name `stream!`
          Body: Block
            Statement: Assign DECLARES
              Target: Name BINDS `a`
              Value: Await
                Value: Call
                  Callee: Name `b`
            Statement: Yield
              Value: Propagate
                Value: Call
                  Callee: Attribute `c`
                    Object: Name `a`
        Statement: Call MACRO
          Callee: Name `quote!`
          Argument: OtherExpression { fn #name() { x.unwrap() } }
        Statement: Call MACRO
          Callee: Name `quote!`
          Argument: OtherExpression (#(#x),*)
    Statement: Call MACRO
      Callee: Name `lazy_static!`
      Body: Block
        Statement: Assign DECLARES|CONSTANT
          Target: Name BINDS `X`
          Type: Type Mutex<u8>
            Part: Name `Mutex`
          Value: Call
            Callee: Attribute `new`
              Object: Name `Mutex`
            Argument: Number 1
    Statement: Call MACRO
      Callee: Name `thread_local!`
      Body: Block
        Statement: Assign DECLARES|CONSTANT
          Target: Name BINDS `Y`
          Type: Type RefCell<u8>
            Part: Name `RefCell`
          Value: Call
            Callee: Attribute `new`
              Object: Name `RefCell`
            Argument: Call
              Callee: Name `f`
    Statement: Call MACRO
      Callee: Name `cfg_if!`
      Argument: OtherExpression
        Decorator: Decorator
          Value: Call
            Callee: Name `cfg`
            Argument: Name `x`
        Part: Block
          Statement: Import use a::b;
          Statement: Function `q`
            Body: Block {}
        Part: Name `else`
        Part: Block
          Statement: Call MACRO|IMPLICIT
            Callee: Name `x!`
    "#);
    assert!(f.imports.iter().map(|i| i.conditional).eq([true]));
    assert_eq!(f.comments.len(), 1);
}

#[test]
fn format_strings_that_name_what_they_print() {
    let f = facts(
        r##"
fn f(x: u8, width: u8) {
    println!("a {x} {{x}} \u{1F600}{x:?} {x:>width$.2} {} {0}", 1);
    format!(r#"{X}"#);
    write!(f, "{x}")?;
    // None of these names a variable.
    format!("{x} {y}", x = 1);
    query!("'{active}'");
    f!(b"{x}");
    g("{x}");
}
"##,
    );
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Parameter: Parameter `x`
        Type: Type u8
      Parameter: Parameter `width`
        Type: Type u8
      Body: Block
        Statement: Call MACRO
          Callee: Name `println!`
          Argument: Template
            Part: Text a 
            Part: Name `x`
            Part: Text  {{x}} \u{1F600}
            Part: Name `x`
            Part: Text  
            Part: Name `x`
            Part: Name `width`
            Part: Text  {} {0}
          Argument: Number 1
        Statement: Call MACRO
          Callee: Name `format!`
          Argument: Template RAW
            Part: Name `X`
        Statement: Propagate
          Value: Call MACRO
            Callee: Name `write!`
            Argument: Name `f`
            Argument: Template
              Part: Name `x`
        Statement: Call MACRO
          Callee: Name `format!`
          Argument: String "{x} {y}"
          Argument: Number x= 1
        Statement: Call MACRO
          Callee: Name `query!`
          Argument: String "'{active}'"
        Statement: Call MACRO
          Callee: Name `f!`
          Argument: String BYTES b"{x}"
        Statement: Call
          Callee: Name `g`
          Argument: String "{x}"
    "#);
}

#[test]
fn deep_nesting_costs_no_stack() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{", "}"), ("m!(", ")"), ("m!{", "}"), ("-", ""), ("|| ", "")]
    {
        let source = format!("fn f() {{ {}1{} }}", open.repeat(5_000), close.repeat(5_000));
        let f = facts_of(Language::Rust, &source);
        assert!(!f.errors.is_empty(), "{open}");
    }
    // In code and in macros.
    let chain = format!("a{}; a{}", ".b()".repeat(5_000), " + 1".repeat(5_000));
    let f = facts_of(Language::Rust, &format!("fn f() {{ m!({chain}); {chain}; }}"));
    let deepest = f.nodes().map(|n| n.ancestors().count()).max();
    assert!(deepest.is_some_and(|deepest| deepest < 1_000), "{deepest:?}");
    let types = format!(
        "type A = {}u8{}; use {}a{};",
        "B<".repeat(5_000),
        ">".repeat(5_000),
        "{".repeat(5_000),
        "}".repeat(5_000)
    );
    assert!(facts_of(Language::Rust, &types).nodes().any(|n| n.is(Kind::Import)));
}
