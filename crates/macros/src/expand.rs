//! The expansion of a handler: itself, a shim, a static in the slice, a line in the section.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path, Type};

use crate::args::{self, Arg};
use crate::attrs;
use crate::errors::Errors;
use crate::function::{Function, Parameter};
use crate::handler::Handler;
use crate::interface;
use crate::line::Line;
use crate::name::Name;

/// What the outermost attribute, spelled `spelling`, makes of the function and its other attributes.
pub(crate) fn expand(spelling: &str, args: TokenStream, item: &TokenStream) -> TokenStream {
    if is_use(item) {
        return TokenStream::new();
    }
    let Ok(mut function) = syn::parse2::<Function>(item.clone()) else {
        let why = format!("`{spelling}` goes on a function with a body, which becomes a handler");
        let error = syn::Error::new(Span::call_site(), why).into_compile_error();
        return quote!(#error #item);
    };
    let mut errors = Errors::default();
    let gathered = attrs::gather(spelling, args, &mut function.attrs, &mut errors);
    let uses = uses(&gathered.paths);
    let handler = errors
        .into_result()
        .and_then(|()| attrs::refuse_second(&function.attrs))
        .and_then(|()| Handler::new(&function, gathered.attrs));
    let rest = match handler {
        Ok(handler) => {
            attrs::mark(&mut function.attrs);
            if function
                .parameters()
                .any(|p| matches!(p, Parameter::Made(_)))
            {
                // What a handler is given is its own, whether it needs that or not.
                let owned = syn::parse_quote!(#[allow(clippy::needless_pass_by_value)]);
                function.attrs.push(owned);
            }
            registration(&handler, &function, &uses)
        }
        Err(error) => {
            let errors = error.into_compile_error();
            // In an `impl` the constant would be one more mistake.
            let free = function.sig.receiver().is_none() && !uses.is_empty();
            let uses = free.then(|| quote!(const _: () = { #uses };));
            quote!(#errors #uses)
        }
    };
    let Function {
        attrs,
        vis,
        sig,
        body,
    } = function;
    quote!(#(#attrs)* #vis #sig #body #rest)
}

/// Uses each sibling once, so that the compiler resolves its name, and calls neither its import unused nor a missing
/// one present.
fn uses(paths: &[Path]) -> TokenStream {
    quote!(#(#[#paths] struct __EnsignUse;)*)
}

/// Whether an attribute stands on what [`uses`] emits, and has done all it should.
fn is_use(item: &TokenStream) -> bool {
    let mut tokens = item.clone().into_iter();
    matches!(tokens.nth(1), Some(TokenTree::Ident(name)) if name == "__EnsignUse")
}

/// Names in here begin oddly: the author's constants and functions are visible, and must not meet ours.
fn registration(handler: &Handler, function: &Function, uses: &TokenStream) -> TokenStream {
    let shim = shim(function);
    let id = match &handler.id {
        Some(id) => quote!(#id),
        None => {
            let tail = format!("::{}", handler.name);
            quote!(::core::concat!(::core::module_path!(), #tail))
        }
    };
    let krate = handler.place.krate();
    let (file, line) = (&handler.place.file, handler.place.line);
    let clauses = handler
        .clauses
        .iter()
        .map(|attr| clause(attr.name, &attr.args));
    let [sets, clears, before, after, was] = [
        &handler.sets,
        &handler.clears,
        &handler.before,
        &handler.after,
        &handler.was,
    ]
    .map(|list| texts(list));
    let section = json(handler).into_static();
    let interface = interface::interface(handler.named());
    let constants = interface::constants(handler.named());
    let body = handler.endpoint;
    quote! {
        const _: () = {
            use ::ensign::__private as __ensign;
            #uses
            #shim
            const __ENSIGN_CLAUSES: &[__ensign::Clause] = &[#(#clauses),*];
            #[__ensign::linkme::distributed_slice(__ensign::HANDLERS)]
            #[linkme(crate = __ensign::linkme)]
            static __ENSIGN_HANDLER: __ensign::Handler = __ensign::Handler {
                id: #id,
                krate: #krate,
                file: #file,
                line: #line,
                clauses: __ENSIGN_CLAUSES,
                sets: #sets,
                clears: #clears,
                before: #before,
                after: #after,
                was: #was,
                interface: #interface,
                endpoint: ::core::option::Option::None,
                endpoints: __ensign::carried(__ENSIGN_CLAUSES, #body),
                run: __ensign_run,
            };
            #constants
            #section
        };
    }
}

/// The function that the dispatcher calls. Whatever the compiler finds wrong is at the author's token.
fn shim(function: &Function) -> TokenStream {
    let name = &function.sig.ident;
    let mut made = TokenStream::new();
    let mut passed = Vec::new();
    for (place, parameter) in function.parameters().enumerate() {
        match parameter {
            Parameter::Context(at) => passed.push(quote_spanned!(at=> __ensign_ctx)),
            Parameter::Made(ty) => {
                let variable = format_ident!("__ensign_{place}", span = first_token(ty));
                made.extend(quote! {
                    let #variable = __ensign::argument::<#ty>(__ensign_ctx, __ENSIGN_HANDLER.id, #place)?;
                });
                passed.push(quote!(#variable));
            }
        }
    }
    let call = quote!(#name(#(#passed),*));
    let body = match function.returned() {
        None => quote!(#call; ::core::result::Result::Ok(__ensign::Outcome::Done)),
        Some(ty) => {
            let at = first_token(ty);
            let result = Ident::new("__ensign_result", at);
            let convert = quote_spanned!(at=> __ensign::IntoOutcome::into_outcome(#result));
            quote!(let #result = #call; #convert)
        }
    };
    quote! {
        fn __ensign_run(__ensign_ctx: &mut __ensign::Context) -> __ensign::Result<__ensign::Outcome> {
            #made
            #body
        }
    }
}

/// Stable compilers underline the first token of a type of several, others all of it: ask for the first.
fn first_token(ty: &Type) -> Span {
    quote!(#ty)
        .into_iter()
        .next()
        .map_or_else(|| ty.span(), |token| token.span())
}

fn clause(name: Name, args: &[Arg]) -> TokenStream {
    let variant = match name {
        Name::When => quote!(When),
        Name::WhenAny => quote!(WhenAny),
        Name::WhenNot => quote!(WhenNot),
        Name::WhenNotAll => quote!(WhenNotAll),
        Name::NotUnless => quote!(NotUnless),
        Name::WhenChanged => quote!(WhenChanged),
        Name::Hook => quote!(Hook),
        Name::Action => quote!(Action),
        Name::CollectMetrics => return quote!(__ensign::Clause::CollectMetrics),
        Name::MeterStatusChanged => return quote!(__ensign::Clause::MeterStatusChanged),
        _ => return quote!(__ensign::Clause::OnlyOnce),
    };
    let args = args.iter().map(|arg| match (name, arg) {
        (Name::Hook | Name::Action, Arg::Text(text)) => quote!(#text),
        (_, Arg::Source(kind, key)) => {
            let kind = kind.to_string();
            quote!(__ensign::Source { kind: #kind, key: #key })
        }
        (_, flag) => self::flag(flag),
    });
    quote!(__ensign::Clause::#variant(&[#(#args),*]))
}

/// An expression of type `Flag`.
pub(crate) fn flag(arg: &Arg) -> TokenStream {
    match arg {
        Arg::Text(text) => quote!(__ensign::Flag::new(#text)),
        Arg::Constant(path) => quote_spanned!(args::token(path)=> __ensign::flag(#path)),
        Arg::Source(..) => TokenStream::new(),
    }
}

/// An expression of type `&str`.
fn text(arg: &Arg) -> TokenStream {
    match arg {
        Arg::Text(text) => quote!(#text),
        constant => {
            let flag = flag(constant);
            quote!(#flag.name())
        }
    }
}

fn texts(args: &[Arg]) -> TokenStream {
    let args = args.iter().map(text);
    quote!(&[#(#args),*])
}

/// The handler's line in the section.
fn json(handler: &Handler) -> Line {
    let mut line = Line::default();
    line.raw(r#"{"schema":1,"kind":"handler","id":""#);
    match &handler.id {
        Some(id) => line.text(id),
        None => {
            line.module();
            line.raw("::");
            line.text(&handler.name);
        }
    }
    line.raw("\",");
    line.place(&handler.place);
    line.raw(r#","clauses":"#);
    line.array(&handler.clauses, |line, attr| {
        line.raw(r#"{"kind":"#);
        line.string(attr.name.kind());
        line.raw(r#","args":"#);
        line.array(&attr.args, string);
        line.raw("}");
    });
    for (key, list) in [
        ("sets", &handler.sets),
        ("clears", &handler.clears),
        ("before", &handler.before),
        ("after", &handler.after),
        ("was", &handler.was),
    ] {
        line.raw(",");
        line.string(key);
        line.raw(":");
        line.array(list, string);
    }
    if !handler.calls.is_empty() {
        line.raw(r#","calls":"#);
        line.array(&handler.calls, |line, name| line.string(name));
    }
    interface::json(&mut line, handler.named());
    line.raw("}");
    line
}

/// Adds an argument as a JSON string. Flags need no escapes, so a constant is taken as it is.
pub(crate) fn string(line: &mut Line, arg: &Arg) {
    match arg {
        Arg::Text(text) => line.string(&text.value()),
        Arg::Source(kind, key) => line.string(&format!("{kind}={}", key.value())),
        Arg::Constant(_) => {
            line.raw("\"");
            line.constant(text(arg));
            line.raw("\"");
        }
    }
}
