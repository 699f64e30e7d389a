//! Finds a macro call in Rust source: enough of the language to pass over comments and strings.

use crate::yaml::Place;

/// A word or a sign of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Sign(char),
}

/// The call of `ensign::main!`, or of an imported `main!`: where it stands and the words it is given. None where
/// the source has no such call.
pub(super) fn main_call(source: &str) -> Option<(Place, Vec<String>)> {
    let tokens = tokens(source);
    let is = |at: usize, wanted: &Token| tokens.get(at).is_some_and(|(_, token)| token == wanted);
    let (word, sign) = (|text: &str| Token::Word(text.into()), Token::Sign);
    let at = (0..tokens.len()).find(|at| {
        is(*at, &word("main"))
            && is(at + 1, &sign('!'))
            && ['(', '[', '{'].iter().any(|open| is(at + 2, &sign(*open)))
    })?;
    let qualified = at > 2 && is(at - 1, &sign(':')) && is(at - 2, &sign(':'));
    let first = if qualified { at - 3 } else { at };
    let names = tokens[at + 3..]
        .iter()
        .take_while(|(_, token)| !matches!(token, Token::Sign(')' | ']' | '}')))
        .filter_map(|(_, token)| match token {
            Token::Word(name) => Some(name.clone()),
            Token::Sign(_) => None,
        });
    (!qualified || is(first, &word("ensign"))).then(|| (tokens[first].0, names.collect()))
}

fn tokens(source: &str) -> Vec<(Place, Token)> {
    let mut cursor = Cursor {
        rest: source,
        place: Place::START,
    };
    let mut found = Vec::new();
    while let Some(next) = cursor.rest.chars().next() {
        let place = cursor.place;
        if let Some(length) = cursor.passed_over() {
            cursor.skip(length);
        } else if next.is_alphabetic() || next == '_' {
            let word: String = cursor
                .rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            cursor.skip(word.len());
            found.push((place, Token::Word(word)));
        } else {
            cursor.skip(next.len_utf8());
            if !next.is_whitespace() {
                found.push((place, Token::Sign(next)));
            }
        }
    }
    found
}

struct Cursor<'a> {
    rest: &'a str,
    place: Place,
}

impl Cursor<'_> {
    /// The length of the comment, string or character that begins here.
    fn passed_over(&self) -> Option<usize> {
        let rest = self.rest;
        if rest.starts_with("//") {
            return Some(rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return Some(comment(rest));
        }
        if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 2;
            let length = rest[start..].find(&end).map(|at| start + at + end.len());
            return Some(length.unwrap_or(rest.len()));
        }
        if rest.starts_with('"') {
            return Some(quoted(rest, '"'));
        }
        // A lifetime has no closing quote.
        let mut chars = rest.chars();
        match (chars.next(), chars.next(), chars.next()) {
            (Some('\''), Some('\\'), _) => Some(quoted(rest, '\'')),
            (Some('\''), Some(one), Some('\'')) => Some(2 + one.len_utf8()),
            _ => None,
        }
    }

    fn skip(&mut self, length: usize) {
        for passed in self.rest[..length].chars() {
            if passed == '\n' {
                self.place = Place::new(self.place.line + 1, 1);
            } else {
                self.place.column += 1;
            }
        }
        self.rest = &self.rest[length..];
    }
}

/// Block comments nest.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The number of `#` of the raw string that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
    rest[hashes..].starts_with('"').then_some(hashes)
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(source: &str) -> Option<(usize, usize, String)> {
        main_call(source).map(|(place, names)| (place.line, place.column, names.join(" ")))
    }

    #[test]
    fn the_call_is_found_with_its_place() {
        assert_eq!(
            call("ensign::main!(a, b_c,);"),
            Some((1, 1, "a b_c".into()))
        );
        assert_eq!(
            call("use ensign::main;\n\n  main! { a }"),
            Some((3, 3, "a".into()))
        );
        assert_eq!(call("::ensign :: main ! [ a ] ;"), Some((1, 3, "a".into())));
    }

    #[test]
    fn what_only_looks_like_a_call_is_passed_over() {
        for source in [
            "// ensign::main!(x);",
            "/* ensign::main!(x); /* nested */ ensign::main!(y); */",
            "const A: &str = \"ensign::main!(x);\";",
            "const A: &str = \"\\\"ensign::main!(x);\";",
            "const A: &str = r#\"\"ensign::main!(x);\"#;",
            "other::main!(x);",
            "fn main() { let c = '\"'; }",
            "/* never closed",
            "\"never closed",
            "ensign::main",
            "",
        ] {
            assert_eq!(call(source), None, "{source}");
        }
    }

    #[test]
    fn lifetimes_and_characters_do_not_hide_what_follows() {
        let source = "struct A<'a>(&'a str); const Q: char = '\\''; const R: char = '\"';\nensign::main!(x);";
        assert_eq!(call(source), Some((2, 1, "x".into())));
    }
}
