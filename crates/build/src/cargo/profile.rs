//! How a charm is compiled: small for Juju, quickly for a local model.

/// What the charm is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// For Juju: as small as it gets in a few seconds.
    #[default]
    Release,
    /// For a local model: nothing is spent on size or speed, so that a changed line is built in a second.
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
                    "opt-level=\"z\"",
                    "codegen-units=1",
                    "panic=\"abort\"",
                    "strip=true",
                    "debug=false",
                ],
            ),
            // In a workspace whose `[profile.dev.build-override]` says `debug = false`, macros are built once for this
            // and for the author's tests.
            Self::Run => (
                "dev",
                &[
                    "panic=\"abort\"",
                    "strip=true",
                    "debug=false",
                    "incremental=true",
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

    /// The compiler's arguments for `triple`, in Cargo's configuration.
    pub(super) fn flags(self, triple: &str) -> Vec<&'static str> {
        let own = triple.starts_with(std::env::consts::ARCH);
        let mut all = Vec::new();
        if self == Self::Release {
            // A charm aborts when it panics: nobody walks these tables.
            all.push("-Cforce-unwind-tables=no");
        }
        if triple.ends_with("-gnu") {
            all.push("-Ctarget-feature=+crt-static");
        }
        if !own {
            // No C compiler for the other processor is needed.
            all.push("-Clink-self-contained=yes");
        }
        all
    }
}
