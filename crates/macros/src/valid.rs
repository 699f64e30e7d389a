//! What each attribute takes: how many arguments, and of which form.

use proc_macro2::Span;
use syn::{Error, Ident, LitStr, Result};

use crate::args::{Arg, check_text, token, wanted};
use crate::name::Name;
use crate::near::nearest;
use crate::{check, pattern};

/// What `when_changed` can wait for.
pub(crate) const SOURCES: [&str; 5] = ["leader", "config", "file", "data", "endpoint"];

/// Whether there are as many arguments as the attribute takes.
pub(crate) fn number(name: Name, spelling: &str, count: usize, at: Span) -> Result<()> {
    let missing = match name {
        Name::Action => return Ok(()),
        Name::OnlyOnce | Name::CollectMetrics | Name::MeterStatusChanged => {
            return match count {
                0 => Ok(()),
                _ => Err(Error::new(at, format!("`{spelling}` takes no arguments: write `#[{spelling}]`"))),
            };
        }
        Name::Id if count > 1 => return Err(Error::new(at, "a handler has one id: write `#[id(\"my_charm::name\")]`")),
        _ if count > 0 => return Ok(()),
        Name::WhenChanged => "names nothing to wait for: write, for example, `#[when_changed(leader = \"admin_password\")]`".to_owned(),
        Name::Hook => "names no hook: write, for example, `#[hook(\"install\")]`".to_owned(),
        Name::Before | Name::After | Name::Id | Name::Was => {
            format!("names no handler: write, for example, `#[{spelling}(\"my_charm::install\")]`")
        }
        Name::Sets | Name::Clears | Name::NotUnless => {
            format!("names no flag: write, for example, `#[{spelling}(\"my-charm.ready\")]`")
        }
        _ => format!("names no flag, so the handler would run in every iteration: write, for example, `#[{spelling}(\"my-charm.ready\")]`"),
    };
    Err(Error::new(at, format!("`{spelling}` {missing}")))
}

/// Whether one argument is what its attribute takes.
pub(crate) fn valid(name: Name, spelling: &str, arg: &Arg) -> Result<()> {
    match (name, arg) {
        // Told once, by `number`.
        (Name::OnlyOnce | Name::CollectMetrics | Name::MeterStatusChanged, _) => Ok(()),
        (Name::WhenChanged, Arg::Source(key, value)) => source(key, value),
        (Name::WhenChanged, Arg::Text(text)) if check::flag(&text.value()).is_ok() => {
            Err(Error::new(
                text.span(),
                format!(
                    "say what kind of thing `{0}` is, as in `leader = \"{0}\"`; for a flag use `when`",
                    text.value()
                ),
            ))
        }
        (Name::WhenChanged, Arg::Text(text)) => Err(Error::new(text.span(), wanted(name))),
        (Name::WhenChanged, Arg::Constant(path)) => Err(Error::new(token(path), wanted(name))),
        (_, Arg::Source(key, _)) => Err(Error::new(
            key.span(),
            format!("`{spelling}` takes no keys: only `when_changed` does"),
        )),
        (Name::Hook, Arg::Text(text)) => check_text(text, pattern::check),
        (Name::Action, Arg::Text(text)) => check_text(text, check::action),
        (Name::Before | Name::After | Name::Id | Name::Was, Arg::Text(text)) => {
            check_text(text, check::id)
        }
        (
            Name::Hook | Name::Action | Name::Before | Name::After | Name::Id | Name::Was,
            Arg::Constant(path),
        ) => Err(Error::new(token(path), wanted(name))),
        (Name::Sets | Name::Clears, Arg::Text(text)) => check_text(text, check::flag_or_prefix),
        (_, Arg::Text(text)) => check_text(text, check::flag),
        (_, Arg::Constant(_)) => Ok(()),
    }
}

fn source(key: &Ident, value: &LitStr) -> Result<()> {
    let kind = key.to_string();
    if !SOURCES.contains(&kind.as_str()) {
        let advice = nearest(&kind, SOURCES).map_or_else(
            || "use `leader`, `config`, `file`, `data` or `endpoint`".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Err(Error::new(
            key.span(),
            format!("`when_changed` has no key `{kind}`: {advice}"),
        ));
    }
    check_text(value, |text| check::source(&kind, text))
}
