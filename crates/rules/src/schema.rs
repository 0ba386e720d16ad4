//! The schema of a workspace's databases: what its migrations, in their order, and its models give.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use shipworthy_audit::{Check, CodeRole, Survey};
use shipworthy_evidence::File;
use shipworthy_evidence::sql::{self, Action, Index, Sql};
use shipworthy_facts::{Kind, Node, Role};
use shipworthy_syntax::Range;

/// A table.
pub(crate) struct Table {
    /// Where it is defined: the number of the file, and the place in it.
    pub(crate) place: (usize, Range),
    /// The statement that makes it, where one does.
    pub(crate) statement: Option<Range>,
    /// The class that stands for it, where one does.
    pub(crate) class: Option<String>,
    columns: BTreeSet<String>,
    pub(crate) indexes: Vec<Index>,
    /// The indexes that MySQL makes by itself, for foreign keys.
    implied: Vec<Index>,
    /// The statement that makes it for another database, where MySQL has it too.
    elsewhere: Option<(usize, Range)>,
    /// Whether it can have one row only.
    pub(crate) is_single: bool,
}

impl Table {
    /// A table without columns.
    fn new(place: (usize, Range)) -> Self {
        let (columns, indexes, implied) = (BTreeSet::new(), Vec::new(), Vec::new());
        Self {
            place,
            statement: None,
            class: None,
            columns,
            indexes,
            implied,
            elsewhere: None,
            is_single: false,
        }
    }

    /// The index that begins with one of the columns, or with what is not seen, in each database that has the table.
    pub(crate) fn serving(&self, columns: &[String]) -> Option<&Index> {
        let implied = self.implied.iter().filter(|_| self.elsewhere.is_none());
        self.indexes.iter().chain(implied).find(|index| is_for(index, columns))
    }

    /// Where the table is made that lacks an index on columns, and whether that is a statement.
    pub(crate) fn lacking(&self, columns: &[String]) -> ((usize, Range), Option<Range>) {
        match self.elsewhere.filter(|_| self.implied.iter().any(|index| is_for(index, columns))) {
            Some(place) => (place, Some(place.1)),
            None => (self.place, self.statement),
        }
    }
}

fn is_for(index: &Index, columns: &[String]) -> bool {
    index.columns.first().is_none_or(|first| columns.contains(first))
}

/// A model: a class that stands for a table.
#[derive(Default)]
pub(crate) struct Model {
    class: String,
    table: String,
    columns: Vec<String>,
    indexes: Vec<Vec<String>>,
}

