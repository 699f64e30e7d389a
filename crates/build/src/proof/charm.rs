//! A charm as the checks see it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::handler::{Handler, Trigger};
use super::script::Scripts;
use crate::describe::{Description, describe};
use crate::error::{Error, Result};
use crate::finding::{Finding, Findings, Level};
use crate::registry::Registry;
use crate::yaml::{Node, Place, Source, parse};

/// A charm directory, with what is known of it.
#[derive(Debug)]
pub(super) struct Charm {
    /// The author's folder first, if there is one, then its layers from the top, then the charm directory.
    folders: Vec<PathBuf>,
    /// What its YAML files say.
    pub(super) description: Description,
    /// Handlers of the program by id, then functions of scripts.
    pub(super) handlers: Vec<Handler>,
    /// Triggers of the program.
    pub(super) triggers: Vec<Trigger>,
    /// Prefixes of flags that the program sets on its own.
    pub(super) providers: Vec<String>,
    /// Executables as handlers.
    pub(super) scripts: Scripts,
    /// The layers that it was built from, as `layer:NAME`.
    pub(super) layers: Vec<String>,
}

impl Charm {
    /// Reads a charm directory. Mistakes in single files go to `findings`.
    ///
    /// # Errors
    /// If it is no charm, or cannot be read.
    pub(super) fn read(dir: &Path, sources: &[PathBuf], findings: &mut Findings) -> Result<Self> {
        let registry = registry(&dir.join("dispatch"), findings)?;
        Self::with(dir, sources, &registry, findings)
    }

    /// A charm with these handlers in its program.
    pub(super) fn with(
        dir: &Path,
        sources: &[PathBuf],
        registry: &Registry,
        findings: &mut Findings,
    ) -> Result<Self> {
        // What is wrong with the author's files has been found where they are.
        let mut described = Findings::default();
        let description = describe(dir, &mut described)?;
        if sources.is_empty() {
            findings.extend(described.sorted());
        }
        let mut folders = sources.to_vec();
        folders.push(dir.to_owned());
        let scripts = Scripts::read(dir, &|inside| shown(&folders, inside), findings);
        let handlers = registry.handlers.iter();
        let handlers = handlers.map(|handler| Handler::compiled(handler, &folders));
        let others = registry.others.iter();
        Ok(Self {
            description,
            handlers: handlers.chain(scripts.handlers.iter().cloned()).collect(),
            triggers: others
                .clone()
                .filter(|record| record["kind"] == "trigger")
                .filter_map(|record| Trigger::compiled(record, &folders))
                .collect(),
            providers: others
                .filter(|record| record["kind"] == "provider")
                .filter_map(|record| record["prefix"].as_str().map(str::to_owned))
                .collect(),
            scripts,
            layers: layers(dir),
            folders,
        })
    }

    /// The charm directory.
    pub(super) fn dir(&self) -> &Path {
        self.folders
            .last()
            .map(PathBuf::as_path)
            .unwrap_or(Path::new("."))
    }

    /// A file of the charm as the author knows it.
    pub(super) fn shown(&self, inside: &Path) -> PathBuf {
        shown(&self.folders, inside)
    }

    /// The charm's name, and a word that stands for it where the files give none.
    pub(super) fn name(&self) -> &str {
        match self.description.metadata.name.as_str() {
            "" => "my-charm",
            name => name,
        }
    }

    /// One of the charm's YAML files, the author's own if there is one.
    pub(super) fn source(&self, file: &str) -> Option<(Source, Node)> {
        self.folders
            .iter()
            .find_map(|folder| tree(folder, file)?.ok())
    }

    /// The same, or why it cannot be understood.
    pub(super) fn parsed(&self, file: &str) -> Option<Result<(Source, Node), Finding>> {
        self.folders.iter().find_map(|folder| tree(folder, file))
    }

    /// The file as Juju will see it; none while the author's own stands before it.
    pub(super) fn built(&self, file: &str) -> Option<(Source, Node)> {
        let [only] = self.folders.as_slice() else {
            return None;
        };
        tree(only, file)?.ok()
    }

