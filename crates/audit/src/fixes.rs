//! Several fixes as one.

use std::collections::BTreeMap;

use shipworthy_syntax::Edit;

/// The changes of several fixes of one file as one list, sorted and without overlaps, with the number of fixes in it. A fix that
/// overlaps one before it is left out as a whole; a change that fixes share (the import that each needs) is made once, but for one that
/// moves a line in, which each of them wants further in.
pub fn combine(fixes: impl IntoIterator<Item = Vec<Edit>>) -> (Vec<Edit>, usize) {
    // By where they start.
    let mut combined: BTreeMap<u32, Vec<Edit>> = BTreeMap::new();
    let mut count = 0;
    for fix in fixes {
        let moves = |edit: &Edit| edit.range.is_empty() && edit.text.trim().is_empty();
        let clashes = |edit: &Edit| {
            near(&combined, edit).any(|other| (other != edit || moves(edit)) && overlap(other, edit))
        };
        if fix.is_empty() || fix.iter().any(clashes) {
            continue;
        }
        let new = fix.into_iter().filter(|edit| !near(&combined, edit).any(|other| other == edit));
        for edit in new.collect::<Vec<_>>() {
            combined.entry(edit.range.start).or_default().push(edit);
        }
        count += 1;
    }
    let mut combined: Vec<Edit> = combined.into_values().flatten().collect();
    combined.sort_by_key(|edit| (edit.range.start, edit.range.end));
    (combined, count)
}

/// The changes that may overlap another: as those before it do not overlap each other, of these the last.
fn near<'a>(combined: &'a BTreeMap<u32, Vec<Edit>>, edit: &Edit) -> impl Iterator<Item = &'a Edit> + use<'a> {
    let before = combined.range(..edit.range.start).next_back();
    let within = combined.range(edit.range.start..=edit.range.end);
    before.into_iter().chain(within).flat_map(|(_, edits)| edits)
}

/// Whether two changes cannot both be made: they share a byte, or start at one place, where only whole lines are sure to fit together.
fn overlap(a: &Edit, b: &Edit) -> bool {
    let line = |edit: &Edit| edit.range.is_empty() && edit.text.ends_with('\n');
    a.range.intersects(b.range) || a.range.start == b.range.start && !(line(a) && line(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shipworthy_syntax::Range;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit::new(Range::new(start, end), text)
    }

    #[test]
    fn the_first_of_overlapping_fixes_wins_as_a_whole() {
        let import = edit(0, 0, "import hmac\n");
        let outer = vec![import.clone(), edit(10, 30, "f(g(x))")];
        let inner = vec![edit(40, 41, "y"), edit(12, 20, "g(x)")];
        let other = vec![import.clone(), edit(50, 52, "z")];
        let (edits, count) = combine([outer, inner, other]);
        assert_eq!(edits, [import, edit(10, 30, "f(g(x))"), edit(50, 52, "z")]);
        assert_eq!(count, 2);
    }

    #[test]
    fn lines_are_moved_in_for_one_fix_at_a_time() {
        let moved = |head: u32| vec![edit(head, head + 4, "with"), edit(40, 40, "    ")];
        let (edits, count) = combine([moved(10), moved(20)]);
        assert_eq!((edits, count), (moved(10), 1));
    }

    #[test]
    fn what_stands_at_one_place_is_made_together_only_as_whole_lines() {
        let replaced = || vec![edit(10, 20, "x")];
        assert_eq!(combine([replaced(), vec![edit(15, 15, "y")]]).1, 1);
        assert_eq!(combine([replaced(), vec![edit(10, 10, "y")]]).1, 1);
        assert_eq!(combine([replaced(), vec![edit(20, 20, "z")]]).1, 2);
        assert_eq!(combine([vec![edit(5, 5, "timeout=1")], vec![edit(5, 5, "verify=True")]]).1, 1);
        assert_eq!(combine([vec![edit(0, 0, "import a\n")], vec![edit(0, 0, "import b\n")]]).1, 2);
        assert_eq!(combine([vec![]]).1, 0);
    }
}
