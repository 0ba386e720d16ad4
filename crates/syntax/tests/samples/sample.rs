//! A sample: every construct that a boundary could hide in.

#![allow(dead_code, unused)]

use std::collections::{BTreeMap,
HashMap};
pub(crate) use std::fmt;
extern crate core;
mod elsewhere;
pub mod here {
fn not_indented() {
}
pub struct AlsoHere;
}

/// Text of the constant.
const TEXT: &str = "a string of
fn not_a_function() {
several lines \" with a quote \\";
const RAW: &str = r#"raw " and
pub fn neither() {
"#;
static BYTES: &[u8] = br"\";
const CHARS: [char; 6] = ['{', '\'', '"', '\u{1F980}', '🦀', '\\'];

#[derive(Debug, Clone)]
#[cfg_attr(
    feature = "serde",
derive(Serialize)
)]

// Between attributes and item.
pub struct Item<'a, const N: usize = { 1 + 1 }>
where
    'a: 'static,
{
    name: &'a str, // don't
    array: [u8; N],
}
#[derive(Debug)] struct Unit;
pub(crate) struct Tuple(
pub u8,
fn(&str) -> u8,
);

/* A comment /* within a comment */
fn in_comment() {
*/
impl<'a, const N: usize> Item<'a, N> {
    /// Text of the method.
    pub fn method(&self) -> impl Fn(char) -> bool + '_ {
        'outer: loop {
            match self.name.chars().next() {
                Some('a'..='z' | '"' | '\'') => break 'outer,
                _ => println!("{{}} {:?} // not a comment", b'\''),
            }
        }
        move |c| c == '}'
    }
}

macro_rules! make {
    ($name:ident, $($x:tt)*) => { fn $name() { $($x)* } };
}
make! { made, let x = "}"; }
make!(
other,
struct Inside;
);

pub
unsafe
extern "C"
fn split_over_lines(x: *const u8) -> *
const u8 {
    x
}

extern "C" {
    fn foreign(x: i32);
}

type Function = unsafe extern "C" fn(
i32,
) -> i32;

#[cfg(test)]
mod tests {
    #[test]
    fn é() { assert_eq!("🦀".len(), 4); }
}
