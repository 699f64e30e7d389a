//! One conversation with hook tools over all there is between them and a charm: a call in this process, a process per
//! call, and the agent's socket.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt::Write;
use std::process::ExitCode;

use ensign::handler::{Clause, Registry};
use ensign::hook::HookEnv;
use ensign::host::Host;
use ensign::tools::wire::{Connection, Reply, Request};
use ensign::tools::{ToolCall, Tools};
use ensign::{Context, Handler, Outcome};
use ensign_model::{Documents, Profile};
use ensign_testing::{Charm, Sim};
use serde_json::{Value, json};

use crate::trial::{Trial, unit};

/// The part of this program that a hook starts.
const TALK: &str = "__talk";

/// The part that asks the agent what no hook tool asks.
const ASK: &str = "__ask";

/// `__talk`: has the conversation as a charm does, over whatever the environment says. `__ask`: asks oddly.
pub(crate) fn part(args: &[OsString]) -> Option<ExitCode> {
    match args {
        [part] if part == TALK => {
            let host = Host::of_this_process(HookEnv::from_process().unwrap()).unwrap();
            println!("{}", conversation(&mut Tools::new(host.transport)));
        }
        [part] if part == ASK => ask_oddly(),
        _ => return None,
    }
    Some(ExitCode::SUCCESS)
}

/// Calls that read, write, fail and do not exist, and all that comes back.
fn conversation(tools: &mut Tools) -> String {
    let mut said = String::new();
    let mut call = |argv: &[&str], stdin: Option<&str>| {
        let args: Vec<String> = argv[1..].iter().map(ToString::to_string).collect();
        let call = ToolCall {
            tool: argv[0],
            args: &args,
            stdin,
            secret: false,
        };
        let answer = match tools.call(&call) {
            Ok(output) => format!(
                "{} {:?} {:?}",
                output.code,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => error.to_string(),
        };
        writeln!(said, "{}: {}", short(&format!("{argv:?}")), short(&answer)).unwrap();
    };
    call(&["is-leader"], None);
    call(&["is-leader", "--format=json"], None);
    call(&["is-leader", "--bogus"], None);
    call(&["is-leader", "--help"], None);
    call(&["leader-set", "a=x y", "b=2", "--", "-c=ü"], None);
    call(&["leader-get", "-"], None);
    call(&["leader-get", "--format=json", "a"], None);
    call(&["leader-set", "no pair"], None);
    call(&["config-get", "--format=json", "port"], None);
    // In process the handlers' own commits have left one.
    call(&["state-delete", "ensign-commit"], None);
    call(
        &["state-set", "--file", "-"],
        Some("k: \"a\\xff\\u2028b\"\nl: two"),
    );
    call(&["state-get", "--format=json", "-"], None);
    call(&["state-get", "--strict", "unknown"], None);
    call(&["state-set", "--file", "-"], None);
    call(&["state-set", "--file", "-"], Some("no: [map"));
    call(&["state-set", "--file", "missing.yaml"], None);
    call(&["state-set", "--file", "in.yaml"], None);
    call(&["state-get", "from-a-file"], None);
    call(
        &["state-set", &format!("big={}", "x".repeat(100_000))],
        None,
    );
    call(&["state-get", "big"], None);
    call(&["state-delete", "big"], None);
    call(&["juju-log", "-l", "INFO", "", "said"], None);
    call(
        &["status-set", "active", "it's \"here\"\n"],
        Some("not read"),
    );
    call(&["status-get", "--include-data"], None);
    call(&["relation-ids", "cluster"], None);
    call(&["relation-list", "-r", "cluster:9"], None);
    call(&["application-version-set", "1.2"], None);
    call(&["no-such-tool", "-x"], None);
    call(&["juju-log", &"x".repeat(200_000)], None);
    call(&["juju-log", "a\0b"], None);
    said
}

/// Long texts by their beginning and length.
fn short(text: &str) -> String {
    match text.char_indices().nth(1_000) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… {} bytes", &text[..end.min(80)], text.len()),
    }
}

