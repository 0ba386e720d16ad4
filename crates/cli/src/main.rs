//! The command-line program `shipworthy`.

fn main() {}
