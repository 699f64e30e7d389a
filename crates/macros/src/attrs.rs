//! Gathering: the outermost attribute takes its siblings off the function.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Meta, Path, Result};

use crate::args::{self, Arg};
use crate::errors::Errors;
use crate::name::Name;

/// One attribute of the handler, checked.
pub(crate) struct Attr {
    pub(crate) name: Name,
    /// As the author spelled it.
    pub(crate) spelling: String,
    /// Where to report what is wrong with it as a whole.
    pub(crate) at: Span,
    pub(crate) args: Vec<Arg>,
}

/// What the outermost attribute found on the function.
#[derive(Default)]
pub(crate) struct Gathered {
    /// The attributes, outermost first.
    pub(crate) attrs: Vec<Attr>,
    /// The paths of the siblings, each once. They are never expanded where they stand.
    pub(crate) paths: Vec<Path>,
}

/// Marks a function that is a handler already: without effect, and known to the compiler.
const MARK: &str = "rust_analyzer::ensign_handler";

/// Takes our attributes off `attrs`. The outermost one, spelled `spelling` with the arguments `tokens`, has been
/// taken off by the compiler.
pub(crate) fn gather(
    spelling: &str,
    tokens: TokenStream,
    attrs: &mut Vec<Attribute>,
    errors: &mut Errors,
) -> Gathered {
    let mut all = Gathered::default();
    let at = Span::call_site();
    if let Some(name) = Name::parse(spelling) {
        let args = errors.add(args::parse(name, spelling, at, tokens));
        all.attrs.extend(args.map(|args| Attr {
            name,
            spelling: spelling.to_owned(),
            at,
            args,
        }));
    }
    attrs.retain(|attr| match sibling(attr.path()) {
        None => true,
        Some((name, spelling)) => {
            let at = args::token(attr.path());
            let args = arguments(attr, &spelling)
                .and_then(|tokens| args::parse(name, &spelling, at, tokens));
            all.attrs.extend(errors.add(args).map(|args| Attr {
                name,
                spelling,
                at,
                args,
            }));
            if all
                .paths
                .iter()
                .all(|known| joined(known) != joined(attr.path()))
            {
                all.paths.push(attr.path().clone());
            }
            false
        }
    });
    all
}

/// Whether this expansion is the only one. It is not if an import renamed an attribute of ours, which is why the
/// first expansion did not know it and left it on the function.
///
/// # Errors
/// If the function was expanded before; it is registered then.
pub(crate) fn refuse_second(attrs: &[Attribute]) -> Result<()> {
    if attrs.iter().all(|a| joined(a.path()) != MARK) {
        return Ok(());
    }
    Err(Error::new(
        Span::call_site(),
        "this attribute came too late, since an import gave it another name: write it above the others, or use its own name",
    ))
}

/// Marks the function, if an attribute stays on it that may be ours under another name.
pub(crate) fn mark(attrs: &mut Vec<Attribute>) {
    if attrs.iter().any(|a| !is_built_in(a.path())) {
        attrs.push(syn::parse_quote!(#[rust_analyzer::ensign_handler]));
    }
}

/// Ours are known by name, alone or under `ensign`.
fn sibling(path: &Path) -> Option<(Name, String)> {
    let first = path.segments.first()?;
    if path.segments.len() > 1 && first.ident != "ensign" {
        return None;
    }
    let spelling = path.segments.last()?.ident.to_string();
    Name::parse(&spelling).map(|name| (name, spelling))
}

fn arguments(attr: &Attribute, spelling: &str) -> Result<TokenStream> {
    match &attr.meta {
        Meta::Path(_) => Ok(TokenStream::new()),
        Meta::List(list) => Ok(list.tokens.clone()),
        Meta::NameValue(pair) => Err(Error::new(
            pair.eq_token.span(),
            format!("write `#[{spelling}(…)]`, with parentheses"),
        )),
    }
}

fn joined(path: &Path) -> String {
    let segments: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
    segments.join("::")
}

/// Attributes of the language and of its tools, which expand to nothing.
fn is_built_in(path: &Path) -> bool {
    let name = joined(path);
    name.starts_with("rustfmt::")
        || name.starts_with("clippy::")
        || name.starts_with("diagnostic::")
        || matches!(
            name.as_str(),
            "allow"
                | "cold"
                | "deny"
                | "deprecated"
                | "doc"
                | "expect"
                | "export_name"
                | "forbid"
                | "inline"
                | "link_section"
                | "must_use"
                | "no_mangle"
                | "target_feature"
                | "track_caller"
                | "unsafe"
                | "warn"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn gathered(mut attrs: Vec<Attribute>) -> (Vec<String>, Vec<String>) {
        let mut errors = Errors::default();
        let all = gather("when", parse_quote!("a"), &mut attrs, &mut errors);
        errors.into_result().expect("no mistakes");
        (
            all.attrs.into_iter().map(|a| a.spelling).collect(),
            attrs.iter().map(|a| joined(a.path())).collect(),
        )
    }

    #[test]
    fn siblings_are_taken_and_others_left_in_order() {
        let (ours, others) = gathered(vec![
            parse_quote!(#[doc = "about"]),
            parse_quote!(#[when_not("b")]),
            parse_quote!(#[allow(dead_code)]),
            parse_quote!(#[ensign::hook("install")]),
            parse_quote!(#[::ensign::only_once]),
            parse_quote!(#[foreign::when("c")]),
        ]);
        assert_eq!(ours, ["when", "when_not", "hook", "only_once"]);
        assert_eq!(others, ["doc", "allow", "foreign::when"]);
    }

    #[test]
    fn only_a_foreign_attribute_leaves_a_mark() {
        let mut plain: Vec<Attribute> =
            vec![parse_quote!(#[doc = "about"]), parse_quote!(#[inline])];
        mark(&mut plain);
        assert!(refuse_second(&plain).is_ok());
        let mut foreign: Vec<Attribute> = vec![parse_quote!(#[w("a")])];
        mark(&mut foreign);
        assert!(refuse_second(&foreign).is_err());
    }

    #[test]
    fn a_value_instead_of_parentheses_is_refused() {
        let mut errors = Errors::default();
        let mut attrs: Vec<Attribute> = vec![parse_quote!(#[when_not = "b"])];
        gather("when", parse_quote!("a"), &mut attrs, &mut errors);
        assert_eq!(
            errors.into_result().expect_err("a mistake").to_string(),
            "write `#[when_not(…)]`, with parentheses"
        );
    }
}
