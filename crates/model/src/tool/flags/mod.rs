//! Options, parsed as Juju's own library does it: options and arguments in any order, `--` ends the options.

mod setting;
mod word;

use setting::Setting;
use word::{GivenOption, Word, dashed};

use super::Failure;
use crate::RelationId;
use crate::context::{HookContext, RESTRICTED, RunKind};
use crate::format::{Format, go_quote};

/// What `--help` says besides the options.
pub(super) struct Help {
    pub(super) name: &'static str,
    /// The arguments, as the usage line shows them.
    pub(super) args: &'static str,
    pub(super) purpose: &'static str,
    pub(super) details: &'static str,
}

/// The options of a tool, and what was given.
pub(super) struct Flags {
    help: &'static Help,
    /// Overrides the arguments of the help's usage line.
    args: &'static str,
    flags: Vec<Flag>,
}

struct Flag {
    /// The long name last.
    names: &'static [&'static str],
    value: Setting,
    help: &'static str,
}

const ALL_FORMATS: &[Format] = &[Format::Json, Format::Smart, Format::Yaml];
const MACHINE_FORMATS: &[Format] = &[Format::Json, Format::Yaml];

impl Flags {
    pub(super) const fn new(help: &'static Help) -> Self {
        Self {
            help,
            args: help.args,
            flags: Vec::new(),
        }
    }

    /// The same with another usage line.
    pub(super) const fn usage(mut self, args: &'static str) -> Self {
        self.args = args;
        self
    }

