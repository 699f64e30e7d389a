//! The arguments of one attribute: parsed first, then checked one by one, so that every mistake is reported.

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Lit, LitStr, Path, Result, Token};

use crate::check;
use crate::errors::Errors;
use crate::name::Name;
use crate::valid::{number, valid};

/// What may stand in an attribute's parentheses.
pub(crate) enum Arg {
    /// A string literal.
    Text(LitStr),
    /// A constant of type `Flag`.
    Constant(Path),
    /// `key = "value"`.
    Source(Ident, LitStr),
}

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
pub(crate) fn wanted(name: Name) -> &'static str {
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

/// The literal's text against a rule.
///
/// # Errors
/// What the rule says, at the literal.
pub(crate) fn check_text(
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
    use crate::valid::SOURCES;

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
