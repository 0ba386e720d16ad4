//! Real editors, set up as a user sets them up, with this repository's own extensions.

mod emacs;
mod neovim;
mod vscode;

use std::env;
use std::fs;
use std::path::Path;

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a copied file");
        }
    }
}

/// The search path with the program under test first.
fn path_with(program: &Path) -> std::ffi::OsString {
    let folder = program.parent().expect("a program is in a folder").to_path_buf();
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(std::iter::once(folder).chain(env::split_paths(&path))).expect("a search path")
}
