//! `state-set`: keep values on the controller; waits for the flush.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Failure, Flags, Help, Invocation, file, pairs};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "state-set",
    args: "key=value [key=value ...]",
    purpose: "Set the charm's state.",
    details: "An empty value is kept as such. Takes effect when the hook has ended well.",
};

/// The most bytes of a key.
const KEY: usize = 256;

/// The most bytes of a value.
const VALUE: usize = 65536;

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).file("file containing key-value pairs");
    let args = flags.parse(context, call.args)?;
    let given = pairs::parse(&args)?;
    let mut values = match flags.text("file") {
        "" => BTreeMap::new(),
        name => file::parse(&call.read_file(name)?)?,
    };
    values.extend(given);
    for (key, value) in values {
        let state = context.state()?;
        if key.len() > KEY {
            return Err(Failure::run(format!(
                "max allowed key length ({KEY}) exceeded"
            )));
        }
        if value.len() > VALUE {
            return Err(Failure::run(format!(
                "max allowed value length ({VALUE}) exceeded"
            )));
        }
        if state.get(&key) != Some(&value) {
            Arc::make_mut(state).insert(key, value);
            context.run.state_changed = true;
        }
    }
    Ok(())
}
