//! `trigger!`: what one flag's change does to others, registered at load time (B43).

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, Result, Token};

use crate::args::{self, Arg};
use crate::errors::Errors;
use crate::expand::{flag, string};
use crate::interface;
use crate::line::Line;
use crate::near::nearest;
use crate::place;

/// A trigger as the author wrote it.
struct Trigger {
    /// Where it begins.
    at: Span,
    /// `when` or `when_not`.
    cause: &'static str,
    flag: Arg,
    set: Vec<Arg>,
    clear: Vec<Arg>,
}

impl Trigger {
    fn named(&self) -> impl Iterator<Item = &Arg> + Clone {
        std::iter::once(&self.flag)
            .chain(&self.set)
            .chain(&self.clear)
    }
}

const USAGE: &str = "write, for example, `trigger!(when = \"a\", set = \"b\")`";

impl Parse for Trigger {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let at = input.span();
        let mut errors = Errors::default();
        let mut cause: Option<(&'static str, Option<Arg>)> = None;
        let (mut set, mut clear) = (Vec::new(), Vec::new());
        while !input.is_empty() {
            let here = input.span();
            let key: Ident = input.parse().map_err(|_| Error::new(here, USAGE))?;
            let here = input.span();
            input
                .parse::<Token![=]>()
                .map_err(|_| Error::new(here, USAGE))?;
            let known = known(&key)?;
            // A bad flag is told once; what was meant counts as given.
            let flag = errors.add(flag_of(input)?);
            match (known, &cause) {
                ("set", _) => set.push(flag),
                ("clear", _) => clear.push(flag),
                (known, None) => cause = Some((known, flag)),
                (_, Some(_)) => {
                    let why =
                        "a trigger has one cause, `when` or `when_not`: write a trigger for each";
                    errors.add::<()>(Err(Error::new(key.span(), why)));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if cause.is_none() {
            errors.add::<()>(Err(Error::new(
                at,
                format!("a trigger needs a cause, `when` or `when_not`: {USAGE}"),
            )));
        }
        if set.is_empty() && clear.is_empty() {
            errors.add::<()>(Err(Error::new(
                at,
                format!("a trigger needs something to do, `set` or `clear`: {USAGE}"),
            )));
        }
        errors.into_result()?;
        match cause {
            Some((cause, Some(flag))) => Ok(Self {
                at,
                cause,
                flag,
                set: set.into_iter().flatten().collect(),
                clear: clear.into_iter().flatten().collect(),
            }),
            _ => Err(Error::new(at, USAGE)),
        }
    }
}

/// One of the four keys.
fn known(key: &Ident) -> Result<&'static str> {
    let keys = ["when", "when_not", "set", "clear"];
    let typed = key.to_string();
    if let Some(known) = keys.into_iter().find(|k| *k == typed) {
        return Ok(known);
    }
    let advice = match (typed.as_str(), nearest(&typed, keys)) {
        ("callback", _) => {
            "callbacks are registered in a handler, with `ctx.register_trigger`".to_owned()
        }
        ("set_flag", _) => "did you mean `set`?".to_owned(),
        ("clear_flag", _) => "did you mean `clear`?".to_owned(),
        (_, Some(meant)) => format!("did you mean `{meant}`?"),
        (_, None) => "use `when`, `when_not`, `set` and `clear`".to_owned(),
    };
    Err(Error::new(
        key.span(),
        format!("`trigger!` has no key `{typed}`: {advice}"),
    ))
}

/// The inner error is a flag that can be told of while parsing goes on.
fn flag_of(input: ParseStream<'_>) -> Result<Result<Arg>> {
    if input.peek(syn::token::Bracket) {
        return Err(Error::new(
            input.span(),
            "write `set = …` or `clear = …` once for each flag",
        ));
    }
    let flag = args::arg(input, crate::name::Name::When)?;
    Ok(args::flag(flag))
}

/// The expansion of `trigger!`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    match syn::parse2::<Trigger>(input) {
        Ok(trigger) => registration(&trigger),
        Err(error) => error.into_compile_error(),
    }
}