impl Model {
    /// The model that a class is, as its declarations of columns tell.
    pub(crate) fn of_class(cx: &Check<'_>, class: Node<'_>) -> Option<Self> {
        let name = class.name().to_owned();
        let mut model = Self { table: name.to_ascii_lowercase(), class: name, ..Self::default() };
        let body = class.get(Role::Body)?;
        let keyed = body.descendants().filter(|n| n.is(Kind::Assign) || n.is(Kind::Field));
        for declared in keyed.filter(|n| n.class() == Some(class) && n.function() == class.function()) {
            let target = declared.get(Role::Target).map_or(declared.name(), Node::name);
            let Some(value) = declared.get(Role::Value).or_else(|| declared.get(Role::Default)) else {
                continue;
            };
            match target {
                "__tablename__" => model.table = value.string()?.to_ascii_lowercase(),
                "__table_args__" => model.add_indexes(cx, value),
                _ => model.add_column(cx, target, value),
            }
        }
        // `Meta` of Django, `def __table_args__(cls)` of SQLAlchemy.
        let tells = |n: &Node<'_>| {
            n.is(Kind::Class) && n.name() == "Meta" || n.is(Kind::Function) && n.name() == "__table_args__"
        };
        for meta in body.all(Role::Statement).filter(tells) {
            model.add_indexes(cx, meta);
        }
        (!model.columns.is_empty()).then_some(model)
    }

    fn add_column(&mut self, cx: &Check<'_>, name: &str, value: Node<'_>) {
        let Some(meaning) = cx.meaning(value).filter(|_| value.is(Kind::Call)) else { return };
        // `pk = models.CompositePrimaryKey("tenant", "number")`
        if meaning.is("declares-index") {
            return self.add_indexes(cx, value);
        }
        if !meaning.is("declares-column") {
            return;
        }
        let name = name.to_ascii_lowercase();
        let is_set =
            |key: &str| value.keyword(key).is_some_and(|v| v.get(Role::Value).unwrap_or(v).text() == "True");
        let is_indexed = ["index", "unique", "primary_key", "db_index"].iter().any(|key| is_set(key));
        if is_indexed || meaning.is("indexed-column") {
            self.indexes.push(vec![name.clone()]);
        }
        self.columns.push(name);
    }

    /// The indexes that arguments and settings of a model name.
    fn add_indexes(&mut self, cx: &Check<'_>, within: Node<'_>) {
        for node in within.descendants().chain([within]) {
            if node.is(Kind::Call) && cx.meaning(node).is_some_and(|m| m.is("declares-index")) {
                let of = node.keyword("fields").or_else(|| node.keyword("columns"));
                let columns: Vec<String> = match of {
                    Some(list) => list.descendants().filter_map(Node::string).map(|c| column(&c)).collect(),
                    None => {
                        let positional = node.arguments().filter(|a| a.label().is_empty());
                        // The first argument of an index is its name, of a constraint a column.
                        let named = usize::from(cx.argument(node, "name").is_some());
                        positional.skip(named).filter_map(indexed).collect()
                    }
                };
                self.indexes.push(columns);
            } else if node.is(Kind::Assign)
                && node
                    .get(Role::Target)
                    .is_some_and(|t| matches!(t.name(), "unique_together" | "index_together"))
            {
                let columns = node.descendants().filter_map(Node::string).map(|c| column(&c));
                self.indexes.extend(columns.map(|column| vec![column]));
            }
        }
    }

    /// A model from its notation.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.split(';');
        let mut next = || parts.next().unwrap_or_default();
        let (class, table) = (next().to_owned(), next().to_owned());
        let list =
            |text: &str| text.split(' ').filter(|c| !c.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let (columns, indexes) = (list(next()), next().split(',').map(list).collect());
        Self { class, table, columns, indexes }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indexes: Vec<String> = self.indexes.iter().map(|index| index.join(" ")).collect();
        write!(f, "{};{};{};{}", self.class, self.table, self.columns.join(" "), indexes.join(","))
    }
}

/// The column that an argument of an index names: `"email"`, `cls.email`, `created.desc()`.
fn indexed(argument: Node<'_>) -> Option<String> {
    let named = argument.callee().and_then(Node::object).unwrap_or(argument);
    match named.kind() {
        Kind::String => named.string().map(|c| column(&c)),
        Kind::Name | Kind::Attribute => Some(named.name().to_ascii_lowercase()),
        _ => None,
    }
}

/// A column of an index: `-created` is one in descending order.
fn column(text: &str) -> String {
    text.trim_start_matches('-').to_ascii_lowercase()
}

/// Tables by name, and the classes that stand for them.
#[derive(Default)]
pub(crate) struct Schema {
    tables: BTreeMap<String, Table>,
    classes: BTreeMap<String, Vec<String>>,
    /// Indexes whose tables may be met later.
    loose: Vec<(String, Index)>,
}

/// A table with the columns that a query compares with values.
pub(crate) type Filtered = (String, Vec<String>);

