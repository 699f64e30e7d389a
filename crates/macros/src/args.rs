//! The arguments of one attribute: parsed first, then checked one by one, so that every mistake is reported.

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Lit, LitStr, Path, Result, Token};

use crate::name::Name;
use crate::near::nearest;
use crate::{check, pattern};

/// What may stand in an attribute's parentheses.
pub(crate) enum Arg {
    /// A string literal.
    Text(LitStr),
    /// A constant of type `Flag`.
    Constant(Path),
    /// `key = "value"`.
    Source(Ident, LitStr),
}

/// What `when_changed` can wait for.
const SOURCES: [&str; 5] = ["leader", "config", "file", "data", "endpoint"];

const A_FLAG: &str = "a flag is a string literal or a constant of type `Flag`";

/// The arguments of an attribute spelled `spelling`. `at` is where to report that some are missing.
///
/// # Errors
/// Every mistake in them, each at its token.
pub(crate) fn parse(name: Name, spelling: &str, at: Span, tokens: TokenStream) -> Result<Vec<Arg>> {
    let list = |input: ParseStream<'_>| {
        let mut args = Vec::new();
        while !input.is_empty() {
            args.push(arg(input, name)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(args)
    };
    let args = list.parse2(tokens)?;
    let mut errors = Errors::default();
    errors.add(number(name, spelling, args.len(), at));
    for arg in &args {
        errors.add(valid(name, spelling, arg));
    }
    errors.into_result().map(|()| args)
}

/// Errors so far, told together.
#[derive(Debug, Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Takes the error, if there is one; hands over the value, if there is one.
    pub(crate) fn add<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                match &mut self.0 {
                    Some(all) => all.combine(error),
                    None => self.0 = Some(error),
                }
                None
            }
        }
    }

    /// All of them.
    pub(crate) fn into_result(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// One argument, of any form that an attribute of that name can mean.
///
/// # Errors
/// If it is of no such form.
pub(crate) fn arg(input: ParseStream<'_>, name: Name) -> Result<Arg> {
    if input.peek(Ident) && input.peek2(Token![=]) {
        let key: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        let at = input.span();
        let value: LitStr = input
            .parse()
            .map_err(|_| Error::new(at, format!("`{key}` takes a string literal")))?;
        return Ok(Arg::Source(key, value));
    }
    if input.peek(Lit) {
        return match input.parse::<Lit>()? {
            Lit::Str(text) => Ok(Arg::Text(text)),
            other => Err(Error::new(other.span(), wanted(name))),
        };
    }
    let at = input.span();
    let path = input
        .call(Path::parse_mod_style)
        .map_err(|_| Error::new(at, wanted(name)))?;
    if input.is_empty() || input.peek(Token![,]) {
        Ok(Arg::Constant(path))
    } else {
        Err(Error::new(input.span(), wanted(name)))
    }
}

/// What an argument has to be.
fn wanted(name: Name) -> &'static str {
    match name {
        Name::WhenChanged => {
            "`when_changed` takes `key = \"value\"`, such as `leader = \"admin_password\"`"
        }
        Name::Hook => "a hook pattern is a string literal",
        Name::Action => "an action's name is a string literal",
        Name::Before | Name::After | Name::Id | Name::Was => "a handler's id is a string literal",
        Name::OnlyOnce | Name::CollectMetrics | Name::MeterStatusChanged => {
            "nothing may stand here"
        }
        _ => A_FLAG,
    }
}