fn registration(trigger: &Trigger) -> TokenStream {
    let place = place::of(trigger.at);
    let cause = flag(&trigger.flag);
    let (none, some) = (
        quote!(::core::option::Option::None),
        quote!(::core::option::Option::Some(#cause)),
    );
    let (when, when_not) = match trigger.cause {
        "when" => (some, none),
        _ => (none, some),
    };
    let set = trigger.set.iter().map(flag);
    let clear = trigger.clear.iter().map(flag);
    let krate = place.krate();
    let (file, line) = (&place.file, place.line);
    let mut json = Line::default();
    json.raw(r#"{"schema":1,"kind":"trigger","#);
    json.place(&place);
    json.raw(",");
    json.string(trigger.cause);
    json.raw(":");
    string(&mut json, &trigger.flag);
    json.raw(r#","set":"#);
    json.array(&trigger.set, string);
    json.raw(r#","clear":"#);
    json.array(&trigger.clear, string);
    interface::json(&mut json, trigger.named());
    json.raw("}");
    let interface = interface::interface(trigger.named());
    let all = trigger.named().map(flag);
    let constants = interface::constants(trigger.named());
    let section = json.into_static();
    quote! {
        const _: () = {
            use ::ensign::__private as __ensign;
            #[__ensign::linkme::distributed_slice(__ensign::TRIGGERS)]
            #[linkme(crate = __ensign::linkme)]
            static __ENSIGN_TRIGGER: __ensign::TriggerDecl = __ensign::TriggerDecl {
                when: #when,
                when_not: #when_not,
                set: &[#(#set),*],
                clear: &[#(#clear),*],
                interface: #interface,
                krate: #krate,
                file: #file,
                line: #line,
            };
            #constants
            #[__ensign::linkme::distributed_slice(__ensign::ENDPOINTS)]
            #[linkme(crate = __ensign::linkme)]
            static __ENSIGN_ENDPOINTS: ::core::option::Option<&'static __ensign::Endpoints> =
                __ensign::carried_by(&[#(#all),*]);
            #section
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        match syn::parse_str::<Trigger>(text) {
            Ok(_) => Vec::new(),
            Err(e) => e.into_iter().map(|e| e.to_string()).collect(),
        }
    }

    #[test]
    fn a_trigger_sets_and_clears_as_many_flags_as_it_names() {
        for good in [
            "when = \"a\", set = \"b\"",
            "when_not = READY, clear = \"b\",",
            "when = \"a\", set = \"b\", set = crate::C, clear = \"d\"",
            "set = \"b\", when = \"a\"",
        ] {
            assert_eq!(errors(good), [""; 0], "{good}");
        }
    }

    #[test]
    fn b43_a_trigger_has_one_cause_and_something_to_do() {
        for bad in [
            "set = \"b\"",
            "when = \"a\"",
            "when = \"a\", when_not = \"c\", set = \"b\"",
            "when = \"a\", when = \"c\", set = \"b\"",
        ] {
            assert_eq!(errors(bad).len(), 1, "{bad}");
        }
        assert_eq!(errors("").len(), 2);
    }

    #[test]
    fn a_bad_flag_is_told_once() {
        assert_eq!(
            errors("when = \"a b\", set = \"c\""),
            ["`a b` is not a flag name: use letters, digits, `.`, `_` and `-`"]
        );
        assert_eq!(errors("when = \"a b\", set = \"c d\"").len(), 2);
    }

    #[test]
    fn an_unknown_key_is_told_with_what_was_meant() {
        assert_eq!(
            errors("whn = \"a\", set = \"b\""),
            ["`trigger!` has no key `whn`: did you mean `when`?"]
        );
        assert_eq!(
            errors("when = \"a\", set_flag = \"b\""),
            ["`trigger!` has no key `set_flag`: did you mean `set`?"]
        );
    }
}
