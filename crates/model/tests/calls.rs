//! How tools are called: stdin, files, help.

use ensign_model::{Answer, Call, Exit, Profile};

use crate::support::Sim;

#[test]
fn stdin_is_asked_for_only_where_it_is_read() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    let argv = ["relation-set", "-r", "0", "--app", "--file", "-", "b=arg"].map(str::to_owned);
    let call = Call {
        argv: &argv,
        stdin: None,
        cwd: "/",
    };
    assert_eq!(
        sim.model.tool(&run.context, &call, &mut sim.files),
        Answer::NeedsStdin
    );
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    let reply = sim.call(
        &run.context,
        &words,
        Some("{\"a\": \" kept \", \"b\": \"file\"}"),
    );
    assert_eq!((reply.code, reply.stderr.as_str()), (0, ""));
    let shown = sim.ok(&run.context, "relation-get -r 0 --app --format json - app");
    assert_eq!(shown, "{\"a\":\" kept \",\"b\":\"arg\"}\n");
    // A call that is answered counts once.
    let _ = sim.finish(&run, Exit::Code(0));
    let last = sim.model.history(&leader).last().unwrap();
    assert_eq!(last.tools, ["relation-set", "relation-get"]);
}

#[test]
fn files_are_the_agents_relative_to_the_caller() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    sim.files
        .0
        .insert("/charm/data.yaml".to_owned(), b"k: 1".to_vec());
    sim.files
        .0
        .insert("/root/home.yaml".to_owned(), b"h: 2".to_vec());
    sim.ok(&run.context, "state-set --file data.yaml");
    sim.ok(&run.context, "state-set --file ~/home.yaml");
    sim.ok(&run.context, "state-get --format json -o sub/../out");
    assert_eq!(sim.files.0["/charm/out"], b"{\"h\":\"2\",\"k\":\"1\"}\n");
    let reply = sim.tool(&run.context, "state-set --file none");
    assert_eq!(
        reply.stderr,
        "ERROR open /charm/none: no such file or directory\n"
    );
}

#[test]
fn help_tells_usage_and_options() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    let help = sim.ok(&run.context, "relation-list --help");
    assert!(
        help.starts_with("Usage: relation-list [options]\n\nSummary:\n"),
        "{help}"
    );
    for option in [
        "--app  (= false)\n",
        "--format  (= smart)\n",
        "-o, --output (= \"\")\n",
        "-r, --relation  (= )\n",
    ] {
        assert!(help.contains(option), "{help}");
    }
}
