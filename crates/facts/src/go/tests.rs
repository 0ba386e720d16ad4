use shipworthy_syntax::Language;

use crate::dump::dump;
use crate::fact::{Facts, Kind};
use crate::shape::well_formed_facts;

fn facts(source: &str) -> Facts {
    well_formed_facts(Language::Go, source)
}

#[test]
fn a_package_and_its_imports() {
    let f = facts(
        r#"
// Package x is documented.
package x

import "fmt"

import (
	"net/http"
	pg "github.com/lib/pq" // why
	. "math"
	_ "embed"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"gopkg.in/yaml.v3"
	"github.com/openai/openai-go"
	"C"
)
"#,
    );
    assert_eq!(f.errors, []);
    let imports: Vec<String> = f.imports.iter().map(|i| format!("{} = {}", i.local, i.path)).collect();
    assert_eq!(
        imports,
        [
            "fmt = fmt",
            "http = net/http",
            "pg = github.com/lib/pq",
            "* = math",
            "_ = embed",
            "pgx = github.com/jackc/pgx/v5",
            "redis = github.com/redis/go-redis/v9",
            "yaml = gopkg.in/yaml.v3",
            "openai = github.com/openai/openai-go",
            "C = C",
        ]
    );
    assert_eq!(f.root().children().map(|n| n.kind()).collect::<Vec<_>>(), [Kind::Import, Kind::Import]);
    assert_eq!(f.slice(f.package), "x");
    assert_eq!(
        f.comments.iter().map(|c| f.slice(c.range)).collect::<Vec<_>>(),
        ["// Package x is documented.", "// why"]
    );
}

