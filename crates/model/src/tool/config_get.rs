//! `config-get`: the application's configuration.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::ConfigValue;
use crate::context::HookContext;
use crate::format::{Value, go_quote};

const HELP: Help = Help {
    name: "config-get",
    args: "[<key>]",
    purpose: "Print the application's configuration.",
    details: "Without a key, all options that have a value; with --all, all options.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .output()
        .bool(&["a", "all"], "print all keys");
    let args = flags.parse(context, call.args)?;
    let (key, rest) = args
        .split_first()
        .map_or(("", &[][..]), |(key, rest)| (key.as_str(), rest));
    if !key.is_empty() && flags.is_set("all") {
        let text = format!(
            "cannot use argument --all together with key {}",
            go_quote(key)
        );
        return Err(Failure::usage(text));
    }
    no_more(rest)?;
    let config = context.config()?;
    let value = if key.is_empty() {
        let shown = config
            .iter()
            .filter(|(_, value)| value.is_some() || flags.is_set("all"));
        Value::Map(
            shown
                .map(|(name, value)| (name.clone(), typed(value.as_ref())))
                .collect(),
        )
    } else {
        typed(config.get(key).and_then(Option::as_ref))
    };
    call.print(&flags, &value)
}

/// As it arrives over the API: numbers as floats.
fn typed(value: Option<&ConfigValue>) -> Value {
    match value {
        None => Value::Nil,
        Some(ConfigValue::Boolean(value)) => Value::Bool(*value),
        #[expect(
            clippy::cast_precision_loss,
            reason = "Juju sends them as JSON numbers and loses it too"
        )]
        Some(ConfigValue::Int(value)) => Value::Float(*value as f64),
        Some(ConfigValue::Float(value)) => Value::Float(*value),
        Some(ConfigValue::String(text)) => Value::String(text.clone()),
    }
}
