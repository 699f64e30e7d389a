//! `add-metric`: record metrics, in `collect-metrics` only (3.6).

use std::collections::BTreeMap;

use super::{Failure, Flags, Help, Invocation, pairs};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "add-metric",
    args: "key1=value1 [key2=value2 ...]",
    purpose: "Record metrics.",
    details: "",
};

/// Keys that begin so are Juju's own.
const RESERVED: &str = "juju";

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).string(
        &["l", "labels"],
        "",
        "labels to be associated with metric values",
    );
    let args = flags.parse(context, call.args)?;
    if args.is_empty() {
        return Err(Failure::usage("no metrics specified"));
    }
    let metrics = parse("metrics", &args)?;
    let labels = match flags.text("labels") {
        "" => BTreeMap::new(),
        // Looked at once for each metric, so not at all if there is none.
        _ if metrics.is_empty() => BTreeMap::new(),
        text => {
            let labels: Vec<String> = text.split(',').map(str::to_owned).collect();
            parse("labels", &labels)?
        }
    };
    for (key, value) in metrics {
        if key.starts_with(RESERVED) {
            return Err(Failure::run(format!("{key} uses a reserved prefix")));
        }
        context
            .add_metric(&key, &value, &labels)
            .map_err(|cause| Failure::run(format!("cannot record metric: {cause}")))?;
    }
    Ok(())
}

fn parse(what: &str, args: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    pairs::parse_set(args)
        .map_err(|failure| Failure::usage(format!("invalid {what}: {}", failure.text())))
}
