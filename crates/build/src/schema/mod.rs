//! The charm's YAML files as types, checked by Juju's rules for them.

mod actions;
mod config;
mod endpoint;
mod layer;
mod manifest;
mod metadata;
mod storage;

pub use config::{ConfigOption, ConfigType};
pub use endpoint::{Endpoint, Scope};
pub use layer::{Delete, Include, IncludeKind, Layer};
pub use manifest::Base;
pub use metadata::{Metadata, Resource, is_charm_name};
pub use storage::{Multiple, Storage};

pub(crate) use actions::read as read_actions;
pub(crate) use config::read as read_config;
pub(crate) use layer::read as read_layer;
pub(crate) use manifest::{bases as read_bases, read as read_manifest};
pub(crate) use metadata::{bases_of_series, read as read_metadata};
