//! A handler as its attributes and its body describe it: all that the registry will know.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Error, LitStr, Result};

use crate::args::Arg;
use crate::attrs::Attr;
use crate::errors::Errors;
use crate::function::Function;
use crate::name::Name;
use crate::place::{self, Place};
use crate::{body, check, interface, proof, rules};

/// A handler without mistakes.
pub(crate) struct Handler {
    /// What `id` says; else it is the function's path.
    pub(crate) id: Option<String>,
    /// The function's name, without `r#`.
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) clauses: Vec<Attr>,
    pub(crate) sets: Vec<Arg>,
    pub(crate) clears: Vec<Arg>,
    pub(crate) before: Vec<Arg>,
    pub(crate) after: Vec<Arg>,
    pub(crate) was: Vec<Arg>,
    /// Functions of the leadership layer that the body calls.
    pub(crate) calls: Vec<String>,
    /// Its body reaches for an endpoint.
    pub(crate) endpoint: bool,
}

impl Handler {
    /// The handler that `attrs` make of `function`.
    ///
    /// # Errors
    /// Everything that is wrong with the signature, or with the attributes together.
    pub(crate) fn new(function: &Function, attrs: Vec<Attr>) -> Result<Self> {
        let mut errors = Errors::default();
        errors.add(function.check());
        errors.add(rules::check(&attrs));
        errors.add(proof::check(function, &attrs));
        errors.add(interface::check(function, &attrs));
        let ident = &function.sig.ident;
        let mut handler = Self {
            id: None,
            name: ident.unraw().to_string(),
            place: place::of(ident.span()),
            clauses: Vec::new(),
            sets: Vec::new(),
            clears: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            was: Vec::new(),
            calls: Vec::new(),
            endpoint: false,
        };
        for attr in attrs {
            errors.add(handler.take(attr));
        }
        let written = body::scan(function.body.clone());
        handler.endpoint = written.endpoint;
        add_new(&mut handler.sets, written.sets);
        add_new(&mut handler.clears, written.clears);
        handler.calls = written.calls;
        errors.into_result().map(|()| handler)
    }

    /// Everything that may name flags, sources or hooks.
    pub(crate) fn named(&self) -> impl Iterator<Item = &Arg> + Clone {
        let clauses = self.clauses.iter().flat_map(|attr| &attr.args);
        clauses.chain(&self.sets).chain(&self.clears)
    }

    fn take(&mut self, mut attr: Attr) -> Result<()> {
        let list = match attr.name {
            Name::Sets => &mut self.sets,
            Name::Clears => &mut self.clears,
            Name::Before => &mut self.before,
            Name::After => &mut self.after,
            Name::Was => &mut self.was,
            Name::Id => {
                self.id = attr.args.into_iter().find_map(|arg| match arg {
                    Arg::Text(text) => Some(text.value()),
                    _ => None,
                });
                return Ok(());
            }
            _ => {
                if attr.name == Name::Action && attr.args.is_empty() {
                    let name = self.name.replace('_', "-");
                    check::action(&name).map_err(|why| {
                        Error::new(
                            attr.at,
                            format!("{why}; name it, as in `#[action(\"backup\")]`"),
                        )
                    })?;
                    attr.args.push(Arg::Text(LitStr::new(&name, attr.at)));
                }
                self.clauses.push(attr);
                return Ok(());
            }
        };
        list.extend(attr.args);
        Ok(())
    }
}

/// Adds what the body was seen to write, unless it is declared.
fn add_new(list: &mut Vec<Arg>, seen: Vec<String>) {
    for flag in seen {
        let known = list
            .iter()
            .any(|arg| matches!(arg, Arg::Text(text) if text.value() == flag));
        if !known {
            list.push(Arg::Text(LitStr::new(&flag, Span::call_site())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_adds_only_what_is_not_declared() {
        let mut list = vec![Arg::Text(LitStr::new("a", Span::call_site()))];
        add_new(
            &mut list,
            vec!["a".to_owned(), "b".to_owned(), "b".to_owned()],
        );
        assert_eq!(list.len(), 2);
    }
}
