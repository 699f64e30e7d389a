//! The attributes by name: which there are, and what each is good for.

/// An attribute of a handler. `when_all` is `when`, `when_none` is `when_not` (B30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    When,
    WhenAny,
    WhenNot,
    WhenNotAll,
    WhenChanged,
    Hook,
    Action,
    OnlyOnce,
    NotUnless,
    CollectMetrics,
    MeterStatusChanged,
    Before,
    After,
    Sets,
    Clears,
    Id,
    Was,
}

/// What decides that a handler runs. A handler belongs to one kind of occasion only (D22).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// Flags and watched values.
    Flags,
    /// A hook.
    Hook,
    /// An action.
    Action,
    /// A restricted hook.
    Restricted,
}

/// Every spelling, the name it means, how the registry spells it.
const NAMES: [(&str, Name, &str); 19] = [
    ("when", Name::When, "when"),
    ("when_all", Name::When, "when"),
    ("when_any", Name::WhenAny, "when_any"),
    ("when_not", Name::WhenNot, "when_not"),
    ("when_none", Name::WhenNot, "when_not"),
    ("when_not_all", Name::WhenNotAll, "when_not_all"),
    ("when_changed", Name::WhenChanged, "when_changed"),
    ("hook", Name::Hook, "hook"),
    ("action", Name::Action, "action"),
    ("only_once", Name::OnlyOnce, "only_once"),
    ("not_unless", Name::NotUnless, "not_unless"),
    ("collect_metrics", Name::CollectMetrics, "collect_metrics"),
    (
        "meter_status_changed",
        Name::MeterStatusChanged,
        "meter_status_changed",
    ),
    ("before", Name::Before, "before"),
    ("after", Name::After, "after"),
    ("sets", Name::Sets, "sets"),
    ("clears", Name::Clears, "clears"),
    ("id", Name::Id, "id"),
    ("was", Name::Was, "was"),
];

impl Name {
    /// The attribute of that spelling.
    pub(crate) fn parse(spelling: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(s, ..)| *s == spelling)
            .map(|(_, name, _)| *name)
    }

    /// How the registry spells it.
    pub(crate) fn kind(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, name, _)| *name == self)
            .map_or("", |(.., kind)| kind)
    }

    /// What it makes the handler wait for; nothing for modifiers and `only_once`.
    pub(crate) fn occasion(self) -> Option<Occasion> {
        match self {
            Self::When | Self::WhenAny | Self::WhenNot | Self::WhenNotAll | Self::WhenChanged => {
                Some(Occasion::Flags)
            }
            Self::Hook => Some(Occasion::Hook),
            Self::Action => Some(Occasion::Action),
            Self::CollectMetrics | Self::MeterStatusChanged => Some(Occasion::Restricted),
            _ => None,
        }
    }

    /// Whether a second one on the same handler can only be a mistake.
    pub(crate) fn is_single(self) -> bool {
        matches!(
            self,
            Self::Hook
                | Self::Action
                | Self::OnlyOnce
                | Self::CollectMetrics
                | Self::MeterStatusChanged
                | Self::Id
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_condition_are_one_condition() {
        assert_eq!(Name::parse("when_all"), Name::parse("when"));
        assert_eq!(Name::parse("when_none"), Name::parse("when_not"));
        assert_eq!(Name::WhenNot.kind(), "when_not");
        assert_eq!(Name::parse("when_some"), None);
    }

    #[test]
    fn every_name_has_a_kind() {
        for (_, name, kind) in NAMES {
            assert_eq!(name.kind(), kind);
        }
    }
}
