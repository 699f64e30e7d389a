//! `config.changed`, `config.changed.K`, `config.set.K`, `config.default.K` (B50–B52, D30, D31).

use serde_json::Value;

use crate::context::{Config, Context, Provider, ProviderEntry, Seen, Updates};
use crate::error::Result;
use crate::flags::valid;

pub(super) const ENTRY: ProviderEntry = ProviderEntry {
    prefix: crate::context::CONFIG_MEMORY,
    source: Some("config"),
    derived: true,
    new: || Box::new(ConfigFlags),
};

/// The flags are derived in each hook from the options and from those of the last hook that committed; they
/// are never stored, so that they read true at any time and cannot outlive their hook.
#[derive(Debug)]
struct ConfigFlags;

impl Provider for ConfigFlags {
    fn refresh(&mut self, ctx: &mut Context) -> Result<Updates> {
        let config = ctx.config()?;
        let mut updates = Updates::default();
        let mut any = false;
        for option in config.options() {
            if !valid(option) {
                continue;
            }
            let changed = config.changed(option);
            any |= changed;
            updates.flag(format!("config.changed.{option}"), changed);
            updates.flag(
                format!("config.set.{option}"),
                config.raw(option).is_some_and(truthy),
            );
            updates.flag(
                format!("config.default.{option}"),
                is_default(ctx, &config, option),
            );
        }
        updates.flag("config.changed", any);
        Ok(updates)
    }

    fn changed_value(&mut self, ctx: &mut Context, key: &str) -> Result<Seen> {
        let config = ctx.config()?;
        Ok(match config.raw(key) {
            Some(value) => Seen::Value(ctx.digest(value.to_string())),
            None => Seen::Absent,
        })
    }

    fn commit(&mut self, ctx: &mut Context) -> Result<Option<Value>> {
        if ctx.consumes() {
            let values = serde_json::to_value(ctx.config()?.values())?;
            ctx.remember(crate::context::CONFIG_MEMORY, values);
        }
        Ok(None)
    }
}

/// As Python sees it: an empty string, zero and `false` are not.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
    }
}

/// A bare binary knows no defaults, so no option is known to be at it.
fn is_default(ctx: &Context, config: &Config, option: &str) -> bool {
    let Some(declared) = ctx.metadata().config.get(option) else {
        return false;
    };
    let default = Some(&declared.default).filter(|d| !d.is_null());
    match (config.raw(option), default) {
        (None, None) => true,
        (Some(value), Some(default)) => {
            value == default || (value.is_number() && value.as_f64() == default.as_f64())
        }
        _ => false,
    }
}
