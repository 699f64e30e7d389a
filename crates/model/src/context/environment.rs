//! A hook's environment: these variables, in this order, and nothing else.

use super::{Run, RunKind};
use crate::world::World;
use crate::{ModelConfig, Profile, RelationEvent, UnitName};

/// Where a unit's agent keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The agent's own folder.
    pub agent: String,
    /// The charm's files; the working folder of hooks.
    pub charm: String,
    /// The hook tools; comes first in `PATH`.
    pub tools: String,
    /// The hook tools' socket, as `JUJU_AGENT_SOCKET_ADDRESS` has it: the `@` stands for the abstract namespace.
    pub socket: String,
    /// The socket of `juju-exec`.
    pub run_socket: String,
}

impl Paths {
    /// The paths of `unit` below `data_dir`.
    #[must_use]
    pub fn of(data_dir: &str, unit: &UnitName) -> Self {
        let tag = unit.tag();
        let agent = format!("{data_dir}/agents/{tag}");
        Self {
            charm: format!("{agent}/charm"),
            tools: format!("{data_dir}/tools/{tag}"),
            socket: format!("@{agent}/agent.socket"),
            run_socket: format!("{agent}/run.socket"),
            agent,
        }
    }
}

/// The kinds of proxy, as `juju model-config` calls them.
const PROXIES: [&str; 4] = ["http-proxy", "https-proxy", "ftp-proxy", "no-proxy"];

/// The variables that all programs know, small and large; only where there is something to go through.
fn legacy_proxies(config: &ModelConfig) -> Vec<(String, String)> {
    let value = |name: &str| config.proxies.get(name).map_or("", String::as_str);
    if PROXIES[..3].iter().all(|name| value(name).is_empty()) {
        return Vec::new();
    }
    let mut variables = Vec::new();
    for name in PROXIES {
        let mut value = value(name).to_owned();
        if name == "no-proxy" {
            let hosts: std::collections::BTreeSet<&str> = value
                .split(',')
                .map(str::trim)
                .filter(|host| !host.is_empty())
                .collect();
            value = hosts.into_iter().collect::<Vec<_>>().join(",");
        }
        if !value.is_empty() {
            let small = name.replace('-', "_");
            variables.push((small.clone(), value.clone()));
            variables.push((small.to_uppercase(), value));
        }
    }
    variables
}

/// The environment of a run.
pub(crate) fn environment(
    config: &ModelConfig,
    world: &World,
    profile: Profile,
    unit: &UnitName,
    run: &Run,
) -> Vec<(String, String)> {
    let differences = profile.differences();
    let paths = Paths::of(&config.data_dir, unit);
    let mut env = Vec::with_capacity(40);
    let mut set = |key: &str, value: &str| env.push((key.to_owned(), value.to_owned()));
    let hook = run.hook().map(crate::Hook::name).unwrap_or_default();
    for (key, value) in legacy_proxies(config) {
        set(&key, &value);
    }
    set("CHARM_DIR", &paths.charm);
    set("JUJU_CHARM_DIR", &paths.charm);
    set("JUJU_CONTEXT_ID", run.id.as_str());
    set("JUJU_HOOK_NAME", &hook);
    set("JUJU_AGENT_SOCKET_ADDRESS", &paths.socket);
    set("JUJU_AGENT_SOCKET_NETWORK", "unix");
    set("JUJU_UNIT_NAME", unit.as_str());
    set("JUJU_MODEL_UUID", &world.uuid);
    set("JUJU_MODEL_NAME", &world.name);
    set("JUJU_API_ADDRESSES", &config.api_addresses.join(" "));
    if differences.meter_variables {
        set("JUJU_SLA", "");
    }
    set(
        "JUJU_MACHINE_ID",
        world
            .units
            .get(unit)
            .map_or("", |unit| unit.machine.as_str()),
    );
    let principal = world
        .units
        .get(unit)
        .and_then(|unit| unit.principal.as_ref());
    set(
        "JUJU_PRINCIPAL_UNIT",
        principal.map_or("", UnitName::as_str),
    );
    set("JUJU_AVAILABILITY_ZONE", "");
    set("JUJU_VERSION", differences.agent_version);
    set("CLOUD_API_VERSION", "");
    for proxy in PROXIES {
        let name = proxy.to_uppercase().replace('-', "_");
        set(
            &format!("JUJU_CHARM_{name}"),
            config
                .proxies
                .get(&format!("juju-{proxy}"))
                .map_or("", String::as_str),
        );
    }
    if differences.meter_variables {
        set("JUJU_METER_STATUS", "");
        set("JUJU_METER_INFO", "");
    }
    if let Some(relation) = run.relation_hook() {
        set("JUJU_RELATION", &relation.endpoint);
        set(
            "JUJU_RELATION_ID",
            &format!("{}:{}", relation.endpoint, relation.relation),
        );
        set(
            "JUJU_REMOTE_UNIT",
            relation.remote_unit.as_ref().map_or("", UnitName::as_str),
        );
        set("JUJU_REMOTE_APP", &relation.remote_app);
        if relation.event == RelationEvent::Departed {
            set(
                "JUJU_DEPARTING_UNIT",
                relation.departing.as_ref().map_or("", UnitName::as_str),
            );
        }
    }
    if let RunKind::Action { id, name } = &run.kind {
        set("JUJU_ACTION_NAME", name);
        set("JUJU_ACTION_UUID", &id.to_string());
        set("JUJU_ACTION_TAG", &format!("action-{id}"));
    }
    if let Some(secret) = run.hook().and_then(crate::Hook::secret) {
        set("JUJU_SECRET_ID", &format!("secret:{}", secret.id));
        set("JUJU_SECRET_LABEL", &secret.label);
        if secret.event.is_of_revision() {
            set("JUJU_SECRET_REVISION", &secret.revision.to_string());
        }
    }
    if let Some(storage) = run.hook().and_then(crate::Hook::storage) {
        set("JUJU_STORAGE_ID", &storage.id);
        set("JUJU_STORAGE_LOCATION", &storage.location);
        set("JUJU_STORAGE_KIND", &storage.kind);
    }
    set("APT_LISTCHANGES_FRONTEND", "none");
    set("DEBIAN_FRONTEND", "noninteractive");
    set("LANG", "C.UTF-8");
    set("TERM", "tmux-256color");
    match &run.kind {
        RunKind::Hook(_) => set("JUJU_DISPATCH_PATH", &format!("hooks/{hook}")),
        RunKind::Action { name, .. } => set("JUJU_DISPATCH_PATH", &format!("actions/{name}")),
        RunKind::Commands { .. } | RunKind::Deploy { .. } | RunKind::Restricted => {}
    }
    env
}
