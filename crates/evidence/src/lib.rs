//! What the files around the code say: each format is read into a model whose parts know their place in the text.
//!
//! The crate is pure: text in, models out. A file that is broken in places is read as far as it goes; what was not read is said.
//! Nothing is expanded that could grow without bound: aliases, includes and templates are named, not followed.

pub mod ci;
mod command;
pub mod compose;
pub mod dockerfile;
pub mod env;
mod file;
mod format;
mod image;
pub mod kubernetes;
pub mod manifest;
pub mod package;
pub mod server;
pub mod service;
pub mod sql;
mod yaml;

pub use command::{Command, Word};
pub use file::{Content, File, Tracking};
pub use format::{Format, Guess};
pub use image::Image;
pub use yaml::{Block, Variable};
