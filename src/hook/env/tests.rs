use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::hook::HookKind;

/// What every ordinary hook of `foo/0` is given, with these changes; an empty value is as good as none.
pub(in crate::hook) fn read(program: &str, changes: &[(&str, &str)]) -> Result<HookEnv, EnvError> {
    let base = [
        ("CHARM_DIR", "/var/lib/juju/agents/unit-foo-0/charm"),
        ("JUJU_CHARM_DIR", "/var/lib/juju/agents/unit-foo-0/charm"),
        ("JUJU_CONTEXT_ID", "foo/0-install-5577006791947779410"),
        ("JUJU_HOOK_NAME", "install"),
        ("JUJU_UNIT_NAME", "foo/0"),
        ("JUJU_MODEL_UUID", "deadbeef-0bad-400d-8000-4b1d0d06f00d"),
        ("JUJU_MODEL_NAME", "default"),
        ("JUJU_API_ADDRESSES", "10.0.0.1:17070 [fe80::1]:17070"),
        ("JUJU_MACHINE_ID", "0/lxd/1"),
        ("JUJU_PRINCIPAL_UNIT", ""),
        ("JUJU_AVAILABILITY_ZONE", "zone-1"),
        ("JUJU_VERSION", "3.6-beta2"),
        ("JUJU_CHARM_HTTP_PROXY", "http://proxy:3128"),
        ("JUJU_CHARM_HTTPS_PROXY", ""),
        ("JUJU_CHARM_NO_PROXY", "localhost,10.0.0.0/8"),
        ("JUJU_DISPATCH_PATH", "hooks/install"),
    ];
    let env: BTreeMap<_, _> = base.into_iter().chain(changes.iter().copied()).collect();
    HookEnv::read(
        &|name| env.get(name).map(ToString::to_string),
        Path::new(program),
    )
}

pub(in crate::hook) fn hook(changes: &[(&str, &str)]) -> Hook {
    read("/charm/dispatch", changes).unwrap().hook
}

#[test]
fn juju_says_where_and_as_whom_a_hook_runs() {
    let env = read("/charm/dispatch", &[]).unwrap();
    assert_eq!(env.hook.kind(), HookKind::Install);
    assert_eq!((env.unit.app(), env.unit.number()), ("foo", 0));
    assert_eq!(env.model_name.as_deref(), Some("default"));
    assert_eq!(env.context_id, "foo/0-install-5577006791947779410");
    assert_eq!(
        env.charm_dir,
        Path::new("/var/lib/juju/agents/unit-foo-0/charm")
    );
    assert_eq!(env.machine_id.as_deref(), Some("0/lxd/1"));
    assert_eq!(
        (env.principal.as_ref(), env.availability_zone.as_deref()),
        (None, Some("zone-1"))
    );
    assert_eq!(env.api_addresses, ["10.0.0.1:17070", "[fe80::1]:17070"]);
    assert_eq!(env.proxies.http.as_deref(), Some("http://proxy:3128"));
    assert_eq!(
        (env.proxies.https.as_ref(), env.proxies.ftp.as_ref()),
        (None, None)
    );
    assert_eq!(
        env.proxies.no_proxy.as_deref(),
        Some("localhost,10.0.0.0/8")
    );
    assert!(env.juju_at_least(3, 6) && !env.juju_at_least(4, 0));
}

#[test]
fn the_agents_socket_is_used_where_it_is_a_unix_socket_and_nobody_forbids_it() {
    let unix = [
        ("JUJU_AGENT_SOCKET_NETWORK", "unix"),
        ("JUJU_AGENT_SOCKET_ADDRESS", "@/agent.socket"),
        ("JUJU_AGENT_TOKEN", "hunter2"),
    ];
    let agent = |change: (&str, &str)| {
        let changes = [unix[0], unix[1], unix[2], change];
        read("x", &changes).unwrap().agent
    };
    let found = agent(("ENSIGN_HOOK_TOOLS", "")).unwrap();
    assert_eq!(
        (found.address.as_str(), found.token.as_str()),
        ("@/agent.socket", "hunter2")
    );
    assert!(!format!("{:?}", read("x", &unix).unwrap()).contains("hunter2"));
    assert_eq!(agent(("JUJU_AGENT_TOKEN", "")).unwrap().token, "");
    for without in [
        ("ENSIGN_HOOK_TOOLS", "exec"),
        ("JUJU_AGENT_SOCKET_NETWORK", "tcp"),
        ("JUJU_AGENT_SOCKET_NETWORK", ""),
        ("JUJU_AGENT_SOCKET_ADDRESS", ""),
    ] {
        assert_eq!(agent(without), None, "{without:?}");
    }
    assert_eq!(read("x", &[]).unwrap().agent, None);
}

