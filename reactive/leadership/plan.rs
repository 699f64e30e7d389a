//! Where leader data is kept: what the layer's options, the charm's endpoints and this Juju allow.

use std::collections::BTreeSet;

use ensign::{Context, Error, ErrorKind, Result};

/// What is decided before anything is read.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// This Juju has leader settings.
    pub(super) settings: bool,
    /// Plain values belong into the settings as long as Juju keeps what is written there.
    pub(super) prefers_settings: bool,
    /// The peer endpoint whose application data carries leader data.
    pub(super) endpoint: Option<String>,
    /// This Juju has secrets.
    pub(super) secrets: bool,
    /// Keys that are secret whoever writes them.
    pub(super) secret_keys: BTreeSet<String>,
    /// How often Juju asks for new secret values.
    pub(super) rotate: Option<String>,
    /// How long a revision of the secret is good for.
    pub(super) expire: Option<String>,
}

impl Plan {
    /// Chooses by the layer's options, else by what this Juju has.
    ///
    /// # Errors
    /// For options that this Juju or this charm cannot follow.
    pub(super) fn of(ctx: &Context) -> Result<Self> {
        let settings = !ctx.env().juju_at_least(4, 0);
        let prefers_settings = match text(ctx, "backend").unwrap_or("auto") {
            "auto" => settings,
            "peer" => false,
            "settings" if settings => true,
            "settings" => {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    "the layer option `backend: settings` asks for leader settings, which Juju 4 does not have",
                )
                .hint("set `options: {leadership: {backend: auto}}` in layer.yaml"));
            }
            other => {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!("the layer option `backend` of leadership is `{other}`"),
                )
                .hint("it is one of `auto`, `settings`, `peer`"));
            }
        };
        Ok(Self {
            settings,
            prefers_settings,
            endpoint: endpoint(ctx)?.map(str::to_owned),
            secrets: ctx.env().juju_at_least(3, 0),
            secret_keys: names(ctx, "secret")?,
            rotate: text(ctx, "rotate").map(str::to_owned),
            expire: text(ctx, "expire").map(str::to_owned),
        })
    }
}

/// A text option of the layer; an empty one is none.
fn text<'a>(ctx: &'a Context, name: &str) -> Option<&'a str> {
    ctx.metadata()
        .option("leadership", name)
        .and_then(serde_json::Value::as_str)
        .filter(|text| !text.is_empty())
}

fn names(ctx: &Context, name: &str) -> Result<BTreeSet<String>> {
    let Some(list) = ctx.metadata().option("leadership", name) else {
        return Ok(BTreeSet::new());
    };
    serde_json::from_value(list.clone()).map_err(|_| {
        Error::new(
            ErrorKind::Invalid,
            format!("the layer option `{name}` of leadership is no list of keys"),
        )
        .hint(format!(
            "write it as `options: {{leadership: {{{name}: [key]}}}}` in layer.yaml"
        ))
    })
}

fn endpoint(ctx: &Context) -> Result<Option<&str>> {
    let named = text(ctx, "peer");
    let peers: Vec<&str> = ctx.metadata().peers().collect();
    match (named, peers.as_slice()) {
        (Some(name), peers) if !peers.contains(&name) => Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "the layer option `peer` of leadership names `{name}`, which is no peer endpoint"
            ),
        )
        .hint(format!("metadata.yaml has `{}`", peers.join("`, `")))),
        (Some(name), _) => Ok(Some(name)),
        (None, [one]) => Ok(Some(*one)),
        (None, []) => Ok(None),
        (None, several) => Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "the charm has several peer endpoints: `{}`",
                several.join("`, `")
            ),
        )
        .hint("choose one for leader data: `options: {leadership: {peer: NAME}}` in layer.yaml")),
    }
}
