use crate::hook::HookKind;
use crate::hook::env::tests::{hook, read};

#[test]
fn the_dispatch_path_wins_over_everything_else() {
    let hook = hook(&[
        ("JUJU_DISPATCH_PATH", "hooks/start"),
        ("JUJU_HOOK_NAME", "stop"),
        ("JUJU_ACTION_NAME", "x"),
    ]);
    assert_eq!((hook.kind(), hook.name()), (HookKind::Start, "start"));
}

#[test]
fn an_action_is_an_action_even_if_it_is_called_like_a_hook() {
    let changes = [
        ("JUJU_DISPATCH_PATH", "actions/start"),
        ("JUJU_HOOK_NAME", ""),
        ("JUJU_ACTION_NAME", "start"),
        ("JUJU_ACTION_UUID", "2"),
    ];
    let hook = hook(&changes);
    assert!(hook.is_action() && !hook.is_exec());
    assert_eq!(
        (hook.name(), hook.action().unwrap().uuid.as_str()),
        ("start", "2")
    );
}

#[test]
fn an_old_charm_is_known_by_the_name_it_was_started_as() {
    let old = [("JUJU_DISPATCH_PATH", ""), ("JUJU_HOOK_NAME", "")];
    let program = |name| read(name, &old).unwrap().hook;
    assert_eq!(program("/charm/hooks/install").kind(), HookKind::Install);
    assert_eq!(
        program("hooks/db-relation-joined").kind(),
        HookKind::RelationJoined
    );
    assert!(program("/charm/actions/dump").is_action());
    assert!(program("/charm/dispatch").is_exec());

    let named = [("JUJU_DISPATCH_PATH", ""), ("JUJU_HOOK_NAME", "start")];
    assert_eq!(
        read("bin/charms.reactive", &named).unwrap().hook.kind(),
        HookKind::Start
    );
    let action = [
        ("JUJU_DISPATCH_PATH", ""),
        ("JUJU_HOOK_NAME", ""),
        ("JUJU_ACTION_NAME", "dump"),
    ];
    assert_eq!(
        read("bin/charms.reactive", &action)
            .unwrap()
            .hook
            .action()
            .unwrap()
            .name,
        "dump"
    );
}

#[test]
fn juju_exec_is_neither_hook_nor_action() {
    for name in ["", "juju-exec", "juju-run"] {
        let changes = [
            ("JUJU_DISPATCH_PATH", ""),
            ("JUJU_HOOK_NAME", ""),
            ("JUJU_ACTION_NAME", name),
            ("JUJU_RELATION", "db"),
            ("JUJU_RELATION_ID", "db:3"),
            ("JUJU_REMOTE_UNIT", "mysql/0"),
            ("JUJU_REMOTE_APP", ""),
        ];
        let hook = hook(&changes);
        assert!(hook.is_exec() && !hook.is_action() && hook.action().is_none());
        assert_eq!(hook.name(), "");
        assert_eq!(
            hook.relation().unwrap().remote_app.as_deref(),
            Some("mysql")
        );
    }
}

#[test]
fn a_relation_hook_knows_its_relation() {
    let base = [
        ("JUJU_RELATION", "db"),
        ("JUJU_RELATION_ID", "db:3"),
        ("JUJU_REMOTE_APP", "mysql"),
    ];
    let joined = [
        ("JUJU_DISPATCH_PATH", "hooks/db-relation-departed"),
        ("JUJU_REMOTE_UNIT", "mysql/0"),
        ("JUJU_DEPARTING_UNIT", "foo/0"),
    ];
    let departed = hook(&[base.as_slice(), &joined].concat());
    let relation = departed.relation().unwrap();
    assert_eq!(
        (relation.endpoint.as_str(), relation.id.as_str()),
        ("db", "db:3")
    );
    assert_eq!(relation.remote_unit.as_deref(), Some("mysql/0"));
    assert_eq!(relation.departing_unit.as_deref(), Some("foo/0"));

    let broken = [
        ("JUJU_DISPATCH_PATH", "hooks/db-relation-broken"),
        ("JUJU_REMOTE_UNIT", ""),
    ];
    let broken = hook(&[base.as_slice(), &broken].concat());
    let relation = broken.relation().unwrap();
    assert_eq!(
        (
            relation.remote_unit.as_ref(),
            relation.remote_app.as_deref()
        ),
        (None, Some("mysql"))
    );
}

#[test]
fn secret_storage_and_workload_hooks_know_theirs() {
    let hook_of = |path, changes: &[(&'static str, &'static str)]| {
        hook(&[&[("JUJU_DISPATCH_PATH", path)], changes].concat())
    };
    let expired = hook_of(
        "hooks/secret-expired",
        &[
            ("JUJU_SECRET_ID", "secret:9m4e2mr0ui3e8a215n4g"),
            ("JUJU_SECRET_LABEL", ""),
            ("JUJU_SECRET_REVISION", "7"),
        ],
    );
    let secret = expired.secret().unwrap();
    assert_eq!(
        (secret.id.as_str(), secret.label.as_ref(), secret.revision),
        ("secret:9m4e2mr0ui3e8a215n4g", None, Some(7))
    );

    let attached = hook_of(
        "hooks/data-storage-attached",
        &[
            ("JUJU_STORAGE_ID", "data/0"),
            ("JUJU_STORAGE_LOCATION", "/srv/data"),
            ("JUJU_STORAGE_KIND", "filesystem"),
        ],
    );
    assert_eq!(attached.kind(), HookKind::StorageAttached);
    assert_eq!(
        (
            attached.storage().unwrap().name.as_str(),
            attached.storage().unwrap().id.as_str()
        ),
        ("data", "data/0")
    );

    let notice = hook_of(
        "hooks/redis-pebble-custom-notice",
        &[
            ("JUJU_WORKLOAD_NAME", "redis"),
            ("JUJU_NOTICE_ID", "4"),
            ("JUJU_NOTICE_TYPE", "custom"),
            ("JUJU_NOTICE_KEY", "example.com/x"),
        ],
    );
    assert_eq!(
        notice.workload().unwrap().notice.as_ref().unwrap().key,
        "example.com/x"
    );
    let check = hook_of(
        "hooks/redis-pebble-check-failed",
        &[
            ("JUJU_WORKLOAD_NAME", "redis"),
            ("JUJU_PEBBLE_CHECK_NAME", "up"),
        ],
    );
    assert_eq!(check.workload().unwrap().check.as_deref(), Some("up"));
}
