//! Which models there are, and which one is meant.

use ensign_local::{Home, LocalModel, ModelEntry};

use crate::report::Report;

/// The models that killed commands have left behind, and how to be rid of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leftover {
    pub(crate) names: Vec<String>,
}

impl Leftover {
    /// The one command that removes them.
    pub(crate) fn remedy(&self) -> String {
        format!("ensign juju destroy-model {}", self.names.join(" "))
    }
}

/// Models without a controller.
pub(crate) fn left_behind(home: &Home) -> Result<Option<Leftover>, Report> {
    let dead = home.models()?.into_iter().filter(|model| !model.running);
    let names: Vec<String> = dead.map(|model| model.name).collect();
    Ok((!names.is_empty()).then_some(Leftover { names }))
}

/// The model that was named, else the one of the environment, else the only one there is.
pub(crate) fn choose(home: &Home, named: Option<&str>) -> Result<String, Report> {
    if let Some(name) = named {
        return Ok(bare(name).to_owned());
    }
    if let Some(name) = std::env::var("JUJU_MODEL")
        .ok()
        .filter(|name| !name.is_empty())
    {
        return Ok(bare(&name).to_owned());
    }
    let models = home.models()?;
    match &models[..] {
        [] => {
            Err(Report::new("there is no local model")
                .hint("`ensign run --keep` leaves one running"))
        }
        [only] => Ok(only.name.clone()),
        several => {
            let names: Vec<&str> = several.iter().map(|model| model.name.as_str()).collect();
            Err(
                Report::usage(format!("several models are there: {}", names.join(", ")))
                    .hint("name one with `-m MODEL`"),
            )
        }
    }
}

/// Juju also takes `CONTROLLER:OWNER/MODEL`.
pub(super) fn bare(name: &str) -> &str {
    name.rsplit([':', '/']).next().unwrap_or(name)
}

/// A name that no model has yet, from the application's and the profile's.
pub(super) fn fresh_name(home: &Home, application: &str, profile: &str) -> Result<String, Report> {
    let profile = profile.replace('.', "-");
    let mut stem = application.to_owned();
    stem.truncate(30);
    let taken: Vec<ModelEntry> = home.models()?;
    let names = std::iter::once(format!("{stem}-{profile}"))
        .chain((2..).map(|n| format!("{stem}-{profile}-{n}")));
    let free = |name: &String| !taken.iter().any(|model| model.name == *name);
    names
        .into_iter()
        .find(free)
        .ok_or_else(|| Report::new("no name is left for the model"))
}

/// Joins a running model.
pub(crate) fn connect(home: &Home, named: Option<&str>) -> Result<LocalModel, Report> {
    Ok(LocalModel::connect(home, &choose(home, named)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_can_be_named_as_juju_names_it() {
        for name in ["m", "ensign:m", "admin/m", "ensign:admin/m"] {
            assert_eq!(bare(name), "m");
        }
    }

    #[test]
    fn what_is_left_behind_is_removed_by_one_command() {
        let left = Leftover {
            names: vec!["a".into(), "b".into()],
        };
        assert_eq!(left.remedy(), "ensign juju destroy-model a b");
    }
}
