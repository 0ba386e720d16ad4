//! The extractor of Python.

mod tags;

use std::sync::Arc;

use shipworthy_syntax::{Language, Range};

use self::tags::{Field, Tag};
use crate::extractor::{Grammar, Walk, other, range_of};
use crate::fact::{Builder, Comment, Facts, Flags, Import, Kind, Operator, Role};

/// The facts of one item of Python.
pub(crate) fn extract(tree: &tree_sitter::Tree, text: &Arc<str>) -> Facts {
    Walk::new(tree, Builder::new(Language::Python, text.clone()), Python::default()).finish()
}

#[derive(Default)]
struct Python {
    /// Indices of the functions around the cursor, to mark generators.
    functions: Vec<u32>,
    /// How many `try` and `if TYPE_CHECKING` blocks are around the cursor.
    conditional: u32,
}

type Extractor<'t> = Walk<'t, Python>;

impl Grammar for Python {
    type Tag = Tag;
    type Field = Field;

    fn tag(kind_id: u16) -> Tag {
        Tag::of(kind_id)
    }

    fn field(field_id: u16) -> Option<Field> {
        Field::of(field_id)
    }

    fn extract(walk: &mut Extractor<'_>, role: Role) {
        walk.visit_tag(walk.tag(), role);
    }
}

