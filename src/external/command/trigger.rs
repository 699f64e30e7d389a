//! Triggers declared by a script (B43). They are in force until the end of the hook (D28).

use super::usage::Usage;
use crate::flags::TriggerBuilder;

/// The options of `register_trigger`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::external) struct Declared {
    when: Option<String>,
    when_not: Option<String>,
    set: Vec<String>,
    clear: Vec<String>,
}

impl Declared {
    /// Reads `--when FLAG` and its kin, also as `--when=FLAG`, with `_` or `-`.
    pub(super) fn parse(args: &[String]) -> Result<Self, Usage> {
        let mut declared = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let (option, value) = match arg.split_once('=') {
                Some((option, value)) => (option, Some(value.to_owned())),
                None => (arg.as_str(), None),
            };
            let mut value = || {
                value
                    .clone()
                    .or_else(|| args.next().cloned())
                    .ok_or_else(|| Usage::new(format!("`{option}` names no flag")))
            };
            match option.replace('-', "_").as_str() {
                "__when" => declared.when = Some(value()?),
                "__when_not" => declared.when_not = Some(value()?),
                "__set_flag" => declared.set.push(value()?),
                "__clear_flag" => declared.clear.push(value()?),
                "__callback" => {
                    return Err(Usage::new(
                        "a callback is a function of the charm: a script can only set and clear flags",
                    ));
                }
                _ => {
                    return Err(Usage::new(format!(
                        "`{}` is no option of register_trigger",
                        arg.escape_debug()
                    )));
                }
            }
        }
        if declared.when.is_some() == declared.when_not.is_some() {
            return Err(Usage::new(
                "a trigger waits for exactly one of `--when` and `--when_not`",
            ));
        }
        if declared.set.is_empty() && declared.clear.is_empty() {
            return Err(Usage::new(
                "a trigger needs at least one of `--set_flag` and `--clear_flag`",
            ));
        }
        Ok(declared)
    }

    pub(super) fn builder(&self) -> TriggerBuilder {
        let mut builder = TriggerBuilder::default();
        if let Some(flag) = &self.when {
            builder = builder.when(flag);
        }
        if let Some(flag) = &self.when_not {
            builder = builder.when_not(flag);
        }
        for flag in &self.set {
            builder = builder.set_flag(flag);
        }
        for flag in &self.clear {
            builder = builder.clear_flag(flag);
        }
        builder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Declared, Usage> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Declared::parse(&args)
    }

    #[test]
    fn b43_options_are_taken_in_either_spelling() {
        let expected = Declared {
            when_not: Some("a".to_owned()),
            set: vec!["b".to_owned()],
            clear: vec!["c".to_owned()],
            ..Declared::default()
        };
        assert_eq!(
            parse("--when_not a --set_flag b --clear_flag=c").unwrap(),
            expected
        );
        assert_eq!(
            parse("--when-not=a --set-flag b --clear-flag c").unwrap(),
            expected
        );
    }

    #[test]
    fn b43_what_is_no_trigger_is_refused() {
        for (line, why) in [
            ("--set_flag b", "exactly one"),
            ("--when a --when_not b --set_flag c", "exactly one"),
            ("--when a", "at least one"),
            ("--when", "names no flag"),
            ("--when a --callback f", "a callback is a function"),
            ("--whenever a", "no option"),
        ] {
            let usage = parse(line).unwrap_err().to_string();
            assert!(usage.contains(why), "{line}: {usage}");
        }
    }
}
