use shipworthy_audit::{Check, Fix, rule};
use shipworthy_facts::{Kind, Node, Operator, Role};
use shipworthy_syntax::Language;

rule! {
    /// A sort is written by hand
    ///
    /// Two nested loops that compare and swap take time that grows with the square of the length: 100 items are 10,000 steps, 10,000 items
    /// are 100 million. The library's sort is faster from the first hundred items on, is tested, and says in a word what happens.
    ///
    /// ```python bad
    /// def rank(models):
    ///     for i in range(len(models)):
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         for j in range(i + 1, len(models)):
    ///             if models[i].score < models[j].score:
    ///                 models[i], models[j] = models[j], models[i]
    ///     return models
    /// ```
    /// ```python fixed
    /// def rank(models):
    ///     models.sort(key=lambda item: item.score, reverse=True)
    ///     return models
    /// ```
    ///
    /// ```python bad
    /// def bubble(values):
    ///     swapped = True
    ///     while swapped:
    ///     ^^^^^^^^^^^^^^
    ///         swapped = False
    ///         for j in range(len(values) - 1):
    ///             if values[j] > values[j + 1]:
    ///                 tmp = values[j]
    ///                 values[j] = values[j + 1]
    ///                 values[j + 1] = tmp
    ///                 swapped = True
    /// ```
    ///
    /// ```python bad
    /// def ordered(values):
    ///     for i in range(1, len(values)):
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         j = i
    ///         while j > 0 and values[j - 1] > values[j]:
    ///             values[j - 1], values[j] = values[j], values[j - 1]
    ///             j -= 1
    ///     return values
    ///
    /// def best(texts, score):
    ///     for i in range(len(texts)):
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         for j in range(i + 1, len(texts)):
    ///             if score(texts[i]) < score(texts[j]):
    ///                 first = texts[i]
    ///                 texts[i] = texts[j]
    ///                 texts[j] = first
    ///     return texts
    /// ```
    ///
    /// ```python good
    /// def transpose(matrix):
    ///     for i in range(len(matrix)):
    ///         for j in range(i):
    ///             matrix[i][j], matrix[j][i] = matrix[j][i], matrix[i][j]
    /// ```
    ///
    /// ```python good
    /// def shuffle(deck, random):
    ///     for i in range(len(deck) - 1, 0, -1):
    ///         j = random.randrange(i + 1)
    ///         if i != j:
    ///             deck[i], deck[j] = deck[j], deck[i]
    ///
    /// def closest(points, distance):
    ///     best = None
    ///     for a in points:
    ///         for b in points:
    ///             if a is not b and (best is None or distance(a, b) < best):
    ///                 best = distance(a, b)
    ///     return best
    /// ```
    ///
    /// ```go bad
    /// package llm
    ///
    /// func rank(scoredModels []scored) {
    /// 	for i := 0; i < len(scoredModels)-1; i++ {
    /// 	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// 		for j := i + 1; j < len(scoredModels); j++ {
    /// 			if scoredModels[i].score < scoredModels[j].score {
    /// 				scoredModels[i], scoredModels[j] = scoredModels[j], scoredModels[i]
    /// 			}
    /// 		}
    /// 	}
    /// }
    /// ```
    /// ```go fixed
    /// package llm
    ///
    /// import "sort"
    ///
    /// func rank(scoredModels []scored) {
    /// 	sort.SliceStable(scoredModels, func(i, j int) bool { return scoredModels[i].score > scoredModels[j].score })
    /// }
    /// ```
    ///
    /// ```go bad
    /// package stats
    ///
    /// func order(values []int) {
    /// 	for range values {
    /// 	^^^^^^^^^^^^^^^^^^
    /// 		for k := 0; k < len(values)-1; k++ {
    /// 			if values[k] > values[k+1] {
    /// 				t := values[k]
    /// 				values[k] = values[k+1]
    /// 				values[k+1] = t
    /// 			}
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package stats
    ///
    /// func reverse(rows [][]int) {
    /// 	for _, row := range rows {
    /// 		for i, j := 0, len(row)-1; i < j; i, j = i+1, j-1 {
    /// 			row[i], row[j] = row[j], row[i]
    /// 		}
    /// 	}
    /// }
    /// ```
    ///
    /// ```go good
    /// package stats
    ///
    /// func (h heap) down(i int) {
    /// 	for {
    /// 		child := 2*i + 1
    /// 		if child >= len(h) || h[i] <= h[child] {
    /// 			return
    /// 		}
    /// 		h[i], h[child] = h[child], h[i]
    /// 		i = child
    /// 	}
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn rank(models: &mut Vec<Model>) {
    ///     for i in 0..models.len() {
    ///     ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///         for j in i + 1..models.len() {
    ///             if models[i].score < models[j].score {
    ///                 models.swap(i, j);
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    /// ```rust fixed
    /// fn rank(models: &mut Vec<Model>) {
    ///     models.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap_or(std::cmp::Ordering::Equal));
    /// }
    /// ```
    ///
    /// ```rust bad
    /// fn bubble(values: &mut [u32]) {
    ///     loop {
    ///     ^^^^^^
    ///         let mut swapped = false;
    ///         for j in 1..values.len() {
    ///             if values[j - 1] > values[j] {
    ///                 values.swap(j - 1, j);
    ///                 swapped = true;
    ///             }
    ///         }
    ///         if !swapped {
    ///             break;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn transpose(matrix: &mut Matrix) {
    ///     for i in 0..matrix.len() {
    ///         for j in 0..i {
    ///             matrix.swap((i, j), (j, i));
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ```rust good
    /// fn sift_down(heap: &mut [u32], mut at: usize) {
    ///     while 2 * at + 1 < heap.len() {
    ///         let child = 2 * at + 1;
    ///         if heap[at] <= heap[child] {
    ///             break;
    ///         }
    ///         heap.swap(at, child);
    ///         at = child;
    ///     }
    /// }
    /// ```
    name: "handwritten-sort",
    category: Performance,
    severity: Medium,
    scope: File,
    fix: { Python: Suggested, Go: Suggested, Rust: Suggested },
    on: [Fact(Kind::For), Fact(Kind::While)],
    check: check,
}

fn check(cx: &mut Check<'_>, outer: Node<'_>) {
    let is_loop = |n: &Node<'_>| matches!(n.kind(), Kind::For | Kind::While);
    let Some(body) = outer.get(Role::Body) else { return };
    let inner: Vec<Node<'_>> = body.descendants_here().filter(is_loop).collect();
    if inner.is_empty() {
        return;
    }
    cx.site();
    let swaps =
        inner.iter().flat_map(|l| std::iter::once(*l).chain(l.descendants_here())).find_map(compare_and_swap);
    let Some(sort) = swaps else { return };
    // The sort of an outer loop around is that loop's finding.
    let nested = outer
        .ancestors()
        .take_while(|n| !n.is(Kind::Function))
        .filter(is_loop)
        .any(|around| around.descendants_here().filter(is_loop).count() == inner.len() + 1);
    if nested {
        return;
    }
    let finding = cx
        .finding(outer, format!("`{}` is sorted by nested loops that compare and swap", sort.sequence))
        .why("The time grows with the square of the length.")
        .help("Use the library's sort with the same key and order.")
        .maybe_fix(fix(cx, outer, &sort));
    cx.report(finding);
}

/// A comparison of two elements of a sequence, that swaps them.
struct CompareAndSwap<'a> {
    sequence: &'a str,
    /// Indices as written, in the order of the comparison.
    indices: [&'a str; 2],
    /// What is compared of an element: `.score`, or nothing.
    key: &'a str,
    operator: Operator,
}

fn compare_and_swap(branch: Node<'_>) -> Option<CompareAndSwap<'_>> {
    let condition =
        branch.get(Role::Condition).filter(|_| matches!(branch.kind(), Kind::If | Kind::While))?;
    // `while j > 0 and items[j - 1] > items[j]`
    let compares = std::iter::once(condition).chain(condition.all(Role::Operand));
    compares.filter(|c| c.is(Kind::Compare)).find_map(|compare| swapped_by(branch, compare))
}

fn swapped_by<'a>(branch: Node<'a>, condition: Node<'a>) -> Option<CompareAndSwap<'a>> {
    if !matches!(condition.operator(), Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge) {
        return None;
    }
    let mut sides = condition.all(Role::Operand).map(element);
    let (left, right) = (sides.next()??, sides.next()??);
    if left.sequence != right.sequence || left.index == right.index || left.key != right.key {
        return None;
    }
    let body = branch.get(Role::Body)?;
    let at_once = body.descendants_here().any(|n| swaps(n, &left, &right));
    let assigned = |element: &Element<'_>| {
        let assigns = body.descendants_here().filter(|n| n.is(Kind::Assign));
        assigns.into_iter().any(|n| n.all(Role::Target).any(|t| t.text() == element.text))
    };
    let swapped = at_once || assigned(&left) && assigned(&right);
    swapped.then_some(CompareAndSwap {
        sequence: left.sequence,
        indices: [left.index, right.index],
        key: left.key,
        operator: condition.operator(),
    })
}

/// `sequence[index]` with what is taken of it.
struct Element<'a> {
    sequence: &'a str,
    index: &'a str,
    key: &'a str,
    text: &'a str,
}

