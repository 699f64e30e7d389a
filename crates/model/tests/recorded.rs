//! The replay of recordings, with cases of our own in their format.

use ensign_model::Profile;
use ensign_model::conformance::{Case, Difference};
use serde_json::{Value, json};

/// A case in a `config-changed` hook of `redis/0`, with changes to its context.
#[expect(
    clippy::needless_pass_by_value,
    reason = "so that `json!` can stand in the call"
)]
fn case(context: Value, calls: Value, effects: Value) -> Case {
    let mut base =
        json!({"unit": "redis/0", "kind": "hook", "hook": "config-changed", "leader": true});
    for (key, value) in context.as_object().unwrap() {
        base[key] = value.clone();
    }
    serde_json::from_value(
        json!({"id": "x/0000", "context": base, "calls": calls, "effects": effects}),
    )
    .unwrap()
}

fn replay(context: Value, calls: Value, effects: Value) -> Result<(), Difference> {
    let case = case(context, calls, effects);
    case.replay(Profile::V4_0)?;
    case.replay(Profile::V3_6)
}

fn call(argv: &[&str], code: i32, stdout: &str, stderr: &str) -> Value {
    json!({"argv": argv, "code": code, "stdout": stdout, "stderr": stderr})
}

/// The peer relation and one to `mysql`.
fn relations() -> Value {
    json!([
        {"id": 0, "name": "cluster", "app": "redis", "peer": true, "units": {"redis/1": {"ready": "true"}},
         "local": {"mine": "1"}, "local_app": {"admin": "pw"}, "remote_app": {"admin": "pw"}},
        {"id": 3, "name": "db", "app": "mysql", "units": {"mysql/0": {"host": "h"}}, "local": {}, "local_app": {},
         "remote_app": {"schema": "s"}},
    ])
}

#[test]
fn an_answer_that_differs_is_found() {
    let wrong = replay(
        json!({}),
        json!([call(&["is-leader"], 0, "False\n", "")]),
        json!({}),
    );
    assert!(matches!(wrong, Err(Difference::Answer { call: 0, .. })));
    let wrong = replay(
        json!({}),
        json!([call(&["open-port", "80"], 0, "", "")]),
        json!({}),
    );
    assert!(matches!(wrong, Err(Difference::Effects { .. })));
    let wrong = replay(json!({"unit": "no unit"}), json!([]), json!({}));
    assert!(matches!(wrong, Err(Difference::Context(_))));
}

#[test]
fn almost_nothing_works_in_a_restricted_context() {
    let refused = "not implemented for restricted context not implemented\n";
    let calls = json!([
        call(
            &["is-leader"],
            1,
            "",
            &format!("ERROR leadership status unknown: {refused}")
        ),
        call(&["config-get"], 1, "", &format!("ERROR {refused}")),
        call(
            &["relation-get", "--help"],
            1,
            "",
            &format!("ERROR bad request: {refused}")
        ),
        call(&["status-get"], 0, "unknown\n", ""),
        call(&["opened-ports"], 0, "", ""),
        call(&["state-set"], 0, "", ""),
        call(&["state-set", "a=b"], 1, "", &format!("ERROR {refused}")),
        call(&["action-set"], 0, "", ""),
    ]);
    assert_eq!(
        replay(json!({"kind": "restricted"}), calls, json!({})),
        Ok(())
    );
}

#[test]
fn relation_data_is_read_by_place_and_written_at_the_flush() {
    let calls = json!([
        call(&["relation-ids", "db"], 0, "db:3\n", ""),
        call(
            &["relation-get", "-r", "db:3", "-", "mysql/0"],
            0,
            "host: h\n",
            ""
        ),
        call(
            &["relation-get", "-r", "3", "--app", "schema", "mysql"],
            0,
            "s\n",
            ""
        ),
        call(
            &["relation-get", "-r", "cluster:0", "-", "mysql/0"],
            1,
            "",
            "ERROR permission denied\n"
        ),
        call(
            &["relation-get", "-r", "db:3", "-", "mysql/9"],
            1,
            "",
            "ERROR cannot read settings for unit \"mysql/9\" in relation \"redis:db mysql:db\": unit \"mysql/9\": \
             settings not found\n",
        ),
        call(&["relation-set", "-r", "0", "mine=", "new=2"], 0, "", ""),
        call(&["relation-set", "-r", "0", "--app", "admin=pw"], 0, "", ""),
        call(
            &["relation-get", "-r", "0", "-", "redis/0"],
            0,
            "new: \"2\"\n",
            ""
        ),
    ]);
    let effects =
        json!({"commit": {"relations": {"cluster:0": {"local": {"mine": "", "new": "2"}}}}});
    assert_eq!(
        replay(json!({"relations": relations()}), calls, effects),
        Ok(())
    );
}

