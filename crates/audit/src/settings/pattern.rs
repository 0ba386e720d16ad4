//! Patterns over paths.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use shipworthy_syntax::Range;

/// Longer patterns are refused: nobody writes one, and nested ones cost the compiler's stack.
const MAX_BYTES: usize = 1_000;

/// A glob over paths with `/`, relative to the folder of the settings file.
///
/// `*` and `?` stay within a folder, `**` does not. A pattern without a `/` before its end matches at any depth, and one that
/// matches a folder matches all that is in it: `generated`, `generated/` and `src/generated/**` do what they look like.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    /// Where it stands in the settings file, with its quotes.
    pub range: Range,
    globs: GlobSet,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it, as a user reads it.
    pub(super) fn new(text: &str, range: Range) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("it is longer than {MAX_BYTES} bytes"));
        }
        let plain = text.strip_prefix("./").unwrap_or(text);
        let folder = plain.trim_end_matches('/');
        let anchored = folder.contains('/');
        let base = match folder.strip_suffix("/**").unwrap_or(folder).trim_start_matches('/') {
            "" if plain.is_empty() => return Err("it is empty".to_owned()),
            "" => "**".to_owned(),
            base if anchored => base.to_owned(),
            base => format!("**/{base}"),
        };
        let mut globs = GlobSetBuilder::new();
        for glob in [format!("{base}/**"), base] {
            let glob = GlobBuilder::new(&glob).literal_separator(true).backslash_escape(true).build();
            globs.add(glob.map_err(|error| error.kind().to_string())?);
        }
        let globs = globs.build().map_err(|error| error.kind().to_string())?;
        Ok(Self { text: text.to_owned(), range, globs })
    }

    /// Whether the pattern covers a file or folder.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.globs.is_match(path)
    }
}

/// A pattern is its text: where it stands and how it is compiled follow from that.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern, Range::default()).expect(pattern).matches(path)
    }

    #[test]
    fn a_plain_name_matches_at_any_depth_and_covers_a_folder() {
        for pattern in ["generated", "generated/"] {
            assert!(matches(pattern, "generated"));
            assert!(matches(pattern, "generated/a/b.py"));
            assert!(matches(pattern, "src/generated/a.py"));
            assert!(!matches(pattern, "src/generated.py"));
        }
        assert!(matches("*_pb2.py", "a/b/x_pb2.py"));
    }

    #[test]
    fn a_pattern_with_a_slash_starts_at_the_settings_file() {
        for pattern in ["src/generated", "/src/generated/", "./src/generated", "src/generated/**"] {
            assert!(matches(pattern, "src/generated/a.py"), "{pattern}");
            assert!(matches(pattern, "src/generated"), "{pattern}");
            assert!(!matches(pattern, "lib/src/generated/a.py"), "{pattern}");
        }
        assert!(matches("/build", "build/a.py"));
        assert!(!matches("/build", "src/build/a.py"));
        assert!(matches("**/build/*.go", "a/b/build/x.go"));
    }

    #[test]
    fn a_star_stays_within_a_folder() {
        assert!(matches("src/*.py", "src/a.py"));
        assert!(!matches("src/*.py", "src/a/b.py"));
        assert!(matches("src/**/*.py", "src/a/b.py"));
        assert!(matches("**", "anything/at/all"));
        assert!(matches("/**", "anything/at/all"));
    }

    #[test]
    fn what_cannot_be_a_pattern_is_refused() {
        for bad in ["", "a[", "{a,b", &"{".repeat(100_000)] {
            assert!(Pattern::new(bad, Range::default()).is_err(), "{}", &bad[..bad.len().min(10)]);
        }
    }
}
