//! Commands that layers add to `charms.reactive`.

use super::Context;
use crate::error::Result;

/// A command that a layer adds to `charms.reactive`; see [`command!`](crate::command).
#[derive(Debug)]
pub struct LayerCommand {
    /// Its name on the command line.
    pub name: &'static str,
    /// Does it with these arguments, on the transaction of whoever calls; returns what it prints.
    pub run: fn(&mut Context, &[String]) -> Result<String>,
}

/// The commands of every linked layer.
#[linkme::distributed_slice]
pub static LAYER_COMMANDS: [LayerCommand];