#[test]
fn a_relation_hook_has_its_relation_for_default() {
    let context = json!({"relations": relations(), "kind": "relation", "hook": "db-relation-changed",
        "hook_relation": 3, "remote_unit": "mysql/0"});
    let calls = json!([
        call(&["relation-get", "host"], 0, "h\n", ""),
        call(&["relation-list"], 0, "mysql/0\n", ""),
        call(&["relation-ids"], 0, "db:3\n", ""),
        call(&["juju-log", "-l", "bad", "hello"], 0, "", ""),
    ]);
    let logger = "unit.redis/0.juju-log";
    let effects = json!({"logs": [
        ["WARNING", logger, "Specified log level of \"bad\" is not valid"], ["INFO", logger, "db:3: hello"]]});
    assert_eq!(replay(context, calls, effects), Ok(()));
}

#[test]
fn ports_that_are_in_each_others_way_are_named() {
    let context =
        json!({"ports": [["", "80-90/udp"]], "other_ports": {"mysql/0": [["", "3306/tcp"]]}});
    let calls = json!([
        call(
            &["open-port", "85/udp"],
            1,
            "",
            "ERROR cannot open 85/udp (unit \"redis/0\"): port range conflicts with 80-90/udp (unit \"redis/0\")\n",
        ),
        call(
            &["close-port", "3306"],
            1,
            "",
            "ERROR cannot close 3306/tcp (unit \"redis/0\"): port range conflicts with 3306/tcp (unit \"mysql/0\")\n",
        ),
        call(&["open-port", "80", "--endpoints", "db,web"], 0, "", ""),
        call(
            &["opened-ports", "--endpoints"],
            0,
            "80/tcp (db, web)\n80-90/udp (*)\n",
            ""
        ),
    ]);
    let effects = json!({"commit": {"open_ports": [["db", "80/tcp"], ["web", "80/tcp"]]}});
    assert_eq!(replay(context, calls, effects), Ok(()));
}

#[test]
fn networks_repeat_old_names_in_yaml_only() {
    let context = json!({"network": {"db": {"bind-addresses": [{"mac-address": "m", "interface-name": "eth0",
        "addresses": [{"hostname": "", "value": "10.0.0.5", "cidr": "10.0.0.0/24"}]}],
        "egress-subnets": ["10.0.0.5/32"], "ingress-addresses": []}}});
    let calls = json!([
        call(
            &["network-get", "db", "--format", "json"],
            0,
            "{\"bind-addresses\":[{\"mac-address\":\"m\",\"interface-name\":\"eth0\",\"addresses\":[{\"hostname\":\"\",\
             \"value\":\"10.0.0.5\",\"cidr\":\"10.0.0.0/24\"}]}],\"egress-subnets\":[\"10.0.0.5/32\"]}\n",
            ""
        ),
        call(
            &["network-get", "db"],
            0,
            "bind-addresses:\n- mac-address: m\n  interface-name: eth0\n  addresses:\n  - hostname: \"\"\n    \
             value: 10.0.0.5\n    cidr: 10.0.0.0/24\n    address: 10.0.0.5\n  macaddress: m\n  interfacename: eth0\n\
             egress-subnets:\n- 10.0.0.5/32\n",
            ""
        ),
        call(
            &["network-get", "db", "--ingress-address"],
            0,
            "10.0.0.5\n",
            ""
        ),
        call(
            &["network-get", "nope"],
            1,
            "",
            "ERROR no network config found for binding \"nope\"\n"
        ),
    ]);
    assert_eq!(replay(context, calls, json!({})), Ok(()));
}

#[test]
fn files_help_and_actions_are_told_as_recordings_tell_them() {
    let context = json!({"kind": "action", "hook": "backup", "action": {"name": "backup", "params": {"n": 2}},
        "files": {"in.yaml": "k: v"}});
    let calls = json!([
        call(&["action-get", "n", "-o", "@DIR@/out"], 0, "", ""),
        call(&["state-set", "--file", "in.yaml"], 0, "", ""),
        call(&["action-fail", "why"], 0, "", ""),
        {"argv": ["juju-reboot", "--help"], "code": 0, "stderr": "",
         "help": {"usage": "Usage: juju-reboot [options]", "options": ["--now  (= false)"]}},
    ]);
    let effects = json!({"files": {"out": "2\n"}, "commit": {"state": {"k": "v"}},
        "action": {"status": "failed", "results": null, "message": "why"}});
    assert_eq!(replay(context, calls, effects), Ok(()));
}

#[test]
fn where_the_real_order_varies_only_the_lines_count() {
    let calls =
        json!([{"argv": ["config-get"], "code": 0, "stdout": "b: x\na: v\n", "unordered": true}]);
    assert_eq!(
        replay(json!({"config": {"a": "v", "b": "x"}}), calls, json!({})),
        Ok(())
    );
}
