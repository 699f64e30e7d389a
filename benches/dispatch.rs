//! Whole hooks over 10 to 10,000 handlers in four shapes, with the growth and the budgets beside the times.
//!
//! `cargo bench --bench dispatch`; with `-- --check` it exits 1 when a budget is exceeded.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::exit)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use ensign::dispatch::Silent;
use ensign::handler::{Clause, Registry};
use ensign::hook::HookEnv;
use ensign::host::{Host, SystemPrograms};
use ensign::metadata::Metadata;
use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};
use ensign::{Flag, Handler, Outcome};
use ensign_testing::{MemoryDisk, SeededEntropy, TestClock};

/// Answers at once: what is measured is ours.
struct Instantly;

impl Transport for Instantly {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let (code, stdout) = match call.tool {
            "is-leader" => (0, "false\n"),
            "state-get" => (1, ""),
            _ => (0, ""),
        };
        let stderr = if code == 1 {
            "ERROR \"ensign-commit\" not found\n"
        } else {
            ""
        };
        Ok(ToolOutput {
            code,
            stdout: stdout.into(),
            stderr: stderr.into(),
        })
    }
}

struct Shape {
    name: &'static str,
    /// N and the milliseconds it may take.
    budget: Option<(usize, f64)>,
    sizes: &'static [usize],
    handlers: fn(usize) -> Vec<Handler>,
    flags: fn(usize) -> Vec<String>,
}

fn text(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn flags<const N: usize>(names: [String; N]) -> &'static [Flag] {
    Box::leak(Box::new(names.map(|n| Flag::new(text(n)))))
}

fn handler(
    id: String,
    clauses: Vec<Clause>,
    run: fn(&mut ensign::Context) -> ensign::Result<Outcome>,
) -> Handler {
    Handler::new(text(id), Box::leak(clauses.into_boxed_slice()), run)
}

fn done(_: &mut ensign::Context) -> ensign::Result<Outcome> {
    Ok(Outcome::Done)
}

fn begin() -> Handler {
    handler(
        "bench::begin".to_owned(),
        vec![Clause::Hook(&["install"])],
        |ctx| {
            ctx.set_flag("go.0")?;
            Ok(Outcome::Done)
        },
    )
}

/// None due.
fn quiet(n: usize) -> Vec<Handler> {
    (0..n)
        .map(|i| {
            let when = flags([format!("f.{i}"), format!("go.{i}")]);
            let not = flags([format!("done.{i}")]);
            handler(
                format!("bench::h{i:05}"),
                vec![Clause::When(when), Clause::WhenNot(not)],
                done,
            )
        })
        .collect()
}

/// N flags set, one more set by a hook handler, one handler due.
fn sparse(n: usize) -> Vec<Handler> {
    let mut all = quiet(n);
    all.push(begin());
    all
}

/// One flag, N handlers.
fn fan_out(n: usize) -> Vec<Handler> {
    let mut all: Vec<Handler> = (0..n)
        .map(|i| {
            handler(
                format!("bench::h{i:05}"),
                vec![Clause::When(flags(["go.0".to_owned()]))],
                done,
            )
        })
        .collect();
    all.push(begin());
    all
}

/// Each wakes the next: N iterations.
fn chain(n: usize) -> Vec<Handler> {
    let mut all: Vec<Handler> = (0..n)
        .map(|i| {
            handler(
                format!("bench::h{i:05}"),
                vec![
                    Clause::When(flags([format!("go.{i}")])),
                    Clause::WhenNot(flags([format!("go.{}", i + 1)])),
                ],
                |ctx| {
                    let n = ctx.kv().get_or("n", 0)? + 1;
                    ctx.kv().set("n", &n)?;
                    ctx.set_flag(format!("go.{n}"))?;
                    Ok(Outcome::Done)
                },
            )
        })
        .collect();
    all.push(begin());
    all
}

fn no_flags(_: usize) -> Vec<String> {
    Vec::new()
}

fn one_each(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("f.{i}")).collect()
}

