//! How a charm is compiled: small for Juju, quickly for a local model.

/// What the charm is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// For Juju: as small as it gets in a few seconds.
    #[default]
    Release,
    /// For a local model: nothing is spent on size, so that a changed line is built in a second.
    Run,
}

impl Purpose {
    /// The folder of the output, below `target/ensign`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Run => "run",
        }
    }

    /// Cargo's arguments. The profile belongs to the author's workspace, so it cannot stand in a file of ours.
    pub(super) fn arguments(self) -> Vec<String> {
        let (profile, settings): (&str, &[&str]) = match self {
            Self::Release => (
                "release",
                &[
                    "opt-level=\"s\"",
                    "lto=\"thin\"",
                    "codegen-units=1",
                    "panic=\"abort\"",
                    "strip=true",
                    "debug=false",
                ],
            ),
            Self::Run => (
                "ensign-run",
                &[
                    "inherits=\"dev\"",
                    "opt-level=1",
                    "lto=\"off\"",
                    "codegen-units=16",
                    "panic=\"abort\"",
                    "strip=true",
                    "debug=false",
                    "incremental=true",
                    "debug-assertions=false",
                    "overflow-checks=false",
                ],
            ),
        };
        let mut all = vec!["--profile".to_owned(), profile.to_owned()];
        for setting in settings {
            all.extend([
                "--config".to_owned(),
                format!("profile.{profile}.{setting}"),
            ]);
        }
        all
    }
}
