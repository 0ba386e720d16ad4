use shipworthy_audit::{Check, rule};
use shipworthy_facts::{Kind, Node, Role};

use crate::duty::Duty;

rule! {
    /// The cancel function of a context is not called on every way out
    ///
    /// A context that is derived with a cancel function hangs in its parent, with its timer and whoever waits for it, until the function is
    /// called or the parent ends. Where the parent is the server's own context that is never: each request that leaves by the forgotten way
    /// out leaves some memory, a timer or a goroutine behind. Write `defer cancel()` right after the call.
    ///
    /// Calling it more than once does no harm, and neither does calling it after the time limit. A function that hands the cancel function
    /// to its caller, stores it or gives it to somebody else leaves the call to them.
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    /// )
    ///
    /// func load(parent context.Context, key string) (string, error) {
    /// 	ctx, cancel := context.WithTimeout(parent, 5*time.Second)
    /// 	               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	value, err := get(ctx, key)
    /// 	if err != nil {
    /// 		return "", err
    /// 	}
    /// 	cancel()
    /// 	return value, nil
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    /// )
    ///
    /// func ping(parent context.Context) error {
    /// 	ctx, _ := context.WithTimeout(parent, time.Second)
    /// 	          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	return get(ctx, "ping")
    /// }
    /// ```
    ///
    /// ```go bad
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"errors"
    /// )
    ///
    /// func watch(parent context.Context, done chan struct{}) error {
    /// 	ctx, cancel := context.WithCancel(parent)
    /// 	               ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	stopped, stop := context.WithCancelCause(ctx)
    /// 	                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 	if done == nil {
    /// 		return errors.New("nothing to watch")
    /// 	}
    /// 	follow(stopped, done)
    /// 	return nil
    /// }
    /// ```
    /// ```go fixed
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"errors"
    /// )
    ///
    /// func watch(parent context.Context, done chan struct{}) error {
    /// 	ctx, cancel := context.WithCancel(parent)
    /// 	defer cancel()
    /// 	stopped, stop := context.WithCancelCause(ctx)
    /// 	defer stop(nil)
    /// 	if done == nil {
    /// 		return errors.New("nothing to watch")
    /// 	}
    /// 	follow(stopped, done)
    /// 	return nil
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"time"
    /// )
    ///
    /// type worker struct {
    /// 	stop context.CancelFunc
    /// }
    ///
    /// func load(parent context.Context, key string) (string, error) {
    /// 	ctx, cancel := context.WithTimeout(parent, 5*time.Second)
    /// 	defer cancel()
    /// 	return get(ctx, key)
    /// }
    ///
    /// func retry(parent context.Context, key string) (value string, err error) {
    /// 	for range 3 {
    /// 		ctx, cancel := context.WithTimeout(parent, time.Second)
    /// 		value, err = get(ctx, key)
    /// 		cancel()
    /// 		if err == nil {
    /// 			return value, nil
    /// 		}
    /// 	}
    /// 	return "", err
    /// }
    ///
    /// func limited(parent context.Context) (context.Context, context.CancelFunc) {
    /// 	ctx, cancel := context.WithTimeout(parent, time.Second)
    /// 	return ctx, cancel
    /// }
    ///
    /// func start(parent context.Context) *worker {
    /// 	ctx, cancel := context.WithCancel(parent)
    /// 	go run(ctx)
    /// 	return &worker{stop: cancel}
    /// }
    /// ```
    ///
    /// ```go good
    /// package store
    ///
    /// import (
    /// 	"context"
    /// 	"os"
    /// 	"os/signal"
    /// 	"time"
    /// )
    ///
    /// type worker struct {
    /// 	ctx    context.Context
    /// 	cancel context.CancelFunc
    /// }
    ///
    /// func (w *worker) reset(parent context.Context) {
    /// 	w.ctx, w.cancel = context.WithCancel(parent)
    /// }
    ///
    /// func until(parent context.Context, stop chan struct{}) {
    /// 	ctx, cancel := context.WithCancel(parent)
    /// 	go func() {
    /// 		<-stop
    /// 		cancel()
    /// 	}()
    /// 	run(ctx)
    /// }
    ///
    /// func either(parent context.Context, limit time.Duration) {
    /// 	var ctx context.Context
    /// 	var cancel context.CancelFunc
    /// 	if limit > 0 {
    /// 		ctx, cancel = context.WithTimeout(parent, limit)
    /// 	} else {
    /// 		ctx, cancel = context.WithCancel(parent)
    /// 	}
    /// 	defer cancel()
    /// 	run(ctx)
    /// }
    ///
    /// func follow(parent context.Context, changes chan int) {
    /// 	ctx, cancel := context.WithCancel(parent)
    /// 	for {
    /// 		select {
    /// 		case <-changes:
    /// 			cancel()
    /// 			ctx, cancel = context.WithCancel(parent)
    /// 			run(ctx)
    /// 		case <-parent.Done():
    /// 			return
    /// 		}
    /// 	}
    /// }
    ///
    /// func main() {
    /// 	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt)
    /// 	run(ctx)
    /// }
    /// ```
    name: "context-cancel-leak",
    category: Resources,
    severity: High,
    scope: File,
    fix: { Go: Safe },
    on: [Role("derives-context")],
    check: check,
}

fn check(cx: &mut Check<'_>, call: Node<'_>) {
    let vocabulary = cx.resolver().vocabulary();
    let Some(meaning) = cx.meaning(call) else { return };
    let given = meaning.returns.iter().enumerate().find_map(|(position, given)| {
        let cancel = vocabulary.type_of(given).filter(|t| t.is("cancel-function"))?;
        Some((position, cancel))
    });
    let Some((position, cancel)) = given else { return };
    cx.site();
    // The program ends with it.
    if cx.named_function(call).is_some_and(|f| f.name() == "main") {
        return;
    }
    let parent = cx.argument(call, "context");
    let duty = Duty {
        methods: &[""],
        arguments: cancel.property("argument").unwrap_or(""),
        subject: "",
        done: "called",
        dropped: "the cancel function is dropped, and can never be called",
        keep: "Keep it, and write `defer cancel()` right after.",
        leaving: "leaves without cancelling",
        excused: &|leak| parent.is_some_and(|parent| is_over(leak, parent)),
        why: "The context hangs in its parent with its timer until that ends, which may be never.",
    };
    if let Some(finding) = duty.neglected(cx, call, position) {
        cx.report(finding);
    }
}

/// Whether a way out is taken when the parent is over, with all that hangs in it: `case <-parent.Done(): return`.
fn is_over(leak: Node<'_>, parent: Node<'_>) -> bool {
    let done = |n: Node<'_>| {
        n.callee().is_some_and(|c| {
            c.name() == "Done" && c.object().is_some_and(|context| context.text() == parent.text())
        })
    };
    let arm = leak.ancestors().find(|a| a.is(Kind::Arm));
    arm.is_some_and(|arm| arm.all(Role::Pattern).any(|p| done(p) || p.descendants_here().any(done)))
}
