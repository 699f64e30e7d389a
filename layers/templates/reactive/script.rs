//! `render_template` of handlers in bash.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ensign::prelude::*;
use minijinja::Value as Jinja;
use minijinja::value::{Enumerator, Object, Serde};

use crate::engine;
use crate::target::Target;

ensign::command! { name: "render_template", run: render_template }

/// `SOURCE TARGET [KEY=VALUE…] [--mode=MODE] [--owner=USER[:GROUP]]`. A template sees the values, `config`, `leader`,
/// `unit` and `app`.
fn render_template(ctx: &mut Context, arguments: &[String]) -> Result<String> {
    let (mut words, mut values) = (Vec::new(), BTreeMap::new());
    let (mut mode, mut owner) = (None, None);
    for argument in arguments {
        match argument.split_once('=') {
            Some(("--mode", text)) => mode = Some(octal(text)?),
            Some(("--owner", text)) => owner = Some(text.to_owned()),
            _ if argument.starts_with("--") => return Err(unknown(argument)),
            Some((key, value)) if words.len() == 2 => {
                values.insert(key.to_owned(), Jinja::from(value));
            }
            _ if words.len() < 2 => words.push(argument.as_str()),
            _ => return Err(unknown(argument)),
        }
    }
    let [source, target] = *words else {
        return Err(unknown("render_template"));
    };
    let is_secret = Arc::new(AtomicBool::new(false));
    for (key, value) in surroundings(ctx, &is_secret)? {
        values.entry(key.to_owned()).or_insert(value);
    }
    let text = engine::render(ctx, source, &Jinja::from(values))?;
    // What the leader says may be a password: such a file is for nobody else, unless it is said to be.
    let least = if is_secret.load(Ordering::Relaxed) {
        0o600
    } else {
        0o644
    };
    let mut target = Target::new(target).mode(mode.unwrap_or(least));
    if let Some(owner) = owner {
        target = target.owner(owner);
    }
    target.write(ctx, &text)?;
    Ok(String::new())
}

/// What every template of a script sees.
fn surroundings(
    ctx: &mut Context,
    is_secret: &Arc<AtomicBool>,
) -> Result<Vec<(&'static str, Jinja)>> {
    let config = Jinja::from(Serde(ctx.config()?.values()));
    let unit = ctx.unit().to_string();
    let app = ctx.app().to_owned();
    let settings = ctx.leader_settings()?.into_iter();
    let values = settings
        .map(|(key, value)| (key, value.to_string()))
        .collect();
    let is_secret = Arc::clone(is_secret);
    Ok(vec![
        ("config", config),
        ("leader", Jinja::from_object(Settings { values, is_secret })),
        ("unit", Jinja::from(unit)),
        ("app", Jinja::from(app)),
    ])
}

/// Leader settings that tell whether one was used.
#[derive(Debug)]
struct Settings {
    values: BTreeMap<String, String>,
    is_secret: Arc<AtomicBool>,
}

impl Object for Settings {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let value = self.values.get(key.as_str()?)?;
        self.is_secret.store(true, Ordering::Relaxed);
        Some(Jinja::from(value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self.values.keys().map(Jinja::from);
        Enumerator::Values(keys.collect())
    }
}

fn octal(text: &str) -> Result<u32> {
    let mode = u32::from_str_radix(text, 8).ok();
    mode.filter(|mode| *mode <= 0o7777).ok_or_else(|| {
        let error = format!("`{text}` is no mode of a file");
        Error::new(ErrorKind::Invalid, error).hint("write it as in `--mode=0640`")
    })
}

fn unknown(argument: &str) -> Error {
    Error::new(
        ErrorKind::Invalid,
        format!("cannot make sense of `{argument}`"),
    )
    .hint("usage: render_template SOURCE TARGET [KEY=VALUE…] [--mode=MODE] [--owner=USER[:GROUP]]")
}