#[test]
fn functions() {
    let f = facts(
        r#"
package x
func f() {}
func Add[T int | ~string, K comparable](a, b T, _ *http.Request, rest ...[]K) (sum T, err error) { return }
func (s *Server[T]) Serve(context.Context, func(int) error) error
func (Server) close() (int, map[string]http.Handler)
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Body: Block {}
    Statement: Function PUBLIC `Add`
      TypeParameter: Type `T`
        Type: Type int | ~string
          Part: Name `int`
          Part: Name `string`
      TypeParameter: Type `K`
        Type: Type comparable
      Parameter: Parameter `a`
        Type: Type T
      Parameter: Parameter `b`
        Type: Type T
      Parameter: Parameter `_`
        Type: Type *http.Request
          Part: Attribute `Request`
            Object: Name `http`
      Parameter: Parameter SPREAD `rest`
        Type: Type ...[]K
          Part: Name `K`
      Result: Parameter `sum`
        Type: Type T
      Result: Parameter `err`
        Type: Type error
      Body: Block
        Statement: Return return
    Statement: Function PUBLIC|ABSTRACT `Serve`
      Receiver: Parameter `s`
        Type: Type *Server[T]
          Part: Name `Server`
          Part: Name `T`
      Parameter: Parameter
        Type: Type context.Context
          Part: Attribute `Context`
            Object: Name `context`
      Parameter: Parameter
        Type: Type func(int) error
          Part: Name `int`
          Part: Name `error`
      Result: Type error
    Statement: Function ABSTRACT `close`
      Receiver: Parameter
        Type: Type Server
      Result: Type int
      Result: Type map[string]http.Handler
        Part: Name `string`
        Part: Attribute `Handler`
          Object: Name `http`
    "#);
}

#[test]
fn types() {
    let f = facts(
        r#"
package x
type ID int
type (
	Handler = http.Handler
	Set[T comparable] map[T]struct{}
	Fn func(a int) error
)
type Server struct {
	http.Server
	*sync.Mutex `json:"-"`
	Pool[int]
	A, b [N]int // note
	Name string `json:"name"`
	opts struct{ Deep chan<- bool }
}
type Reader interface {
	io.Closer
	Read(p []byte) (n int, err error)
	~int | fmt.Stringer
}
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Class PUBLIC `ID`
      Type: Type int
    Statement: Class PUBLIC `Handler`
      Base: Attribute `Handler`
        Object: Name `http`
      Type: Type http.Handler
        Part: Attribute `Handler`
          Object: Name `http`
    Statement: Class PUBLIC `Set`
      TypeParameter: Type `T`
        Type: Type comparable
      Type: Type map[T]struct{}
        Part: Name `T`
    Statement: Class PUBLIC `Fn`
      Type: Type func(a int) error
        Part: Name `int`
        Part: Name `error`
    Statement: Class PUBLIC `Server`
      Base: Attribute `Server`
        Object: Name `http`
      Base: Attribute `Mutex`
        Object: Name `sync`
      Base: Name `Pool`
      Body: Block
        Statement: Field PUBLIC `Server`
          Type: Type http.Server
            Part: Attribute `Server`
              Object: Name `http`
        Statement: Field PUBLIC `Mutex`
          Type: Type *sync.Mutex
            Part: Attribute `Mutex`
              Object: Name `sync`
          Decorator: String RAW `json:"-"`
        Statement: Field PUBLIC `Pool`
          Type: Type Pool[int]
            Part: Name `Pool`
            Part: Name `int`
        Statement: Field PUBLIC `A`
          Type: Type [N]int
        Statement: Field `b`
          Type: Type [N]int
            Part: Name `N`
            Part: Name `int`
        Statement: Field PUBLIC `Name`
          Type: Type string
          Decorator: String RAW `json:"name"`
        Statement: Field `opts`
          Type: Type struct{ Deep chan<- bool }
            Part: Field PUBLIC `Deep`
              Type: Type chan<- bool
                Part: Name `bool`
    Statement: Class PUBLIC|ABSTRACT `Reader`
      Base: Attribute `Closer`
        Object: Name `io`
      Body: Block
        Statement: Type io.Closer
          Part: Attribute `Closer`
            Object: Name `io`
        Statement: Function PUBLIC|ABSTRACT `Read`
          Parameter: Parameter `p`
            Type: Type []byte
              Part: Name `byte`
          Result: Parameter `n`
            Type: Type int
          Result: Parameter `err`
            Type: Type error
        Statement: Type ~int | fmt.Stringer
          Part: Name `int`
          Part: Attribute `Stringer`
            Object: Name `fmt`
    "#);
}

#[test]
fn declarations_and_assignments() {
    let f = facts(
        r#"
package x
const a, b = 1, "s"
const (
	C Kind = iota
	D
)
var e, g int
var (
	h       = f()
	i error = nil
)
func m() {
	type local struct{}
	var n []int
	p, err := f()
	p, q.r, s[0], *t = 1, 2, 3, 4
	u += 1
	v &^= 2
	w++
	(y)--
	ok, _ := z.(int)
	k, ok := m["x"]
	k, ok = <-ch
}
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Assign DECLARES|CONSTANT
      Target: Name BINDS `a`
      Target: Name BINDS `b`
      Value: Number 1
      Value: String "s"
    Statement: Assign DECLARES|CONSTANT
      Target: Name BINDS `C`
      Type: Type Kind
      Value: Name `iota`
    Statement: Assign DECLARES|CONSTANT
      Target: Name BINDS `D`
    Statement: Assign DECLARES
      Target: Name BINDS `e`
      Target: Name BINDS `g`
      Type: Type int
    Statement: Assign DECLARES
      Target: Name BINDS `h`
      Value: Call
        Callee: Name `f`
    Statement: Assign DECLARES
      Target: Name BINDS `i`
      Type: Type error
      Value: Nothing nil
    Statement: Function `m`
      Body: Block
        Statement: Class `local`
          Body: Block {}
        Statement: Assign DECLARES
          Target: Name BINDS `n`
          Type: Type []int
            Part: Name `int`
        Statement: Assign DECLARES
          Target: Name BINDS `p`
          Target: Name BINDS `err`
          Value: Call
            Callee: Name `f`
        Statement: Assign
          Target: Name BINDS `p`
          Target: Attribute `r`
            Object: Name `q`
          Target: Index
            Object: Name `s`
            Index: Number 0
          Target: Dereference
            Value: Name `t`
          Value: Number 1
          Value: Number 2
          Value: Number 3
          Value: Number 4
        Statement: Assign Add
          Target: Name BINDS `u`
          Value: Number 1
        Statement: Assign Other
          Target: Name BINDS `v`
          Value: Number 2
        Statement: Assign Add
          Target: Name BINDS `w`
        Statement: Assign Sub
          Target: Name BINDS `y`
        Statement: Assign DECLARES
          Target: Name BINDS `ok`
          Target: Name BINDS `_`
          Value: TypeAssertion CHECKED
            Value: Name `z`
            Type: Type int
        Statement: Assign DECLARES
          Target: Name BINDS `k`
          Target: Name BINDS `ok`
          Value: Index CHECKED
            Object: Name `m`
            Index: String "x"
        Statement: Assign
          Target: Name BINDS `k`
          Target: Name BINDS `ok`
          Value: Receive CHECKED
            Value: Name `ch`
    "#);
}

#[test]
fn control_flow() {
    let f = facts(
        r#"
package x
func f() error {
	if err := g(); err != nil {
		return err
	} else if !ok {
	} else {
		goto end
	}
	for {
		break
	}
	for a < b {
	}
	for i := 0; i < n; i++ {
		continue
	}
outer:
	for k, v := range m {
		for range ch {
			continue outer
		}
		for s.x = range 10 {
		}
	}
	{
		defer mu.Unlock()
		go func() { ch <- 1 }()
	}
end:
	return nil, err
}
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Result: Type error
      Body: Block
        Statement: If
          Initializer: Assign DECLARES
            Target: Name BINDS `err`
            Value: Call
              Callee: Name `g`
          Condition: Compare Ne
            Operand: Name `err`
            Operand: Nothing nil
          Body: Block
            Statement: Return
              Value: Name `err`
          Else: If
            Condition: Unary Not
              Operand: Name `ok`
            Body: Block {\n	}
            Else: Block
              Statement: OtherStatement `end`
        Statement: While
          Body: Block
            Statement: Break break
        Statement: While
          Condition: Compare Lt
            Operand: Name `a`
            Operand: Name `b`
          Body: Block {\n	}
        Statement: For
          Initializer: Assign DECLARES
            Target: Name BINDS `i`
            Value: Number 0
          Condition: Compare Lt
            Operand: Name `i`
            Operand: Name `n`
          Update: Assign Add
            Target: Name BINDS `i`
          Body: Block
            Statement: Continue continue
        Statement: For DECLARES outer=
          Target: Name BINDS `k`
          Target: Name BINDS `v`
          Iterable: Name `m`
          Body: Block
            Statement: For
              Iterable: Name `ch`
              Body: Block
                Statement: Continue `outer`
            Statement: For
              Target: Attribute `x`
                Object: Name `s`
              Iterable: Number 10
              Body: Block {\n		}
        Statement: Block
          Statement: Defer
            Value: Call
              Callee: Attribute `Unlock`
                Object: Name `mu`
          Statement: Spawn
            Value: Call
              Callee: Lambda
                Body: Block
                  Statement: Send
                    Target: Name `ch`
                    Value: Number 1
        Statement: Return end=
          Value: Nothing nil
          Value: Name `err`
    "#);
}

#[test]
fn switches() {
    let f = facts(
        r#"
package x
func f() {
	switch x := g(); x {
	case 1, "a":
		h()
		fallthrough
	default:
	}
	switch {
	case a > b:
	}
	switch v := (y).(type) {
	case nil, *http.Request:
		v.Use()
	case error:
	}
	switch z.(type) {
	}
	select {
	case <-ctx.Done():
		return
	case v, ok := <-ch:
	case s.v = <-ch:
	case out <- 1: // sent
	default:
	}
}
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Body: Block
        Statement: Match
          Initializer: Assign DECLARES
            Target: Name BINDS `x`
            Value: Call
              Callee: Name `g`
          Subject: Name `x`
          Arm: Arm
            Pattern: Number 1
            Pattern: String "a"
            Body: Block
              Statement: Call
                Callee: Name `h`
              Statement: OtherStatement fallthrough
          Arm: Arm DEFAULT default:
        Statement: Match
          Arm: Arm
            Pattern: Compare Gt
              Operand: Name `a`
              Operand: Name `b`
        Statement: Match
          Initializer: Assign DECLARES
            Target: Name BINDS `v`
          Subject: TypeAssertion CHECKED
            Value: Name `y`
          Arm: Arm
            Pattern: Nothing nil
            Pattern: Type *http.Request
              Part: Attribute `Request`
                Object: Name `http`
            Body: Block
              Statement: Call
                Callee: Attribute `Use`
                  Object: Name `v`
          Arm: Arm
            Pattern: Type error
        Statement: Match
          Subject: TypeAssertion CHECKED
            Value: Name `z`
        Statement: Match
          Arm: Arm
            Pattern: Receive
              Value: Call
                Callee: Attribute `Done`
                  Object: Name `ctx`
            Body: Block
              Statement: Return return
          Arm: Arm
            Pattern: Assign DECLARES
              Target: Name BINDS `v`
              Target: Name BINDS `ok`
              Value: Receive CHECKED
                Value: Name `ch`
          Arm: Arm
            Pattern: Assign
              Target: Attribute `v`
                Object: Name `s`
              Value: Receive
                Value: Name `ch`
          Arm: Arm
            Pattern: Send
              Target: Name `out`
              Value: Number 1
          Arm: Arm DEFAULT default:
    "#);
}

#[test]
fn literals() {
    let f = facts(
        r#"
package x
var _ = []any{1, 1.5, 2i, 'c', "s\n", `raw`, true, false, nil, iota, -1, 0x1F}
var _ = &http.Server{Addr: ":80", Handler: h, TLS: &tls.Config{}}
var _ = Point{1, 2}
var _ = Pair[int, []string]{a: 1}
var _ = []Point{{1, 2}, {X: 3}}
var _ = [...]*Point{0: {1}, last: nil}
var _ = map[string][]Point{"a": {{1, 2}}, k: nil}
var _ = map[Point]map[string]int{{1, 2}: {"a": 1}}
var _ = Codes{http.StatusOK: "ok", Other: "?"}
var _ = struct{ A int }{A: 1}
var _ = func(a int) (b int) { return a }
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: List
        Type: Type []any
          Part: Name `any`
        Element: Number 1
        Element: Number 1.5
        Element: Number 2i
        Element: Character 'c'
        Element: String "s\n"
        Element: String RAW `raw`
        Element: Boolean true
        Element: Boolean false
        Element: Nothing nil
        Element: Name `iota`
        Element: Unary Negate
          Operand: Number 1
        Element: Number 0x1F
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Reference
        Value: Construct
          Callee: Attribute `Server`
            Object: Name `http`
          Argument: String Addr= ":80"
          Argument: Name Handler= `h`
          Argument: Reference TLS=
            Value: Construct
              Callee: Attribute `Config`
                Object: Name `tls`
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Construct
        Callee: Name `Point`
        Argument: Number 1
        Argument: Number 2
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Construct
        Callee: Name `Pair`
        Type: Name `int`
        Type: Type []string
          Part: Name `string`
        Argument: Number a= 1
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: List
        Type: Type []Point
          Part: Name `Point`
        Element: Construct
          Argument: Number 1
          Argument: Number 2
        Element: Construct
          Argument: Number X= 3
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: List
        Type: Type [...]*Point
          Part: Name `Point`
        Element: Entry
          Key: Number 0
          Value: Construct
            Argument: Number 1
        Element: Entry
          Key: Name `last`
          Value: Nothing nil
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Dictionary
        Type: Type map[string][]Point
          Part: Name `string`
          Part: Name `Point`
        Element: Entry
          Key: String "a"
          Value: List
            Element: Construct
              Argument: Number 1
              Argument: Number 2
        Element: Entry
          Key: Name `k`
          Value: Nothing nil
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Dictionary
        Type: Type map[Point]map[string]int
          Part: Name `Point`
          Part: Name `string`
          Part: Name `int`
        Element: Entry
          Key: Construct
            Argument: Number 1
            Argument: Number 2
          Value: Dictionary
            Element: Entry
              Key: String "a"
              Value: Number 1
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Construct
        Callee: Name `Codes`
        Argument: Entry
          Key: Attribute `StatusOK`
            Object: Name `http`
          Value: String "ok"
        Argument: String Other= "?"
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Construct
        Callee: Type struct{ A int }
          Part: Field PUBLIC `A`
            Type: Type int
        Argument: Number A= 1
    Statement: Assign DECLARES
      Target: Name BINDS `_`
      Value: Lambda
        Parameter: Parameter `a`
          Type: Type int
        Result: Parameter `b`
          Type: Type int
        Body: Block
          Statement: Return
            Value: Name `a`
    "#);
}

#[test]
fn expressions() {
    let f = facts(
        r#"
package x
func f() {
	a.b.c(d, e.f, g...)
	_ = (a + b) * c / d % e - f
	_ = a && b || !c
	_ = a == b || a != "x" && a <= b
	_ = a & b | c ^ ^d &^ e << f >> g
	_ = *p + <-ch
	_ = &x
	_ = s[1:] + s[:n:m] + s[i]
	_ = x.(*T).y
	func() {}()
}
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Body: Block
        Statement: Call
          Callee: Attribute `c`
            Object: Attribute `b`
              Object: Name `a`
          Argument: Name `d`
          Argument: Attribute `f`
            Object: Name `e`
          Argument: Spread SPREAD
            Value: Name `g`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Binary Sub
            Operand: Binary Mod
              Operand: Binary Div
                Operand: Binary Mul
                  Operand: Binary Add
                    Operand: Name `a`
                    Operand: Name `b`
                  Operand: Name `c`
                Operand: Name `d`
              Operand: Name `e`
            Operand: Name `f`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Binary Or
            Operand: Binary And
              Operand: Name `a`
              Operand: Name `b`
            Operand: Unary Not
              Operand: Name `c`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Binary Or
            Operand: Compare Eq
              Operand: Name `a`
              Operand: Name `b`
            Operand: Binary And
              Operand: Compare Ne
                Operand: Name `a`
                Operand: String "x"
              Operand: Compare Le
                Operand: Name `a`
                Operand: Name `b`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Binary BitXor
            Operand: Binary BitOr
              Operand: Binary BitAnd
                Operand: Name `a`
                Operand: Name `b`
              Operand: Name `c`
            Operand: Binary ShiftRight
              Operand: Binary ShiftLeft
                Operand: Binary Other
                  Operand: Unary Other
                    Operand: Name `d`
                  Operand: Name `e`
                Operand: Name `f`
              Operand: Name `g`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Binary Add
            Operand: Dereference
              Value: Name `p`
            Operand: Receive
              Value: Name `ch`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Reference
            Value: Name `x`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Binary Add
            Operand: Binary Add
              Operand: Slice
                Object: Name `s`
                Index: Number 1
              Operand: Slice
                Object: Name `s`
                Index: Name `n`
                Index: Name `m`
            Operand: Index
              Object: Name `s`
              Index: Name `i`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Attribute `y`
            Object: TypeAssertion
              Value: Name `x`
              Type: Type *T
                Part: Name `T`
        Statement: Call
          Callee: Lambda
            Body: Block {}
    "#);
}

#[test]
fn conversions_and_instantiations() {
    let f = facts(
        r#"
package x
func f() {
	_ = []byte(s)
	_ = string(b)
	_ = (*T)(p)
	_ = (func())(g)
	_ = New[int](x)
	_ = pkg.New[int, []string](x, y)
	_ = New[int]()
	_ = table["k"](x)
	_ = Map[int, string]
	_ = make(chan int, 1)
	_ = new(T)
}
"#,
    );
    assert_eq!(f.errors, []);
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Body: Block
        Statement: Assign
          Target: Name BINDS `_`
          Value: Cast
            Type: Type []byte
              Part: Name `byte`
            Value: Name `s`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Name `string`
            Argument: Name `b`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Dereference
              Value: Name `T`
            Argument: Name `p`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Cast
            Type: Type func()
            Value: Name `g`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Name `New`
            Type: Name `int`
            Argument: Name `x`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Attribute `New`
              Object: Name `pkg`
            Type: Name `int`
            Type: Type []string
              Part: Name `string`
            Argument: Name `x`
            Argument: Name `y`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Name `New`
            Type: Name `int`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Index
              Object: Name `table`
              Index: String "k"
            Argument: Name `x`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Index
            Object: Name `Map`
            Index: Name `int`
            Index: Name `string`
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Name `make`
            Argument: Type chan int
              Part: Name `int`
            Argument: Number 1
        Statement: Assign
          Target: Name BINDS `_`
          Value: Call
            Callee: Name `new`
            Argument: Type T
    "#);
}

#[test]
fn broken_code_keeps_what_is_sound() {
    let f = facts("package x\nfunc f() { a( }\nfunc g() { b() }\n");
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Body: Block
        Statement: Name `a`
        Statement: OtherStatement ERROR (
    Statement: Function `g`
      Body: Block
        Statement: Call
          Callee: Name `b`
    "#);
    assert_eq!(f.errors.len(), 1);

    // An unclosed body takes in what follows it.
    let f = facts("package x\nfunc f() { a()\nfunc g() { b() }\n");
    insta::assert_snapshot!(dump(&f), @r#"
    Statement: Function `f`
      Body: Block
        Statement: Call
          Callee: Name `a`
        Statement: Lambda
          Part: OtherExpression ERROR
            Part: Name `g`
          Body: Block
            Statement: Call
              Callee: Name `b`
    "#);
    assert!(!f.errors.is_empty());
}

#[test]
fn nesting_costs_no_stack() {
    let deep = 100_000;
    for (before, open, middle, close, after) in [
        ("package x\nvar _ = ", "(", "a()", ")", "\n"),
        ("package x\nvar _ = ", "f(", "a", ")", "\n"),
        ("package x\nvar _ = ", "!", "a", "", "\n"),
        ("package x\nvar _ = ", "a + ", "a", "", "\n"),
        ("package x\nvar _ = ", "T{", "a", "}", "\n"),
        ("package x\nvar _ = T{", "{", "a", "}", "}\n"),
        ("package x\nvar _ ", "[]", "T", "", "\n"),
        ("package x\nvar _ ", "struct{ a ", "T", "}", "\n"),
        ("package x\nfunc f() {", "{", "a()", "}", "}\n"),
        ("package x\nfunc f() {", "if a {} else ", "{}", "", "}\n"),
        ("package x\nfunc f() {", "func() {", "a()", "}()", "}\n"),
        ("package x\nvar _ = ", "(", "", "", ""),
    ] {
        let source = [before, &open.repeat(deep), middle, &close.repeat(deep), after].concat();
        let f = crate::shape::facts_of(Language::Go, &source);
        assert!(!f.errors.is_empty(), "{open}");
    }
}
