//! Options that applications are deployed with: `--config`, as `juju deploy` takes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ensign_build::yaml::{Entry, Meaning, Node, Source, Value, parse};
use ensign_build::{Error, Finding};

use super::charm::Deployable;
use crate::report::Report;

/// One `--config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    /// `[APP.]OPTION=VALUE`: the option as it was written, and its value.
    Pair(String, String),
    /// A YAML file with the options of each application.
    File(PathBuf),
}

impl Setting {
    /// With a `=` it is an option and its value, without one a file.
    pub(crate) fn of(text: &str) -> Self {
        match text.split_once('=') {
            Some((option, value)) => Self::Pair(option.to_owned(), value.to_owned()),
            None => Self::File(text.into()),
        }
    }
}

/// Options and values by application.
pub(super) type Settings = BTreeMap<String, BTreeMap<String, String>>;

/// What all of them say; the later ones count.
pub(super) fn settings(all: &[Setting], charms: &[Deployable]) -> Result<Settings, Report> {
    let mut settings = Settings::new();
    for setting in all {
        match setting {
            Setting::Pair(option, value) => {
                let (application, option) = whose(option, charms)?;
                let of_it = settings.entry(application.to_owned()).or_default();
                of_it.insert(option.to_owned(), value.clone());
            }
            Setting::File(path) => {
                for (application, options) in file(path, charms)? {
                    settings.entry(application).or_default().extend(options);
                }
            }
        }
    }
    Ok(settings)
}

/// Options of the first charm need no name before them.
fn whose<'t>(text: &'t str, charms: &'t [Deployable]) -> Result<(&'t str, &'t str), Report> {
    let first = charms.first().map_or("", |charm| charm.name.as_str());
    let Some((application, option)) = text.split_once('.') else {
        return Ok((first, text));
    };
    let is = |charm: &Deployable| charm.name == application;
    if charms.iter().any(is) {
        return Ok((application, option));
    }
    Err(nobody(application))
}

fn nobody(application: &str) -> Report {
    Report::usage(format!("no charm here is called `{application}`")).hint(
        "`--config K=V` sets an option of the first charm, `--config APP.K=V` of the one of that name",
    )
}

fn file(path: &Path, charms: &[Deployable]) -> Result<Settings, Report> {
    let source = Source::read(path)?.ok_or_else(|| {
        Report::usage(format!("there is no file `{}`", path.display()))
            .hint("write `--config OPTION=VALUE`, or the name of a YAML file")
    })?;
    let entries = |node: &Node, what: &str| match &node.value {
        Value::Map(map) => Ok(map.entries().to_vec()),
        Value::Scalar(scalar) if scalar.meaning() == Meaning::Null => Ok(Vec::new()),
        Value::Scalar(_) | Value::List(_) => Err(wrong(&source, node, what)),
    };
    let node = parse(&source).map_err(of_file)?;
    let mut settings = Settings::new();
    for Entry { key, node } in entries(&node, "options stand below the application's name")? {
        if !charms.iter().any(|charm| charm.name == key.name()) {
            return Err(nobody(key.name()));
        }
        let options = settings.entry(key.name().to_owned()).or_default();
        for Entry { key, node } in entries(&node, "options are a mapping from name to value")? {
            match &node.value {
                Value::Scalar(scalar) if scalar.meaning() == Meaning::Null => {}
                Value::Scalar(scalar) => {
                    options.insert(key.name().to_owned(), scalar.text.clone());
                }
                Value::List(_) | Value::Map(_) => {
                    let message = format!("the value of `{}` is no scalar", key.name());
                    return Err(wrong(&source, &node, &message));
                }
            }
        }
    }
    Ok(settings)
}

fn wrong(source: &Source, node: &Node, message: &str) -> Report {
    of_file(Finding::error(source, node.place, message))
}

fn of_file(finding: Finding) -> Report {
    Error::Files(vec![finding]).into()
}
