//! The clock.

use shipworthy_audit::suppression::Date;

/// Today's date, in UTC: on every machine the same day for the same audit.
pub fn today() -> Option<Date> {
    let today = time::OffsetDateTime::now_utc().date();
    Date::new(today.year().try_into().ok()?, today.month().into(), today.day())
}
