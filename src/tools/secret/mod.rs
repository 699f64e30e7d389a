//! Secrets (Juju facts, hook tools §13). Changes are kept if the hook succeeds.
//!
//! Content reaches the tools by a file only, never by the command line: write [`secret_document`] to a file
//! of mode 0600 and give its absolute path, since the unit agent opens it, not this process.

mod document;
mod types;

use std::collections::BTreeMap;
use std::path::Path;

pub use document::secret_document;
pub use types::{
    SecretAccess, SecretHolder, SecretInfo, SecretOwner, SecretRead, SecretRef, SecretSpec,
};

use super::call::Call;
use super::{ToolError, Tools, answer};

/// Makes a secret of the content in `file`; the answer is its URI, `secret:ID`.
///
/// # Errors
/// [`NotLeader`](crate::ErrorKind::NotLeader) for an application's secret off the leader; if the tool is
/// [missing](ToolError::is_missing) or fails. A label in use may be found out only when the hook ends.
pub fn secret_add(
    tools: &mut Tools,
    owner: SecretOwner,
    spec: &SecretSpec,
    file: &Path,
) -> Result<String, ToolError> {
    let owner = match owner {
        SecretOwner::Application => "application",
        SecretOwner::Unit => "unit",
    };
    let call = spec.apply(Call::write("secret-add").value("--owner", owner));
    let output = call
        .value("--file", path("secret-add", file)?)
        .secret(true)
        .run(tools)?;
    let uri = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !uri.starts_with("secret:") {
        return Err(answer::garbled(
            "secret-add",
            "it is not the URI of a secret",
        ));
    }
    Ok(uri)
}

/// Gives a secret new content, or says something else about it. The same content makes no new revision.
///
/// Juju 3.6 keeps only the last call of a context for one secret: put content and spec into one.
///
/// # Errors
/// [`NotLeader`](crate::ErrorKind::NotLeader) if leadership was lost since this context began (a unit that
/// never led learns it only when the hook ends); if the tool is [missing](ToolError::is_missing) or fails.
pub fn secret_set(
    tools: &mut Tools,
    id: &str,
    spec: &SecretSpec,
    file: Option<&Path>,
) -> Result<(), ToolError> {
    let file = file.map(|file| path("secret-set", file)).transpose()?;
    spec.apply(Call::write("secret-set"))
        .value_if("--file", file)
        .arg(id)
        .secret(true)
        .run(tools)?;
    Ok(())
}

/// Removes one revision of a secret, or all.
///
/// # Errors
/// As [`secret_set`]. Of two calls in one context only the last counts.
pub fn secret_remove(tools: &mut Tools, id: &str, revision: Option<u64>) -> Result<(), ToolError> {
    // Juju takes 0 for all.
    if revision == Some(0) {
        return Err(ToolError::invalid(
            "secret-remove",
            "revisions begin at 1: name none to remove all",
        ));
    }
    Call::write("secret-remove")
        .value_if("--revision", revision.map(|n| n.to_string()))
        .arg(id)
        .run(tools)?;
    Ok(())
}

/// The whole content of a secret; none if there is no secret of that id or label here.
///
/// # Errors
/// If this unit may not read it, or the tool is [missing](ToolError::is_missing) or fails.
pub fn secret_get(
    tools: &mut Tools,
    secret: SecretRef<'_>,
    read: SecretRead,
) -> Result<Option<BTreeMap<String, String>>, ToolError> {
    let output = secret
        .apply(Call::json("secret-get"))
        .option_if(read == SecretRead::Peek, "--peek")
        .option_if(read == SecretRead::Refresh, "--refresh")
        .secret(true)
        .run_unless(tools, says_absent)?;
    output
        .map(|output| answer::parse_map("secret-get", &output))
        .transpose()
}

