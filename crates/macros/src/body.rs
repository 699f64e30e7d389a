//! Hints from the body: flags that it sets or clears by literal, and whether it reads or writes leader data.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::LitStr;

use crate::check;

/// What a body was seen to write, in the order it stands there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) sets: Vec<String>,
    pub(crate) clears: Vec<String>,
    /// Functions of the leadership layer that it calls, each once.
    pub(crate) calls: Vec<String>,
    /// It reaches for an endpoint, or names a flag of one.
    pub(crate) endpoint: bool,
}

/// What `ensign proof` wants to know of: who writes must lead, and must have asked.
const LEADERSHIP: [&str; 6] = [
    "leader_get",
    "leader_set",
    "leader_settings",
    "leader_unset",
    "is_leader",
    "ensure_leader",
];

/// Looks for `set_flag("a"`, `clear_flag("a"` and `toggle_flag("a"` on the raw tokens. It is a hint: what is
/// computed, or hidden behind other functions, is declared with `sets` and `clears`.
pub(crate) fn scan(body: TokenStream) -> Written {
    let mut written = Written::default();
    look(body, &mut written);
    written
}

fn look(tokens: TokenStream, written: &mut Written) {
    let mut called = None;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                if let Some((sets, clears)) = called.take()
                    && let Some(flag) = first_literal(&group)
                {
                    if sets {
                        written.sets.push(flag.clone());
                    }
                    if clears {
                        written.clears.push(flag);
                    }
                }
                look(group.stream(), written);
            }
            TokenTree::Literal(literal) => {
                written.endpoint |= literal.to_string().starts_with("\"endpoint.");
                called = None;
            }
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                if LEADERSHIP.contains(&name.as_str()) && !written.calls.contains(&name) {
                    written.calls.push(name.clone());
                }
                written.endpoint |= name == "endpoint" || name == "endpoint_from_flag";
                called = match name.as_str() {
                    "set_flag" => Some((true, false)),
                    "clear_flag" => Some((false, true)),
                    "toggle_flag" => Some((true, true)),
                    _ => None,
                };
            }
            _ => called = None,
        }
    }
}

/// The flag, if the first argument is one as a literal.
fn first_literal(group: &Group) -> Option<String> {
    if group.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let mut tokens = group.stream().into_iter();
    let first = tokens.next()?;
    match tokens.next() {
        None => {}
        Some(TokenTree::Punct(p)) if p.as_char() == ',' => {}
        Some(_) => return None,
    }
    let text: LitStr = syn::parse2(first.into()).ok()?;
    Some(text.value()).filter(|flag| check::flag(flag).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn literals_are_found_however_deep() {
        let written = scan(quote!({
            ctx.set_flag("a")?;
            if x {
                ctx.clear_flag("b")?;
            }
            log!(ctx.toggle_flag("c", y));
        }));
        assert_eq!(written.sets, ["a", "c"]);
        assert_eq!(written.clears, ["b", "c"]);
    }

    #[test]
    fn functions_of_the_leadership_layer_are_found_once_each() {
        let written = scan(quote!({
            if ctx.is_leader()? {
                ctx.leader_set([("a", "b")])?;
                ctx.leader_set([("c", "d")])?;
            }
        }));
        assert_eq!(written.calls, ["is_leader", "leader_set"]);
    }

    #[test]
    fn what_is_no_literal_flag_gives_no_hint() {
        let written = scan(quote!({
            ctx.set_flag(READY)?;
            ctx.set_flag(format!("a"))?;
            ctx.set_flag("a".to_owned())?;
            ctx.is_flag_set("a")?;
            cmd.set_flag("--not a flag");
            let set_flag = ("a");
        }));
        assert_eq!(written, Written::default());
    }
}
