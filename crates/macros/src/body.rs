//! Hints from the body: flags that it sets or clears by literal.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::LitStr;

use crate::check;

/// What a body was seen to write, in the order it stands there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) sets: Vec<String>,
    pub(crate) clears: Vec<String>,
}

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
            TokenTree::Ident(ident) => {
                called = match ident.to_string().as_str() {
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
