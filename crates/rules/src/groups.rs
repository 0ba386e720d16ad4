//! What belongs together, put together as it comes.

/// Things in groups: whoever comes joins all groups that it meets, and stands for them from then on.
#[derive(Default)]
pub(crate) struct Groups<'a> {
    groups: Vec<Group<'a>>,
    /// By the number of who came, somebody of its group that came later; itself, where it came last.
    heads: Vec<usize>,
}

/// A group.
#[derive(Clone, Default)]
pub(crate) struct Group<'a> {
    /// The first of its names.
    pub(crate) names: Vec<&'a str>,
    /// How many names it has.
    pub(crate) count: usize,
}

/// More names of a group are not shown.
pub(crate) const SHOWN: usize = 3;

impl<'a> Groups<'a> {
    /// The number of who comes next.
    pub(crate) fn next(&self) -> usize {
        self.heads.len()
    }

    /// Takes in who comes next, with those that it meets, by their numbers.
    pub(crate) fn add(&mut self, names: &[&'a str], meets: impl IntoIterator<Item = usize>) {
        let mut met: Vec<usize> = meets.into_iter().map(|number| self.head(number)).collect();
        met.sort_unstable();
        met.dedup();
        let number = self.next();
        let mut group = Group { names: names.iter().copied().take(SHOWN).collect(), count: names.len() };
        for head in met {
            self.heads[head] = number;
            let Group { names, count } = std::mem::take(&mut self.groups[head]);
            group.names.splice(0..0, names);
            group.names.truncate(SHOWN);
            group.count += count;
        }
        self.groups.push(group);
        self.heads.push(number);
    }

    fn head(&mut self, number: usize) -> usize {
        let mut number = number;
        while self.heads[number] != number {
            self.heads[number] = self.heads[self.heads[number]];
            number = self.heads[number];
        }
        number
    }

    /// The groups, the larger ones first.
    pub(crate) fn by_size(self) -> Vec<Group<'a>> {
        let Self { groups, heads } = self;
        let whole = groups.into_iter().enumerate().filter(|(number, _)| heads[*number] == *number);
        let mut groups: Vec<Group<'_>> = whole.map(|(_, group)| group).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::Groups;

    #[test]
    fn who_meets_several_groups_makes_them_one() {
        let mut groups = Groups::default();
        for (name, meets) in
            [("a", ""), ("b", ""), ("c", "0"), ("d", ""), ("e", "10"), ("f", "3"), ("g", "0")]
        {
            groups.add(&[name], meets.bytes().map(|number| usize::from(number - b'0')));
        }
        let shown: Vec<_> = groups.by_size().into_iter().map(|g| (g.names.concat(), g.count)).collect();
        assert_eq!(shown, [("acb".to_owned(), 5), ("df".to_owned(), 2)]);
    }
}