/// What is known about a secret of this unit or application; none if there is none, or it is not this unit's to manage.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails.
pub fn secret_info_get(
    tools: &mut Tools,
    secret: SecretRef<'_>,
) -> Result<Option<SecretInfo>, ToolError> {
    let output = secret
        .apply(Call::json("secret-info-get"))
        .run_unless(tools, says_absent)?;
    let Some(output) = output else {
        return Ok(None);
    };
    let mut all: BTreeMap<String, SecretInfo> = answer::parse("secret-info-get", &output)?;
    match (all.pop_first(), all.is_empty()) {
        (Some((id, info)), true) => Ok(Some(SecretInfo { id, ..info })),
        _ => Err(answer::garbled(
            "secret-info-get",
            "it does not describe one secret",
        )),
    }
}

/// The id alone, without `secret:`, of a secret of this unit or application; none as in [`secret_info_get`].
///
/// # Errors
/// As [`secret_info_get`].
pub fn secret_id(tools: &mut Tools, secret: SecretRef<'_>) -> Result<Option<String>, ToolError> {
    let output = secret
        .apply(Call::json("secret-info-get"))
        .run_unless(tools, says_absent)?;
    let Some(output) = output else {
        return Ok(None);
    };
    let all: serde_json::Value = answer::parse("secret-info-get", &output)?;
    let ids = all.as_object().into_iter().flat_map(serde_json::Map::keys);
    match ids.collect::<Vec<_>>().as_slice() {
        [id] => Ok(Some((*id).clone())),
        _ => Err(answer::garbled(
            "secret-info-get",
            "it does not describe one secret",
        )),
    }
}

impl SecretSpec {
    fn apply(&self, call: Call) -> Call {
        call.value_if("--label", self.label.as_deref())
            .value_if("--description", self.description.as_deref())
            .value_if("--expire", self.expire.as_deref())
            .value_if("--rotate", self.rotate.as_deref())
    }
}

impl SecretRef<'_> {
    fn apply(self, call: Call) -> Call {
        match self {
            Self::Id(id) => call.arg(id),
            Self::Label(label) => call.value("--label", label),
        }
    }
}

/// `secret "…" not found`, `consumer label "…" not found`; not `secret key value "…" not found`.
fn says_absent(text: &str) -> bool {
    let about = text.starts_with("secret \"") || text.starts_with("consumer label \"");
    about && text.ends_with("\" not found")
}

/// Lets the other application of a relation, or one of its units, read a secret as long as the relation exists.
///
/// # Errors
/// If there is no such secret for this unit to manage, or the tool is [missing](ToolError::is_missing) or fails.
pub fn secret_grant(
    tools: &mut Tools,
    id: &str,
    relation: &str,
    unit: Option<&str>,
) -> Result<(), ToolError> {
    Call::write("secret-grant")
        .value("--relation", relation)
        .value_if("--unit", unit)
        .arg(id)
        .run(tools)?;
    Ok(())
}

/// Takes a grant back.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails.
pub fn secret_revoke(tools: &mut Tools, id: &str, from: SecretHolder<'_>) -> Result<(), ToolError> {
    let call = Call::write("secret-revoke");
    let call = match from {
        SecretHolder::Relation(relation) => call.value("--relation", relation),
        SecretHolder::App(app) => call.value("--app", app),
        SecretHolder::Unit(unit) => call.value("--unit", unit),
    };
    call.arg(id).run(tools)?;
    Ok(())
}

/// The ids, without `secret:`, of the secrets this unit manages, those made in this context included; sorted.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails.
pub fn secret_ids(tools: &mut Tools) -> Result<Vec<String>, ToolError> {
    let output = Call::json("secret-ids").run(tools)?;
    let mut ids: Vec<String> = answer::parse_list("secret-ids", &output)?;
    ids.sort();
    Ok(ids)
}

fn path(tool: &str, file: &Path) -> Result<String, ToolError> {
    match file.to_str() {
        Some(text) if file.is_absolute() => Ok(text.to_owned()),
        _ => Err(ToolError::invalid(
            tool,
            format!(
                "`{}` must be an absolute path, the unit agent opens it",
                file.display()
            ),
        )),
    }
}

#[cfg(test)]
mod tests;