/// Whether there are as many arguments as the attribute takes.
fn number(name: Name, spelling: &str, count: usize, at: Span) -> Result<()> {
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
fn valid(name: Name, spelling: &str, arg: &Arg) -> Result<()> {
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

/// The argument, if it is a flag.
///
/// # Errors
/// If it is not, at its token.
pub(crate) fn flag(arg: Arg) -> Result<Arg> {
    match &arg {
        Arg::Text(text) => check_text(text, check::flag)?,
        Arg::Source(key, _) => return Err(Error::new(key.span(), A_FLAG)),
        Arg::Constant(_) => {}
    }
    Ok(arg)
}

fn check_text(
    text: &LitStr,
    rule: impl FnOnce(&str) -> std::result::Result<(), String>,
) -> Result<()> {
    rule(&text.value()).map_err(|message| Error::new(text.span(), message))
}

/// The one token to underline for a path: stable compilers underline only the first token of several.
pub(crate) fn token(path: &Path) -> Span {
    path.segments
        .last()
        .map_or_else(Span::call_site, |s| s.ident.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(name: Name, spelling: &str, text: &str) -> Vec<String> {
        let tokens = text.parse().expect("tokens");
        match parse(name, spelling, Span::call_site(), tokens) {
            Ok(_) => Vec::new(),
            Err(e) => e.into_iter().map(|e| e.to_string()).collect(),
        }
    }

    #[test]
    fn flags_are_literals_or_constants_with_or_without_a_last_comma() {
        for good in [
            "\"a\"",
            "\"a\", \"b\",",
            "READY",
            "crate::flags::READY, \"a\"",
            "r\"a\"",
        ] {
            assert_eq!(errors(Name::When, "when", good), [""; 0], "{good}");
        }
        for bad in [
            "1",
            "'a'",
            "b\"a\"",
            "READY.name()",
            "Flag::new(\"a\")",
            "-A",
            "&A",
            "A + B",
        ] {
            assert_eq!(errors(Name::When, "when", bad), [A_FLAG], "{bad}");
        }
    }

    #[test]
    fn every_bad_literal_is_reported_not_only_the_first() {
        assert_eq!(errors(Name::When, "when", "\"a b\", \"ok\", \"\"").len(), 2);
    }

    #[test]
    fn a_condition_without_flags_is_refused() {
        assert_eq!(
            errors(Name::WhenNot, "when_none", ""),
            [
                "`when_none` names no flag, so the handler would run in every iteration: write, for example, `#[when_none(\"my-charm.ready\")]`"
            ]
        );
    }

    #[test]
    fn an_unknown_source_is_told_with_the_nearest_known_one() {
        assert_eq!(
            errors(Name::WhenChanged, "when_changed", "leaders = \"k\""),
            ["`when_changed` has no key `leaders`: did you mean `leader`?"]
        );
        assert_eq!(
            errors(Name::WhenChanged, "when_changed", "secret = \"k\""),
            [
                "`when_changed` has no key `secret`: use `leader`, `config`, `file`, `data` or `endpoint`"
            ]
        );
    }

    #[test]
    fn sources_are_key_and_literal() {
        for (kind, example) in
            SOURCES
                .into_iter()
                .zip(["k", "port", "/etc/foo.conf", "replicas", "db.host"])
        {
            assert_eq!(
                errors(
                    Name::WhenChanged,
                    "when_changed",
                    &format!("{kind} = \"{example}\"")
                ),
                [""; 0]
            );
        }
        assert_eq!(
            errors(Name::WhenChanged, "when_changed", "leader = KEY"),
            ["`leader` takes a string literal"]
        );
        assert_eq!(errors(Name::WhenChanged, "when_changed", "KEY").len(), 1);
        assert_eq!(
            errors(Name::WhenChanged, "when_changed", "\"k\""),
            ["say what kind of thing `k` is, as in `leader = \"k\"`; for a flag use `when`"]
        );
    }

    #[test]
    fn only_an_action_may_leave_its_name_out() {
        assert_eq!(errors(Name::Action, "action", ""), [""; 0]);
        for name in [
            Name::Hook,
            Name::Id,
            Name::Before,
            Name::Sets,
            Name::NotUnless,
            Name::WhenChanged,
        ] {
            assert_eq!(errors(name, name.kind(), "").len(), 1, "{name:?}");
        }
    }

    #[test]
    fn attributes_without_arguments_take_none() {
        assert_eq!(errors(Name::OnlyOnce, "only_once", ""), [""; 0]);
        assert_eq!(
            errors(Name::OnlyOnce, "only_once", "\"a\""),
            ["`only_once` takes no arguments: write `#[only_once]`"]
        );
    }
}
