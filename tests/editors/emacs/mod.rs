//! Emacs with eglot, in batch mode: a client that is neither of the two that have extensions here.

use std::fs;
use std::process::{Command, Stdio};

use shipworthy_tests::{binary, repository, tool};

use crate::{copy, path_with};

#[test]
fn eglot_session() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let workspace = scratch.path().join("workspace");
    copy(&repository().join("tests/editors/workspace"), &workspace);

    // Where Debian's packages expect to be, below the folder that they are in here.
    let usr = tool("emacs").join("usr");
    let programs = usr.join("libexec/emacs/28.2/x86_64-linux-gnu");
    let mut emacs = Command::new(usr.join("bin/emacs-nox"));
    emacs.arg("--dump-file").arg(programs.join("emacs.pdmp")).args(["--batch", "--quick", "--load"]);
    emacs.arg(repository().join("tests/editors/emacs/session.el"));
    emacs.env("LD_LIBRARY_PATH", usr.join("lib/x86_64-linux-gnu")).env("EMACSPATH", programs);
    emacs.env("EMACSLOADPATH", usr.join("share/emacs/28.2/lisp"));
    emacs
        .env("EMACSDATA", usr.join("share/emacs/28.2/etc"))
        .env("EMACSDOC", usr.join("share/emacs/28.2/etc"));
    emacs.env("ELPA", usr.join("share/emacs/site-lisp/elpa-src"));
    emacs.env("PAGE", repository().join("docs/editors/emacs.md")).env("PATH", path_with(binary()));
    for folder in ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"] {
        let path = scratch.path().join(folder);
        fs::create_dir(&path).expect("a folder");
        emacs.env(folder, path);
    }
    emacs.current_dir(&workspace).env("LANG", "C.UTF-8").env_remove("LC_ALL").stdin(Stdio::null());
    let output = emacs.output().expect("Emacs starts");
    assert!(
        output.status.success(),
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