const SIZES: &[usize] = &[10, 100, 1_000, 10_000];

const SHAPES: &[Shape] = &[
    Shape {
        name: "quiet",
        budget: Some((10_000, 2.0)),
        sizes: SIZES,
        handlers: quiet,
        flags: no_flags,
    },
    Shape {
        name: "sparse",
        budget: Some((5_000, 5.0)),
        sizes: &[10, 100, 1_000, 5_000, 10_000],
        handlers: sparse,
        flags: one_each,
    },
    Shape {
        name: "fan-out",
        budget: Some((10_000, 20.0)),
        sizes: SIZES,
        handlers: fan_out,
        flags: no_flags,
    },
    Shape {
        name: "chain",
        budget: None,
        sizes: SIZES,
        handlers: chain,
        flags: no_flags,
    },
];

fn host(flags: &[String], run: usize) -> Host {
    let vars: BTreeMap<&str, String> = BTreeMap::from([
        ("JUJU_CONTEXT_ID", format!("bench/0-install-{run}")),
        ("JUJU_UNIT_NAME", "bench/0".to_owned()),
        ("JUJU_MODEL_UUID", "m".to_owned()),
        ("JUJU_VERSION", "3.6.1".to_owned()),
        ("JUJU_CHARM_DIR", "/charm".to_owned()),
        ("JUJU_DISPATCH_PATH", "hooks/install".to_owned()),
    ]);
    let disk = MemoryDisk::new(TestClock::default());
    let document = serde_json::json!({
        "version": "1.0",
        "owner": {"model": "m", "unit": "bench/0"},
        "key": "0".repeat(32),
        "flags": flags,
    });
    disk.put("/charm/.ensign/state.json", document.to_string());
    Host {
        env: HookEnv::read(&|name| vars.get(name).cloned(), Path::new("dispatch")).unwrap(),
        metadata: Metadata::default(),
        transport: Box::new(Instantly),
        disk: Box::new(disk),
        clock: Box::new(TestClock::default()),
        programs: Box::new(SystemPrograms),
        entropy: Box::new(SeededEntropy::new(1)),
    }
}

fn median(shape: &Shape, n: usize) -> Duration {
    let handlers: Vec<&'static Handler> = (shape.handlers)(n)
        .into_iter()
        .map(|h| &*Box::leak(Box::new(h)))
        .collect();
    let registry = Registry::new(handlers, []).with_limit(None);
    let flags = (shape.flags)(n);
    let mut times: Vec<Duration> = (0..15)
        .map(|run| {
            let host = host(&flags, run);
            let start = Instant::now();
            let ended = ensign::run::hook(host, &registry, &mut Silent);
            let took = start.elapsed();
            assert!(ended.succeeded(), "{:?}", ended.error);
            took
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let check = std::env::args().any(|a| a == "--check");
    let mut exceeded = false;
    println!(
        "{:<8} {:>7} {:>10} {:>8}  budget",
        "shape", "N", "ms", "growth"
    );
    for shape in SHAPES {
        let mut last: Option<(usize, f64)> = None;
        for &n in shape.sizes {
            let ms = median(shape, n).as_secs_f64() * 1e3;
            // Small sizes are all start-up: growth says something from a hundred handlers on.
            let growth = last
                .filter(|(m, _)| *m >= 100)
                .map(|(m, before)| (ms / before).ln() / (n as f64 / m as f64).ln());
            let growth = growth.map_or_else(String::new, |g| format!("{g:.2}"));
            let budget = match shape.budget {
                Some((at, limit)) if at == n => {
                    exceeded |= ms > limit;
                    format!(
                        "≤ {limit} ms {}",
                        if ms > limit { "EXCEEDED" } else { "met" }
                    )
                }
                _ => String::new(),
            };
            println!("{:<8} {n:>7} {ms:>10.3} {growth:>8}  {budget}", shape.name);
            last = Some((n, ms));
        }
    }
    if check && exceeded {
        std::process::exit(1);
    }
}
