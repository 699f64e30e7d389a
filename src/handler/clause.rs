//! Conditions of a handler.

use crate::flags::Flag;

/// One condition, as an attribute states it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Clause {
    /// All are set: `when`, `when_all` (B30, B31).
    When(&'static [Flag]),
    /// At least one is set: `when_any`.
    WhenAny(&'static [Flag]),
    /// None is set: `when_not`, `when_none`.
    WhenNot(&'static [Flag]),
    /// At least one is unset: `when_not_all`.
    WhenNotAll(&'static [Flag]),
    /// At least one source has a value that this handler has not yet handled: `when_changed` (D4, D9).
    WhenChanged(&'static [Source]),
    /// The running hook matches one of the patterns: `hook` (B35).
    Hook(&'static [&'static str]),
    /// The running action is one of these: `action` (D29).
    Action(&'static [&'static str]),
    /// This handler has not completed yet: `only_once` (B38, D25).
    OnlyOnce,
    /// Never decides; warns when one is missing: `not_unless` (B39).
    NotUnless(&'static [Flag]),
    /// The restricted hook `collect-metrics` (B8).
    CollectMetrics,
    /// The restricted hook `meter-status-changed` (B8).
    MeterStatusChanged,
}

/// Something whose value a handler can wait to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// `leader`, `config`, `file`, `data`, `endpoint`.
    pub kind: &'static str,
    /// The key, path, id or `endpoint.field`.
    pub key: &'static str,
}
