//! The tools that are alone in their topic (Juju facts, hook tools §15, §16).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::call::{self, Call};
use super::{ToolError, Tools, pairs};

/// Says which version of the workload runs, at once; any unit may.
///
/// # Errors
/// If the tool fails.
pub fn application_version_set(tools: &mut Tools, version: &str) -> Result<(), ToolError> {
    Call::write("application-version-set")
        .arg(version)
        .run(tools)?;
    Ok(())
}

/// The file of a resource, fetched from the controller if this unit does not have it yet.
///
/// Juju garbles the path of a file with `%` in its name.
///
/// # Errors
/// If the tool fails, for instance because nothing was uploaded.
pub fn resource_get(tools: &mut Tools, name: &str) -> Result<PathBuf, ToolError> {
    let output = Call::read("resource-get").arg(name).run(tools)?;
    // The path comes without a newline.
    let path = PathBuf::from(OsString::from_vec(output.stdout));
    if !path.is_absolute() {
        return Err(call::garbled("resource-get", "it is not an absolute path"));
    }
    Ok(path)
}

/// The model's cloud and the credential for it, as Juju words it. Needs `juju trust`; stays out of errors and traces.
///
/// # Errors
/// If the tool fails, as it does without trust.
pub fn credential_get(tools: &mut Tools) -> Result<Map<String, Value>, ToolError> {
    let output = Call::json("credential-get").secret(true).run(tools)?;
    call::parse("credential-get", &output)
}

/// When to reboot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reboot {
    /// When the hook has succeeded.
    AfterHook,
    /// At once: the hook is killed, what it buffered is dropped, and it runs again after the boot.
    Now,
}

/// Reboots the machine. With [`Reboot::Now`] this does not return.
///
/// # Errors
/// If the tool fails, as it does in actions.
pub fn juju_reboot(tools: &mut Tools, when: Reboot) -> Result<(), ToolError> {
    Call::write("juju-reboot")
        .option_if(when == Reboot::Now, "--now")
        .run(tools)?;
    Ok(())
}

/// Adds metrics, in `collect-metrics` hooks only. Not on Juju 4.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails; [`ToolError::Invalid`] for pairs it would
/// damage: white space around a key or value, or a comma in a label.
pub fn add_metric<K: AsRef<str>, V: AsRef<str>>(
    tools: &mut Tools,
    metrics: impl IntoIterator<Item = (K, V)>,
    labels: &BTreeMap<String, String>,
) -> Result<(), ToolError> {
    let metrics = pairs::trimmed("add-metric", metrics)?;
    let labels = pairs::trimmed("add-metric", labels)?;
    if let Some(bad) = labels.iter().find(|label| label.contains(',')) {
        return Err(ToolError::invalid(
            "add-metric",
            format!("the label `{bad}` contains a comma"),
        ));
    }
    let labels = (!labels.is_empty()).then(|| labels.join(","));
    Call::write("add-metric")
        .value_if("--labels", labels)
        .args(metrics)
        .run(tools)?;
    Ok(())
}
