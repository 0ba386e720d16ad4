//! Capabilities: what a production service has beside clean code, and how its presence is proved.
//!
//! What counts as evidence is data, one file a category in `crates/audit/capabilities/`; `docs/capabilities.md` describes the form. Each
//! file of the code is looked at once for everything that any capability asks for ([`crate::Reading::sightings`]); [`judge`] then holds what
//! was seen in all files against the catalogue.

mod catalogue;
mod judge;
mod kinds;
mod page;
mod probes;
mod sightings;

pub use catalogue::{Catalogue, CatalogueError, Condition, Declared, Definition, Place, Proof, Strength};
pub use judge::{Code, Scene, judge};
pub use kinds::tests_by_kind;
pub(crate) use sightings::Looker;
pub use sightings::{Sighting, Sightings};
