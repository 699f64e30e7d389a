//! `action-set`: results of the running action.

use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::go_quote;

const HELP: Help = Help {
    name: "action-set",
    args: "<key>=<value> [<key>=<value> ...]",
    purpose: "Set results of the action.",
    details: "Dots in a key make nested maps.",
};

const RESERVED: [&str; 4] = ["stdout", "stdout-encoding", "stderr", "stderr-encoding"];

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let mut results = Vec::with_capacity(args.len());
    for arg in &args {
        let Some((key, value)) = arg.split_once('=') else {
            let text = format!(
                "argument {} must be of the form key...=value",
                go_quote(arg)
            );
            return Err(Failure::usage(text));
        };
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        for part in &path {
            if !is_key(part) {
                return Err(Failure::usage(format!(
                    "key {} must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, \
                     hyphens and periods",
                    go_quote(part)
                )));
            }
        }
        if let Some(part) = path.iter().find(|part| RESERVED.contains(&part.as_str())) {
            return Err(Failure::usage(format!(
                "cannot set reserved action key {}",
                go_quote(part)
            )));
        }
        results.push((path, value.to_owned()));
    }
    for (path, value) in results {
        context.action()?.set(&path, value);
    }
    Ok(())
}

fn is_key(part: &str) -> bool {
    let alphanumeric = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    part.starts_with(alphanumeric)
        && part.ends_with(alphanumeric)
        && part
            .chars()
            .all(|letter| alphanumeric(letter) || letter == '-')
}
