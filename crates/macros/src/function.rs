//! The function under the attributes: what a handler may look like.

use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, GenericParam, Result, ReturnType, Safety, Signature, Type,
    TypeReference, Visibility,
};

use crate::args;
use crate::errors::Errors;

/// A function whose body stays as the author typed it: what is wrong in there is the compiler's to tell.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let function = Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: TokenStream::new(),
        };
        if !input.peek(syn::token::Brace) {
            return Err(input.error("a handler has a body"));
        }
        Ok(Self {
            body: input.parse()?,
            ..function
        })
    }
}

/// How the shim fills one parameter.
pub(crate) enum Parameter<'f> {
    /// With the context. Errors belong at this token.
    Context(Span),
    /// With a value of this type, which the context makes.
    Made(&'f Type),
}

impl Function {
    /// The parameters, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        self.sig
            .inputs
            .iter()
            .enumerate()
            .filter_map(|(place, input)| match input {
                FnArg::Receiver(_) => None,
                FnArg::Typed(typed) => Some(match &*typed.ty {
                    Type::Reference(reference) if place == 0 => {
                        Parameter::Context(reference.and_token.span())
                    }
                    ty => Parameter::Made(ty),
                }),
            })
    }

    /// The type it returns, unless that is `()`.
    pub(crate) fn returned(&self) -> Option<&Type> {
        match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => match &**ty {
                Type::Tuple(tuple) if tuple.elems.is_empty() => None,
                ty => Some(ty),
            },
        }
    }

    /// Whether it can be called by the dispatcher at all. Types are left to the compiler, which says it better.
    ///
    /// # Errors
    /// Every reason why not.
    pub(crate) fn check(&self) -> Result<()> {
        let mut errors = Errors::default();
        let mut refuse = |at: Span, why: &str| {
            errors.add::<()>(Err(Error::new(at, why)));
        };
        if let Some(token) = &self.sig.asyncness {
            refuse(
                token.span(),
                "a handler cannot be `async`: a hook is one process that runs to its end",
            );
        }
        if let Safety::Unsafe(token) = &self.sig.safety {
            refuse(
                token.span(),
                "a handler cannot be `unsafe`: use an `unsafe` block inside",
            );
        }
        for param in &self.sig.generics.params {
            match param {
                GenericParam::Lifetime(_) => {}
                GenericParam::Type(ty) => refuse(
                    ty.ident.span(),
                    "a handler cannot be generic: nobody chooses this type",
                ),
                GenericParam::Const(value) => {
                    refuse(
                        value.ident.span(),
                        "a handler cannot be generic: nobody chooses this value",
                    );
                }
            }
        }
        for (place, input) in self.sig.inputs.iter().enumerate() {
            if let FnArg::Typed(typed) = input
                && let Some(cfg) = typed.attrs.iter().find(|a| a.path().is_ident("cfg"))
            {
                refuse(
                    args::token(cfg.path()),
                    "a handler's arguments cannot depend on `cfg`: write one function for each case",
                );
            }
            match input {
                FnArg::Receiver(receiver) => {
                    refuse(
                        receiver.self_token.span(),
                        "a handler is a free function: it cannot take `self`",
                    );
                }
                FnArg::Typed(typed) => match &*typed.ty {
                    Type::Reference(TypeReference {
                        lifetime: Some(lifetime),
                        ..
                    }) if lifetime.ident == "static" => {
                        refuse(
                            lifetime.apostrophe,
                            "a handler has the context while it runs, not longer: write `&mut Context`",
                        );
                    }
                    Type::Reference(reference) if place > 0 => refuse(
                        reference.and_token.span(),
                        "only the first argument is a reference, `ctx: &mut Context`: further arguments are owned values of types that implement `FromContext`",
                    ),
                    Type::ImplTrait(ty) => {
                        refuse(
                            ty.impl_token.span(),
                            "a handler cannot be generic: name the type",
                        );
                    }
                    _ => {}
                },
            }
        }
        errors.into_result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn refusals(function: &Function) -> usize {
        function.check().err().map_or(0, |e| e.into_iter().count())
    }

    #[test]
    fn context_first_or_not_at_all_then_values() {
        for good in [
            parse_quote!(
                fn h() {}
            ),
            parse_quote!(
                pub(crate) fn h(ctx: &mut Context) -> Result {
                    Ok(())
                }
            ),
            parse_quote!(
                fn h(hook: Hook) {}
            ),
            parse_quote!(
                fn h<'a>(ctx: &'a mut Context, hook: Hook) {}
            ),
            parse_quote!(
                const extern "C" fn h(ctx: &Context) {}
            ),
        ] {
            assert_eq!(refusals(&good), 0, "{}", good.sig.ident);
        }
    }

    #[test]
    fn what_the_dispatcher_cannot_call_is_refused() {
        for bad in [
            parse_quote!(
                async fn h() {}
            ),
            parse_quote!(
                unsafe fn h() {}
            ),
            parse_quote!(
                fn h<T>() {}
            ),
            parse_quote!(
                fn h<const N: usize>() {}
            ),
            parse_quote!(
                fn h(&self) {}
            ),
            parse_quote!(
                fn h(hook: Hook, ctx: &mut Context) {}
            ),
            parse_quote!(
                fn h(x: impl Sized) {}
            ),
        ] {
            assert_eq!(refusals(&bad), 1);
        }
    }

    #[test]
    fn every_reason_is_told() {
        assert_eq!(
            refusals(&parse_quote!(
                async unsafe fn h<T>(a: A, b: &B) {}
            )),
            4
        );
    }

    #[test]
    fn an_explicit_unit_is_no_result() {
        let function: Function = parse_quote!(
            fn h() -> () {}
        );
        assert!(function.returned().is_none());
        let function: Function = parse_quote!(
            fn h() -> Result {
                Ok(())
            }
        );
        assert!(function.returned().is_some());
    }

    #[test]
    fn a_broken_body_is_left_to_the_compiler() {
        let parsed: Result<Function> = syn::parse_str("fn h(ctx: &mut Context) { ctx. }");
        assert!(parsed.is_ok());
        let parsed: Result<Function> = syn::parse_str("fn h();");
        assert!(parsed.is_err());
    }
}
