//! Real editors, set up as a user sets them up, with this repository's own extensions.

mod neovim;
