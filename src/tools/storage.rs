//! Storage (Juju facts, hook tools §14).

use serde::Deserialize;

use super::call::Call;
use super::{ToolError, Tools, answer};

/// A storage instance of this unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StorageInfo {
    /// `filesystem` or `block`.
    pub kind: String,
    /// The folder or the device.
    pub location: String,
}

/// What is known about an instance, such as `data/0`.
///
/// # Errors
/// If the tool fails or there is no such instance.
pub fn storage_get(tools: &mut Tools, id: &str) -> Result<StorageInfo, ToolError> {
    let output = Call::json("storage-get").value("-s", id).run(tools)?;
    answer::parse("storage-get", &output)
}

/// The instances of this unit, such as `data/0`: those of one storage name, or all.
///
/// # Errors
/// If the tool fails.
pub fn storage_list(tools: &mut Tools, name: Option<&str>) -> Result<Vec<String>, ToolError> {
    let call = Call::json("storage-list");
    let call = match name {
        Some(name) => call.arg(name),
        None => call,
    };
    let output = call.run(tools)?;
    answer::parse_list("storage-list", &output)
}

/// Asks for `count` more instances of a storage name when the hook succeeds; the limits of the metadata are checked then.
///
/// # Errors
/// If the tool fails; [`ToolError::Invalid`] if `count` is 0 or the name is none.
pub fn storage_add(tools: &mut Tools, name: &str, count: u32) -> Result<(), ToolError> {
    if count == 0 {
        return Err(ToolError::invalid(
            "storage-add",
            "0 instances are none: ask for one at least",
        ));
    }
    if name.is_empty() || name.contains('=') {
        return Err(ToolError::invalid(
            "storage-add",
            format!("`{name}` is not the name of a storage"),
        ));
    }
    Call::write("storage-add")
        .arg(format!("{name}={count}"))
        .run(tools)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    #[test]
    fn an_instance_has_a_kind_and_a_place() {
        let argv = ["storage-get", "--format=json", "-s", "data/10"];
        let calls = [on(&argv).says("{\"kind\":\"block\",\"location\":\"/dev/sdb\"}\n")];
        let info = play(calls, |t| storage_get(t, "data/10")).unwrap();
        assert_eq!(
            (info.kind.as_str(), info.location.as_str()),
            ("block", "/dev/sdb")
        );
    }

    #[test]
    fn instances_are_listed_for_one_name_or_all() {
        let argv = ["storage-list", "--format=json"];
        assert_eq!(
            play([on(&argv).says("[\"data/0\"]\n")], |t| storage_list(
                t, None
            ))
            .unwrap(),
            ["data/0"]
        );
        let argv = ["storage-list", "--format=json", "nope"];
        assert!(
            play([on(&argv).says("[]\n")], |t| storage_list(t, Some("nope")))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn more_storage_is_asked_for_by_count() {
        play([on(&["storage-add", "data=2"])], |t| {
            storage_add(t, "data", 2)
        })
        .unwrap();
        assert!(play([], |t| storage_add(t, "data", 0)).is_err());
        assert!(play([], |t| storage_add(t, "data=1,2G", 1)).is_err());
        assert!(play([], |t| storage_add(t, "", 1)).is_err());
    }
}
