//! Functions of a bash handler: what the decorators above them say, and whether they are due.

use super::condition::{Condition, absolute};
use super::shell;
use crate::context::{Context, Phase};
use crate::error::{Error, ErrorKind, Result};

/// A decorated function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Function {
    /// Its name in the script.
    pub(super) name: String,
    /// What its marks stand under, such as `reactive/web.sh:render`.
    pub(super) id: String,
    conditions: Vec<Condition>,
    phase: Phase,
}

impl Function {
    /// Reads `NAME ID [CONDITION 'ARGUMENT…']…`, quoted as in a shell, the arguments once more within theirs.
    ///
    /// # Errors
    /// When it is not of that form, or when its conditions can never hold together (D22).
    pub(super) fn parse(spec: &str) -> Result<Self> {
        let malformed = |why: &str| {
            Error::new(
                ErrorKind::Invalid,
                format!("`{}` is no handler to test: {why}", spec.escape_debug()),
            )
            .hint("write `NAME ID [CONDITION 'ARGUMENT…']…`, such as `foo reactive/foo.sh:foo when 'a b'`")
        };
        let mut words = shell::words(spec)
            .map_err(|e| malformed(&e.to_string()))?
            .into_iter();
        let (Some(name), Some(id)) = (words.next(), words.next()) else {
            return Err(malformed("it needs a name and an id"));
        };
        let mut conditions = Vec::new();
        while let Some(kind) = words.next() {
            let Some(args) = words.next() else {
                return Err(malformed(&format!("`{kind}` has no arguments")));
            };
            let args = shell::words(&args).map_err(|e| malformed(&e.to_string()))?;
            match Condition::parse(&kind, args)
                .map_err(|e| e.context(format!("`{name}` can never run")))?
            {
                Some(condition) => conditions.push(condition),
                None => return Err(malformed(&format!("`{kind}` is not a condition"))),
            }
        }
        let mut phases = conditions.iter().filter_map(Condition::phase);
        let phase = phases.next().unwrap_or(Phase::Other);
        if phases.any(|other| other != phase) {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("`{name}` can never run: it combines `@hook` or `@action` with conditions of another kind"),
            )
            .hint("let the hook's function set a flag, and wait for that flag in another one"));
        }
        Ok(Self {
            name,
            id,
            conditions,
            phase,
        })
    }

    /// Every flag it names.
    pub(super) fn flags(&self) -> impl Iterator<Item = &str> {
        self.conditions
            .iter()
            .flat_map(Condition::flags)
            .map(String::as_str)
    }

    /// The flags without which it cannot run.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        let all = self
            .conditions
            .iter()
            .filter(|c| matches!(c, Condition::All(_)));
        all.flat_map(Condition::flags).map(String::as_str)
    }

    /// Every file it waits for, as a full path.
    pub(super) fn files(&self, ctx: &Context) -> Vec<String> {
        self.conditions
            .iter()
            .flat_map(Condition::files)
            .map(|f| absolute(ctx, f))
            .collect()
    }

    /// Whether it runs once only.
    pub(super) fn is_once(&self) -> bool {
        self.conditions.contains(&Condition::OnlyOnce)
    }

    /// Whether it is due now: in its phase, concerned by what changed last (B22), and all conditions hold. A
    /// change of a file concerns it too, but needs no such test: what was handled is not pending again.
    pub(super) fn is_due(&self, ctx: &mut Context) -> Result<bool> {
        let waits_for_files = self.conditions.iter().any(|c| !c.files().is_empty());
        if ctx.phase != self.phase || (!waits_for_files && !self.is_concerned(ctx)) {
            return Ok(false);
        }
        for condition in &self.conditions {
            if !condition.holds(ctx, &self.id)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether one of its flags changed in the last batch; in the first iteration every function is concerned,
    /// and one without flags always (B21, B22, B28).
    fn is_concerned(&self, ctx: &Context) -> bool {
        let Some(visible) = &ctx.visible else {
            return true;
        };
        let mut flags = self.flags().peekable();
        flags.peek().is_none() || flags.any(|flag| visible.contains(flag))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_function_is_its_name_its_id_and_its_conditions() {
        let spec = r#"'up' 'reactive/a.sh:up' 'when' '"a" "b"' 'when_file_changed' '"/etc/x y"' 'only_once' ''"#;
        let function = Function::parse(spec).unwrap();
        assert_eq!(
            (function.name.as_str(), function.id.as_str()),
            ("up", "reactive/a.sh:up")
        );
        assert_eq!(function.phase, Phase::Other);
        assert_eq!(function.flags().collect::<Vec<_>>(), ["a", "b"]);
        assert!(function.is_once());
        assert_eq!(
            function.conditions[1],
            Condition::FileChanged(vec!["/etc/x y".to_owned()])
        );
    }

    #[test]
    fn what_can_never_run_is_refused() {
        for (spec, why) in [
            ("f", "needs a name and an id"),
            ("f id when", "`when` has no arguments"),
            ("f id sometimes a", "`sometimes` is not a condition"),
            ("f id when ''", "`@when` names nothing"),
            ("f id when_not ''", "`@when_not` names nothing"),
            ("f id hook install when a", "combines `@hook`"),
            ("f id action a hook install", "combines `@hook`"),
            ("f id when 'a", "a quote is not closed"),
        ] {
            let error = Function::parse(spec).unwrap_err();
            assert!(error.line().contains(why), "{spec}: {}", error.line());
        }
    }

    #[test]
    fn a_function_belongs_to_one_phase() {
        let phase = |spec: &str| Function::parse(spec).unwrap().phase;
        assert_eq!(phase("f id hook install only_once ''"), Phase::Hooks);
        assert_eq!(phase("f id action dump"), Phase::Action);
        // Conditions on files or on completion alone do not run in hooks (D24).
        assert_eq!(phase("f id only_once ''"), Phase::Other);
        assert_eq!(phase("f id when_file_changed /etc/x"), Phase::Other);
    }

    proptest! {
        #[test]
        fn no_specification_is_a_panic(spec in any::<String>()) {
            let _either = Function::parse(&spec);
        }
    }
}
