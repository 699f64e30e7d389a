//! Commands that layers add.

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::external::wire::Answer;

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

/// The name as a layer of this charm knows it.
pub(super) fn known(name: &str) -> Option<&'static str> {
    LAYER_COMMANDS
        .iter()
        .map(|command| command.name)
        .find(|known| *known == name)
}

/// Does it.
pub(super) fn run(ctx: &mut Context, name: &str, args: &[String]) -> Result<Answer> {
    let Some(command) = LAYER_COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Error::new(
            ErrorKind::Unavailable,
            format!("`{name}` needs the layer `templates`, which this charm does not include"),
        )
        .hint("add `layer:templates` to the includes of the charm's layer.yaml"));
    };
    Ok(Answer {
        stdout: (command.run)(ctx, args)?,
        ..Answer::done()
    })
}
