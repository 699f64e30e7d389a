//! The tools that are alone in their topic (Juju facts, hook tools §15, §16).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::call::Call;
use super::{ToolError, Tools, answer, pairs};

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
        return Err(answer::garbled(
            "resource-get",
            "it is not an absolute path",
        ));
    }
    Ok(path)
}

/// The model's cloud and the credential for it, as Juju words it. Needs `juju trust`; stays out of errors and traces.
///
/// # Errors
/// If the tool fails, as it does without trust.
pub fn credential_get(tools: &mut Tools) -> Result<Map<String, Value>, ToolError> {
    let output = Call::json("credential-get").secret(true).run(tools)?;
    answer::parse("credential-get", &output)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    #[test]
    fn the_version_may_look_like_an_option() {
        play([on(&["application-version-set", "7.2"])], |t| {
            application_version_set(t, "7.2")
        })
        .unwrap();
        play([on(&["application-version-set", "--", "-7"])], |t| {
            application_version_set(t, "-7")
        })
        .unwrap();
    }

    #[test]
    fn a_resource_is_an_absolute_path_without_a_newline() {
        let get = |answer: &str| {
            play([on(&["resource-get", "pkg"]).says(answer)], |t| {
                resource_get(t, "pkg")
            })
        };
        assert_eq!(
            get("/var/lib/juju/r/p.tgz").unwrap(),
            PathBuf::from("/var/lib/juju/r/p.tgz")
        );
        assert!(get("").is_err());
        assert!(get("p.tgz").is_err());
    }

    #[test]
    fn a_credential_stays_out_of_sight() {
        let calls = [on(&["credential-get", "--format=json"])
            .secret(true)
            .says("{\"type\":\"lxd\",\"key\":\"hunter2\"}\n")];
        assert_eq!(
            play(calls, credential_get).unwrap()["type"],
            Value::from("lxd")
        );
        let calls = [on(&["credential-get", "--format=json"]).says("{\"type\":\"hunter2\",}\n")];
        let error = play(calls, credential_get).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }

    #[test]
    fn a_reboot_waits_for_the_hook_or_does_not() {
        play([on(&["juju-reboot"])], |t| {
            juju_reboot(t, Reboot::AfterHook)
        })
        .unwrap();
        play([on(&["juju-reboot", "--now"])], |t| {
            juju_reboot(t, Reboot::Now)
        })
        .unwrap();
    }

    #[test]
    fn metrics_may_carry_labels() {
        let none = BTreeMap::new();
        play([on(&["add-metric", "pings=1"])], |t| {
            add_metric(t, [("pings", "1")], &none)
        })
        .unwrap();
        let labels = BTreeMap::from([
            ("a".to_owned(), "b".to_owned()),
            ("c".to_owned(), "d".to_owned()),
        ]);
        let argv = ["add-metric", "--labels", "a=b,c=d", "pings=1"];
        play([on(&argv)], |t| add_metric(t, [("pings", "1")], &labels)).unwrap();
        let labels = BTreeMap::from([("a".to_owned(), "b,c=d".to_owned())]);
        assert!(play([], |t| add_metric(t, [("pings", "1")], &labels)).is_err());
    }
}
