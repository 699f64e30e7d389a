//! Colours: only on a terminal, and not where `NO_COLOR` is set. Nothing depends on them.

use std::io::{IsTerminal, stderr, stdout};

/// Whether texts are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Style {
    colours: bool,
}

impl Style {
    pub(crate) fn of_stderr() -> Self {
        Self {
            colours: stderr().is_terminal() && wanted(),
        }
    }

    pub(crate) fn of_stdout() -> Self {
        Self {
            colours: stdout().is_terminal() && wanted(),
        }
    }

    pub(crate) fn error(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.paint("1;33", text)
    }

    pub(crate) fn hint(self, text: &str) -> String {
        self.paint("1;36", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colours {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}