#[test]
fn a_subordinate_knows_its_principal() {
    let env = read("x", &[("JUJU_PRINCIPAL_UNIT", "web/3")]).unwrap();
    assert_eq!(env.principal, UnitName::parse("web/3"));
}

#[test]
fn a_restricted_hook_is_given_little_and_a_tag() {
    let env = BTreeMap::from([
        ("JUJU_CHARM_DIR", "/charm"),
        ("JUJU_CONTEXT_ID", "unit-foo-0:collect-metrics:1"),
        ("JUJU_UNIT_NAME", "unit-foo-0"),
        ("JUJU_DISPATCH_PATH", "hooks/collect-metrics"),
    ]);
    let env = HookEnv::read(
        &|name| env.get(name).map(ToString::to_string),
        Path::new("/charm/dispatch"),
    )
    .unwrap();
    assert!(env.hook.is_restricted());
    assert_eq!(env.unit.to_string(), "foo/0");
    assert_eq!(
        (env.model_uuid.as_ref(), env.juju_version.as_ref()),
        (None, None)
    );
    assert!(!env.juju_at_least(2, 0));
}

#[test]
fn outside_juju_the_error_says_how_to_run_it() {
    let error = HookEnv::read(&|_| None, Path::new("/charm/hooks/install")).unwrap_err();
    assert_eq!(error, EnvError::NotJuju);
    assert_eq!(
        error.to_string(),
        "this is a charm: Juju runs it. Try it with `ensign run`, or on a unit with `juju exec`"
    );
}

#[test]
fn half_an_environment_is_an_error_that_names_the_variable() {
    for name in ["JUJU_UNIT_NAME", "JUJU_CONTEXT_ID"] {
        assert_eq!(
            read("x", &[(name, "")]).unwrap_err(),
            EnvError::Missing(name)
        );
    }
    assert_eq!(
        read("x", &[("JUJU_CHARM_DIR", ""), ("CHARM_DIR", "")]).unwrap_err(),
        EnvError::Missing("JUJU_CHARM_DIR")
    );
    assert_eq!(
        read("x", &[("JUJU_CHARM_DIR", ""), ("CHARM_DIR", "/c")])
            .unwrap()
            .charm_dir,
        Path::new("/c")
    );
    for (name, value) in [
        ("JUJU_UNIT_NAME", "foo"),
        ("JUJU_VERSION", "new"),
        ("JUJU_DISPATCH_PATH", "install"),
        ("JUJU_DISPATCH_PATH", "/"),
        ("JUJU_PRINCIPAL_UNIT", "x"),
    ] {
        let error = read("x", &[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}` is `{value}`")), "{error}");
    }
    let secret = [
        ("JUJU_DISPATCH_PATH", "hooks/secret-remove"),
        ("JUJU_SECRET_ID", "x"),
        ("JUJU_SECRET_REVISION", "-1"),
    ];
    assert!(matches!(
        read("x", &secret),
        Err(EnvError::Invalid {
            name: "JUJU_SECRET_REVISION",
            ..
        })
    ));
}

proptest! {
    #[test]
    fn no_environment_makes_it_panic(values in prop::collection::vec(any::<String>(), 32), program in any::<String>()) {
        let get = |name: &str| {
            let sum: usize = name.bytes().map(usize::from).sum();
            Some(values[sum % values.len()].clone())
        };
        if let Err(error) = HookEnv::read(&get, Path::new(&program)) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn any_hook_name_is_kept(name in "[a-z][a-z0-9-]{0,20}") {
        let path = format!("hooks/{name}");
        let hook = hook(&[("JUJU_DISPATCH_PATH", path.as_str())]);
        prop_assert_eq!(hook.name(), name);
        prop_assert!(!hook.is_action() && !hook.is_exec());
    }
}
