//! What the agent and its controller add to a hook that is a process, beyond the process's own time.
//!
//! `cargo bench -p ensign-local --bench hook [-- --check]`. Units are processes of the host here; a machine adds nothing
//! to a hook. This program is its own `ensign`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, missing_docs)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use ensign_local::{Charm, Event, Home, LocalModel, Options, Wanted, read_steps};
use ensign_model::{CharmInfo, Profile};

/// In milliseconds.
const BUDGET: f64 = 3.0;

/// Longer than it takes, in model time.
const LONG: Duration = Duration::from_secs(30 * 24 * 3600);

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let argv0 = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    if let Some(code) = ensign_local::entry(&argv0, &args) {
        return code;
    }
    let folder = std::env::temp_dir().join(format!("ensign-bench-{}", std::process::id()));
    let (hooks, took) = hooks(&folder);
    let own = median((0..hooks).map(|_| {
        let mut command = Command::new("/bin/true");
        command.env_clear().stdin(Stdio::null());
        let start = Instant::now();
        assert!(command.status().unwrap().success());
        start.elapsed()
    }));
    std::fs::remove_dir_all(&folder).unwrap();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    let overhead = ms(took) - ms(own);
    let verdict = if overhead > BUDGET { "EXCEEDED" } else { "met" };
    println!(
        "({hooks} hooks of /bin/true: {:.2} ms each, {:.2} ms of it the process)",
        ms(took),
        ms(own)
    );
    println!("agent's part of a hook {overhead:>7.2} ms  budget ≤ {BUDGET} {verdict}");
    ExitCode::from(u8::from(
        overhead > BUDGET && args.iter().any(|arg| arg == "--check"),
    ))
}

/// How many hooks ran one after the other, and how long one took on average, with all there is between two.
fn hooks(folder: &Path) -> (u32, Duration) {
    let mut model = LocalModel::start(Options {
        home: Home::at(folder.join("home")),
        name: "bench".into(),
        profile: Profile::V3_6,
        seed: Some(7),
        wanted: Wanted::Processes,
        exe: None,
        keep: false,
    })
    .unwrap();
    let dir: PathBuf = folder.join("charm");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("metadata.yaml"), "name: foo\n").unwrap();
    std::os::unix::fs::symlink("/bin/true", dir.join("dispatch")).unwrap();
    let charm = Charm {
        info: CharmInfo::named("foo"),
        dir,
    };
    model.deploy("foo", &charm, 1).unwrap();
    model.settle(LONG, &mut |_| {}).unwrap();
    let mut hooks = 0;
    let mut count = |event: Event| hooks += u32::from(matches!(event, Event::Ended { .. }));
    let start = Instant::now();
    // `update-status` every few minutes of model time, which jumps from one to the next.
    for step in read_steps("advance 1440m").unwrap() {
        model.step(&step, &mut count).unwrap();
    }
    model.settle(LONG, &mut count).unwrap();
    let took = start.elapsed();
    model.destroy().unwrap();
    assert!(hooks > 100, "only {hooks} hooks ran");
    (hooks, took / hooks)
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}
