//! Where the leader's settings are kept, and what can be seen of them from here.

use std::collections::BTreeMap;

use ensign::hook::HookKind;
use ensign::{Bag, Context, Error, ErrorKind, Result, tools};

use super::generation::{Generation, KEY};
use super::memory::Memory;

/// Prefix of our keys in the peer relation's application data; anything else there is the charm's own.
const IN_BAG: &str = "leader.";

/// The name of that store in commit records.
pub(super) const BAG: &str = "bag";

/// Keys that are the layer's own.
pub(super) const RESERVED: [&str; 2] = [KEY, "ensign-secret"];

/// What can be seen of a store from this hook.
#[derive(Debug)]
pub(super) enum View {
    /// It cannot be reached yet: in `install` there is no peer relation. That is not the same as empty.
    NotYet,
    /// It cannot be reached any more: while the unit goes away.
    Hidden,
    /// What it holds.
    Open(Contents),
}

/// What a store holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The charm's keys.
    pub(super) values: BTreeMap<String, String>,
    /// The generation of the last write; none if no layer of ours ever wrote.
    pub(super) generation: Option<Generation>,
}

/// A store of leader data.
pub(super) trait Backend: std::fmt::Debug {
    /// Its name in commit records.
    fn name(&self) -> &'static str;

    /// What can be seen of it now.
    ///
    /// # Errors
    /// When a hook tool fails.
    fn read(&mut self, ctx: &mut Context, memory: &Memory) -> Result<View>;

    /// Writes a group and its generation; `None` removes. Whether at once or with the hook is its nature.
    ///
    /// # Errors
    /// `NotLeader` when Juju refuses, `Unknown` when its answer was lost.
    fn write(&mut self, ctx: &mut Context, group: &Group<'_>) -> Result;

    /// Whether a write only counts once the hook has committed.
    fn is_buffered(&self) -> bool;
}

/// What a write consists of.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// Keys and their values.
    pub(super) pairs: &'a BTreeMap<String, Option<String>>,
    /// The generation it makes.
    pub(super) generation: &'a Generation,
    /// Values must stay out of errors and traces.
    pub(super) secret: bool,
}

/// Chooses the store: by the layer option `backend`, else by what this Juju has.
pub(super) fn choose(ctx: &Context) -> Result<Box<dyn Backend>> {
    let option = ctx
        .metadata()
        .option("leadership", "backend")
        .and_then(serde_json::Value::as_str)
        .unwrap_or("auto")
        .to_owned();
    let settings = !ctx.env().juju_at_least(4, 0);
    match option.as_str() {
        "auto" if settings => Ok(Box::new(Settings)),
        "auto" => peer(ctx),
        "peer" => peer(ctx),
        "settings" if settings => Ok(Box::new(Settings)),
        "settings" => Err(Error::new(
            ErrorKind::Unavailable,
            "the layer option `backend: settings` asks for leader settings, which Juju 4 does not have",
        )
        .hint("set `options: {leadership: {backend: auto}}` in layer.yaml")),
        other => Err(Error::new(
            ErrorKind::Invalid,
            format!("the layer option `backend` of leadership is `{other}`"),
        )
        .hint("it is one of `auto`, `settings`, `peer`")),
    }
}

fn peer(ctx: &Context) -> Result<Box<dyn Backend>> {
    let named = ctx
        .metadata()
        .option("leadership", "peer")
        .and_then(serde_json::Value::as_str);
    let peers: Vec<&str> = ctx.metadata().peers().collect();
    let endpoint = match (named, peers.as_slice()) {
        (Some(name), peers) if !name.is_empty() => {
            if !peers.contains(&name) {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!("the layer option `peer` of leadership names `{name}`, which is no peer endpoint"),
                )
                .hint(format!("metadata.yaml has `{}`", peers.join("`, `"))));
            }
            Some(name)
        }
        (_, [one]) => Some(*one),
        (_, []) => None,
        (_, several) => {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!(
                    "the charm has several peer endpoints: `{}`",
                    several.join("`, `")
                ),
            )
            .hint(
                "choose one for leader data: `options: {leadership: {peer: NAME}}` in layer.yaml",
            ));
        }
    };
    Ok(Box::new(PeerData {
        endpoint: endpoint.map(str::to_owned),
        relation: None,
    }))
}

