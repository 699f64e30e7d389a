//! One JSON line of the `.ensign` section, written while the macro runs as far as it can be.

use proc_macro2::TokenStream;
use quote::quote;

use crate::place::Place;

/// A line under construction.
#[derive(Debug, Default)]
pub(crate) struct Line {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// Known now.
    Text(String),
    /// `module_path!()`, known to the compiler only.
    Module,
    /// An expression of type `&str`, constant, that needs no escape.
    Constant(TokenStream),
}

impl Line {
    /// Adds JSON as it is.
    pub(crate) fn raw(&mut self, json: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(json),
            _ => self.parts.push(Part::Text(json.to_owned())),
        }
    }

    /// Adds the inside of a JSON string.
    pub(crate) fn text(&mut self, text: &str) {
        self.raw(&escaped(text));
    }

    /// Adds a whole JSON string.
    pub(crate) fn string(&mut self, text: &str) {
        self.raw("\"");
        self.text(text);
        self.raw("\"");
    }

    /// Adds the author's module path.
    pub(crate) fn module(&mut self) {
        self.parts.push(Part::Module);
    }

    /// Adds what a constant expression will be.
    pub(crate) fn constant(&mut self, expression: TokenStream) {
        self.parts.push(Part::Constant(expression));
    }

    /// Adds the fields that say where something stands.
    pub(crate) fn place(&mut self, place: &Place) {
        self.raw(r#""crate":""#);
        match &place.krate {
            Some(krate) => self.text(krate),
            None => self.constant(place.krate()),
        }
        self.raw(r#"","file":"#);
        self.string(&place.file);
        self.raw(&format!(r#","line":{}"#, place.line));
    }

    /// Adds an array, each element by `add`.
    pub(crate) fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut add: impl FnMut(&mut Self, T),
    ) {
        self.raw("[");
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.raw(",");
            }
            add(self, item);
        }
        self.raw("]");
    }

    /// The static that puts the line into the section. Joining parts costs compile time, so a line without
    /// constants goes through `concat!`.
    pub(crate) fn into_static(mut self) -> TokenStream {
        self.raw("\n");
        let constants = self.parts.iter().any(|p| matches!(p, Part::Constant(_)));
        let parts = self.parts.into_iter().map(|part| match part {
            Part::Text(text) => quote!(#text),
            Part::Module => quote!(::core::module_path!()),
            Part::Constant(expression) => expression,
        });
        let (ty, text, length, bytes) = if constants {
            (
                quote!(&[&::core::primitive::str]),
                quote!(&[#(#parts),*]),
                quote!(__ensign::length(__ENSIGN_TEXT)),
                quote!(join),
            )
        } else {
            (
                quote!(&::core::primitive::str),
                quote!(::core::concat!(#(#parts),*)),
                quote!(__ENSIGN_TEXT.len()),
                quote!(bytes),
            )
        };
        quote! {
            const __ENSIGN_TEXT: #ty = #text;
            #[used]
            #[unsafe(link_section = ".ensign")]
            static __ENSIGN_LINE: [::core::primitive::u8; #length] = __ensign::#bytes(__ENSIGN_TEXT);
        }
    }
}

/// `text` inside JSON quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_cannot_hold_is_escaped() {
        assert_eq!(escaped("a\"b\\c\nd\u{1}ä"), "a\\\"b\\\\c\\nd\\u0001ä");
    }

    #[test]
    fn neighbours_become_one_literal() {
        let mut line = Line::default();
        line.raw("{");
        line.array(["a", "b"], Line::string);
        line.raw("}");
        assert_eq!(line.parts.len(), 1);
        assert!(
            line.into_static()
                .to_string()
                .contains(r#"concat ! ("{[\"a\",\"b\"]}\n")"#)
        );
    }

    #[test]
    fn only_a_constant_makes_the_compiler_join() {
        let mut line = Line::default();
        line.raw("x");
        line.constant(quote!(NAME));
        assert!(!line.into_static().to_string().contains("concat"));
    }
}
