//! Kubernetes specs of charms that run outside their pods (3.6).

use super::HookContext;
use crate::tool::Failure;

/// The two ways to say what is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpecKind {
    Pod,
    Raw,
}

impl HookContext<'_> {
    /// The stored spec; empty if there is none. What this run sets is not in it.
    pub(crate) fn spec(&self, kind: SpecKind) -> Result<String, Failure> {
        self.unrestricted()?;
        self.connected()?;
        let application = self.world.applications.get(self.unit.application());
        let stored = application.and_then(|application| match kind {
            SpecKind::Pod => application.pod_spec.clone(),
            SpecKind::Raw => application.raw_spec.clone(),
        });
        Ok(stored.unwrap_or_default())
    }

    /// Sets the spec; waits for the flush. Only the leader can.
    pub(crate) fn set_spec(&mut self, kind: SpecKind, spec: String) -> Result<(), Failure> {
        self.unrestricted()?;
        let leads = self
            .is_leader()
            .map_err(|cause| Failure::run(format!("cannot determine leadership: {cause}")))?;
        if !leads {
            return Err(Failure::run("this unit is not the leader"));
        }
        match kind {
            SpecKind::Pod => self.run.pod_spec = Some(spec),
            SpecKind::Raw => self.run.raw_spec = Some(spec),
        }
        Ok(())
    }
}
