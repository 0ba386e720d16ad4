// Package sample holds every construct that a boundary could hide in.
package sample

import (
	"fmt"
	. "strings"
"os"
)

import "context"

const (
	A = iota
B
)

const text = `raw "text"
func NotAFunction() {
type T struct {
` + "a \"quote\" and a ` {" + `}`

var runes = []rune{'{', '\'', '"', '`', '\\', '世', '\u00e9'}

var (
	_ = 1 /* a comment
func inComment() {
*/
	_ = func() {}
)

// T is a type; its comment belongs to it.
type T struct {
	Name string `json:"name"` // a tag
	F    func(int) map[string]struct{}
}
type (
	U = T
	V interface{ M(); fmt.Stringer }
)

// M has a receiver.
//
//go:noinline
func (t *T) M() {
	switch x := any(t).(type) {
	case *T:
		fmt.Println(x, "http://not.a/comment")
	}
loop:
	for i := 0; i < 10; i++ {
		if i > 5 { continue loop }
	}
	defer func() { recover() }()
}
func Generic[K comparable, W any](m map[K]W) (keys []K, err error) { return nil, nil }

func long(
	ctx context.Context,
a, b int,
) (
	int, error,
) {
type local struct{}
var x =
func() int { return 1 }()
	return x, nil
}

var value =
func() int { return 2 }()

func declared(x int) int

/* A block comment directly above. */
func é() string { return "🦀" + os.Args[0] }
