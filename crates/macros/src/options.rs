//! `#[leader(…)]` on a field of `derive(LeaderSettings)`.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Error, Ident, LitStr, Meta, Result, Token};

use crate::errors::Errors;
use crate::near::nearest;
use crate::{args, check};

/// What the attributes of one field say.
#[derive(Default)]
pub(crate) struct Options {
    /// The key; without, it is the field's name.
    pub(crate) key: Option<LitStr>,
    /// The value is secret.
    pub(crate) secret: bool,
}

const USAGE: &str = "write `#[leader(key = \"db-host\")]`, `#[leader(secret)]` or both in one";

impl Options {
    /// Reads ours among `attrs`.
    ///
    /// # Errors
    /// Every mistake in them, each at its token.
    pub(crate) fn parse(attrs: &[Attribute]) -> Result<Self> {
        let mut options = Self::default();
        let mut errors = Errors::default();
        for attr in attrs.iter().filter(|a| a.path().is_ident("leader")) {
            errors.add(options.take(attr));
        }
        errors.into_result().map(|()| options)
    }

    /// On the struct itself there is nothing to say.
    ///
    /// # Errors
    /// If it is said there.
    pub(crate) fn refuse(attrs: &[Attribute]) -> Result<()> {
        match attrs.iter().find(|a| a.path().is_ident("leader")) {
            None => Ok(()),
            Some(attr) => Err(Error::new(
                args::token(attr.path()),
                format!("`leader` stands on a field: there {USAGE}"),
            )),
        }
    }

    fn take(&mut self, attr: &Attribute) -> Result<()> {
        match &attr.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                list.parse_args_with(|input: ParseStream<'_>| self.list(input))
            }
            meta => Err(Error::new(args::token(meta.path()), USAGE)),
        }
    }

    fn list(&mut self, input: ParseStream<'_>) -> Result<()> {
        while !input.is_empty() {
            self.option(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let at = input.span();
        let name = input
            .call(Ident::parse_any)
            .map_err(|_| Error::new(at, USAGE))?
            .to_string();
        let is_first = match name.as_str() {
            "key" => self.key.replace(key(input, at)?).is_none(),
            "secret" => {
                if !input.is_empty() && !input.peek(Token![,]) {
                    return Err(Error::new(
                        input.span(),
                        "`secret` stands alone: write `#[leader(secret)]`",
                    ));
                }
                !std::mem::replace(&mut self.secret, true)
            }
            typed => {
                let advice = nearest(typed, ["key", "secret"]).map_or_else(
                    || USAGE.to_owned(),
                    |meant| format!("did you mean `{meant}`?"),
                );
                return Err(Error::new(
                    at,
                    format!("`leader` has no key `{typed}`: {advice}"),
                ));
            }
        };
        if is_first {
            return Ok(());
        }
        Err(Error::new(
            at,
            format!("`{name}` stands here twice: remove one"),
        ))
    }
}

/// What follows the word `key`, which stands at `at`.
fn key(input: ParseStream<'_>, at: Span) -> Result<LitStr> {
    if !input.peek(Token![=]) {
        return Err(Error::new(
            at,
            "`key` names the key: write `key = \"db-host\"`",
        ));
    }
    input.parse::<Token![=]>()?;
    let here = input.span();
    let key: LitStr = input
        .parse()
        .map_err(|_| Error::new(here, "`key` takes a string literal"))?;
    args::check_text(&key, check::leader_key)?;
    Ok(key)
}