impl Schema {
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&String, &Table)> {
        self.tables.iter()
    }

    /// Replays the SQL files of the workspace in the order of their paths: the steps forwards; of one database alone where its folder is given.
    pub(crate) fn replay(&mut self, survey: &Survey<'_>, database: Option<&str>) {
        let first = survey.all_files().len();
        for (at, around) in survey.all_around().iter().enumerate() {
            let (file, is_shipped) = (around.file, around.role == CodeRole::Production);
            let of_it = database.is_none() || database_of(&file.path) == database;
            let Some(sql) = file.sql().filter(|_| of_it && is_shipped && !is_backwards(&file.path)) else {
                continue;
            };
            let is_mysql = is_for_mysql(&file.path, &file.text);
            let marks = marks(&file.text);
            for statement in &sql.statements {
                if !is_undone(&marks, statement.range) {
                    self.apply(&statement.action, (first + at, statement.range), is_mysql);
                }
            }
        }
    }

    /// Whether a table is known.
    pub(crate) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    fn apply(&mut self, action: &Action, place: (usize, Range), is_mysql: bool) {
        match action {
            Action::CreateTable { table, columns, indexes } => {
                let new = || Table { statement: Some(place.1), ..Table::new(place) };
                let known = self.tables.entry(table.clone()).or_insert_with(new);
                known.columns.extend(columns.iter().map(|column| column.name.clone()));
                known.indexes.extend(indexes.iter().cloned());
                known.is_single |= columns.iter().any(|column| column.is_only_key);
                if is_mysql {
                    let keys = columns.iter().filter(|column| column.references.is_some());
                    known.implied.extend(keys.map(|column| unnamed(vec![column.name.clone()])));
                } else {
                    known.elsewhere.get_or_insert(place);
                }
            }
            Action::CreateIndex { table, index } => {
                self.loose.push((table.clone(), index.clone()));
                self.settle();
            }
            Action::AddColumn { table, column, indexes } => {
                if let Some(known) = self.tables.get_mut(table) {
                    known.columns.insert(column.name.clone());
                    known.indexes.extend(indexes.iter().cloned());
                }
            }
            Action::DropColumn { table, column } => {
                if let Some(known) = self.tables.get_mut(table) {
                    known.columns.remove(column);
                    known.indexes.retain(|index| !index.columns.contains(column));
                }
            }
            Action::RenameTable { table, to } => {
                if let Some(known) = self.tables.remove(table) {
                    self.tables.insert(to.clone(), known);
                }
            }
            Action::RenameColumn { table, column, to } => {
                if let Some(known) = self.tables.get_mut(table) {
                    known.columns.remove(column);
                    known.columns.insert(to.clone());
                    let columns = known.indexes.iter_mut().flat_map(|index| &mut index.columns);
                    columns.filter(|c| *c == column).for_each(|c| c.clone_from(to));
                }
            }
            Action::DropTable(table) => _ = self.tables.remove(table),
            Action::DropIndex(name) => {
                let stays = |index: &Index| index.name.as_ref() != Some(name);
                self.tables.values_mut().for_each(|table| table.indexes.retain(stays));
            }
            Action::Query(_) | Action::Other => {}
        }
    }

    /// Adds an index, whose table may be met later.
    pub(crate) fn add_index(&mut self, table: &str, columns: Vec<String>) {
        self.loose.push((table.to_owned(), unnamed(columns)));
    }

    /// Gives indexes to their tables.
    pub(crate) fn settle(&mut self) {
        let tables = &mut self.tables;
        self.loose.retain(|(table, index)| match tables.get_mut(table) {
            Some(known) => {
                known.indexes.push(index.clone());
                false
            }
            None => true,
        });
    }

    /// Adds the table of a model.
    pub(crate) fn add_model(&mut self, model: &Model, file: usize, place: Range) {
        self.classes.entry(model.class.clone()).or_default().push(model.table.clone());
        let new = || Table { class: Some(model.class.clone()), ..Table::new((file, place)) };
        let known = self.tables.entry(model.table.clone()).or_insert_with(new);
        known.columns.extend(model.columns.iter().cloned());
        let indexes = model.indexes.iter().filter(|index| !index.is_empty());
        known.indexes.extend(indexes.map(|index| unnamed(index.clone())));
    }

    /// What a query in SQL text filters by.
    pub(crate) fn filtered_by_text(&self, text: &str) -> Vec<Filtered> {
        let Sql { statements } = sql::parse(text);
        statements.iter().flat_map(|statement| self.filtered_by(&statement.action)).collect()
    }

    /// What the queries of a file filter by: not those of migrations, which run once.
    pub(crate) fn filtered_by_file(&self, file: &File) -> Vec<(Range, Filtered)> {
        let statements = file.sql().map_or(&[][..], |sql| &sql.statements);
        let is_query = |action: &Action| matches!(action, Action::Query(_) | Action::Other);
        if !statements.iter().all(|statement| is_query(&statement.action)) || file.path.contains("migration")
        {
            return Vec::new();
        }
        let found = statements.iter().flat_map(|statement| {
            self.filtered_by(&statement.action).into_iter().map(|set| (statement.range, set))
        });
        found.collect()
    }

    fn filtered_by(&self, action: &Action) -> Vec<Filtered> {
        let Action::Query(query) = action else { return Vec::new() };
        // A column that two tables may have is nobody's.
        let table_of = |owner: &Option<String>, column: &str| {
            let has = |table: &str| self.tables.get(table).is_some_and(|t| t.columns.contains(column));
            let mut of = query.tables.iter().filter(|(table, alias)| {
                owner.as_ref().is_none_or(|owner| owner == alias || owner == table) && has(table)
            });
            of.next().filter(|_| of.next().is_none()).map(|(table, _)| table.as_str())
        };
        let mut sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (owner, column) in &query.equal {
            if let Some(table) = table_of(owner, column) {
                sets.entry(table).or_default().insert(column);
            }
        }
        for (owner, column) in &query.fixed {
            let Some(table) = table_of(owner, column) else { continue };
            // An index that goes on behind a state, or allows each once, is made for such queries; one of a state alone leaves many rows.
            let selects = |index: &Index| {
                index.columns.first() == Some(column) && (index.is_unique || index.columns.len() > 1)
            };
            if self.tables.get(table).is_some_and(|known| known.indexes.iter().any(selects))
                && let Some(set) = sets.get_mut(table)
            {
                set.insert(column);
            }
        }
        let owned = |(table, columns): (&str, BTreeSet<&str>)| {
            (table.to_owned(), columns.into_iter().map(str::to_owned).collect())
        };
        sets.into_iter().map(owned).collect()
    }

    /// What a chain of calls filters by, from its notation.
    pub(crate) fn filtered_by_class(&self, text: &str) -> Option<Filtered> {
        let mut parts = text.split(' ');
        // Classes of one name that stand for different tables are not told apart.
        let [table] = &self.classes.get(parts.next()?)?[..] else { return None };
        let known = self.tables.get(table)?;
        let columns: Option<Vec<String>> = parts
            .map(|column| {
                let column = column.to_ascii_lowercase();
                let without = column.strip_suffix("_id").unwrap_or(&column);
                let is_known = |name: &str| known.columns.contains(name);
                is_known(&column)
                    .then(|| column.clone())
                    .or_else(|| is_known(without).then(|| without.to_owned()))
            })
            .collect();
        Some((table.clone(), columns?))
    }
}

