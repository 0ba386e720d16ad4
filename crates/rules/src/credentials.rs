//! The variables by which services get their passwords.

use shipworthy_evidence::Image;
use shipworthy_evidence::service::{Service, is_well_known_password};

/// A variable that sets a password, or switches passwords off.
pub(crate) struct Credential {
    service: &'static Service,
    /// The value that switches passwords off, if that is what it is for.
    open: Option<&'static str>,
}

/// What a variable is to a service's image.
pub(crate) fn of_service(image: &Image, name: &str) -> Option<Credential> {
    of(Service::of(image)?, name)
}

/// What a variable is to whichever known image reads it.
pub(crate) fn of_name(name: &str) -> Option<Credential> {
    // Short and general names are of anything.
    Service::all()
        .filter_map(|service| of(service, name))
        .max_by_key(|credential| credential.service.defaults.len())
}

fn of(service: &'static Service, name: &str) -> Option<Credential> {
    let open = service.open.get(name).map(String::as_str);
    (open.is_some() || service.passwords.iter().any(|known| known == name))
        .then_some(Credential { service, open })
}

impl Credential {
    /// What is wrong with a value that everybody knows, if it is one.
    pub(crate) fn judge(&self, value: &str) -> Option<&'static str> {
        let value = default_of(value);
        if let Some(open) = self.open {
            let opens = value.eq_ignore_ascii_case(open) || open == "yes" && matches!(value, "true" | "1");
            return opens.then_some("no password");
        }
        let is_default = self.service.defaults.iter().any(|known| known == value);
        (is_default || is_well_known_password(value)).then_some("a password that everybody knows")
    }

    /// Whether a value is a password that stands in the file, and not one that comes from elsewhere.
    pub(crate) fn is_written_out(&self, value: &str) -> bool {
        let value = default_of(value);
        self.open.is_none() && !value.is_empty() && !value.contains(['$', '{', '<'])
    }

    /// Whether a variable switches passwords off in some service.
    pub(crate) fn is_switch(name: &str) -> bool {
        Service::all().any(|service| service.open.contains_key(name))
    }
}

/// What a value is where nothing is set: `${NAME:-default}`; else the value itself.
fn default_of(value: &str) -> &str {
    let inner = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let default = inner.and_then(|inner| inner.split_once(":-").or(inner.split_once('-')));
    default.map_or(value, |(_, default)| default)
}
