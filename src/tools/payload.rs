//! Payloads: workloads that run inside something else on the unit (Juju facts, hook tools §16). Not on Juju 4.

use super::call::Call;
use super::{ToolError, Tools};

/// The state of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PayloadStatus {
    /// On its way up.
    Starting,
    /// Up.
    Running,
    /// On its way down.
    Stopping,
    /// Down.
    Stopped,
}

impl PayloadStatus {
    /// The word Juju has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}

/// Registers a payload of a class and type that `metadata.yaml` declares, at once.
///
/// Juju reads that file in the process's directory, so call it from the charm's.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails.
pub fn payload_register(
    tools: &mut Tools,
    kind: &str,
    class: &str,
    id: &str,
    tags: &[&str],
) -> Result<(), ToolError> {
    Call::write("payload-register")
        .args([kind, class, id])
        .args(tags.iter().copied())
        .run(tools)?;
    Ok(())
}

/// Removes a payload, at once.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails.
pub fn payload_unregister(tools: &mut Tools, class: &str, id: &str) -> Result<(), ToolError> {
    Call::write("payload-unregister")
        .args([class, id])
        .run(tools)?;
    Ok(())
}

/// Says how a payload is, at once.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails.
pub fn payload_status_set(
    tools: &mut Tools,
    class: &str,
    id: &str,
    status: PayloadStatus,
) -> Result<(), ToolError> {
    Call::write("payload-status-set")
        .args([class, id, status.name()])
        .run(tools)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    #[test]
    fn payloads_are_registered_watched_and_removed() {
        let argv = ["payload-register", "docker", "mon", "id1", "tag"];
        play([on(&argv)], |t| {
            payload_register(t, "docker", "mon", "id1", &["tag"])
        })
        .unwrap();
        let argv = ["payload-status-set", "mon", "id1", "running"];
        play([on(&argv)], |t| {
            payload_status_set(t, "mon", "id1", PayloadStatus::Running)
        })
        .unwrap();
        play([on(&["payload-unregister", "mon", "id1"])], |t| {
            payload_unregister(t, "mon", "id1")
        })
        .unwrap();
    }
}
