//! Text, positions, incremental parsing and units of Python, Go and Rust files.
