//! The command in a context of Juju's, but in nobody's transaction: as in `juju exec`. It has its own.

use super::Operation;
use crate::context::{Phase, no_store};
use crate::error::Result;
use crate::external::serve::{Access, Session};
use crate::external::wire::Answer;
use crate::flags::Triggers;
use crate::handler::Registry;
use crate::hook::HookEnv;
use crate::host::Host;
use crate::run;

/// Opens the unit's state, does it, and commits if it changes anything. Nothing that changed is consumed, and
/// asking leaves no trace.
pub(super) fn run(operation: &Operation, env: HookEnv, crates: &[&str]) -> Result<Answer> {
    crate::external::refuse_below_handler()?;
    let host = Host::of_this_process(env)?;
    let registry = run::registry(crates, &host.metadata);
    over(operation, host, &registry)
}

/// The same over any host.
pub(super) fn over(operation: &Operation, mut host: Host, registry: &Registry) -> Result<Answer> {
    let charm = registry.of_charm(&host.metadata);
    let registry = charm.as_ref();
    registry.check()?;
    let triggers = Triggers::declared(registry.triggers())?;
    let opened = run::open(&mut host)?;
    let mut ctx = run::context(host, opened.document, triggers, registry);
    ctx.only_look();
    // Between hooks charms.reactive is where its last dispatch ended.
    ctx.phase = Phase::Other;
    run::begin(&mut ctx, opened.rest, registry)?;
    if operation.writes() && ctx.is_restricted() {
        return Ok(Answer::from(&no_store()));
    }
    match operation.run(&mut ctx, &mut Session::alone(Access::Write)) {
        Ok(answer) => {
            if operation.writes() {
                run::finish(&mut ctx, registry, &[])?;
            }
            Ok(answer)
        }
        Err(error) => Ok(Answer::from(&error)),
    }
}
