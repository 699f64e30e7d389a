//! Handlers and triggers of interface layers: those that name `{endpoint_name}`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, Result, Type};

use crate::args::{self, Arg};
use crate::attrs::Attr;
use crate::errors::Errors;
use crate::function::{Function, Parameter};
use crate::line::Line;
use crate::proof;

/// What stands for the endpoint's name.
pub(crate) const PLACEHOLDER: &str = "{endpoint_name}";

/// Whether the argument is there once for each endpoint.
fn is_template(arg: &Arg) -> bool {
    match arg {
        Arg::Text(text) | Arg::Source(_, text) => text.value().contains(PLACEHOLDER),
        Arg::Constant(_) => false,
    }
}

/// An expression of type `Option<Interface>`: the module's `INTERFACE`, if one of the arguments needs it. That there
/// is none is told at that argument.
pub(crate) fn interface<'a>(args: impl IntoIterator<Item = &'a Arg>) -> TokenStream {
    match constant(args) {
        Some(interface) => quote!(::core::option::Option::Some(#interface)),
        None => quote!(::core::option::Option::None),
    }
}

/// The same as an expression of type `Interface`. It is always the same at the same token, so that the compiler tells
/// once what is wrong with it.
fn constant<'a>(args: impl IntoIterator<Item = &'a Arg>) -> Option<TokenStream> {
    let first = args.into_iter().find(|arg| is_template(arg))?;
    let (Arg::Text(text) | Arg::Source(_, text)) = first else {
        return None;
    };
    Some(quote_spanned!(text.span()=> __ensign::interface(INTERFACE)))
}

/// What makes a constant with a placeholder an error where nothing says which endpoint is meant: a literal can be
/// looked into here, a constant only by the compiler.
pub(crate) fn constants<'a>(args: impl Iterator<Item = &'a Arg> + Clone) -> TokenStream {
    if args.clone().any(is_template) {
        return TokenStream::new();
    }
    let checks = args.filter_map(|arg| match arg {
        Arg::Constant(path) => Some(
            quote_spanned!(args::token(path)=> const _: () = __ensign::without_placeholder(__ensign::flag(#path));),
        ),
        _ => None,
    });
    quote!(#(#checks)*)
}

/// Adds the role and the interface to a line of the section.
pub(crate) fn json<'a>(line: &mut Line, args: impl IntoIterator<Item = &'a Arg>) {
    let Some(interface) = constant(args) else {
        return;
    };
    line.raw(r#","role":""#);
    line.constant(quote!(#interface.role().name()));
    line.raw(r#"","interface":""#);
    line.constant(quote!(#interface.name()));
    line.raw("\"");
}

/// Whether a handler that takes an `Endpoint` stands for one.
///
/// # Errors
/// If it does not, at the argument's type.
pub(crate) fn check(function: &Function, attrs: &[Attr]) -> Result<()> {
    let mut errors = Errors::default();
    if attrs.iter().flat_map(|attr| &attr.args).any(is_template) {
        return Ok(());
    }
    for parameter in function.parameters() {
        if let Parameter::Made(ty) = parameter
            && let Type::Path(path) = proof::bare(ty)
            && path
                .path
                .segments
                .last()
                .is_some_and(|s| s.ident == "Endpoint")
        {
            let why = "a handler takes an `Endpoint` only if a flag of its attributes contains \
                       `{endpoint_name}`: ask `ctx.endpoint(\"db\")` in the body";
            errors.add::<()>(Err(Error::new(args::token(&path.path), why)));
        }
    }
    errors.into_result()
}

#[cfg(test)]
mod tests {
    use syn::{Attribute, parse_quote};

    use super::*;

    fn refusals(attr: Attribute, function: &Function) -> usize {
        let mut errors = Errors::default();
        let mut attrs = vec![attr];
        let all = crate::attrs::gather("id", parse_quote!("x"), &mut attrs, &mut errors);
        errors.into_result().expect("each attribute alone is right");
        check(function, &all.attrs).map_or_else(|e| e.into_iter().count(), |()| 0)
    }

    #[test]
    fn b34_only_a_handler_of_an_endpoint_is_given_one() {
        let takes: Function = parse_quote!(
            fn h(ctx: &mut Context, db: ensign::Endpoint) {}
        );
        let good: [Attribute; 3] = [
            parse_quote!(#[when("endpoint.{endpoint_name}.joined")]),
            parse_quote!(#[when_changed(endpoint = "{endpoint_name}.host")]),
            parse_quote!(#[hook("{endpoint_name}-relation-broken")]),
        ];
        for attr in good {
            assert_eq!(refusals(attr, &takes), 0);
        }
        let bad: [Attribute; 3] = [
            parse_quote!(#[when("endpoint.db.joined")]),
            parse_quote!(#[when(JOINED)]),
            parse_quote!(#[hook("db-relation-broken")]),
        ];
        for attr in bad {
            assert_eq!(refusals(attr, &takes), 1);
        }
        let other: Function = parse_quote!(
            fn h(ctx: &mut Context, db: Endpoints) {}
        );
        assert_eq!(refusals(parse_quote!(#[when("a")]), &other), 0);
    }
}
