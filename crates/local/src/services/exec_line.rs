//! A command line of a unit file: words, quotes, variables, specifiers, and the signs before it.

use std::collections::BTreeMap;

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExecLine {
    /// Program and arguments; never empty.
    pub(super) words: Vec<String>,
    /// `-`: a failure does not count.
    pub(super) may_fail: bool,
    /// `+`, `!`: with the rights of root whatever `User=` says.
    pub(super) as_root: bool,
}

impl ExecLine {
    /// Reads it. `None` where nothing stands.
    pub(super) fn read(text: &str, names: &Names, env: &BTreeMap<String, String>) -> Option<Self> {
        let mut line = Self {
            words: Vec::new(),
            may_fail: false,
            as_root: false,
        };
        let (mut rest, mut named, mut literal) = (text.trim_start(), false, false);
        loop {
            match rest.as_bytes().first() {
                Some(b'-') => line.may_fail = true,
                Some(b'+' | b'!') => line.as_root = true,
                Some(b'@') => named = true,
                Some(b':') => literal = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        for (index, (word, quoted)) in split(rest).into_iter().enumerate() {
            let word = names.fill_in(&word);
            match word.strip_prefix('$').filter(|_| index > 0 && !literal) {
                Some("$") => line.words.push("$".into()),
                // A variable that is a whole word may be several, or none.
                Some(name) if !quoted && is_variable(name) => {
                    let value = env.get(name).map_or("", String::as_str);
                    line.words
                        .extend(split(value).into_iter().map(|(word, _)| word));
                }
                _ if index > 0 && !literal => line.words.push(expand(&word, env)),
                _ => line.words.push(word),
            }
        }
        // The second word would only be another name for the first.
        if named && line.words.len() > 1 {
            line.words.remove(1);
        }
        (!line.words.is_empty()).then_some(line)
    }
}

/// What stands for `%…` in a unit's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// `redis@6379.service`.
    pub(super) unit: String,
}

impl Names {
    /// `redis`, `6379` of `redis@6379.service`.
    fn parts(&self) -> (&str, &str) {
        let stem = self
            .unit
            .rsplit_once('.')
            .map_or(self.unit.as_str(), |(stem, _)| stem);
        stem.split_once('@').unwrap_or((stem, ""))
    }

    /// Replaces what stands for something.
    pub(super) fn fill_in(&self, text: &str) -> String {
        let (prefix, instance) = self.parts();
        let mut out = String::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            match letters.next() {
                Some('%') => out.push('%'),
                Some('n') => out.push_str(&self.unit),
                Some('N') => out.push_str(
                    self.unit
                        .rsplit_once('.')
                        .map_or(&self.unit, |(stem, _)| stem),
                ),
                Some('p' | 'P') => out.push_str(prefix),
                Some('i') => out.push_str(instance),
                // Slashes are written as dashes in names.
                Some('I') => out.push_str(&instance.replace('-', "/")),
                Some('f') => out.push_str(&format!("/{}", instance.replace('-', "/"))),
                Some('t') => out.push_str("/run"),
                Some('S') => out.push_str("/var/lib"),
                Some('C') => out.push_str("/var/cache"),
                Some('L') => out.push_str("/var/log"),
                Some('E') => out.push_str("/etc"),
                Some('T') => out.push_str("/tmp"),
                Some('V') => out.push_str("/var/tmp"),
                Some('h') => out.push_str("/root"),
                Some('u') => out.push_str("root"),
                Some('U') => out.push('0'),
                Some(other) => out.extend(['%', other]),
                None => out.push('%'),
            }
        }
        out
    }
}

/// The words of a line, and whether quotes stood around any part of each.
pub(super) fn split(text: &str) -> Vec<(String, bool)> {
    let mut words = Vec::new();
    let (mut word, mut begun, mut quoted) = (String::new(), false, false);
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', open) => {
                begun = true;
                match letters.next() {
                    Some('n') => word.push('\n'),
                    Some('t') => word.push('\t'),
                    Some('s') => word.push(' '),
                    Some(other @ ('\\' | '"' | '\'' | ' ')) => word.push(other),
                    Some(other) => word.extend(['\\', other]),
                    None if open.is_none() => word.push('\\'),
                    None => {}
                }
            }
            (letter, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(letter);
                (begun, quoted) = (true, true);
            }
            (letter, None) if letter.is_whitespace() => {
                if begun {
                    words.push((std::mem::take(&mut word), quoted));
                    (begun, quoted) = (false, false);
                }
            }
            (letter, _) => {
                begun = true;
                word.push(letter);
            }
        }
    }
    if begun {
        words.push((word, quoted));
    }
    words
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `${NAME}` within a word; `$$` is a dollar.
fn expand(word: &str, env: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name = rest
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .filter(|(name, _)| is_variable(name));
        if let Some((name, after)) = name {
            out.push_str(env.get(name).map_or("", String::as_str));
            rest = after;
        } else {
            out.push('$');
            rest = rest.strip_prefix('$').unwrap_or(rest);
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ExecLine {
        let names = Names {
            unit: "redis@6379.service".into(),
        };
        let env = [("OPTS", "-a  -b"), ("PORT", "80")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        ExecLine::read(text, &names, &env.into()).unwrap()
    }

    #[test]
    fn words_are_split_and_quotes_kept_together() {
        let line = read(r#"/bin/sh -c "echo 'a b'" 'c\'d' x\ y"#);
        assert_eq!(line.words, ["/bin/sh", "-c", "echo 'a b'", "c'd", "x y"]);
    }

    #[test]
    fn a_variable_alone_is_several_words_and_within_a_word_one() {
        let line = read("/bin/a $OPTS --port=${PORT} \"$OPTS\" ${OPTS} $NONE $$ a$$b");
        assert_eq!(
            line.words,
            [
                "/bin/a",
                "-a",
                "-b",
                "--port=80",
                "$OPTS",
                "-a  -b",
                "$",
                "a$b"
            ]
        );
    }

    #[test]
    fn signs_before_the_program_are_understood() {
        let line = read("-+/bin/a");
        assert!(line.may_fail && line.as_root);
        assert_eq!(read("@/bin/a other b").words, ["/bin/a", "b"]);
        assert_eq!(read(":/bin/a ${PORT}").words, ["/bin/a", "${PORT}"]);
    }

    #[test]
    fn specifiers_name_the_unit_and_its_folders() {
        assert_eq!(
            read("/bin/%p %i %n %t/x 100%% %N").words,
            [
                "/bin/redis",
                "6379",
                "redis@6379.service",
                "/run/x",
                "100%",
                "redis@6379"
            ]
        );
    }

    #[test]
    fn an_empty_line_is_no_command() {
        let names = Names {
            unit: "a.service".into(),
        };
        assert_eq!(ExecLine::read(" - ", &names, &BTreeMap::new()), None);
    }
}
