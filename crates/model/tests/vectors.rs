//! Hook tools, byte for byte: commands, exit codes, both streams.

use ensign_model::{ContextId, Profile};

use crate::support::{Sim, peered};

/// Command, exit code, stdout, stderr.
type Vector = (&'static str, i32, &'static str, &'static str);

fn check(sim: &mut Sim, context: &ContextId, vectors: &[Vector]) {
    for (line, code, stdout, stderr) in vectors {
        let reply = sim.tool(context, line);
        assert_eq!(
            (reply.code, reply.stdout.as_str(), reply.stderr.as_str()),
            (*code, *stdout, *stderr),
            "{line}"
        );
    }
}

#[test]
fn on_the_leader() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    check(
        &mut sim,
        &run.context,
        &[
            ("is-leader", 0, "True\n", ""),
            ("is-leader x", 2, "", "ERROR unrecognized args: [\"x\"]\n"),
            (
                "is-leader --format text",
                2,
                "",
                "ERROR invalid value \"text\" for option --format: unknown format \"text\"\n",
            ),
            (
                "is-leader --format",
                2,
                "",
                "ERROR option needs an argument: --format\n",
            ),
            (
                "is-leader --bogus",
                2,
                "",
                "ERROR option provided but not defined: --bogus\n",
            ),
            (
                "is-leader -z",
                2,
                "",
                "ERROR option provided but not defined: -z\n",
            ),
            (
                "is-leader --=x",
                2,
                "",
                "ERROR empty option in argument \"--=x\"\n",
            ),
            ("leader-get", 0, "{}\n", ""),
            ("leader-get nope", 0, "", ""),
            ("leader-get nope --format json", 0, "null\n", ""),
            ("leader-get a=b", 2, "", "ERROR invalid key \"a=b\"\n"),
            (
                "leader-get a b",
                2,
                "",
                "ERROR unrecognized args: [\"b\"]\n",
            ),
            ("leader-set", 0, "", ""),
            (
                "leader-set k",
                2,
                "",
                "ERROR expected \"key=value\", got \"k\"\n",
            ),
            (
                "leader-set k=1 k=2",
                2,
                "",
                "ERROR key \"k\" specified more than once\n",
            ),
            (
                "leader-set --format json k=v",
                2,
                "",
                "ERROR option provided but not defined: --format\n",
            ),
            (
                "leader-set --file -",
                2,
                "",
                "ERROR option provided but not defined: --file\n",
            ),
            ("config-get missing --format yaml", 0, "", ""),
            (
                "config-get --all x",
                2,
                "",
                "ERROR cannot use argument --all together with key \"x\"\n",
            ),
            ("config-get -az", 0, "{}\n", ""),
            ("relation-ids", 2, "", "ERROR no endpoint name specified\n"),
            ("relation-ids nothing --format json", 0, "[]\n", ""),
            ("relation-list", 2, "", "ERROR no relation id specified\n"),
            (
                "relation-get -r nope",
                2,
                "",
                "ERROR invalid value \"nope\" for option -r: invalid relation id\n",
            ),
            (
                "relation-get --relation db:99",
                2,
                "",
                "ERROR invalid value \"db:99\" for option --relation: relation not found\n",
            ),
            (
                "relation-get -r cluster:0 - app",
                2,
                "",
                "ERROR expected unit name, got application name \"app\"\n",
            ),
            (
                "relation-set -r any:0 --format x",
                0,
                "",
                "--format flag deprecated for command \"relation-set\"",
            ),
            (
                "status-set",
                2,
                "",
                "ERROR invalid args, require <status> [message]\n",
            ),
            (
                "status-set error x",
                2,
                "",
                "ERROR invalid status \"error\", expected one of [maintenance blocked waiting active]\n",
            ),
            ("status-set --application=True active fine", 0, "", ""),
            ("state-get --format json", 0, "null\n", ""),
            ("state-get nope --format json", 0, "\"\"\n", ""),
            (
                "state-get nope --strict",
                1,
                "",
                "ERROR \"nope\" not found\n",
            ),
            ("action-get", 1, "", "ERROR not running an action\n"),
            (
                "open-port 80/foo",
                2,
                "",
                "ERROR invalid protocol \"foo\", expected \"tcp\", \"udp\", or \"icmp\"\n",
            ),
            (
                "unit-get protected-address",
                2,
                "",
                "ERROR unknown setting \"protected-address\"\n",
            ),
            (
                "goal-state --format smart",
                2,
                "",
                "ERROR invalid value \"smart\" for option --format: unknown format \"smart\"\n",
            ),
            ("juju-reboot x", 2, "", "ERROR unrecognized args: [\"x\"]\n"),
            (
                "no-such-tool",
                1,
                "",
                "ERROR bad request: unknown command: no-such-tool\n",
            ),
        ],
    );
    let uuid = sim.model.config().uuid.clone();
    assert_eq!(
        sim.ok(&run.context, "relation-model-get -r 0"),
        format!("uuid: {uuid}\n")
    );
}

#[test]
fn on_a_follower() {
    let (mut sim, _, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&others[0]);
    check(
        &mut sim,
        &run.context,
        &[
            ("is-leader --format=json", 0, "false\n", ""),
            ("is-leader --format yaml", 0, "false\n", ""),
            (
                "leader-set k=v",
                1,
                "",
                "ERROR cannot write leadership settings: cannot write settings: not the leader\n",
            ),
            (
                "leader-set",
                1,
                "",
                "ERROR cannot write leadership settings: cannot write settings: not the leader\n",
            ),
            (
                "relation-set -r 0 --app k=v",
                1,
                "",
                "ERROR cannot write relation settings\n",
            ),
            (
                "status-set --application active",
                1,
                "",
                "ERROR this unit is not the leader\n",
            ),
            (
                "status-get --application",
                1,
                "",
                "ERROR finding application status: this unit is not the leader\n",
            ),
        ],
    );
}

#[test]
fn the_statuses_of_an_application_are_its_leaders_to_see() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "status-set active");
    sim.ok(&run.context, "status-set --application blocked");
    let shown = sim.ok(&run.context, "status-get --application --format json");
    let expected = format!(
        "{{\"application-status\":{{\"status\":\"blocked\",\"units\":{{\"{leader}\":{{\"status\":\"active\"}}}}}}}}\n"
    );
    assert_eq!(shown, expected);
}

#[test]
fn in_install_there_is_no_relation_to_speak_of() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let install = sim.until_hook(&units[0], "install");
    check(
        &mut sim,
        &install.context,
        &[
            ("is-leader", 0, "True\n", ""),
            ("leader-set k=v", 0, "", ""),
            ("leader-get k", 0, "v\n", ""),
            ("relation-ids cluster", 0, "", ""),
            (
                "relation-get -r cluster:0 -",
                2,
                "",
                "ERROR invalid value \"cluster:0\" for option -r: relation not found\n",
            ),
        ],
    );
}
