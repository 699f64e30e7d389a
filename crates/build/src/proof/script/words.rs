//! Words of one line of bash, as far as they are written out.

/// The words of a line up to its comment or the end of the command. Nothing in place of a word that only bash knows:
/// one with `$`, a backquote or a pattern.
pub(super) fn words(line: &str) -> Vec<Option<String>> {
    let mut words = Vec::new();
    let mut word: Option<Option<String>> = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '#' if word.is_none() => break,
            ';' | '&' | '|' | ')' | '}' | '<' | '>' => break,
            '\'' => {
                let mut text = String::new();
                for c in rest.by_ref().take_while(|c| *c != '\'') {
                    text.push(c);
                }
                add(&mut word, Some(&text));
            }
            '"' => {
                let (mut text, mut known) = (String::new(), true);
                while let Some(c) = rest.next() {
                    match c {
                        '"' => break,
                        '\\' => text.extend(rest.next()),
                        '$' | '`' => known = false,
                        c => text.push(c),
                    }
                }
                add(&mut word, known.then_some(&text));
            }
            '\\' => {
                let next = rest.next().map(String::from).unwrap_or_default();
                add(&mut word, Some(&next));
            }
            '$' | '`' | '*' | '?' | '{' => add(&mut word, None),
            c => add(&mut word, Some(c.encode_utf8(&mut [0; 4]))),
        }
    }
    words.extend(word);
    words
}

/// Adds a part to a word; one unknown part makes it unknown.
fn add(word: &mut Option<Option<String>>, part: Option<&str>) {
    let so_far = word.get_or_insert_with(|| Some(String::new()));
    match (so_far.as_mut(), part) {
        (Some(text), Some(part)) => text.push_str(part),
        _ => *so_far = None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_bash_knows_is_unknown() {
        let known = |text: &str| Some(text.to_owned());
        let cases: [(&str, Vec<Option<String>>); 6] = [
            (
                "a 'b c' \"d e\" # f",
                vec![known("a"), known("b c"), known("d e")],
            ),
            ("a $b \"c $d\" e*", vec![known("a"), None, None, None]),
            ("a;b", vec![known("a")]),
            ("a=b'c' \\d", vec![known("a=bc"), known("d")]),
            ("'' x", vec![known(""), known("x")]),
            ("'open", vec![known("open")]),
        ];
        for (line, expected) in cases {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
