//! The automatic flags that come with the library: `config.*` and `upgrade.*`.

mod config;
mod upgrade;

use crate::context::ProviderEntry;

/// Listed by hand: a slice cannot be filled by the crate that declares it without unsafe code.
pub(crate) static BUILT_IN: &[ProviderEntry] = &[config::ENTRY, upgrade::ENTRY];
