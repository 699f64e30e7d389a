//! Short ways to write handlers by hand, so that a test sees no others.

/// A handler; `before`, `after`, `was` and `krate` stand between the conditions and the function.
macro_rules! handler {
    ($id:literal, [$($clause:expr),* $(,)?], $run:expr) => {
        handler!($id, [$($clause),*], krate "charm", $run)
    };
    ($id:literal, [$($clause:expr),* $(,)?], krate $krate:literal, $run:expr) => {{
        static HANDLER: ::ensign::Handler = ::ensign::Handler {
            krate: $krate,
            ..handler!(@ $id, [$($clause),*], $run)
        };
        &HANDLER
    }};
    ($id:literal, [$($clause:expr),* $(,)?], before $before:expr, $run:expr) => {{
        static HANDLER: ::ensign::Handler = ::ensign::Handler {
            before: $before,
            ..handler!(@ $id, [$($clause),*], $run)
        };
        &HANDLER
    }};
    ($id:literal, [$($clause:expr),* $(,)?], after $after:expr, $run:expr) => {{
        static HANDLER: ::ensign::Handler = ::ensign::Handler {
            after: $after,
            ..handler!(@ $id, [$($clause),*], $run)
        };
        &HANDLER
    }};
    ($id:literal, [$($clause:expr),* $(,)?], was $was:expr, $run:expr) => {{
        static HANDLER: ::ensign::Handler = ::ensign::Handler {
            was: $was,
            ..handler!(@ $id, [$($clause),*], $run)
        };
        &HANDLER
    }};
    (@ $id:literal, [$($clause:expr),*], $run:expr) => {
        ::ensign::Handler::new($id, &[$($clause),*], |ctx| {
            let run: fn(&mut ::ensign::Context) -> ::ensign::Result<_> = $run;
            ::ensign::IntoOutcome::into_outcome(run(ctx))
        })
    };
}

/// A clause over flag literals: `clause!(When: "a", "b")`.
macro_rules! clause {
    ($kind:ident: $($flag:literal),+) => {
        ::ensign::handler::Clause::$kind(&[$(::ensign::Flag::new($flag)),+])
    };
}

/// `hook!("install")`.
macro_rules! hook {
    ($($pattern:literal),+) => { ::ensign::handler::Clause::Hook(&[$($pattern),+]) };
}

/// `action!("dump")`.
macro_rules! action {
    ($($name:literal),+) => { ::ensign::handler::Clause::Action(&[$($name),+]) };
}

/// `changed!("leader" = "key")`.
macro_rules! changed {
    ($($kind:literal = $key:literal),+) => {
        ::ensign::handler::Clause::WhenChanged(&[$(::ensign::handler::Source { kind: $kind, key: $key }),+])
    };
}

/// A declared trigger: `trigger!(when "a", set ["b"], clear ["c"])`.
macro_rules! trigger {
    ($cause:ident $flag:literal, set [$($set:literal),*], clear [$($clear:literal),*]) => {{
        static TRIGGER: ::ensign::TriggerDecl = ::ensign::TriggerDecl {
            $cause: ::core::option::Option::Some(::ensign::Flag::new($flag)),
            set: &[$(::ensign::Flag::new($set)),*],
            clear: &[$(::ensign::Flag::new($clear)),*],
            ..$crate::support::NO_TRIGGER
        };
        &TRIGGER
    }};
}
