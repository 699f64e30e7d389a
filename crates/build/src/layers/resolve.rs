//! From `includes` to an order: depth first, each layer once, base to top (B112).

use std::path::Path;

use super::shelf::{Item, Shelf};
use super::{BUILT_IN, Files, Found, Kind, Layer, Stack};
use crate::error::Result;
use crate::finding::Findings;
use crate::schema::{self, Include, IncludeKind, read_layer};
use crate::yaml::Node;

/// Puts what the charm includes below it. Layers that are missing, stand twice on the shelf, or include themselves
/// are noted.
pub(crate) fn resolve(
    charm: Layer,
    shelf: Shelf<'_>,
    files: &mut Files,
    findings: &mut Findings,
) -> Result<Stack> {
    let mut walk = Walk {
        shelf,
        files,
        findings,
        stack: Stack::default(),
        open: Vec::new(),
    };
    walk.includes(&charm.config.includes)?;
    let mut stack = walk.stack;
    stack.layers.push(charm);
    Ok(stack)
}

/// The `layer.yaml` of a layer, or the `interface.yaml` of an interface layer.
pub(crate) fn config(
    url: &str,
    kind: IncludeKind,
    dir: &Path,
    files: &mut Files,
    findings: &mut Findings,
) -> Result<(schema::Layer, Option<Node>)> {
    let names: &[&str] = match kind {
        IncludeKind::Layer => &["layer.yaml"],
        IncludeKind::Interface => &["interface.yaml", "layer.yaml"],
    };
    for name in names {
        if let Some(node) = files.read(url, &dir.join(name), findings)? {
            let config = read_layer(&node, &mut files.reader(findings));
            return Ok((config, Some(node)));
        }
    }
    Ok((schema::Layer::default(), None))
}

struct Walk<'a> {
    shelf: Shelf<'a>,
    files: &'a mut Files,
    findings: &'a mut Findings,
    stack: Stack,
    /// The includes that lead to where the walk is.
    open: Vec<Include>,
}

impl Walk<'_> {
    fn includes(&mut self, includes: &[Include]) -> Result<()> {
        for include in includes {
            self.include(include)?;
        }
        Ok(())
    }

    fn include(&mut self, include: &Include) -> Result<()> {
        let same = |other: &Include| other.kind == include.kind && other.name == include.name;
        if let Some(at) = self.open.iter().position(same) {
            self.cycle(at, include);
            return Ok(());
        }
        let done = match include.kind {
            IncludeKind::Layer => &self.stack.layers,
            IncludeKind::Interface => &self.stack.interfaces,
        };
        if done.iter().any(|layer| layer.name == include.name) {
            return Ok(());
        }
        let Some(layer) = self.find(include)? else {
            return Ok(());
        };
        if include.kind == IncludeKind::Interface {
            self.stack.interfaces.push(layer);
            return Ok(());
        }
        self.open.push(include.clone());
        self.includes(&layer.config.includes)?;
        self.open.pop();
        self.stack.layers.push(layer);
        Ok(())
    }

    fn find(&mut self, include: &Include) -> Result<Option<Layer>> {
        let (kind, name) = (include.kind, include.name.clone());
        let own = match kind {
            IncludeKind::Layer => Kind::Layer,
            IncludeKind::Interface => Kind::Interface,
        };
        let mut layer = Layer {
            name,
            kind: own,
            found: Found::BuiltIn,
            dir: Default::default(),
            krate: None,
            config: schema::Layer::default(),
            raw: None,
            included: include.place,
        };
        if kind == IncludeKind::Layer && BUILT_IN.contains(&layer.name.as_str()) {
            return Ok(Some(layer));
        }
        let mut items = self.shelf.find(kind, &layer.name)?;
        if items.len() > 1 {
            self.ambiguous(include, &items);
        }
        if items.is_empty() {
            self.missing(include);
            return Ok(None);
        }
        let item = items.remove(0);
        layer.dir = item.dir().to_owned();
        (layer.config, layer.raw) =
            config(&layer.url(), kind, &layer.dir, self.files, self.findings)?;
        (layer.found, layer.krate) = match item {
            Item::Crate(krate) => {
                let found = Found::Crate {
                    package: krate.package,
                    version: krate.version,
                };
                (found, krate.lib)
            }
            Item::Folder(_, variable) => (Found::Folder { variable }, None),
        };
        Ok(Some(layer))
    }

    fn missing(&mut self, include: &Include) {
        let (prefix, name) = (include.kind.prefix(), &include.name);
        let places = self.shelf.places(include.kind);
        let hint = format!(
            "let the charm depend on its crate, such as `{prefix}-{name} = …` in `Cargo.toml`, or put it into {places}"
        );
        self.files.reader(self.findings).error(
            include.place,
            format!("`{prefix}:{name}` cannot be found"),
            hint,
        );
    }

    fn ambiguous(&mut self, include: &Include, items: &[Item]) {
        let places: Vec<String> = items
            .iter()
            .map(|item| format!("`{}`", item.dir().display()))
            .collect();
        let message = format!(
            "`{}:{}` is the name of {} layers: {}",
            include.kind.prefix(),
            include.name,
            items.len(),
            places.join(" and ")
        );
        self.files.reader(self.findings).error(
            include.place,
            message,
            "leave one of them where layers are looked for",
        );
    }

    fn cycle(&mut self, at: usize, last: &Include) {
        let way: Vec<String> = self.open[at..]
            .iter()
            .chain([last])
            .map(|include| {
                let file = self.files.source(include.place);
                let file = file.map_or_else(String::new, |f| f.path.display().to_string());
                format!("layer:{} ({file}:{})", include.name, include.place.line)
            })
            .collect();
        let message = format!("`layer:{}` includes itself: {}", last.name, way.join(" → "));
        self.files.reader(self.findings).error(
            last.place,
            message,
            "take one of these includes out",
        );
    }
}