/// Leader settings: written at once, read by everyone, gone in Juju 4.
#[derive(Debug)]
struct Settings;

impl Backend for Settings {
    fn name(&self) -> &'static str {
        "settings"
    }

    fn read(&mut self, ctx: &mut Context, _memory: &Memory) -> Result<View> {
        let all = tools::leader_get_all(ctx.tools())?;
        Ok(View::Open(contents(all)))
    }

    fn write(&mut self, ctx: &mut Context, group: &Group<'_>) -> Result {
        let mut pairs: BTreeMap<String, String> = group
            .pairs
            .iter()
            .map(|(k, v)| (k.clone(), v.clone().unwrap_or_default()))
            .collect();
        pairs.insert(KEY.to_owned(), group.generation.to_string());
        tools::leader_set(ctx.tools(), &pairs, group.secret)?;
        let names: Vec<&str> = group.pairs.keys().map(String::as_str).collect();
        ctx.note_immediate(format!("leader settings `{}`", names.join("`, `")));
        Ok(())
    }

    fn is_buffered(&self) -> bool {
        false
    }
}

/// Application data of the peer relation: written when the hook succeeds.
#[derive(Debug)]
struct PeerData {
    /// `None` where the charm has no peer endpoint.
    endpoint: Option<String>,
    relation: Option<String>,
}

impl PeerData {
    fn find(&self, ctx: &mut Context, endpoint: &str) -> Result<Option<String>> {
        if let Some(relation) = ctx.hook().relation()
            && relation.endpoint == endpoint
        {
            return Ok(Some(relation.id.clone()));
        }
        Ok(tools::relation_ids(ctx.tools(), endpoint)?
            .into_iter()
            .next())
    }
}

impl Backend for PeerData {
    fn name(&self) -> &'static str {
        BAG
    }

    fn read(&mut self, ctx: &mut Context, memory: &Memory) -> Result<View> {
        let Some(endpoint) = self.endpoint.clone() else {
            // Whoever only wants to know who leads needs no endpoint.
            return Ok(View::Open(Contents::default()));
        };
        self.relation = self.find(ctx, &endpoint)?;
        let Some(relation) = &self.relation else {
            let leaving = matches!(ctx.hook().kind(), HookKind::Stop | HookKind::Remove);
            return Ok(if memory.reached || leaving {
                View::Hidden
            } else {
                View::NotYet
            });
        };
        let app = ctx.app().to_owned();
        let bag = tools::relation_get(ctx.tools(), relation, true, &app)?;
        let ours = bag
            .into_iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(IN_BAG)?.to_owned(), value)));
        Ok(View::Open(contents(ours.collect())))
    }

    fn write(&mut self, ctx: &mut Context, group: &Group<'_>) -> Result {
        let Some(relation) = self.relation.clone() else {
            let app = ctx.app().to_owned();
            return Err(Error::new(
                ErrorKind::Unavailable,
                "Juju 4 keeps leader data in a peer relation, and this charm has no peer endpoint",
            )
            .hint(format!(
                "add to metadata.yaml:\npeers:\n  cluster:\n    interface: {app}-peers"
            )));
        };
        let generation = (KEY.to_owned(), Some(group.generation.to_string()));
        let pairs = group.pairs.clone().into_iter().chain([generation]);
        ctx.publish(
            &relation,
            Bag::App,
            pairs.map(|(key, value)| (format!("{IN_BAG}{key}"), value)),
        );
        Ok(())
    }

    fn is_buffered(&self) -> bool {
        true
    }
}

fn contents(all: BTreeMap<String, String>) -> Contents {
    let mut contents = Contents::default();
    for (key, value) in all {
        if key == KEY {
            contents.generation = Generation::parse(&value);
        } else if !RESERVED.contains(&key.as_str()) {
            contents.values.insert(key, value);
        }
    }
    contents
}
