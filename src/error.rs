//! The one error type of the library: any cause, what was tried, and a [`kind`](Error::kind) to act on.

use std::any::Any;
use std::fmt;

/// What a handler, and nearly everything else in this library, returns.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// What a caller can act on. More kinds may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A leader write or a leader-only call on a unit that is not the leader (D7).
    NotLeader,
    /// Juju's answer was lost: the write may or may not have happened. Read again before deciding.
    Unknown,
    /// A hook tool is missing, failed, or answered what cannot be understood.
    Tool,
    /// The unit's state document cannot be read, written or trusted.
    Store,
    /// A name, value or argument that breaks its rules (flags, keys, templates).
    Invalid,
    /// Handlers or triggers that never settle (D1, D21).
    Loop,
    /// Something that this kind of context does not offer, such as flags in a restricted hook.
    Unavailable,
    /// The charm's own failure: any error type that `?` turned into this one.
    Other,
}

/// Any error, with what was being tried and, where there is one, what to do about it.
///
/// `?` turns every [`std::error::Error`] into it; like `anyhow::Error` it does not implement that trait
/// itself. `Display` prints the outermost message, [`chain`](Error::chain) all of them.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// Outermost first.
    messages: Vec<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    hint: Option<String>,
}

impl Error {
    /// An error of `kind` that says `message`: lower case, no full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            messages: vec![message.into()],
            source: None,
            hint: None,
        }))
    }

    /// What can be done about it; see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The same error as another kind, for a caller that knows more.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Adds what was being tried, in front of what is there.
    #[must_use]
    pub fn context(mut self, message: impl Into<String>) -> Self {
        self.0.messages.insert(0, message.into());
        self
    }

    /// Adds what the reader should do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The advice, if there is any.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Every message from what was tried to the root cause, in that order.
    #[must_use]
    pub fn chain(&self) -> Vec<String> {
        let mut all = self.0.messages.clone();
        let mut cause: Option<&dyn std::error::Error> = self.0.source.as_ref().map(|e| &**e as _);
        while let Some(error) = cause {
            let text = error.to_string();
            // Wrappers often print their source too; saying it twice helps nobody.
            if all.last().is_none_or(|last| !last.ends_with(&text)) {
                all.push(text);
            }
            cause = error.source();
        }
        all
    }

    /// The chain in one line, joined by `: `.
    #[must_use]
    pub fn line(&self) -> String {
        self.chain().join(": ")
    }

    /// The original error, if `?` or [`From`] made this one from it.
    #[must_use]
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.0.source.as_ref()?.downcast_ref()
    }
}

/// Errors of this library that know their [`ErrorKind`] and advice when `?` boxes them.
pub(crate) trait Kind: std::error::Error {
    fn kind(&self) -> ErrorKind;
    fn advice(&self) -> Option<String> {
        None
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let any: &dyn Any = &error;
        let known = |k: &dyn Kind| (k.kind(), k.advice());
        let (kind, hint) = if let Some(e) = any.downcast_ref::<crate::tools::ToolError>() {
            known(e)
        } else if let Some(e) = any.downcast_ref::<crate::store::StoreError>() {
            known(e)
        } else if let Some(e) = any.downcast_ref::<crate::flags::FlagError>() {
            known(e)
        } else if let Some(e) = any.downcast_ref::<crate::hook::EnvError>() {
            known(e)
        } else if let Some(e) = any.downcast_ref::<crate::hook::pattern::PatternError>() {
            known(e)
        } else if let Some(e) = any.downcast_ref::<crate::metadata::MetadataError>() {
            known(e)
        } else {
            (ErrorKind::Other, None)
        };
        Self(Box::new(Inner {
            kind,
            messages: Vec::new(),
            source: Some(Box::new(error)),
            hint,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f.write_str(&self.line());
        }
        match (self.0.messages.first(), &self.0.source) {
            (Some(message), _) => f.write_str(message),
            (None, Some(source)) => write!(f, "{source}"),
            (None, None) => f.write_str("unknown error"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.line())?;
        if let Some(hint) = &self.0.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

/// Adds what was being tried to any result.
pub trait Context<T> {
    /// Wraps the error, if there is one, in `message`.
    ///
    /// # Errors
    /// The original error, with `message` in front.
    fn trying(self, message: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn trying(self, message: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|e| e.into().context(message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_goes_from_what_was_tried_to_the_root_cause() {
        let error = Error::from(std::io::Error::other("disk on fire"))
            .context("cannot write `x`")
            .context("handler `a::b` failed");
        assert_eq!(
            error.line(),
            "handler `a::b` failed: cannot write `x`: disk on fire"
        );
        assert_eq!(error.to_string(), "handler `a::b` failed");
        assert_eq!(error.kind(), ErrorKind::Other);
    }
}
