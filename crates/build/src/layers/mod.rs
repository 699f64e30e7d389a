//! The layers of a charm: where they were found, and in which order they lie on each other.

mod files;
mod lock;
mod resolve;
mod shelf;

pub(crate) use files::Files;
pub(crate) use lock::Lock;
pub(crate) use resolve::{config, resolve};
pub use shelf::Paths;
pub(crate) use shelf::Shelf;

use std::fmt;
use std::path::PathBuf;

use crate::schema;
use crate::yaml::{Node, Place};

/// The layers that come with Ensign, whether `layer.yaml` includes them or not.
pub(crate) const BUILT_IN: [&str; 2] = ["basic", "leadership"];

/// All that a charm is made of.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Stack {
    /// The layers, base first; the last is the charm itself.
    pub layers: Vec<Layer>,
    /// The interface layers, in the order in which they were included.
    pub interfaces: Vec<Layer>,
}

impl Stack {
    /// Interfaces first, since nothing lies below them, then the layers.
    pub fn all(&self) -> impl Iterator<Item = &Layer> {
        self.interfaces.iter().chain(&self.layers)
    }
}

/// One layer of a charm.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Layer {
    /// Its name, as options and flags know it.
    pub name: String,
    /// What it is in the charm.
    pub kind: Kind,
    /// Where it was found.
    pub found: Found,
    /// Its folder; empty for one that comes with Ensign.
    pub dir: PathBuf,
    /// The crate with its handlers, as Rust code names it; none where it has no Rust.
    pub krate: Option<String>,
    /// Its `layer.yaml` or `interface.yaml`.
    pub config: schema::Layer,
    /// The same, as it stands there.
    pub(crate) raw: Option<Node>,
    /// Where it was included first.
    pub(crate) included: Place,
}

impl Layer {
    /// As charms and `.build.manifest` name it: `layer:apt`, `interface:http`; the charm by its name alone.
    #[must_use]
    pub fn url(&self) -> String {
        match self.kind {
            Kind::Charm => self.name.clone(),
            Kind::Layer => format!("layer:{}", self.name),
            Kind::Interface => format!("interface:{}", self.name),
        }
    }
}

/// What a layer is in a charm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of the layers below the charm.
    Layer,
    /// The code for one side of a relation.
    Interface,
    /// The charm: the highest layer.
    Charm,
}

/// Where a layer was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// It is what is being built.
    Itself,
    /// It comes with Ensign.
    BuiltIn,
    /// It is a crate that the charm depends on.
    Crate {
        /// The package.
        package: String,
        /// Its version.
        version: String,
    },
    /// It lies in a folder of a path.
    Folder {
        /// The variable that holds the path.
        variable: String,
    },
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("the charm"),
            Self::BuiltIn => f.write_str("comes with Ensign"),
            Self::Crate { package, version } => write!(f, "crate {package} {version}"),
            Self::Folder { variable } => write!(f, "folder of {variable}"),
        }
    }
}
