//! The value of an option.

use crate::RelationId;
use crate::context::HookContext;
use crate::format::{Format, go_quote, parse_bool};

pub(super) enum Setting {
    Bool(bool),
    Text(String),
    File(String),
    Format(Format, &'static [Format]),
    Relation(Option<RelationId>, String),
}

impl Setting {
    pub(super) fn set(&mut self, context: &HookContext<'_>, text: &str) -> Result<(), String> {
        match self {
            Self::Bool(value) => {
                *value = parse_bool(text).ok_or_else(|| {
                    format!(
                        "strconv.ParseBool: parsing {}: invalid syntax",
                        go_quote(text)
                    )
                })?;
            }
            Self::Text(value) | Self::File(value) => text.clone_into(value),
            Self::Format(format, choices) => {
                let choice = choices.iter().find(|choice| choice.name() == text);
                *format = *choice.ok_or_else(|| format!("unknown format {}", go_quote(text)))?;
            }
            Self::Relation(id, _) => {
                let number = text.rsplit(':').next().unwrap_or_default();
                let number: i64 = number
                    .parse()
                    .map_err(|_| "invalid relation id".to_owned())?;
                let known = u32::try_from(number)
                    .ok()
                    .map(RelationId)
                    .filter(|id| context.knows_relation(*id));
                *id = Some(known.ok_or_else(|| "relation not found".to_owned())?);
            }
        }
        Ok(())
    }

    /// The current value, as the help shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Bool(value) => format!(" (= {value})"),
            Self::Text(text) => format!("(= {})", go_quote(text)),
            Self::File(text) => format!(" (= {text})"),
            Self::Format(format, _) => format!(" (= {})", format.name()),
            Self::Relation(_, text) => format!(" (= {text})"),
        }
    }
}