    fn with(mut self, names: &'static [&'static str], value: Setting, help: &'static str) -> Self {
        self.flags.push(Flag { names, value, help });
        self
    }

    /// `--format` and `--output`.
    pub(super) fn output(self) -> Self {
        self.with(
            &["format"],
            Setting::Format(Format::Smart, ALL_FORMATS),
            "Specify output format (json|smart|yaml)",
        )
        .with(
            &["o", "output"],
            Setting::Text(String::new()),
            "Specify an output file",
        )
    }

    /// The same for tools that do not know "smart".
    pub(super) fn machine_output(self) -> Self {
        self.with(
            &["format"],
            Setting::Format(Format::Yaml, MACHINE_FORMATS),
            "Specify output format (json|yaml)",
        )
        .with(
            &["o", "output"],
            Setting::Text(String::new()),
            "Specify an output file",
        )
    }

    pub(super) fn bool(self, names: &'static [&'static str], help: &'static str) -> Self {
        self.with(names, Setting::Bool(false), help)
    }

    pub(super) fn string(
        self,
        names: &'static [&'static str],
        default: &str,
        help: &'static str,
    ) -> Self {
        self.with(names, Setting::Text(default.to_owned()), help)
    }

    pub(super) fn int(self, names: &'static [&'static str], help: &'static str) -> Self {
        self.with(names, Setting::Int(0), help)
    }

    pub(super) fn file(self, help: &'static str) -> Self {
        self.with(&["file"], Setting::File(String::new()), help)
    }

    /// `--file`, by default stdin.
    pub(super) fn file_or_stdin(self, help: &'static str) -> Self {
        self.with(&["file"], Setting::File("-".to_owned()), help)
    }

    /// Another file.
    pub(super) fn path(self, names: &'static [&'static str], help: &'static str) -> Self {
        self.with(names, Setting::File(String::new()), help)
    }

    /// `-s`, by default the hook's own storage.
    ///
    /// # Errors
    ///
    /// There is no storage in this context: the tool cannot even be built.
    pub(super) fn storage(self, context: &HookContext<'_>) -> Result<Self, Failure> {
        let id = context.hook_storage()?;
        Ok(self.with(
            &["s"],
            Setting::Storage(id),
            "specify a storage instance by id",
        ))
    }

    /// `--format` of tools that print nothing.
    pub(super) fn deprecated_format(self) -> Self {
        self.string(&["format"], "", "deprecated format flag")
    }

    /// `--relation`, by default the hook's own.
    ///
    /// # Errors
    ///
    /// There are no relations in this context: the tool cannot even be built.
    pub(super) fn relation(self, context: &HookContext<'_>) -> Result<Self, Failure> {
        if context.run.kind == RunKind::Restricted {
            return Err(Failure::BadRequest(RESTRICTED.to_owned()));
        }
        let id = context.hook_relation();
        let shown = id.map(|id| context.relation_name(id)).unwrap_or_default();
        Ok(self.with(
            &["r", "relation"],
            Setting::Relation(id, shown),
            "Specify a relation by id",
        ))
    }

    /// Reads the arguments; returns those that are no options.
    pub(super) fn parse(
        &mut self,
        context: &HookContext<'_>,
        args: &[String],
    ) -> Result<Vec<String>, Failure> {
        let mut positional = Vec::new();
        let mut args = args.iter();
        // The rest of a run of short options; it is looked at only if another argument follows.
        let mut group = "";
        while args.len() > 0 {
            let option = if group.is_empty() {
                let Some(arg) = args.next() else { break };
                match Word::of(arg)? {
                    Word::Positional => {
                        positional.push(arg.clone());
                        continue;
                    }
                    Word::End => {
                        positional.extend(args.cloned());
                        break;
                    }
                    Word::Option(option) => option,
                }
            } else {
                GivenOption::short(group)
            };
            group = "";
            let GivenOption {
                name,
                shown,
                long,
                attached,
            } = option;
            let Some(flag) = self
                .flags
                .iter_mut()
                .find(|flag| flag.names.contains(&name))
            else {
                if matches!(name, "help" | "h") {
                    return Err(Failure::Help(self.help_text()));
                }
                return Err(Failure::usage(format!(
                    "option provided but not defined: {shown}"
                )));
            };
            if let Setting::Bool(value) = &mut flag.value {
                let given = attached.filter(|attached| long || attached.starts_with('='));
                if given.is_none() {
                    *value = true;
                    group = attached.unwrap_or_default();
                    continue;
                }
            }
            let Some(value) = attached.or_else(|| args.next().map(String::as_str)) else {
                return Err(Failure::usage(format!("option needs an argument: {shown}")));
            };
            flag.value.set(context, value).map_err(|problem| {
                Failure::usage(format!(
                    "invalid value {} for option {shown}: {problem}",
                    go_quote(value)
                ))
            })?;
        }
        Ok(positional)
    }

    fn get(&self, name: &str) -> Option<&Setting> {
        self.flags
            .iter()
            .find(|flag| flag.names.contains(&name))
            .map(|flag| &flag.value)
    }

    /// Whether a boolean option is set.
    pub(super) fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Setting::Bool(true)))
    }

    /// The value of a text or file option; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Setting::Text(text) | Setting::File(text)) => text,
            _ => "",
        }
    }

    /// The value of a numeric option.
    pub(super) fn number(&self, name: &str) -> i64 {
        match self.get(name) {
            Some(Setting::Int(number)) => *number,
            _ => 0,
        }
    }

    pub(super) fn format(&self) -> Format {
        match self.get("format") {
            Some(Setting::Format(format, _)) => *format,
            _ => Format::Smart,
        }
    }

    /// The storage given, or the hook's.
    pub(super) fn storage_id(&self) -> Option<&str> {
        match self.get("s") {
            Some(Setting::Storage(id)) => id.as_deref(),
            _ => None,
        }
    }

    /// The relation given, or the hook's.
    pub(super) fn relation_id(&self) -> Option<RelationId> {
        match self.get("relation") {
            Some(Setting::Relation(id, _)) => *id,
            _ => None,
        }
    }

    /// The relation given, or the hook's.
    ///
    /// # Errors
    ///
    /// There is neither.
    pub(super) fn require_relation(&self) -> Result<RelationId, Failure> {
        self.relation_id()
            .ok_or_else(|| Failure::usage("no relation id specified"))
    }

    fn help_text(&self) -> String {
        let options = if self.flags.is_empty() {
            ""
        } else {
            " [options]"
        };
        let space = if self.args.is_empty() { "" } else { " " };
        let mut text = format!(
            "Usage: {}{options}{space}{}\n\nSummary:\n{}\n",
            self.help.name, self.args, self.help.purpose
        );
        if !self.flags.is_empty() {
            text.push_str("\nOptions:\n");
            let mut flags: Vec<&Flag> = self.flags.iter().collect();
            flags.sort_by_key(|flag| flag.names.last());
            for flag in flags {
                let names: Vec<String> = flag.names.iter().map(|name| dashed(name)).collect();
                text.push_str(&format!(
                    "{} {}\n    {}\n",
                    names.join(", "),
                    flag.value.shown(),
                    flag.help
                ));
            }
        }
        if !self.help.details.is_empty() {
            text.push_str("\nDetails:\n");
            text.push_str(self.help.details);
            text.push('\n');
        }
        text
    }
}
