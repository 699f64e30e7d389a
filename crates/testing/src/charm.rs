//! A charm as a test deploys it: handlers, and the files that describe it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ensign::handler::{CrateOrder, Registry};
use ensign::metadata::Metadata;
use ensign_model::{CharmError, CharmInfo, Documents};
use serde_json::{Value, json};

/// A charm: its handlers, its metadata, config and actions.
#[derive(Debug, Clone)]
pub struct Charm {
    pub(crate) registry: Arc<Registry>,
    pub(crate) info: CharmInfo,
    /// What `ensign build` would have written beside the binary.
    pub(crate) metadata: Arc<Metadata>,
    /// Files that stand in the charm's folder on every unit, by their path in it.
    pub(crate) files: Arc<BTreeMap<String, Vec<u8>>>,
    built: Value,
}

/// A charm that cannot be tested: a file that cannot be read, or that Juju would refuse.
#[derive(Debug)]
pub struct BadCharm {
    what: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl std::fmt::Display for BadCharm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for BadCharm {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

impl From<CharmError> for BadCharm {
    fn from(error: CharmError) -> Self {
        Self {
            what: "Juju would refuse this charm".to_owned(),
            source: Some(Box::new(error)),
        }
    }
}

impl Charm {
    /// The charm in this folder, with every handler that is linked into the running test. The crates are named
    /// base first, as in `ensign::main!`; a test that wants them linked says `use my_charm as _;`. What is below its
    /// `templates` folder stands in the charm's folder on every unit.
    ///
    /// # Errors
    /// When a file is missing, is no YAML, or is refused by Juju's rules.
    pub fn linked(folder: impl AsRef<Path>, crates: &[&str]) -> Result<Self, BadCharm> {
        let folder = folder.as_ref();
        let read = |name: &str, required: bool| -> Result<Value, BadCharm> {
            let path = folder.join(name);
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound && !required => {
                    return Ok(Value::Null);
                }
                Err(e) => {
                    return Err(BadCharm {
                        what: format!("cannot read `{}`", path.display()),
                        source: Some(Box::new(e)),
                    });
                }
            };
            serde_saphyr::from_str(&text).map_err(|e| BadCharm {
                what: format!("`{}` is no YAML that Ensign understands", path.display()),
                source: Some(e.to_string().into()),
            })
        };
        let layer = read("layer.yaml", false)?;
        let charm = Self::of(
            Registry::linked(CrateOrder::new(crates.iter().copied())),
            &Documents {
                metadata: read("metadata.yaml", true)?,
                config: read("config.yaml", false)?,
                actions: read("actions.yaml", false)?,
            },
            &layer["options"],
        )?;
        let mut files = BTreeMap::new();
        gather(&folder.join("templates"), "templates", &mut files)?;
        Ok(Self {
            files: Arc::new(files),
            ..charm
        })
    }

    /// A charm of these handlers and documents; `options` are the layers' options, by layer.
    ///
    /// # Errors
    /// When Juju's rules refuse the documents.
    pub fn of(
        registry: Registry,
        documents: &Documents,
        options: &Value,
    ) -> Result<Self, BadCharm> {
        let info = documents.charm("1")?;
        let metadata = &documents.metadata;
        let built = json!({
            "schema": 1,
            "name": info.name,
            "build": info.build,
            "layers": registry.crates().crates(),
            "options": if options.is_null() { json!({}) } else { options.clone() },
            "metadata": metadata,
            "config": documents.config.get("options").cloned().unwrap_or_else(|| json!({})),
            "actions": if documents.actions.is_null() { json!({}) } else { documents.actions.clone() },
        });
        Ok(Self {
            registry: Arc::new(registry),
            info,
            metadata: Arc::new(parse(&built)?),
            files: Arc::default(),
            built,
        })
    }

    /// A charm with one peer endpoint, `cluster`, and no configuration.
    ///
    /// # Errors
    /// When the name is none that Juju takes.
    pub fn with_peers(name: &str, registry: Registry) -> Result<Self, BadCharm> {
        let metadata = json!({
            "name": name, "summary": "a test", "description": "a test",
            "peers": {"cluster": {"interface": format!("{name}-peers")}},
        });
        Self::of(
            registry,
            &Documents {
                metadata,
                config: Value::Null,
                actions: Value::Null,
            },
            &Value::Null,
        )
    }

    /// The same charm built anew: for upgrades.
    #[must_use]
    pub fn rebuilt(mut self, build: &str) -> Self {
        self.info = self.info.rebuilt(build);
        self.built["build"] = build.into();
        // What could be read before can be read with another build id.
        if let Ok(metadata) = parse(&self.built) {
            self.metadata = Arc::new(metadata);
        }
        self
    }
}

/// All files below `folder`, under the name it has in the charm; none where there is no such folder.
fn gather(
    folder: &Path,
    name: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), BadCharm> {
    let cannot = |path: &Path, e: std::io::Error| BadCharm {
        what: format!("cannot read `{}`", path.display()),
        source: Some(Box::new(e)),
    };
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|e| cannot(folder, e))?,
    };
    for entry in entries {
        let path = entry.map_err(|e| cannot(folder, e))?.path();
        let inside = format!(
            "{name}/{}",
            path.file_name().unwrap_or_default().to_string_lossy()
        );
        if path.is_dir() {
            gather(&path, &inside, files)?;
        } else {
            let bytes = std::fs::read(&path).map_err(|e| cannot(&path, e))?;
            files.insert(inside, bytes);
        }
    }
    Ok(())
}

fn parse(built: &Value) -> Result<Metadata, BadCharm> {
    Metadata::parse(&built.to_string()).map_err(|e| BadCharm {
        what: "Ensign cannot read what it would have built".to_owned(),
        source: Some(Box::new(e)),
    })
}
