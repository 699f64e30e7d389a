//! The built charm as Juju runs it: size, start, and a steady hook with hook tools that answer at once, as processes
//! and over the agent's socket.
//!
//! `ENSIGN_CHARM=path/to/dispatch cargo bench -p password --bench process`. This program is also the hook tools, under
//! their names, and the agent.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, missing_docs)]

#[path = "process/agent.rs"]
mod agent;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 200;

const TOOLS: [&str; 5] = [
    "is-leader",
    "leader-get",
    "state-get",
    "state-set",
    "juju-log",
];

struct Budget {
    what: &'static str,
    value: f64,
    limit: f64,
    unit: &'static str,
}

fn main() {
    let program = PathBuf::from(std::env::args_os().next().unwrap());
    let name = program.file_name().unwrap().to_str().unwrap().to_owned();
    if TOOLS.contains(&name.as_str()) {
        return tool(&name);
    }
    let Some(charm) = std::env::var_os("ENSIGN_CHARM").map(PathBuf::from) else {
        println!("ENSIGN_CHARM names no built charm: nothing to measure");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for tool in TOOLS {
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), folder.path().join(tool))
            .unwrap();
    }
    std::fs::create_dir(folder.path().join("charm")).unwrap();
    // Two hooks to get there: one that changes things, one that settles them.
    for number in 0..2 {
        assert!(
            hook(&charm, folder.path(), number)
                .status()
                .unwrap()
                .success()
        );
    }
    let steady = median(|n| hook(&charm, folder.path(), 10 + n));
    let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap();
    let calls = calls.lines().count();
    std::fs::remove_file(folder.path().join("calls")).unwrap();
    assert!(
        hook(&charm, folder.path(), 9_999)
            .status()
            .unwrap()
            .success()
    );
    let last = std::fs::read_to_string(folder.path().join("calls")).unwrap();
    let nothing = median(|_| Command::new("/bin/true"));
    let tool = median(|_| {
        let mut command = Command::new(folder.path().join("is-leader"));
        command
            .env("CALLS", folder.path().join("calls"))
            .stdout(Stdio::null());
        command
    });
    let per_hook = last.lines().count();
    let peak = last
        .lines()
        .filter_map(|l| l.parse::<f64>().ok())
        .fold(0.0, f64::max);
    let address = agent::start(folder.path());
    let wired = |number| {
        let mut hook = hook(&charm, folder.path(), number);
        hook.env("PATH", "/usr/bin:/bin")
            .env("JUJU_AGENT_SOCKET_NETWORK", "unix")
            .env("JUJU_AGENT_SOCKET_ADDRESS", &address);
        hook
    };
    let over_socket = median(|n| wired(20_000 + n));
    let call = agent::call(&address, RUNS * 10);
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    let own = ms(steady) - ms(nothing) - ms(tool) * per_hook as f64;
    let budgets = [
        Budget {
            what: "charm binary",
            value: std::fs::metadata(&charm).unwrap().len() as f64 / 1e6,
            limit: 1.2,
            unit: "MB",
        },
        Budget {
            what: "steady hook, all of it",
            value: ms(steady),
            limit: 5.0,
            unit: "ms",
        },
        Budget {
            what: "steady hook, beyond /bin/true and its tools",
            value: own,
            limit: 1.0,
            unit: "ms",
        },
        Budget {
            what: "steady hook over the socket, all of it",
            value: ms(over_socket),
            limit: 2.0,
            unit: "ms",
        },
        Budget {
            what: "memory at its peak",
            value: peak / 1024.0,
            limit: 5.0,
            unit: "MiB",
        },
        Budget {
            what: "hook tools in a steady hook",
            value: per_hook as f64,
            limit: 2.0,
            unit: "calls",
        },
    ];
    println!(
        "(a tool takes {:.2} ms, /bin/true {:.2} ms; {calls} calls in {RUNS} hooks)",
        ms(tool),
        ms(nothing)
    );
    println!(
        "(a call takes {:.2} ms as a process and {:.3} ms over the socket: 1/{:.0}; the hook 1/{:.1})",
        ms(tool),
        ms(call),
        ms(tool) / ms(call),
        ms(steady) / ms(over_socket)
    );
    let mut exceeded = false;
    for budget in budgets {
        let over = budget.value > budget.limit;
        exceeded |= over;
        let verdict = if over { "EXCEEDED" } else { "met" };
        let Budget {
            what,
            value,
            limit,
            unit,
        } = budget;
        println!("{what:<45} {value:>7.2} {unit:<5}  budget ≤ {limit} {verdict}");
    }
    if exceeded && std::env::args().any(|a| a == "--check") {
        std::process::exit(1);
    }
}

fn hook(charm: &Path, folder: &Path, number: usize) -> Command {
    let mut command = Command::new(charm);
    command
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("CALLS", folder.join("calls"))
        .env(
            "JUJU_CONTEXT_ID",
            format!("password/0-update-status-{number}"),
        )
        .env("JUJU_UNIT_NAME", "password/0")
        .env("JUJU_MODEL_UUID", "deadbeef-0bad-400d-8000-4b1d0d06f00d")
        .env("JUJU_MODEL_NAME", "bench")
        .env("JUJU_VERSION", "3.6.11")
        .env("JUJU_CHARM_DIR", folder.join("charm"))
        .env("JUJU_DISPATCH_PATH", "hooks/update-status")
        .stdin(Stdio::null());
    command
}

fn median(mut command: impl FnMut(usize) -> Command) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|n| {
            let mut command = command(n);
            let start = Instant::now();
            let status = command.status().unwrap();
            let took = start.elapsed();
            assert!(status.success());
            took
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

/// A hook tool as a process; it also notes how much memory its caller has used.
fn tool(tool: &str) {
    use std::io::{Read, Write};
    let status = std::fs::read_to_string(format!(
        "/proc/{}/status",
        std::os::unix::process::parent_id()
    ))
    .unwrap();
    let peak = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .unwrap_or("0 kB");
    let notes = PathBuf::from(std::env::var_os("CALLS").unwrap());
    let mut calls = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&notes)
        .unwrap();
    writeln!(calls, "{}", peak.split_whitespace().next().unwrap()).unwrap();
    let mut stdin = String::new();
    if tool == "state-set" {
        std::io::stdin().read_to_string(&mut stdin).unwrap();
    }
    print!("{}", answer(tool, &stdin, notes.parent().unwrap()));
}

/// What a follower without settings hears.
fn answer(tool: &str, stdin: &str, folder: &Path) -> String {
    let state = folder.join("state");
    match tool {
        "is-leader" => "false\n".to_owned(),
        "leader-get" => "{}\n".to_owned(),
        "state-get" => {
            let id = std::fs::read_to_string(state).unwrap_or_else(|_| "\"\"".to_owned());
            format!("{}\n", id.trim())
        }
        "state-set" => {
            let id = stdin.split_once(": ").map_or("", |(_, id)| id);
            std::fs::write(state, id).unwrap();
            String::new()
        }
        _ => String::new(),
    }
}