fn element<'a>(operand: Node<'a>) -> Option<Element<'a>> {
    // `score(query, items[i])`: by what a function makes of it.
    let made_of = |call: Node<'a>| {
        let mut elements = call.arguments().filter(|a| a.is(Kind::Index));
        elements.next().filter(|_| elements.next().is_none())
    };
    let made = operand.is(Kind::Call);
    let mut node = if made { made_of(operand)? } else { operand };
    while matches!(node.kind(), Kind::Attribute) {
        node = node.object()?;
    }
    let (sequence, index) = (node.object().filter(|_| node.is(Kind::Index))?, node.get(Role::Index)?);
    let key = if made { operand.callee()?.text() } else { operand.text().get(node.text().len()..)? };
    Some(Element { sequence: sequence.text(), index: index.text(), key, text: node.text() })
}

/// Whether a statement exchanges two elements: side by side, or by a method.
fn swaps(statement: Node<'_>, left: &Element<'_>, right: &Element<'_>) -> bool {
    let same = |found: &[&str], wanted: [&str; 2]| *found == wanted || *found == [wanted[1], wanted[0]];
    match statement.kind() {
        Kind::Assign => {
            let parts = |role: Role| -> Vec<&str> {
                let all: Vec<Node<'_>> = statement.all(role).collect();
                match all[..] {
                    [one] if one.is(Kind::Tuple) => one.all(Role::Element).map(Node::text).collect(),
                    _ => all.into_iter().map(Node::text).collect(),
                }
            };
            let (targets, values) = (parts(Role::Target), parts(Role::Value));
            same(&targets, [left.text, right.text]) && same(&values, [left.text, right.text])
        }
        Kind::Call => {
            let arguments: Vec<&str> = statement.arguments().map(Node::text).collect();
            let callee = statement.callee().filter(|c| c.name() == "swap").and_then(Node::object);
            callee.is_some_and(|o| o.text() == left.sequence) && same(&arguments, [left.index, right.index])
        }
        _ => false,
    }
}

