//! A library with one finding.

use std::env;

/// Whether a request may administer.
pub fn is_admin(token: &str) -> Result<bool, env::VarError> {
    let expected_token = env::var("ADMIN_TOKEN")?;
    Ok(token == expected_token)
}
