//! Scalars: which styles a text can stand in, and how each is written.

use super::writer::{INDENT, Writer};

/// The column after which text is folded.
const WIDTH: i32 = 80;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// What a text allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Analysis {
    pub(super) multiline: bool,
    plain: bool,
    single_quoted: bool,
    literal: bool,
}

const fn is_break(letter: char) -> bool {
    matches!(letter, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

const fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t') || is_break(letter)
}

const fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

impl Analysis {
    pub(super) fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self {
                multiline: false,
                plain: true,
                single_quoted: true,
                literal: false,
            };
        }
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut breaks, mut special, mut break_space, mut space_break) =
            (false, false, false, false);
        let (mut previous_space, mut previous_break, mut after_blank) = (false, false, true);
        let mut letters = text.chars().peekable();
        let mut first = true;
        while let Some(letter) = letters.next() {
            let before_blank = letters.peek().is_none_or(|&next| is_blank(next));
            indicators |= match letter {
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => first,
                '?' | '-' => first && before_blank,
                ':' => before_blank,
                '#' => first || after_blank,
                _ => false,
            };
            special |= !is_printable(letter);
            breaks |= is_break(letter);
            break_space |= letter == ' ' && previous_break;
            space_break |= is_break(letter) && previous_space;
            previous_space = letter == ' ';
            previous_break = is_break(letter);
            after_blank = is_blank(letter);
            first = false;
        }
        let edge = |letter: char| letter == ' ' || is_break(letter);
        let blank_edge = text.starts_with(edge) || text.ends_with(edge);
        let never_plain = special || space_break;
        Self {
            multiline: breaks,
            plain: !(blank_edge || break_space || never_plain || breaks || indicators),
            single_quoted: !(break_space || never_plain),
            literal: !(text.ends_with(' ') || never_plain),
        }
    }

    /// The style nearest to the one wished for that the text can stand in.
    pub(super) fn choose(self, wish: Style, text: &str, key: bool) -> Style {
        let mut style = if key && self.multiline {
            Style::DoubleQuoted
        } else {
            wish
        };
        if style == Style::Plain && (!self.plain || (key && text.is_empty())) {
            style = Style::SingleQuoted;
        }
        if style == Style::SingleQuoted && !self.single_quoted
            || style == Style::Literal && (!self.literal || key)
        {
            style = Style::DoubleQuoted;
        }
        style
    }
}

/// Writes `text`; `fold` allows it to be broken into lines.
pub(super) fn write(writer: &mut Writer<'_>, text: &str, style: Style, fold: bool) {
    match style {
        Style::Plain => {
            writer.space(!text.is_empty());
            flow(writer, text, fold, false);
        }
        Style::SingleQuoted => {
            writer.indicator("'", true, false, false);
            flow(writer, text, fold, true);
            writer.indicator("'", false, false, false);
        }
        Style::DoubleQuoted => double_quoted(writer, text, fold),
        Style::Literal => return literal(writer, text),
    }
    writer.whitespace = false;
    writer.indention = false;
}

/// Plain and single-quoted text.
fn flow(writer: &mut Writer<'_>, text: &str, fold: bool, quoted: bool) {
    let (mut spaces, mut breaks) = (false, false);
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|&(_, next)| next);
        if letter == ' ' {
            let inside = !quoted || (at > 0 && next.is_some());
            if fold && !spaces && writer.column > WIDTH && inside && next != Some(' ') {
                writer.new_line();
            } else {
                writer.put(letter);
            }
            spaces = true;
        } else if is_break(letter) {
            if !breaks && letter == '\n' {
                writer.line_break();
            }
            writer.text_break(letter);
            writer.indention = true;
            breaks = true;
        } else {
            if breaks {
                writer.new_line();
            }
            if quoted && letter == '\'' {
                writer.put('\'');
            }
            writer.put(letter);
            writer.indention = false;
            (spaces, breaks) = (false, false);
        }
    }
}

fn double_quoted(writer: &mut Writer<'_>, text: &str, fold: bool) {
    writer.indicator("\"", true, false, false);
    let mut spaces = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|&(_, next)| next);
        if !is_printable(letter) || is_break(letter) || matches!(letter, '"' | '\\') {
            for escaped in escape(letter).chars() {
                writer.put(escaped);
            }
            spaces = false;
        } else if letter == ' ' {
            if fold && !spaces && writer.column > WIDTH && at > 0 && next.is_some() {
                writer.new_line();
                if next == Some(' ') {
                    writer.put('\\');
                }
            } else {
                writer.put(letter);
            }
            spaces = true;
        } else {
            writer.put(letter);
            spaces = false;
        }
    }
    writer.indicator("\"", false, false, false);
}

fn escape(letter: char) -> String {
    let short = match letter {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other => {
            return match u32::from(other) {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

fn literal(writer: &mut Writer<'_>, text: &str) {
    writer.indicator("|", true, false, false);
    if text.starts_with(|letter| letter == ' ' || is_break(letter)) {
        writer.indicator(&INDENT.to_string(), false, false, false);
    }
    let mut backwards = text.chars().rev();
    match (
        backwards.next().is_some_and(is_break),
        backwards.next().is_none_or(is_break),
    ) {
        (false, _) => writer.indicator("-", false, false, false),
        (true, true) => writer.indicator("+", false, false, false),
        (true, false) => {}
    }
    writer.line_break();
    writer.indention = true;
    writer.whitespace = true;
    let mut breaks = true;
    for letter in text.chars() {
        if is_break(letter) {
            writer.text_break(letter);
            writer.indention = true;
            breaks = true;
        } else {
            if breaks {
                writer.new_line();
            }
            writer.put(letter);
            writer.indention = false;
            breaks = false;
        }
    }
}
