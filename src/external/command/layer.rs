//! Commands that layers add.

use crate::context::{Context, LAYER_COMMANDS};
use crate::error::{Error, ErrorKind, Result};
use crate::external::wire::Answer;

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
