//! Which attributes go together (D22–D24), and what a handler needs at least.

use proc_macro2::Span;
use syn::{Error, Result};

use crate::args::Arg;
use crate::attrs::Attr;
use crate::errors::Errors;
use crate::name::{Name, Occasion};

/// Whether the attributes can ever make the handler run, and only where what it needs exists.
///
/// # Errors
/// Every pair that cannot stand together, at the later one.
pub(crate) fn check(attrs: &[Attr]) -> Result<()> {
    let mut errors = Errors::default();
    errors.add(has_condition(attrs));
    for (place, attr) in attrs.iter().enumerate() {
        // One reason an attribute: the first is the one to mend.
        if let Some(why) = attrs[..place]
            .iter()
            .find_map(|earlier| conflict(earlier, attr))
        {
            errors.add::<()>(Err(Error::new(attr.at, why)));
        }
    }
    errors.add(contradiction(attrs));
    errors.into_result()
}

/// Modifiers, and `not_unless` (B39), say something about a handler but never make one run.
fn has_condition(attrs: &[Attr]) -> Result<()> {
    let runs = |attr: &Attr| attr.name == Name::OnlyOnce || attr.name.occasion().is_some();
    match attrs.first() {
        Some(first) if !attrs.iter().any(runs) => Err(Error::new(
            first.at,
            format!(
                "`{}` does not say when the handler runs: add a condition, such as `#[when(\"my-charm.ready\")]` or `#[hook(\"install\")]`",
                first.spelling
            ),
        )),
        _ => Ok(()),
    }
}

/// Why `later` cannot stand on the same handler as `earlier`.
fn conflict(earlier: &Attr, later: &Attr) -> Option<String> {
    let (a, b) = (&earlier.spelling, &later.spelling);
    if earlier.name == later.name && earlier.name.is_single() {
        return Some(match earlier.name {
            Name::Id => {
                "a handler has one id: remove this one, or write `was` for an id it had before"
                    .to_owned()
            }
            Name::Hook | Name::Action => {
                format!(
                    "two `{a}` never match together: name both in one, as in `#[{a}(\"x\", \"y\")]`"
                )
            }
            _ => format!("`{a}` stands here twice: remove one"),
        });
    }
    let (first, second) = match (earlier.name.occasion(), later.name.occasion()) {
        (Some(first), Some(second)) if first != second || first == Occasion::Restricted => {
            (first, second)
        }
        (Some(Occasion::Restricted), None) if needs_memory(later.name) => {
            return Some(no_memory(b, a));
        }
        (None, Some(Occasion::Restricted)) if needs_memory(earlier.name) => {
            return Some(no_memory(a, b));
        }
        _ => return None,
    };
    let pair = |x: Occasion, y: Occasion| (first, second) == (x, y) || (first, second) == (y, x);
    let why = if pair(Occasion::Hook, Occasion::Flags) {
        "conditions on flags and values hold only after the hook handlers have run; keep one, and ask `ctx.is_flag_set` in the body"
    } else if pair(Occasion::Action, Occasion::Flags) {
        "an action runs when the operator asks for it, whatever the flags are; keep `action`, and ask `ctx.is_flag_set` in the body"
    } else if pair(Occasion::Restricted, Occasion::Flags) {
        "restricted hooks have no flags and remember nothing"
    } else if pair(Occasion::Action, Occasion::Hook) {
        "an action is no hook; write two handlers that call one function"
    } else {
        "a restricted hook is no other hook and no action; write two handlers that call one function"
    };
    Some(format!("`{a}` and `{b}` never hold together: {why}"))
}

/// Whether the attribute needs the unit's state, which restricted hooks do not have (B8).
fn needs_memory(name: Name) -> bool {
    matches!(
        name,
        Name::OnlyOnce | Name::NotUnless | Name::Sets | Name::Clears
    )
}

fn no_memory(what: &str, restricted: &str) -> String {
    format!(
        "`{what}` cannot stand with `{restricted}`: restricted hooks have no flags and remember nothing"
    )
}

