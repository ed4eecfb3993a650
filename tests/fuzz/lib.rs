//! The properties of tests/hostile, for the fuzz targets.

#[path = "../hostile/properties.rs"]
mod properties;

pub use properties::{ALL, check};

/// Looks at one input as the target of this name does.
pub fn run(target: &str, data: &[u8]) {
    if let Some((_, property)) = ALL.iter().find(|(name, _)| *name == target) {
        check(*property, data);
    }
}
