//! `derive(LeaderSettings)`: a struct whose fields are leader keys.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Data, DataStruct, DeriveInput, Error, Field, Fields, GenericArgument, Ident, PathArguments,
    Result, Type,
};

use crate::errors::Errors;
use crate::options::Options;
use crate::proof::bare;

/// One field.
struct Setting {
    name: Ident,
    key: String,
    /// Where to report what is wrong with the key.
    at: Span,
    secret: bool,
    /// Its type, or that in its `Option`.
    ty: Type,
    /// Whether it is in an `Option`.
    optional: bool,
}

/// The expansion of the derive.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let parsed = syn::parse2::<DeriveInput>(input);
    match parsed.and_then(|input| Ok((settings(&input)?, input))) {
        Ok((settings, input)) => implementation(&input, &settings),
        Err(error) => error.into_compile_error(),
    }
}

/// The struct's fields.
///
/// # Errors
/// If it is no struct with named fields, and every mistake in their attributes.
fn settings(input: &DeriveInput) -> Result<Vec<Setting>> {
    let fields = named(input)?;
    let mut errors = Errors::default();
    errors.add(Options::refuse(&input.attrs));
    let mut settings: Vec<Setting> = Vec::new();
    for field in fields {
        let Some(setting) = errors.add(setting(field)).flatten() else {
            continue;
        };
        if let Some(first) = settings.iter().find(|s| s.key == setting.key) {
            let why = format!(
                "`{}` is the key of the field `{}` already: each needs its own",
                setting.key.escape_debug(),
                first.name
            );
            errors.add::<()>(Err(Error::new(setting.at, why)));
        }
        settings.push(setting);
    }
    errors.into_result().map(|()| settings)
}

fn named(input: &DeriveInput) -> Result<impl Iterator<Item = &Field>> {
    let (at, what) = match &input.data {
        Data::Struct(DataStruct {
            fields: Fields::Named(fields),
            ..
        }) if !fields.named.is_empty() => return Ok(fields.named.iter()),
        Data::Struct(data) => (
            input.ident.span(),
            match data.fields {
                Fields::Unnamed(_) => "the fields of a tuple struct have no names",
                _ => "this struct has no fields",
            },
        ),
        Data::Enum(data) => (data.enum_token.span(), "an `enum` has no fields of its own"),
        Data::Union(data) => (data.union_token.span(), "a `union` is no group of values"),
    };
    let wanted =
        "derive `LeaderSettings` for a struct with named fields, each of which is a leader key";
    Err(Error::new(at, format!("{what}: {wanted}")))
}

/// The field as its attributes describe it.
fn setting(field: &Field) -> Result<Option<Setting>> {
    let options = Options::parse(&field.attrs)?;
    let Some(name) = field.ident.clone() else {
        return Ok(None);
    };
    let (key, at) = match options.key {
        Some(key) => (key.value(), key.span()),
        None => (name.unraw().to_string(), name.span()),
    };
    let inner = in_option(&field.ty);
    if let Type::Reference(reference) = bare(inner.unwrap_or(&field.ty)) {
        return Err(Error::new(
            reference.and_token.span(),
            "a field owns what is read from the settings: write `String` for `&str`",
        ));
    }
    Ok(Some(Setting {
        name,
        key,
        at,
        secret: options.secret,
        optional: inner.is_some(),
        ty: inner.unwrap_or(&field.ty).clone(),
    }))
}

/// What the type's `Option` is of, if that is its name.
fn in_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = bare(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(list) if last.ident == "Option" => {
            list.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Everything that can be is in the library's functions. Reading and writing stand in one function, so that the
/// compiler tells only once of a type that can do neither.
fn implementation(input: &DeriveInput, settings: &[Setting]) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, condition) = input.generics.split_for_impl();
    let required = settings.iter().filter(|s| !s.optional).map(|s| &s.key);
    let reads = settings.iter().map(|setting| {
        let Setting { name, key, ty, .. } = setting;
        let read = if setting.optional {
            quote!(optional)
        } else {
            quote!(required)
        };
        quote!(#name: __ensign::field::#read::<#ty>(__ensign_all, #key)?)
    });
    let writes = settings.iter().map(|setting| {
        let Setting { name, key, ty, .. } = setting;
        let write = if setting.optional {
            quote!(perhaps)
        } else {
            quote!(always)
        };
        let secret = setting.secret.then(|| quote!(.into_secret()));
        quote!((#key, __ensign::field::#write::<#ty>(#key, &__ensign_self.#name)? #secret))
    });
    quote! {
        const _: () = {
            use ::ensign::__private as __ensign;
            #[automatically_derived]
            impl #generics __ensign::LeaderSettings for #name #arguments #condition {
                fn fields() -> __ensign::field::Fields<Self> {
                    __ensign::field::Fields {
                        required: &[#(#required),*],
                        read: |__ensign_all| ::core::result::Result::Ok(Self { #(#reads),* }),
                        write: |__ensign_self| {
                            ::core::result::Result::Ok(::std::vec::Vec::from([#(#writes),*]))
                        },
                    }
                }
            }
        };
    }
}