/// A flag that has to be set and unset at once, found among the literals.
fn contradiction(attrs: &[Attr]) -> Result<()> {
    let named = |name: Name| {
        attrs
            .iter()
            .filter(move |a| a.name == name)
            .flat_map(|a| &a.args)
            .filter_map(|arg| match arg {
                Arg::Text(text) => Some((text.value(), text.span())),
                _ => None,
            })
    };
    let wanted: Vec<(String, Span)> = named(Name::When).collect();
    match named(Name::WhenNot).find(|(flag, _)| wanted.iter().any(|(w, _)| w == flag)) {
        None => Ok(()),
        Some((flag, at)) => Err(Error::new(
            at,
            format!("`{flag}` can never be set and unset at once, so this handler would never run"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attrs::gather;
    use syn::{Attribute, parse_quote};

    fn refusals(mut attrs: Vec<Attribute>) -> Vec<String> {
        let first = attrs.remove(0);
        let tokens = match &first.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => proc_macro2::TokenStream::new(),
        };
        let mut errors = Errors::default();
        let spelling = first.path().get_ident().expect("a name").to_string();
        let all = gather(&spelling, tokens, &mut attrs, &mut errors);
        errors.into_result().expect("each attribute alone is right");
        match check(&all.attrs) {
            Ok(()) => Vec::new(),
            Err(e) => e.into_iter().map(|e| e.to_string()).collect(),
        }
    }

    #[test]
    fn conditions_on_flags_join_and_modifiers_go_with_anything() {
        for good in [
            vec![
                parse_quote!(#[when("a")]),
                parse_quote!(#[when_not("b")]),
                parse_quote!(#[when_changed(leader = "k")]),
            ],
            vec![
                parse_quote!(#[hook("install")]),
                parse_quote!(#[only_once]),
                parse_quote!(#[sets("a")]),
            ],
            vec![
                parse_quote!(#[id("x")]),
                parse_quote!(#[action("y")]),
                parse_quote!(#[not_unless("a")]),
            ],
            vec![
                parse_quote!(#[collect_metrics]),
                parse_quote!(#[id("x")]),
                parse_quote!(#[was("y")]),
            ],
            vec![
                parse_quote!(#[when("a")]),
                parse_quote!(#[when("b")]),
                parse_quote!(#[when_not_all("a", "c")]),
            ],
        ] {
            assert_eq!(refusals(good), [""; 0]);
        }
    }

    #[test]
    fn d24_only_once_alone_is_a_handler() {
        assert_eq!(refusals(vec![parse_quote!(#[only_once])]), [""; 0]);
    }

    #[test]
    fn d22_occasions_exclude_each_other_in_any_order() {
        let kinds: [Attribute; 4] = [
            parse_quote!(#[when("a")]),
            parse_quote!(#[hook("install")]),
            parse_quote!(#[action("x")]),
            parse_quote!(#[collect_metrics]),
        ];
        for a in &kinds {
            for b in &kinds {
                let count = refusals(vec![a.clone(), b.clone()]).len();
                let both_flags = a.path().is_ident("when") && b.path().is_ident("when");
                assert_eq!(
                    count,
                    usize::from(!both_flags),
                    "{:?} {:?}",
                    a.path().get_ident(),
                    b.path().get_ident()
                );
            }
        }
    }

    #[test]
    fn a_handler_needs_a_condition() {
        let all: [Attribute; 7] = [
            parse_quote!(#[before("x")]),
            parse_quote!(#[after("x")]),
            parse_quote!(#[sets("x")]),
            parse_quote!(#[clears("x")]),
            parse_quote!(#[id("x")]),
            parse_quote!(#[was("x")]),
            parse_quote!(#[not_unless("x")]),
        ];
        for alone in all {
            assert_eq!(refusals(vec![alone]).len(), 1);
        }
    }

    #[test]
    fn a_restricted_hook_has_neither_flags_nor_memory() {
        for attr in [
            parse_quote!(#[only_once]),
            parse_quote!(#[not_unless("a")]),
            parse_quote!(#[sets("a")]),
        ] {
            let attr: Attribute = attr;
            assert_eq!(
                refusals(vec![attr.clone(), parse_quote!(#[meter_status_changed])]).len(),
                1
            );
            assert_eq!(
                refusals(vec![parse_quote!(#[meter_status_changed]), attr]).len(),
                1
            );
        }
    }

    #[test]
    fn a_flag_cannot_be_wanted_set_and_unset() {
        assert_eq!(
            refusals(vec![
                parse_quote!(#[when_not("b", "a")]),
                parse_quote!(#[when("a")])
            ]),
            ["`a` can never be set and unset at once, so this handler would never run"]
        );
    }
}