fn fix(cx: &Check<'_>, outer: Node<'_>, sort: &CompareAndSwap<'_>) -> Option<Fix> {
    // Only the plain double loop over both indices says which of the two stands first; other code around the swap would be lost.
    let [first, second] = sort.indices;
    let counter = outer.get(Role::Target).or_else(|| outer.get(Role::Initializer)?.get(Role::Target))?;
    let statements = |block: Node<'_>| block.all(Role::Statement).count();
    let inner = outer.get(Role::Body).filter(|b| statements(*b) == 1)?.all(Role::Statement).next()?;
    let branch = inner.get(Role::Body).filter(|b| statements(*b) == 1)?.all(Role::Statement).next()?;
    branch.get(Role::Body).filter(|b| statements(*b) == 1)?;
    let of_function = !sort.key.is_empty() && !sort.key.starts_with('.');
    if counter.text() != first || second == first || of_function {
        return None;
    }
    let descending = matches!(sort.operator, Operator::Lt | Operator::Le);
    let CompareAndSwap { sequence, key, .. } = sort;
    let fix = Fix::suggested("Use the library's sort");
    Some(match cx.language() {
        Language::Python => {
            let key = if key.is_empty() { String::new() } else { format!("key=lambda item: item{key}") };
            let reverse = if descending { "reverse=True" } else { "" };
            let arguments: Vec<&str> =
                [key.as_str(), reverse].into_iter().filter(|a| !a.is_empty()).collect();
            fix.replace(outer, format!("{sequence}.sort({})", arguments.join(", ")))
        }
        Language::Go => {
            let (sort, import) = cx.import("sort", "");
            let operator = if descending { ">" } else { "<" };
            let less = format!("{sequence}[i]{key} {operator} {sequence}[j]{key}");
            let call = format!("{sort}.SliceStable({sequence}, func(i, j int) bool {{ return {less} }})");
            fix.replace(outer, call).import(import)
        }
        Language::Rust => {
            let (a, b) = if descending { ("b", "a") } else { ("a", "b") };
            let order = format!("{a}{key}.partial_cmp(&{b}{key}).unwrap_or(std::cmp::Ordering::Equal)");
            fix.replace(outer, format!("{sequence}.sort_by(|a, b| {order});"))
        }
    })
}
