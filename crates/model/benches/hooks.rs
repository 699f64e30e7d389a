//! How many hooks a second the model carries in one process: `cargo bench -p ensign-model`.
//!
//! The charm does nothing; each hook asks whether it leads, reads what the leader has set, and says how it is. What a
//! charm costs comes on top.

#![expect(clippy::print_stdout, reason = "what it is for")]

use std::error::Error;
use std::time::Instant;

use ensign_model::{
    Answer, Call, CharmInfo, Exit, MemoryFiles, Model, ModelConfig, OperationKind, Profile,
};

fn main() -> Result<(), Box<dyn Error>> {
    for profile in [Profile::V3_6, Profile::V4_0] {
        for units in sizes() {
            let (hooks, seconds) = bootstrap(profile, units)?;
            report(profile, units, "bootstrap", hooks, seconds);
        }
        if std::env::var_os("HOOKS_UNITS").is_some() {
            continue;
        }
        let (hooks, seconds) = steady(profile, 3, 20_000)?;
        report(profile, 3, "steady", hooks, seconds);
    }
    Ok(())
}

/// How many units; `HOOKS_UNITS=100,400` says otherwise.
fn sizes() -> Vec<u32> {
    let asked = std::env::var("HOOKS_UNITS").unwrap_or_default();
    let asked: Vec<u32> = asked
        .split(',')
        .filter_map(|size| size.parse().ok())
        .collect();
    if asked.is_empty() {
        vec![3, 30, 200]
    } else {
        asked
    }
}

fn report(profile: Profile, units: u32, what: &str, hooks: u32, seconds: f64) {
    println!(
        "{profile} {units:4} units  {what:9} {:8.0} hooks/s",
        f64::from(hooks) / seconds
    );
}

fn model(profile: Profile, units: u32) -> Result<Model, Box<dyn Error>> {
    let mut config = ModelConfig::new(profile, 1);
    config.log_level = None;
    config.keep_history = false;
    let mut model = Model::new(config);
    model.deploy(
        "password",
        CharmInfo::named("password").with_peer("cluster", "password"),
        units,
    )?;
    Ok(model)
}

/// From deployment to rest.
fn bootstrap(profile: Profile, units: u32) -> Result<(u32, f64), Box<dyn Error>> {
    let mut model = model(profile, units)?;
    let begin = Instant::now();
    let hooks = drain(&mut model)?;
    Ok((hooks, begin.elapsed().as_secs_f64()))
}

/// `update-status` after `update-status`.
fn steady(profile: Profile, units: u32, least: u32) -> Result<(u32, f64), Box<dyn Error>> {
    let mut model = model(profile, units)?;
    drain(&mut model)?;
    let begin = Instant::now();
    let mut hooks = 0;
    while hooks < least {
        let next = model.next_timer().ok_or("no timer")?;
        model.advance(next);
        hooks += drain(&mut model)?;
    }
    Ok((hooks, begin.elapsed().as_secs_f64()))
}

fn drain(model: &mut Model) -> Result<u32, Box<dyn Error>> {
    let is_leader = ["is-leader", "--format=json"].map(str::to_owned);
    let read = ["relation-ids", "--format=json", "cluster"].map(str::to_owned);
    let status = ["status-set", "active", "ready"].map(str::to_owned);
    let mut files = MemoryFiles::default();
    let mut hooks = 0;
    while let Some(operation) = model.poll() {
        if !matches!(operation.kind, OperationKind::Deploy { .. }) {
            hooks += 1;
            for argv in [&is_leader[..], &read, &status] {
                let call = Call {
                    argv,
                    stdin: None,
                    cwd: "/",
                };
                match model.tool(&operation.context, &call, &mut files) {
                    Answer::Done(result) if result.code == 0 => {}
                    other => return Err(format!("{argv:?}: {other:?}").into()),
                }
            }
        }
        let _ = model.finish(&operation.context, Exit::Code(0))?;
    }
    Ok(hooks)
}