    /// A finding in a YAML file: at the key of that path if it is there, else at the file's beginning.
    pub(super) fn at_key(
        &self,
        level: Level,
        file: &str,
        path: &[&str],
        message: impl Into<String>,
    ) -> Finding {
        let mut trees = self
            .folders
            .iter()
            .filter_map(|folder| tree(folder, file)?.ok());
        let found = trees.find_map(|(source, node)| Some((source, place_of(&node, path)?)));
        let top = || self.source(file).map(|(source, node)| (source, node.place));
        let Some((source, place)) = found.or_else(top) else {
            return Finding::about(level, self.shown(Path::new(file)), message);
        };
        Finding {
            level,
            ..Finding::error(&source, place, message)
        }
    }

    /// A finding at a handler.
    pub(super) fn at_handler(
        &self,
        level: Level,
        handler: &Handler,
        message: impl Into<String>,
    ) -> Finding {
        at_line(level, &handler.file, handler.line, message)
    }

    /// A finding at a trigger.
    pub(super) fn at_trigger(
        &self,
        level: Level,
        trigger: &Trigger,
        message: impl Into<String>,
    ) -> Finding {
        at_line(level, &trigger.file, trigger.line, message)
    }
}

/// A finding in a source file, with the text of its line if that can be read from here.
fn at_line(level: Level, file: &Path, line: usize, message: impl Into<String>) -> Finding {
    let text = Source::read(file).ok().flatten().map(|source| source.text);
    let text = text.as_deref().unwrap_or_default();
    let snippet = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    Finding {
        line,
        snippet: snippet.to_owned(),
        ..Finding::about(level, file, message)
    }
}

/// The author's own file if there is one, else that of the charm directory.
fn shown(folders: &[PathBuf], inside: &Path) -> PathBuf {
    let mut places = folders.iter().map(|folder| folder.join(inside));
    let own = places.find(|path| path.symlink_metadata().is_ok());
    own.or_else(|| Some(folders.first()?.join(inside)))
        .unwrap_or_default()
}

fn tree(folder: &Path, file: &str) -> Option<Result<(Source, Node), Finding>> {
    let source = Source::read(&folder.join(file)).ok().flatten()?;
    Some(match parse(&source) {
        Ok(node) => Ok((source, node)),
        Err(finding) => Err(finding),
    })
}

/// What a build noted of the layers; nothing for a charm that was not built.
fn layers(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join(".build.manifest")).unwrap_or_default();
    let manifest: Json = serde_json::from_str(&text).unwrap_or_default();
    let all = manifest["layers"].as_array().into_iter().flatten();
    all.filter_map(|layer| layer["url"].as_str().map(str::to_owned))
        .collect()
}

/// Where the key of that path stands.
fn place_of(node: &Node, path: &[&str]) -> Option<Place> {
    let (first, rest) = path.split_first()?;
    let entry = node.as_map()?.entry(first)?;
    if rest.is_empty() {
        Some(entry.key.place)
    } else {
        place_of(&entry.node, rest)
    }
}

/// What is registered in the program, if there is one and it is compiled.
fn registry(program: &Path, findings: &mut Findings) -> Result<Registry> {
    let is_compiled = fs::read(program).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"));
    if !is_compiled {
        return Ok(Registry::default());
    }
    match Registry::read(program) {
        Ok(registry) => Ok(registry),
        Err(error @ Error::Io { .. }) => Err(error),
        Err(error) => {
            findings.push(of_program(program, &error));
            Ok(Registry::default())
        }
    }
}

/// Why the handlers of a program cannot be used.
pub(super) fn of_program(program: &Path, error: &Error) -> Finding {
    let number = match error {
        Error::DuplicateId { .. } => 409,
        _ => 209,
    };
    let finding = Finding::about(Level::Error, program, error.to_string()).numbered(number);
    match error.hint() {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}
