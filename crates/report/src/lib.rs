//! The forms of an audit: text and JSON.
