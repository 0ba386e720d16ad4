//! Addresses that code writes down: their scheme and host, and where in the world the host is.

/// Where a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the machine itself, or behind an address that only the machine has.
    Own,
    /// In a private network: a bare service name, `*.svc`, `*.internal`, a private address.
    Private,
    /// On the internet.
    Public,
    /// Not to be told: filled in when the program runs, an example, a name that only identifies.
    Unknown,
}

/// The start of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint<'t> {
    /// `http`, `redis`; empty where it has none.
    pub(crate) scheme: &'t str,
    /// The host, without user and port.
    pub(crate) host: &'t str,
    /// Where it is.
    pub(crate) place: Place,
}

/// Schemes over which programs talk, and their secure forms.
const SCHEMES: [&str; 10] = ["http", "https", "ws", "wss", "ftp", "ftps", "redis", "rediss", "amqp", "amqps"];

impl<'t> Endpoint<'t> {
    /// Reads an address with one of the known schemes. What follows a text that `goes_on` may belong to the host.
    pub(crate) fn read(text: &'t str, goes_on: bool) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = SCHEMES.into_iter().find(|s| *s == scheme)?;
        let end = rest.find(['/', '?', '#']);
        if rest.contains(char::is_whitespace) {
            return None;
        }
        let authority = &rest[..end.unwrap_or(rest.len())];
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = without_port(host);
        let whole = !goes_on || end.is_some() || host.len() < authority.len() && authority.ends_with(':');
        let place = if whole { place(host) } else { Place::Unknown };
        Some(Self { scheme, host, place })
    }

    /// Reads `host:port`.
    pub(crate) fn of_address(text: &'t str) -> Option<Self> {
        let bare = text.rsplit('/').next()?;
        let host = without_port(bare);
        Some(Self { scheme: "", host, place: place(host) })
    }
}

fn without_port(authority: &str) -> &str {
    if let Some(inside) = authority.strip_prefix('[') {
        return inside.split(']').next().unwrap_or(inside);
    }
    authority.split(':').next().unwrap_or(authority)
}

fn place(host: &str) -> Place {
    let host = host.to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    if host.is_empty()
        || host.contains(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':')))
    {
        return Place::Unknown;
    }
    if let Some(octets) = address(host) {
        return match octets {
            [127 | 0, ..] | [169, 254, ..] | [100, 100, 100, 200] => Place::Own,
            [10, ..] | [192, 168, ..] | [100, 64..=127, ..] | [172, 16..=31, ..] => Place::Private,
            // Kept for documentation, and well-known examples.
            [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [1, 2, 3, 4] => Place::Unknown,
            _ => Place::Public,
        };
    }
    if host.contains(':') {
        return if matches!(host, "::1" | "::") || host.starts_with("fe80") {
            Place::Own
        } else if host.starts_with("fd") || host.starts_with("fc") {
            Place::Private
        } else {
            Place::Public
        };
    }
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or("");
    let own = matches!(
        host,
        "localhost"
            | "host.docker.internal"
            | "gateway.docker.internal"
            | "metadata.google.internal"
            | "metadata"
    );
    if own || last == "localhost" {
        return Place::Own;
    }
    if is_placeholder(&labels) || identifies(host) {
        return Place::Unknown;
    }
    if labels.len() == 1
        || matches!(last, "internal" | "local" | "svc" | "lan" | "corp" | "home" | "intranet" | "cluster")
    {
        return Place::Private;
    }
    if last.len() > 1 && last.chars().all(|c| c.is_ascii_alphabetic()) {
        Place::Public
    } else {
        Place::Unknown
    }
}

/// The octets of an IPv4 address.
fn address(host: &str) -> Option<[u8; 4]> {
    host.parse::<std::net::Ipv4Addr>().ok().map(|a| a.octets())
}

/// Whether a host stands for one that is to be filled in, or that nobody has.
fn is_placeholder(labels: &[&str]) -> bool {
    const WORDS: [&str; 24] = [
        "example",
        "test",
        "invalid",
        "dummy",
        "fake",
        "placeholder",
        "foo",
        "bar",
        "foobar",
        "acme",
        "host",
        "hostname",
        "domain",
        "ip",
        "address",
        "unix",
        "docker",
        "unused",
        "ignored",
        "server",
        "testserver",
        "mydomain",
        "mysite",
        "mock",
    ];
    labels.iter().any(|label| {
        label.contains("example")
            || label.starts_with("your")
            || label.len() == 1 && labels.len() == 1
            || WORDS.contains(label)
    })
}

/// Whether a host stands in names that only identify: namespaces, schemas, vocabularies; nothing is fetched from there.
fn identifies(host: &str) -> bool {
    const HOSTS: [&str; 16] = [
        "w3.org",
        "xmlsoap.org",
        "openxmlformats.org",
        "purl.org",
        "json-schema.org",
        "schema.org",
        "xmlns.com",
        "opengis.net",
        "oasis-open.org",
        "adobe.com",
        "java.sun.com",
        "xml.apache.org",
        "sitemaps.org",
        "microsoft.com",
        "aiim.org",
        "openid.net",
    ];
    let within =
        |known: &&str| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
    // Certificates' own services are unencrypted by design.
    let first = host.split('.').next().unwrap_or("");
    HOSTS.iter().any(|h| within(h))
        || first.contains("ocsp")
        || first.contains("crl")
        || matches!(first, "schemas" | "schema" | "xmlns" | "ns")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_places() {
        let place = |text: &str| Endpoint::read(text, false).map(|e| e.place);
        assert_eq!(place("http://api.shop.com/v1"), Some(Place::Public));
        assert_eq!(place("redis://:secret@cache:6379/0"), Some(Place::Private));
        assert_eq!(place("http://users.shop.svc.cluster.local"), Some(Place::Private));
        assert_eq!(place("http://172.20.0.3:80"), Some(Place::Private));
        assert_eq!(place("http://localhost:80"), Some(Place::Own));
        assert_eq!(place("http://[::1]:80/"), Some(Place::Own));
        assert_eq!(place("http://api.example.com"), Some(Place::Unknown));
        assert_eq!(place("http://www.w3.org/2000/svg"), Some(Place::Unknown));
        assert_eq!(place("http://%s/users"), Some(Place::Unknown));
        assert_eq!(place("mailto:a@b.c"), None);
    }

    #[test]
    fn a_host_that_goes_on_is_not_known() {
        let place = |text: &str| Endpoint::read(text, true).map(|e| e.place);
        assert_eq!(place("http://api."), Some(Place::Unknown));
        assert_eq!(place("http://api.shop.com/"), Some(Place::Public));
        assert_eq!(place("http://api.shop.com:"), Some(Place::Public));
    }
}
