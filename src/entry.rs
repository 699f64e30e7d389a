//! The charm binary's entry: what `ensign::main!` calls.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::dispatch::{Silent, describe};
use crate::error::Result;
use crate::external;
use crate::hook::HookEnv;
use crate::host::Host;
use crate::metadata::Metadata;
use crate::run::{self, complain, install_panic_hook};
use crate::tools::{self, Exec, Transport};

/// Runs the charm: as a hook, as `charms.reactive`, or to describe itself. `crates` are the charm's crates,
/// base first, as `main!` names them.
#[must_use]
pub fn main(crates: &[&str]) -> ExitCode {
    install_panic_hook(transport);
    let mut arguments = std::env::args_os();
    let program = PathBuf::from(arguments.next().unwrap_or_default());
    let arguments: Vec<String> = arguments
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    let done = if program.file_name().is_some_and(|n| n == "charms.reactive") {
        external::command::main(&arguments, crates)
    } else if arguments.first().is_some_and(|a| a == "--describe") {
        print_description(crates)
    } else {
        run_hook(crates)
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&format!("{error:?}"));
            ExitCode::from(1)
        }
    }
}

pub(crate) fn transport() -> Box<dyn Transport> {
    HookEnv::from_process().map_or_else(|_| Box::new(Exec) as _, |env| tools::transport(&env))
}

fn run_hook(crates: &[&str]) -> Result<u8> {
    external::refuse_inside_handler()?;
    let env = HookEnv::from_process()?;
    let host = Host::of_this_process(env)?;
    let registry = run::registry(crates, &host.metadata);
    let externals = if host.env.hook.is_restricted() {
        Ok(Vec::new())
    } else {
        external::discover(&host.env.charm_dir)
    };
    let ended = match externals {
        Ok(externals) => run::with_externals(host, &registry, externals, &mut Silent),
        Err(error) => run::before_start(host, error),
    };
    Ok(u8::from(!ended.succeeded()))
}

fn print_description(crates: &[&str]) -> Result<u8> {
    let exe = std::env::current_exe()?;
    let folder = exe.parent().unwrap_or(Path::new("."));
    let metadata = Metadata::of_charm(folder)?;
    let registry = run::registry(crates, &metadata);
    registry.check()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:#}", describe(&registry))?;
    Ok(0)
}