/// The folder of a database's own code, which has its migrations: `src/accounts` of `src/accounts/migrations/1.sql`.
fn database_of(path: &str) -> Option<&str> {
    path.split_once("/migrations/").map(|(folder, _)| folder)
}

/// The folders of a workspace's databases, where there are several, each with migrations of its own: tables in them that have one name are
/// different ones to the code beside them.
pub(crate) fn databases(survey: &Survey<'_>) -> Vec<String> {
    let paths = survey.all_around().iter().filter(|a| a.file.sql().is_some()).map(|a| &a.file.path);
    let folders: BTreeSet<String> = paths.filter_map(|path| database_of(path)).map(str::to_owned).collect();
    if folders.len() < 2 { Vec::new() } else { folders.into_iter().collect() }
}

fn unnamed(columns: Vec<String>) -> Index {
    Index { name: None, columns, is_unique: false, is_partial: false }
}

/// Whether SQL is for MySQL, which makes an index for each foreign key: by its own words, or by the folder.
fn is_for_mysql(path: &str, text: &str) -> bool {
    let says = ["ENGINE=", "ENGINE =", "AUTO_INCREMENT"].iter().any(|word| text.contains(word));
    says || path.split('/').any(|folder| matches!(folder, "mysql" | "mariadb"))
}

/// Whether a file undoes what another does.
fn is_backwards(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    ["down.sql", "undo.sql", "rollback.sql", "revert.sql"].iter().any(|end| name.ends_with(end))
}

/// Where the parts of a migration begin, each with whether it undoes another.
fn marks(text: &str) -> Vec<(usize, bool)> {
    let mut end = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = end;
        end += line.len();
        (start, line)
    });
    let marks = lines.filter_map(|(start, line)| {
        let line = line.trim().strip_prefix("--")?.trim().to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
        match () {
            () if says(&["+goose down", "+migrate down", "migrate:down"]) => Some((start, true)),
            () if says(&["+goose up", "+migrate up", "migrate:up"]) => Some((start, false)),
            () => None,
        }
    });
    marks.collect()
}

/// Whether a statement stands in the part of a migration that undoes it.
fn is_undone(marks: &[(usize, bool)], statement: Range) -> bool {
    let before = marks.partition_point(|(start, _)| *start < statement.start as usize);
    marks[..before].last().is_some_and(|(_, undoes)| *undoes)
}
