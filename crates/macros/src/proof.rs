//! The `Leader` argument: to be had only where the handler waits for leadership.

use syn::{Error, Path, Result, Type};

use crate::args::{self, Arg};
use crate::attrs::Attr;
use crate::errors::Errors;
use crate::function::{Function, Parameter};
use crate::name::{Name, Occasion};

/// The flag that is set while the unit leads.
const FLAG: &str = "leadership.is_leader";

/// Whether a handler that takes a `Leader` runs on the leader only.
///
/// # Errors
/// If it may run elsewhere, at the argument's type.
pub(crate) fn check(function: &Function, attrs: &[Attr]) -> Result<()> {
    let mut errors = Errors::default();
    for parameter in function.parameters() {
        if let Parameter::Made(ty) = parameter
            && let Some(path) = leader(ty)
            && let Some(why) = refusal(attrs)
        {
            errors.add::<()>(Err(Error::new(args::token(path), why)));
        }
    }
    errors.into_result()
}

/// The type, if its name is `Leader`. Who it really is only the compiler knows.
fn leader(ty: &Type) -> Option<&Path> {
    let Type::Path(ty) = bare(ty) else {
        return None;
    };
    let last = ty.path.segments.last()?;
    (last.ident == "Leader").then_some(&ty.path)
}

/// The type without parentheses, and without the group that a `macro_rules!` puts round it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

/// Why such a handler cannot have it, and what to write.
fn refusal(attrs: &[Attr]) -> Option<String> {
    let flags = || {
        attrs
            .iter()
            .filter(|attr| attr.name == Name::When)
            .flat_map(|attr| &attr.args)
    };
    if flags().any(|arg| matches!(arg, Arg::Text(text) if text.value() == FLAG)) {
        return None;
    }
    let other = attrs.iter().find(|attr| {
        attr.name
            .occasion()
            .is_some_and(|occasion| occasion != Occasion::Flags)
    });
    Some(match other {
        Some(attr) if attr.name.occasion() == Some(Occasion::Restricted) => format!(
            "`{}` is a restricted hook, which does not know who leads: a handler of it cannot take a `Leader`",
            attr.spelling
        ),
        Some(attr) => format!(
            "a handler takes a `Leader` only under `#[when(\"{FLAG}\")]`, which cannot stand with `{}`: leave the argument out, ask `ctx.is_leader()` in the body and write with `ctx.leader_set`",
            attr.spelling
        ),
        None if flags().any(|arg| matches!(arg, Arg::Constant(_))) => format!(
            "a handler takes a `Leader` only under `#[when(\"{FLAG}\")]`: write that flag as a literal, since a constant cannot be looked into here"
        ),
        None => format!(
            "a handler takes a `Leader` only while its unit leads: add `#[when(\"{FLAG}\")]`"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::{Attribute, parse_quote};

    fn refusals(attrs: Vec<Attribute>, function: &Function) -> Vec<String> {
        let mut errors = Errors::default();
        let mut attrs = attrs;
        let all = crate::attrs::gather("id", parse_quote!("x"), &mut attrs, &mut errors);
        errors.into_result().expect("each attribute alone is right");
        match check(function, &all.attrs) {
            Ok(()) => Vec::new(),
            Err(e) => e.into_iter().map(|e| e.to_string()).collect(),
        }
    }

    fn takes_leader() -> Function {
        parse_quote!(
            fn h(ctx: &mut Context, leader: Leader) {}
        )
    }

    #[test]
    fn leadership_waited_for_by_literal_gives_a_leader() {
        let good: [Vec<Attribute>; 4] = [
            vec![parse_quote!(#[when("leadership.is_leader")])],
            vec![parse_quote!(#[when_all("a", READY, "leadership.is_leader")])],
            vec![
                parse_quote!(#[when("a")]),
                parse_quote!(#[ensign::when("leadership.is_leader")]),
            ],
            vec![
                parse_quote!(#[when_changed(config = "port")]),
                parse_quote!(#[when("leadership.is_leader")]),
                parse_quote!(#[only_once]),
            ],
        ];
        for attrs in good {
            assert_eq!(refusals(attrs, &takes_leader()), [""; 0]);
        }
    }

    #[test]
    fn every_other_handler_is_refused_with_what_to_write() {
        let bad: [(Attribute, &str); 9] = [
            (parse_quote!(#[when("leadership.leader")]), "add `#[when("),
            (
                parse_quote!(#[when_any("leadership.is_leader", "x")]),
                "add `#[when(",
            ),
            (
                parse_quote!(#[when_not("leadership.is_leader")]),
                "add `#[when(",
            ),
            (parse_quote!(#[when_changed(leader = "k")]), "add `#[when("),
            (parse_quote!(#[only_once]), "add `#[when("),
            (parse_quote!(#[when(IS_LEADER)]), "as a literal"),
            (parse_quote!(#[hook("install")]), "cannot stand with `hook`"),
            (parse_quote!(#[action("x")]), "cannot stand with `action`"),
            (parse_quote!(#[collect_metrics]), "restricted hook"),
        ];
        for (attr, advice) in bad {
            let told = refusals(vec![attr], &takes_leader());
            assert!(
                matches!(told.as_slice(), [one] if one.contains(advice)),
                "{told:?}"
            );
        }
    }

    #[test]
    fn the_type_is_known_by_its_last_name() {
        let bad: [Function; 3] = [
            parse_quote!(
                fn h(leader: ensign::leadership::Leader) {}
            ),
            parse_quote!(
                fn h(ctx: &mut Context, hook: Hook, (): (Leader)) {}
            ),
            parse_quote!(
                fn h(ctx: &mut Context, _: ::ensign::Leader) {}
            ),
        ];
        for function in bad {
            assert_eq!(refusals(Vec::new(), &function).len(), 1);
        }
        let good: [Function; 3] = [
            parse_quote!(
                fn h(ctx: &mut Context) {}
            ),
            parse_quote!(
                fn h(ctx: &mut Leader) {}
            ),
            parse_quote!(
                fn h(ctx: &mut Context, x: Option<Leader>, y: Leader::Term) {}
            ),
        ];
        for function in good {
            assert_eq!(refusals(Vec::new(), &function), [""; 0]);
        }
    }
}
