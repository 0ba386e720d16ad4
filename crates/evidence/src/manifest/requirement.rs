//! Requirements as PEP 508 writes them: `requests[socks] >= 2.8, < 3 ; python_version < "3.13"`.

/// A requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// The project.
    pub name: String,
    /// Its extras.
    pub extras: Vec<String>,
    /// What versions it may have, without spaces; empty: any.
    pub version: String,
    /// Where it comes from, if not from the registry.
    pub url: Option<String>,
    /// When it holds.
    pub marker: Option<String>,
}

impl Requirement {
    /// Reads a requirement; none where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
        let name = &text[..end];
        let is_bounded = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !is_bounded(name.chars().next()) || !is_bounded(name.chars().last()) {
            return None;
        }
        let mut rest = text[end..].trim_start();
        let mut extras = Vec::new();
        if let Some(inner) = rest.strip_prefix('[') {
            let (list, behind) = inner.split_once(']')?;
            extras = list.split(',').map(|e| e.trim().to_owned()).filter(|e| !e.is_empty()).collect();
            rest = behind.trim_start();
        }
        if let Some(url) = rest.strip_prefix('@') {
            // A marker behind an address needs a space before its sign.
            let (url, marker) = url.split_once(" ;").map_or((url, None), |(url, marker)| (url, Some(marker)));
            let marker = marker.map(|m| m.trim().to_owned());
            let url = Some(url.trim().to_owned()).filter(|url| !url.is_empty())?;
            return Some(Self {
                name: name.to_owned(),
                extras,
                version: String::new(),
                url: Some(url),
                marker,
            });
        }
        let (version, marker) =
            rest.split_once(';').map_or((rest, None), |(v, m)| (v, Some(m.trim().to_owned())));
        let version = version.trim().trim_start_matches('(').trim_end_matches(')');
        let version: String = version.chars().filter(|c| !c.is_whitespace()).collect();
        let starts = |part: &str| part.starts_with(['=', '<', '>', '!', '~']);
        let is_version = version.is_empty() || version.split(',').all(|part| part.is_empty() || starts(part));
        is_version.then(|| Self { name: name.to_owned(), extras, version, url: None, marker })
    }
}
