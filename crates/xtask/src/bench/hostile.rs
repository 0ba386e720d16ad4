//! Texts that are made to cost: as large as an audit reads, of one piece again and again.

use std::fs;

use super::process;
use crate::program;

/// Audits files of two megabytes that are made of one piece again and again; what is not linear shows
#[derive(clap::Args)]
pub(crate) struct Hostile {}

/// The largest file that an audit reads (`shipworthy_audit::MAX_FILE_BYTES`).
const MAX_FILE_BYTES: usize = 2 << 20;

/// A file's name, what it begins with, what comes again and again (`#` is its number), and what it ends with.
const TEXTS: [[&str; 4]; 27] = [
    ["calls.py", "", "def f#():\n    return f#0()\n", ""],
    ["calls.go", "package p\n", "func f#() int { return f#0() }\n", ""],
    ["calls.rs", "", "fn f#() -> u32 { f#0() }\n", ""],
    ["one-chain.py", "def f(x):\n", "    x = x + y(x)\n", ""],
    ["one-chain.go", "package p\nfunc f(x int) {\n", "\tx = x + y(x)\n", "}\n"],
    ["one-chain.rs", "fn f(mut x: u32) {\n", "    x = x + y(x);\n", "}\n"],
    ["branches.py", "def f(x):\n    if x:\n        y = 0\n", "    elif x == #:\n        y = #\n", ""],
    ["decorators.py", "", "@d#\n", "def f(): pass\n"],
    ["imports.py", "", "import a#.b#\n", ""],
    ["names.py", "", "from a# import b# as c#\n", ""],
    ["imports.go", "package p\n", "import \"a/b#\"\n", ""],
    ["uses.rs", "", "use a#::b#;\n", ""],
    ["statements.py", "def f(z):\n", "    x# = y#(z)\n", ""],
    ["statements.go", "package p\nfunc f(z int) {\n", "\tx# := y#(z)\n", "}\n"],
    ["statements.rs", "fn f(z: u32) {\n", "    let x# = y#(z);\n", "}\n"],
    ["variables.py", "", "x# = y#(z)\n", ""],
    ["methods.py", "class C:\n", "    def m#(self):\n        self.a# = self.m()\n", ""],
    [
        "findings.py",
        "import requests\nclass C:\n",
        "    async def m#(self, v):\n        print(requests.get(v), self.m#0(v))\n",
        "",
    ],
    ["classes.py", "", "class C#(C#0):\n    pass\n", ""],
    ["handlers.py", "def f():\n    try:\n        g()\n", "    except E#:\n        pass\n", ""],
    ["loops.py", "def f():\n    c = []\n", "    for a in b#: c.append(a)\n", ""],
    ["requests.py", "import requests\ndef f():\n", "    requests.get(u#)\n", ""],
    [
        "locks.go",
        "package p\nimport \"sync\"\nvar mu sync.Mutex\nfunc f() {\n",
        "\tmu.Lock()\n\tx#()\n",
        "}\n",
    ],
    ["queries.py", "x = [\n", "    \"SELECT a FROM b# WHERE c = %s\",\n", "]\n"],
    ["suppressions.py", "", "x# = 1  # shipworthy: ignore[no-rule-#]\n", ""],
    ["queries.sql", "", "SELECT a# FROM b# WHERE c = #;\n", ""],
    ["Dockerfile", "FROM a\n", "RUN apt-get install p#\n", ""],
];

impl Hostile {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        println!("| file | half of it, CPU s | all, CPU s | peak MB |");
        println!("|---|---:|---:|---:|");
        let command = [program::release()?.display().to_string()].into_iter();
        let words = ["audit", "--no-cache", "--quiet", "--output-format", "json"].map(str::to_owned);
        let command: Vec<String> = command.chain(words).collect();
        for text in TEXTS {
            let cost = |bytes: usize| {
                let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
                fs::write(folder.path().join(text[0]), made(text, bytes))?;
                process::run(&command, folder.path())
            };
            let (half, all) = (cost(MAX_FILE_BYTES / 2)?, cost(MAX_FILE_BYTES)?);
            println!("| {} | {:.1} | {:.1} | {:.0} |", text[0], half.cpu, all.cpu, all.memory);
        }
        Ok(())
    }
}

/// A text of almost so many bytes.
fn made([_, head, piece, tail]: [&str; 4], bytes: usize) -> String {
    let mut text = head.to_owned();
    for number in 0.. {
        let next = piece.replace('#', &number.to_string());
        if text.len() + next.len() + tail.len() > bytes {
            break;
        }
        text.push_str(&next);
    }
    text + tail
}
