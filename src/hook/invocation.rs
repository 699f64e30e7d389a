//! What Juju asked for, found in the variables that say so.

use std::path::Path;

use super::{
    Details, EnvError, Hook, HookAction, HookKind, HookRelation, HookSecret, HookStorage,
    HookWorkload, Notice,
};

/// What Juju asked for, before the details.
pub(super) enum Invocation {
    Hook(String),
    Action(String),
    Exec,
}

/// The names under which `juju exec` (once `juju run`) arrives as an action.
const EXEC_ACTIONS: [&str; 2] = ["juju-exec", "juju-run"];

impl Invocation {
    /// `JUJU_DISPATCH_PATH` first, else the program's name (`hooks/install` of old charms), else the other
    /// variables, else `juju exec` (B7 as the design changes it).
    pub(super) fn find(
        get: &dyn Fn(&str) -> Option<String>,
        program: &Path,
    ) -> Result<Self, EnvError> {
        if let Some(path) = get("JUJU_DISPATCH_PATH") {
            return Self::at(Path::new(&path))
                .ok_or_else(|| EnvError::invalid("JUJU_DISPATCH_PATH", &path));
        }
        if get("JUJU_CONTEXT_ID").is_none() {
            return Err(EnvError::NotJuju);
        }
        if let Some(found) = Self::at(program) {
            return Ok(found);
        }
        match (get("JUJU_ACTION_NAME"), get("JUJU_HOOK_NAME")) {
            (Some(action), _) if !EXEC_ACTIONS.contains(&action.as_str()) => {
                Ok(Self::Action(action))
            }
            (None, Some(hook)) => Ok(Self::Hook(hook)),
            _ => Ok(Self::Exec),
        }
    }

    /// `…/hooks/NAME` or `…/actions/NAME`.
    fn at(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_owned();
        match path.parent()?.file_name()?.to_str()? {
            "hooks" => Some(Self::Hook(name)),
            "actions" => Some(Self::Action(name)),
            _ => None,
        }
    }

    pub(super) fn hook(self, get: &dyn Fn(&str) -> Option<String>) -> Result<Hook, EnvError> {
        let mut details = Details {
            relation: relation(get),
            ..Details::default()
        };
        let (kind, name) = match self {
            Self::Exec => (HookKind::Exec, String::new()),
            Self::Action(name) => {
                details.action = Some(HookAction {
                    name: name.clone(),
                    uuid: get("JUJU_ACTION_UUID").unwrap_or_default(),
                });
                (HookKind::Action, name)
            }
            Self::Hook(name) => {
                details.secret = secret(get)?;
                details.storage = storage(get);
                details.workload = workload(get);
                (HookKind::of(&name), name)
            }
        };
        Ok(Hook::of(kind, &name, details))
    }
}

fn relation(get: &dyn Fn(&str) -> Option<String>) -> Option<HookRelation> {
    let id = get("JUJU_RELATION_ID")?;
    let prefix = || {
        id.rsplit_once(':')
            .map_or("", |(endpoint, _)| endpoint)
            .to_owned()
    };
    let remote_unit = get("JUJU_REMOTE_UNIT");
    // `juju exec` leaves JUJU_REMOTE_APP empty although it knows the unit.
    let app_of_unit = || {
        remote_unit
            .as_deref()?
            .split_once('/')
            .map(|(app, _)| app.to_owned())
    };
    Some(HookRelation {
        endpoint: get("JUJU_RELATION").unwrap_or_else(prefix),
        remote_app: get("JUJU_REMOTE_APP").or_else(app_of_unit),
        remote_unit,
        departing_unit: get("JUJU_DEPARTING_UNIT"),
        id,
    })
}

fn secret(get: &dyn Fn(&str) -> Option<String>) -> Result<Option<HookSecret>, EnvError> {
    let Some(id) = get("JUJU_SECRET_ID") else {
        return Ok(None);
    };
    let revision = match get("JUJU_SECRET_REVISION") {
        Some(text) => Some(
            text.parse()
                .map_err(|_| EnvError::invalid("JUJU_SECRET_REVISION", &text))?,
        ),
        None => None,
    };
    Ok(Some(HookSecret {
        id,
        label: get("JUJU_SECRET_LABEL"),
        revision,
    }))
}

fn storage(get: &dyn Fn(&str) -> Option<String>) -> Option<HookStorage> {
    let id = get("JUJU_STORAGE_ID")?;
    Some(HookStorage {
        name: id
            .split_once('/')
            .map_or(id.as_str(), |(name, _)| name)
            .to_owned(),
        location: get("JUJU_STORAGE_LOCATION"),
        kind: get("JUJU_STORAGE_KIND"),
        id,
    })
}

fn workload(get: &dyn Fn(&str) -> Option<String>) -> Option<HookWorkload> {
    Some(HookWorkload {
        name: get("JUJU_WORKLOAD_NAME")?,
        notice: get("JUJU_NOTICE_ID").map(|id| Notice {
            id,
            kind: get("JUJU_NOTICE_TYPE").unwrap_or_default(),
            key: get("JUJU_NOTICE_KEY").unwrap_or_default(),
        }),
        check: get("JUJU_PEBBLE_CHECK_NAME"),
    })
}

#[cfg(test)]
mod tests;
