//! Paths as other programs read them.

use std::fmt::Write as _;

/// A path for programs that start where the command was started, not in the folder that it audits.
pub(crate) fn from_here(root: &str, path: &str) -> String {
    let is_below =
        !(root == "." || root.starts_with(['/', '.']) || root.contains(':') || path.starts_with('/'));
    if is_below { format!("{root}/{path}") } else { path.to_owned() }
}

/// A path as part of an address: what has a meaning there is written in percent.
pub(crate) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte.into())
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_from_where_the_command_was_started() {
        assert_eq!(from_here(".", "a.py"), "a.py");
        assert_eq!(from_here("services/api", "a.py"), "services/api/a.py");
        assert_eq!(from_here("/srv/api", "a.py"), "a.py");
        assert_eq!(from_here("../api", "a.py"), "a.py");
        assert_eq!(encoded("a b/ü#1.py"), "a%20b/%C3%BC%231.py");
    }
}
