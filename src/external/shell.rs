//! Words as a POSIX shell splits and quotes them.

use std::fmt;

/// Splits `text` into words: blanks separate, `'…'`, `"…"` and `\` quote.
pub(super) fn words(text: &str) -> Result<Vec<String>, Unclosed> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(Unclosed)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(Unclosed)? {
                        '"' => break,
                        '\\' => match rest.next().ok_or(Unclosed)? {
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word
                .get_or_insert_default()
                .push(rest.next().ok_or(Unclosed)?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// One word, as it has to be written for a shell.
pub(super) fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-/:=@%+,".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A quote without its other half, or a `\` at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed;

impl fmt::Display for Unclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quote is not closed")
    }
}

impl std::error::Error for Unclosed {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        let cases: [(&str, &[&str]); 6] = [
            ("", &[]),
            (" a  b\tc\n", &["a", "b", "c"]),
            (r#"'a b' "c \"d\" \e" f\ g"#, &["a b", r#"c "d" \e"#, "f g"]),
            (r#"a'b'"c""#, &["abc"]),
            (r#"'' """#, &["", ""]),
            (r"'it'\''s'", &["it's"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        for text in ["'a", "\"a", "a\\", "\"a\\"] {
            assert_eq!(words(text), Err(Unclosed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_one_word_again(word in any::<String>()) {
            prop_assert_eq!(words(&quoted(&word)).unwrap(), [word]);
        }

        #[test]
        fn no_text_is_a_panic(text in any::<String>()) {
            let _either = words(&text);
        }
    }
}