impl<'t> Extractor<'t> {
    fn visit_tag(&mut self, tag: Tag, role: Role) {
        match tag {
            Tag::Comment => {
                let range = self.range();
                self.builder.comment(Comment { range, documentation: false });
            }
            Tag::Error => {
                self.visit_error(role);
            }

            // Wrappers that vanish.
            Tag::ExpressionStatement => self.expression_statement(role),
            Tag::ParenthesizedExpression | Tag::ParenthesizedListSplat => self.visit_children(role),
            Tag::AsPatternTarget => self.target(role),

            // Definitions.
            Tag::DecoratedDefinition => self.decorated(role),
            Tag::FunctionDefinition => self.function(role, None),
            Tag::ClassDefinition => self.class(role, None),
            Tag::Lambda => {
                self.fact(Kind::Lambda, role, |this| {
                    this.each(|this| match this.tag() {
                        Tag::LambdaParameters => this.each(Self::parameter),
                        _ => this.visit_named(Role::Body),
                    });
                });
            }
            Tag::Type => self.type_annotation(role),
            Tag::ImportStatement | Tag::ImportFromStatement | Tag::FutureImportStatement => self.import(role),

            // Statements.
            Tag::Block => {
                self.fact(Kind::Block, role, |this| this.visit_children(Role::Statement));
            }
            Tag::Assignment => {
                let index = self.fact(Kind::Assign, role, Self::assignment_sides);
                let declares = self.builder.is_annotated(index);
                if declares {
                    self.builder.fact_mut(index).flags |= Flags::DECLARES;
                }
            }
            Tag::AugmentedAssignment => {
                let index = self.fact(Kind::Assign, role, Self::assignment_sides);
                if let Some(operator) = self.cursor.node().child(1) {
                    let operator = self.builder.text(range_of(&operator)).trim_end_matches('=').to_owned();
                    self.builder.fact_mut(index).operator = Operator::between(&operator);
                }
            }
            Tag::NamedExpression => {
                let index = self.fields(Kind::Assign, role, &[(Field::Name, Role::Target)], Role::Value);
                self.builder.mark_names(index + 1);
            }
            Tag::ReturnStatement => {
                self.fact(Kind::Return, role, |this| this.visit_children(Role::Value));
            }
            Tag::RaiseStatement => {
                self.fields(Kind::Raise, role, &[(Field::Cause, Role::Cause)], Role::Value);
            }
            Tag::BreakStatement => _ = self.leaf(Kind::Break, role),
            Tag::ContinueStatement => _ = self.leaf(Kind::Continue, role),
            Tag::PassStatement => _ = self.leaf(Kind::Pass, role),
            Tag::Ellipsis => {
                self.leaf(if role == Role::Statement { Kind::Pass } else { Kind::OtherExpression }, role);
            }
            Tag::DeleteStatement => {
                self.fact(Kind::Delete, role, |this| this.visit_children(Role::Value));
            }
            Tag::AssertStatement => {
                self.fact(Kind::Assert, role, |this| {
                    let mut next = Role::Condition;
                    this.each(|this| {
                        if this.cursor.node().is_named() && this.tag() != Tag::Comment {
                            this.visit(next);
                            next = Role::Value;
                        }
                    });
                });
            }
            Tag::GlobalStatement | Tag::NonlocalStatement => {
                self.fact(Kind::Global, role, |this| this.visit_children(Role::Target));
            }
            Tag::IfStatement => self.if_statement(role),
            Tag::ForStatement => {
                let index = self.fact(Kind::For, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Left) => this.target(Role::Target),
                        Some(Field::Right) => this.visit(Role::Iterable),
                        Some(Field::Body) => this.visit(Role::Body),
                        _ => this.visit_named(Role::Else),
                    });
                });
                self.mark_async(index);
            }
            Tag::WhileStatement => {
                self.fields(
                    Kind::While,
                    role,
                    &[(Field::Condition, Role::Condition), (Field::Body, Role::Body)],
                    Role::Else,
                );
            }
            Tag::ElseClause | Tag::FinallyClause => self.visit_children(role),
            Tag::TryStatement => {
                self.state.conditional += 1;
                self.fact(Kind::Try, role, |this| {
                    this.each(|this| match this.tag() {
                        Tag::ExceptClause => this.handler(),
                        Tag::ElseClause => this.visit(Role::Else),
                        Tag::FinallyClause => this.visit(Role::Finally),
                        _ => this.visit_named(Role::Body),
                    });
                });
                self.state.conditional -= 1;
            }
            Tag::WithStatement => {
                let index = self.fact(Kind::With, role, |this| {
                    this.each(|this| match this.tag() {
                        Tag::WithClause => this.visit_children(Role::Item),
                        _ => this.visit_named(Role::Body),
                    });
                });
                self.mark_async(index);
            }
            Tag::WithItem => {
                self.fact(Kind::WithItem, role, |this| this.visit_children(Role::Value));
            }
            Tag::AsPattern => {
                // `value as target`: of a with item, both are the item's own.
                self.each(|this| match this.tag() {
                    Tag::AsPatternTarget => {
                        this.visit(if role == Role::Pattern { Role::Pattern } else { Role::Target })
                    }
                    _ => this.visit_named(role),
                });
            }
            Tag::MatchStatement => {
                self.fact(Kind::Match, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Subject) => this.visit(Role::Subject),
                        _ if this.tag() == Tag::Block => this.visit_children(Role::Arm),
                        _ => this.visit_named(Role::Arm),
                    });
                });
            }
            Tag::CaseClause => self.case(role),

            // Expressions.
            Tag::Identifier => {
                self.name(role);
            }
            Tag::Attribute => {
                let mut name = Range::default();
                let index = self.fact(Kind::Attribute, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Object) => this.visit(Role::Object),
                        Some(Field::Attribute) => name = this.range(),
                        _ => this.visit_named(Role::Part),
                    });
                });
                self.builder.fact_mut(index).name = name;
            }
            Tag::Subscript => {
                let slice =
                    self.cursor.node().child_by_field_name("subscript").is_some_and(|s| s.kind() == "slice");
                let kind = if slice { Kind::Slice } else { Kind::Index };
                self.fields(kind, role, &[(Field::Value, Role::Object)], Role::Index);
            }
            Tag::Slice => self.visit_children(role),
            Tag::Call => {
                self.fact(Kind::Call, role, |this| {
                    this.each(|this| match (this.field(), this.tag()) {
                        (Some(Field::Function), _) => this.visit(Role::Callee),
                        (_, Tag::ArgumentList) => this.each(|this| this.argument(Role::Argument)),
                        _ => this.visit_named(Role::Argument),
                    });
                });
            }
            Tag::String => self.string(role),
            Tag::ConcatenatedString => {
                self.fact(Kind::Template, role, |this| this.visit_children(Role::Part));
            }
            Tag::Integer | Tag::Float => _ = self.leaf(Kind::Number, role),
            Tag::True | Tag::False => _ = self.leaf(Kind::Boolean, role),
            Tag::None => _ = self.leaf(Kind::Nothing, role),
            Tag::BinaryOperator | Tag::BooleanOperator => {
                let index = self.fact(Kind::Binary, role, |this| this.visit_children(Role::Operand));
                let operator = self.cursor.node().child_by_field_name("operator");
                if let Some(operator) = operator {
                    let operator = Operator::between(self.builder.text(range_of(&operator)));
                    self.builder.fact_mut(index).operator = operator;
                }
            }
            Tag::ComparisonOperator => {
                let mut operator = Operator::None;
                let index = self.fact(Kind::Compare, role, |this| {
                    this.each(|this| match this.field() {
                        Some(Field::Operators) => {
                            if operator == Operator::None {
                                operator = comparison(this.builder.text(this.range()));
                            }
                        }
                        _ => this.visit_named(Role::Operand),
                    });
                });
                self.builder.fact_mut(index).operator = operator;
            }
            Tag::NotOperator | Tag::UnaryOperator => {
                let index = self.fact(Kind::Unary, role, |this| this.visit_children(Role::Operand));
                let first = self.cursor.node().child(0).map(|c| self.builder.text(range_of(&c)) == "not");
                self.builder.fact_mut(index).operator =
                    if first == Some(true) { Operator::Not } else { Operator::Negate };
            }
            Tag::ConditionalExpression => {
                self.fact(Kind::Conditional, role, |this| {
                    let mut roles = [Role::Body, Role::Condition, Role::Else].into_iter();
                    this.each(|this| {
                        if this.cursor.node().is_named() && this.tag() != Tag::Comment {
                            this.visit(roles.next().unwrap_or(Role::Part));
                        }
                    });
                });
            }
            Tag::Await => _ = self.fact(Kind::Await, role, |this| this.visit_children(Role::Value)),
            Tag::Yield => {
                if let Some(&function) = self.state.functions.last() {
                    self.builder.fact_mut(function).flags |= Flags::GENERATOR;
                }
                self.fact(Kind::Yield, role, |this| this.visit_children(Role::Value));
            }
            Tag::List => _ = self.fact(Kind::List, role, |this| this.visit_children(Role::Element)),
            Tag::Tuple | Tag::ExpressionList => {
                self.fact(Kind::Tuple, role, |this| this.visit_children(Role::Element));
            }
            Tag::PatternList | Tag::TuplePattern | Tag::ListPattern => {
                self.fact(Kind::Tuple, role, |this| this.visit_children(Role::Element));
            }
            Tag::Set => _ = self.fact(Kind::Set, role, |this| this.visit_children(Role::Element)),
            Tag::Dictionary => {
                _ = self.fact(Kind::Dictionary, role, |this| this.visit_children(Role::Element))
            }
            Tag::Pair => {
                self.fields(
                    Kind::Entry,
                    role,
                    &[(Field::Key, Role::Key), (Field::Value, Role::Value)],
                    Role::Part,
                );
            }
            Tag::ListComprehension
            | Tag::SetComprehension
            | Tag::DictionaryComprehension
            | Tag::GeneratorExpression => self.comprehension(role),
            Tag::ListSplat | Tag::DictionarySplat | Tag::ListSplatPattern | Tag::DictionarySplatPattern => {
                let index = self.fact(Kind::Spread, role, |this| this.visit_children(Role::Value));
                self.builder.fact_mut(index).flags |=
                    if matches!(tag, Tag::DictionarySplat | Tag::DictionarySplatPattern) {
                        Flags::SPREAD_KEYWORDS
                    } else {
                        Flags::SPREAD
                    };
            }
            Tag::Interpolation | Tag::FormatExpression => self.each(|this| match this.field() {
                Some(Field::Expression) => this.visit(role),
                _ if this.tag() == Tag::FormatSpecifier => this.visit_children(role),
                _ => {}
            }),

            // Punctuation inside facts, and what this extractor does not know: its expressions stay reachable.
            Tag::LineContinuation | Tag::TypeConversion | Tag::ImportPrefix | Tag::EscapeInterpolation => {}
            Tag::Other => {
                self.fact(other(role), role, |this| this.visit_children(Role::Part));
            }
            Tag::WithClause
            | Tag::ArgumentList
            | Tag::KeywordArgument
            | Tag::LambdaParameters
            | Tag::FormatSpecifier
            | Tag::ForInClause
            | Tag::IfClause
            | Tag::ElifClause
            | Tag::ExceptClause
            | Tag::Decorator
            | Tag::Parameters
            | Tag::AliasedImport
            | Tag::DottedName
            | Tag::RelativeImport
            | Tag::WildcardImport
            | Tag::StringContent
            | Tag::CasePattern
            | Tag::DefaultParameter
            | Tag::TypedParameter
            | Tag::TypedDefaultParameter => self.visit_children(role),
        }
    }

    fn expression_statement(&mut self, role: Role) {
        let several = self.cursor.node().named_child_count() > 1;
        if several {
            self.fact(Kind::Tuple, role, |this| this.visit_children(Role::Element));
        } else {
            self.visit_children(role);
        }
    }

    /// A target: its names bind.
    fn target(&mut self, role: Role) {
        let first = self.builder.next();
        if self.tag() == Tag::AsPatternTarget {
            self.visit_children(role)
        } else {
            self.visit_named(role)
        }
        self.builder.mark_names(first);
    }

    /// Both sides of an assignment, and of those it chains (`a = b = c` has two targets).
    fn assignment_sides(&mut self) {
        self.each(|this| match (this.field(), this.tag()) {
            (Some(Field::Left), _) => this.target(Role::Target),
            (Some(Field::Type), _) => this.visit(Role::Type),
            (Some(Field::Right), Tag::Assignment) => this.assignment_sides(),
            (Some(Field::Right), _) => this.visit(Role::Value),
            (None, Tag::Comment | Tag::Error) => this.visit(Role::Part),
            _ => {}
        });
    }

    fn decorated(&mut self, role: Role) {
        let whole = self.range();
        let Some(definition) = self.cursor.node().child_by_field_name("definition") else {
            self.fact(Kind::OtherStatement, role, |this| this.visit_children(Role::Part));
            return;
        };
        // The definition's fact comes first, so that decorators are its children: walk it with the decorators at hand.
        let decorated = self.cursor.node();
        let mut decorators = Vec::new();
        let mut walk = decorated.walk();
        for child in decorated.children(&mut walk) {
            if child.kind() == "decorator" {
                decorators.push(child);
            }
        }
        let outer = std::mem::replace(&mut self.cursor, definition.walk());
        let around = Decorated { whole, decorators };
        match self.tag() {
            Tag::ClassDefinition => self.class(role, Some(&around)),
            _ => self.function(role, Some(&around)),
        }
        self.cursor = outer;
        self.each(|this| {
            if this.tag() == Tag::Comment {
                this.visit(role);
            }
        });
    }

    fn decorators(&mut self, decorated: Option<&Decorated<'t>>) {
        for decorator in decorated.iter().flat_map(|d| &d.decorators) {
            // A cursor of its own: the decorators stand beside the definition, not below it.
            let outer = std::mem::replace(&mut self.cursor, decorator.walk());
            self.fact(Kind::Decorator, Role::Decorator, |this| this.visit_children(Role::Value));
            self.cursor = outer;
        }
    }

    fn function(&mut self, role: Role, decorated: Option<&Decorated<'t>>) {
        let mut name = Range::default();
        let mut is_async = false;
        let range = decorated.map_or_else(|| self.range(), |d| d.whole);
        self.builder.open(Kind::Function, role, range);
        let index = self.builder.current();
        self.state.functions.push(index);
        self.decorators(decorated);
        self.each(|this| match (this.field(), this.tag()) {
            (Some(Field::Name), _) => name = this.range(),
            (Some(Field::Parameters), _) => this.each(Self::parameter),
            (Some(Field::ReturnType), _) => this.visit(Role::Result),
            (Some(Field::Body), _) => this.visit(Role::Body),
            (None, Tag::Comment | Tag::Error) => this.visit(Role::Part),
            (None, _) => is_async |= this.cursor.node().kind() == "async",
            _ => {}
        });
        self.state.functions.pop();
        self.builder.close();
        self.name_definition(index, name);
        if is_async {
            self.builder.fact_mut(index).flags |= Flags::ASYNC;
        }
    }

    fn class(&mut self, role: Role, decorated: Option<&Decorated<'t>>) {
        let mut name = Range::default();
        let range = decorated.map_or_else(|| self.range(), |d| d.whole);
        self.builder.open(Kind::Class, role, range);
        let index = self.builder.current();
        self.decorators(decorated);
        self.each(|this| match (this.field(), this.tag()) {
            (Some(Field::Name), _) => name = this.range(),
            (Some(Field::Superclasses), _) => this.each(|this| this.argument(Role::Base)),
            (Some(Field::Body), _) => this.visit(Role::Body),
            (None, Tag::Comment | Tag::Error) => this.visit(Role::Part),
            _ => {}
        });
        self.builder.close();
        self.name_definition(index, name);
    }

    fn name_definition(&mut self, index: u32, name: Range) {
        let text = self.builder.text(name);
        let public = !text.starts_with('_') || (text.starts_with("__") && text.ends_with("__"));
        let fact = self.builder.fact_mut(index);
        fact.name = name;
        if public {
            fact.flags |= Flags::PUBLIC;
        }
    }

    fn parameter(&mut self) {
        match self.tag() {
            Tag::Identifier => {
                let range = self.range();
                self.builder.leaf(Kind::Parameter, Role::Parameter, range).name = range;
            }
            Tag::DefaultParameter | Tag::TypedParameter | Tag::TypedDefaultParameter => {
                let mut name = Range::default();
                let mut flags = Flags::empty();
                let index = self.fact(Kind::Parameter, Role::Parameter, |this| {
                    this.each(|this| match (this.field(), this.tag()) {
                        (Some(Field::Name), _) | (None, Tag::Identifier) => name = this.range(),
                        (None, Tag::ListSplatPattern | Tag::DictionarySplatPattern) => {
                            (name, flags) = this.splat_parameter();
                        }
                        (Some(Field::Type), _) => this.visit(Role::Type),
                        (Some(Field::Value), _) => this.visit(Role::Default),
                        _ => {}
                    });
                });
                let fact = self.builder.fact_mut(index);
                fact.name = name;
                fact.flags |= flags;
            }
            Tag::ListSplatPattern | Tag::DictionarySplatPattern => {
                let (name, flags) = self.splat_parameter();
                let range = self.range();
                let fact = self.builder.leaf(Kind::Parameter, Role::Parameter, range);
                fact.name = name;
                fact.flags |= flags;
            }
            Tag::TuplePattern => {
                self.fact(Kind::Parameter, Role::Parameter, |this| this.visit_children(Role::Pattern));
            }
            Tag::Comment | Tag::Error => self.visit(Role::Part),
            _ => {}
        }
    }

    fn splat_parameter(&mut self) -> (Range, Flags) {
        let flags = if self.tag() == Tag::ListSplatPattern { Flags::SPREAD } else { Flags::SPREAD_KEYWORDS };
        let name = self.cursor.node().named_child(0).map(|n| range_of(&n)).unwrap_or_default();
        (name, flags)
    }

    fn type_annotation(&mut self, role: Role) {
        self.fact(Kind::Type, role, |this| {
            this.each(|this| {
                // A plain name needs no child: the text says it. `Annotated[X, Depends(f)]` has calls to reach.
                if this.tag() != Tag::Identifier {
                    this.visit_named(Role::Part);
                }
            });
        });
    }

    fn argument(&mut self, role: Role) {
        match self.tag() {
            Tag::KeywordArgument => {
                let label =
                    self.cursor.node().child_by_field_name("name").map(|n| range_of(&n)).unwrap_or_default();
                let index = self.builder.next();
                self.each(|this| {
                    if this.field() == Some(Field::Value) {
                        this.visit(role);
                    }
                });
                if index < self.builder.next() {
                    self.builder.fact_mut(index).label = label;
                }
            }
            _ => self.visit_named(role),
        }
    }

    fn if_statement(&mut self, role: Role) {
        let mut nested = 0;
        let type_checking = self
            .cursor
            .node()
            .child_by_field_name("condition")
            .is_some_and(|c| self.builder.text(range_of(&c)).ends_with("TYPE_CHECKING"));
        self.state.conditional += u32::from(type_checking);
        self.fact(Kind::If, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Condition), _) => this.visit(Role::Condition),
                (Some(Field::Consequence), _) => this.visit(Role::Body),
                (_, Tag::ElifClause) => this.nested(Role::Else, |this| {
                    let range = this.range();
                    this.builder.open(Kind::If, Role::Else, range);
                    nested += 1;
                    this.each(|this| match this.field() {
                        Some(Field::Condition) => this.visit(Role::Condition),
                        Some(Field::Consequence) => this.visit(Role::Body),
                        _ => this.visit_named(Role::Part),
                    });
                    // What comes next stands in it.
                    this.depth += 1;
                }),
                _ => this.visit_named(Role::Else),
            });
            // An elif's range reaches to the end of what it nests.
            let end = this.range().end;
            this.depth -= nested;
            for _ in 0..nested {
                let current = this.builder.current();
                this.builder.fact_mut(current).range.end = end;
                this.builder.close();
            }
        });
        self.state.conditional -= u32::from(type_checking);
    }

    fn handler(&mut self) {
        let mut name = Range::default();
        let index = self.fact(Kind::Handler, Role::Handler, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Alias), _) => name = this.range(),
                (_, Tag::Block) => this.visit(Role::Body),
                (_, Tag::AsPattern) => this.each(|this| match this.tag() {
                    Tag::AsPatternTarget => name = this.range(),
                    _ => this.visit_named(Role::Type),
                }),
                _ => this.visit_named(Role::Type),
            });
        });
        self.builder.fact_mut(index).name = name;
    }

    fn case(&mut self, role: Role) {
        let mut default = true;
        let index = self.fact(Kind::Arm, role, |this| {
            this.each(|this| match (this.field(), this.tag()) {
                (Some(Field::Guard), _) => {
                    default = false;
                    this.visit_children(Role::Guard);
                }
                (Some(Field::Consequence), _) => this.visit(Role::Body),
                (_, Tag::CasePattern) => {
                    default &= this.builder.text(this.range()) == "_";
                    let first = this.builder.next();
                    this.fact(Kind::Pattern, Role::Pattern, |this| this.visit_children(Role::Part));
                    this.builder.mark_names(first);
                }
                _ => this.visit_named(Role::Part),
            });
        });
        if default {
            self.builder.fact_mut(index).flags |= Flags::DEFAULT;
        }
    }

    fn string(&mut self, role: Role) {
        let node = self.cursor.node();
        let start = node.child(0).map(|c| range_of(&c)).unwrap_or_default();
        let mut flags = Flags::empty();
        for letter in self.builder.text(start).chars() {
            match letter.to_ascii_lowercase() {
                'b' => flags |= Flags::BYTES,
                'r' => flags |= Flags::RAW,
                _ => {}
            }
        }
        let interpolated = {
            let mut walk = node.walk();
            node.children(&mut walk).any(|c| c.kind() == "interpolation")
        };
        let index = if interpolated {
            self.fact(Kind::Template, role, |this| {
                this.each(|this| match this.tag() {
                    Tag::StringContent => drop(this.leaf(Kind::Text, Role::Part)),
                    Tag::Interpolation => this.visit(Role::Part),
                    _ => {}
                });
            })
        } else {
            self.leaf(Kind::String, role)
        };
        self.builder.fact_mut(index).flags |= flags;
    }

    fn comprehension(&mut self, role: Role) {
        let mut clause_open = false;
        self.fact(Kind::Comprehension, role, |this| {
            this.each(|this| match this.tag() {
                Tag::ForInClause => {
                    if clause_open {
                        this.builder.close();
                    }
                    clause_open = true;
                    let range = this.range();
                    let is_async = this.cursor.node().child(0).is_some_and(|c| c.kind() == "async");
                    let clause = this.builder.open(Kind::Clause, Role::Item, range);
                    if is_async {
                        clause.flags |= Flags::ASYNC;
                    }
                    this.each(|this| match this.field() {
                        Some(Field::Left) => this.target(Role::Target),
                        Some(Field::Right) if this.cursor.node().is_named() => this.visit(Role::Iterable),
                        _ => {}
                    });
                }
                // A condition belongs to the clause before it.
                Tag::IfClause => {
                    this.visit_children(Role::Condition);
                    if clause_open {
                        let (end, clause) = (this.range().end, this.builder.current());
                        this.builder.fact_mut(clause).range.end = end;
                    }
                }
                _ => this.visit_named(Role::Element),
            });
            if clause_open {
                this.builder.close();
            }
        });
    }

    fn import(&mut self, role: Role) {
        let statement = self.cursor.node();
        let conditional = self.state.conditional > 0;
        let fact = self.leaf(Kind::Import, role);
        let module = statement
            .child_by_field_name("module_name")
            .map(|n| self.builder.text(range_of(&n)).split_whitespace().collect::<String>());
        let future = statement.kind() == "future_import_statement";
        let mut walk = statement.walk();
        for child in statement.children(&mut walk) {
            let range = range_of(&child);
            let tag = Tag::of(child.kind_id());
            let (name, local) = match tag {
                Tag::WildcardImport => ("*".to_owned(), "*".to_owned()),
                Tag::AliasedImport => {
                    let part = |field| {
                        let node = child.child_by_field_name(field);
                        node.map(|n| self.builder.text(range_of(&n)).to_owned()).unwrap_or_default()
                    };
                    (part("name"), part("alias"))
                }
                Tag::DottedName
                    if Some(child.id()) != statement.child_by_field_name("module_name").map(|m| m.id()) =>
                {
                    let name = self.builder.text(range).to_owned();
                    let local = match module {
                        // `import a.b` binds `a`.
                        None => name.split('.').next().unwrap_or_default().to_owned(),
                        Some(_) => name.clone(),
                    };
                    (name, local)
                }
                _ => continue,
            };
            let path = match &module {
                Some(module) if name == "*" => module.clone(),
                Some(module) if module.ends_with('.') => format!("{module}{name}"),
                Some(module) => format!("{module}.{name}"),
                None if future => format!("__future__.{name}"),
                // `import a.b` makes `a` visible, and `a.b` with it.
                None if tag == Tag::DottedName => local.clone(),
                None => name.clone(),
            };
            self.builder.import(Import { fact, path: path.into(), local: local.into(), range, conditional });
        }
        self.each(|this| {
            if matches!(this.tag(), Tag::Comment | Tag::Error) {
                this.visit(Role::Part);
            }
        });
    }

    fn mark_async(&mut self, index: u32) {
        if self.cursor.node().child(0).is_some_and(|c| c.kind() == "async") {
            self.builder.fact_mut(index).flags |= Flags::ASYNC;
        }
    }
}

/// What stands around a decorated definition.
struct Decorated<'t> {
    whole: Range,
    decorators: Vec<tree_sitter::Node<'t>>,
}

fn comparison(text: &str) -> Operator {
    match text {
        "in" => Operator::In,
        "is" => Operator::Is,
        other if other.starts_with("not") => Operator::NotIn,
        other if other.starts_with("is") => Operator::IsNot,
        _ => Operator::between(text),
    }
}

#[cfg(test)]
mod tests;