fn in_process(profile: Profile) -> String {
    thread_local! {
        static SAID: RefCell<String> = const { RefCell::new(String::new()) };
    }
    static HANDLER: Handler = Handler::new(
        "trial::talk",
        &[Clause::Hook(&["start"])],
        |ctx: &mut Context| {
            SAID.set(conversation(ctx.tools()));
            Ok(Outcome::Done)
        },
    );
    let documents = Documents {
        metadata: json!({
            "name": "foo", "summary": "s", "description": "d", "peers": {"cluster": {"interface": "foo-peer"}},
        }),
        config: json!({"options": {"port": {"type": "int", "default": 80}}}),
        actions: Value::Null,
    };
    let charm = Charm::of(Registry::new([&HANDLER], []), &documents, &Value::Null).unwrap();
    let mut sim = Sim::new(profile, 7);
    sim.deploy("foo", &charm, 1).unwrap();
    loop {
        let operation = sim.poll().unwrap();
        if operation.name() == "start" {
            sim.disk(&unit("foo/0"))
                .put(format!("{CHARM}/in.yaml"), "from-a-file: yes\n");
            sim.run(&operation, &ensign_testing::Faults::none());
            return SAID.take();
        }
        sim.run(&operation, &ensign_testing::Faults::none());
    }
}

const CHARM: &str = "/var/lib/juju/agents/unit-foo-0/charm";

/// The same in a machine, in the hook `start`, in this environment.
fn in_a_process(profile: Profile, environment: &str) -> String {
    let dispatch = format!(
        "[ \"$JUJU_DISPATCH_PATH\" = hooks/start ] || exit 0\necho 'from-a-file: yes' > in.yaml\n\
         {environment} /run/ensign/ensign {TALK} > /tmp/said"
    );
    let mut trial = Trial::deploy(profile, &dispatch, 1);
    trial.exec("foo/0", "cat /tmp/said").trim_end().to_owned() + "\n"
}

fn all_transports_say_the_same(profile: Profile) {
    let direct = in_process(profile);
    assert_eq!(direct.lines().count(), 30, "{direct}");
    // No tools on `PATH`: over the socket none is needed. And with no way to the socket, the tools are.
    let wire = in_a_process(profile, "PATH=/usr/bin:/bin");
    same(&wire, &direct);
    let tools = in_a_process(profile, "ENSIGN_HOOK_TOOLS=exec");
    same(&tools, &direct);
}

fn same(one: &str, other: &str) {
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(one.lines().count(), other.lines().count());
}

pub(crate) fn all_transports_say_the_same_on_juju_3() {
    all_transports_say_the_same(Profile::V3_6);
}

pub(crate) fn all_transports_say_the_same_on_juju_4() {
    all_transports_say_the_same(Profile::V4_0);
}

pub(crate) fn without_its_socket_a_charm_uses_the_tools() {
    let nobody = "PATH=/usr/bin:/bin JUJU_AGENT_SOCKET_ADDRESS=@nobody";
    let said = in_a_process(Profile::V3_6, nobody);
    let first = "[\"is-leader\"]: hook tool `is-leader` does not exist here";
    assert!(said.starts_with(first), "{said}");
}

pub(crate) fn the_agent_checks_calls_in_jujus_order() {
    let expected = [
        "bad request: token does not match",
        "bad request: command not specified",
        "bad request: Dir is not absolute",
        "bad request: expected context id",
        "bad request: unknown command: no-such-tool",
        "hook tool requires stdin, none supplied",
        "done",
    ];
    for (profile, token) in [(Profile::V3_6, true), (Profile::V4_0, false)] {
        let mut trial = Trial::deploy(profile, "exit 0", 1);
        let seen = trial.exec("foo/0", &format!("/run/ensign/ensign {ASK}"));
        let mut expected = expected.to_vec();
        if !token {
            // Juju 4 knows none, and looks at the rest.
            expected[0] = expected[1];
        }
        assert_eq!(seen.lines().collect::<Vec<_>>(), expected);
    }
}

fn ask_oddly() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let mut connection = Connection::dial(&variable("JUJU_AGENT_SOCKET_ADDRESS")).unwrap();
    let (context, file) = (
        variable("JUJU_CONTEXT_ID"),
        ["--file".to_owned(), "-".to_owned()],
    );
    // Wrong in all respects, and then in one less each time.
    let mut request = Request {
        context: "foo/0-other-1",
        dir: "relative".as_ref(),
        command: "",
        args: &file,
        stdin: None,
        token: "wrong",
    };
    let mut ask = |request: &Request<'_>| {
        connection.send(request).unwrap();
        match connection.receive().unwrap() {
            Reply::Refused(text) if text.contains("context id") => println!("{}", &text[..32]),
            Reply::Refused(text) => println!("{text}"),
            Reply::Done(_) => println!("done"),
        }
    };
    ask(&request);
    request.token = "";
    ask(&request);
    request.command = "no-such-tool";
    ask(&request);
    request.dir = "/".as_ref();
    ask(&request);
    request.context = &context;
    ask(&request);
    request.command = "state-set";
    ask(&request);
    request.stdin = Some(b"a: 1");
    ask(&request);
}
