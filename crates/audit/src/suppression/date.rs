//! Days, as suppressions name them.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day from the year 0 to 9999, if the calendar has it. Months and days count from 1.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        if year <= 9999 && 1 <= day && day <= days { Some(Self { year, month, day }) } else { None }
    }

    /// The day before all others.
    pub(crate) const FIRST: Self = Self { year: 0, month: 1, day: 1 };
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = ();

    /// Reads `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else { return Err(()) };
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return Err(());
        }
        let number = |part: &str| part.parse().map_err(|_| ());
        Self::new(year.parse().map_err(|_| ())?, number(month)?, number(day)?).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written_alike_and_compare_by_time() {
        for day in ["2027-01-31", "2024-02-29", "2000-02-29", "0001-12-01"] {
            assert_eq!(day.parse::<Date>().map(|date| date.to_string()), Ok(day.to_owned()));
        }
        let day = |text: &str| text.parse::<Date>().expect(text);
        assert!(day("2026-12-31") < day("2027-01-01") && day("2027-01-09") < day("2027-01-10"));
    }

    #[test]
    fn what_the_calendar_does_not_have_is_no_day() {
        let bad =
            ["2027-02-29", "1900-02-29", "2027-13-01", "2027-00-01", "2027-04-31", "2027-01-00", "2027-1-1"];
        for text in bad.into_iter().chain(["", "soon", "2027-01", "2027-01-01-01", "+027-01-01"]) {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
