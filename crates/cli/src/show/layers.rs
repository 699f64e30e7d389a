//! What a charm is made of: the layers as a tree, then keys and files with the layer of each.

use std::fmt::Write as _;

use ensign_build::contents::{Contents, File, Key, Part};

use super::table::{Side::Left, table};

/// Three parts with an empty line between them.
pub(crate) fn layers(contents: &Contents) -> String {
    let mut out = tree(&contents.layers);
    if !contents.keys.is_empty() {
        let row = |key: &Key| {
            let place = key.place.clone().unwrap_or_default();
            vec![key.file.clone(), key.key.clone(), key.layer.clone(), place]
        };
        let rows: Vec<_> = contents.keys.iter().map(row).collect();
        let heading = [
            ("File", Left),
            ("Key", Left),
            ("Layer", Left),
            ("Place", Left),
        ];
        out.push('\n');
        out.push_str(&table(&heading, &rows));
    }
    if !contents.files.is_empty() {
        let row = |file: &File| vec![file.path.clone(), file.layer.clone()];
        let rows: Vec<_> = contents.files.iter().map(row).collect();
        out.push('\n');
        out.push_str(&table(&[("Path", Left), ("Layer", Left)], &rows));
    }
    out
}

/// From the charm down to what it includes; a list where that is no longer known.
fn tree(layers: &[Part]) -> String {
    let mut out = String::new();
    match layers.last() {
        Some(charm) if !charm.includes.is_empty() => {
            line(&mut out, "", charm);
            branches(&mut out, "", charm, layers, &mut Vec::new());
        }
        _ => layers
            .iter()
            .rev()
            .for_each(|layer| line(&mut out, "", layer)),
    }
    out
}

fn line(out: &mut String, lead: &str, layer: &Part) {
    let dir = layer.dir.as_ref().map(|dir| format!(", {}", dir.display()));
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{lead}{}  {}{}",
        layer.layer,
        layer.found,
        dir.unwrap_or_default()
    );
}

fn branches<'a>(
    out: &mut String,
    lead: &str,
    layer: &'a Part,
    all: &'a [Part],
    shown: &mut Vec<&'a str>,
) {
    for (index, name) in layer.includes.iter().enumerate() {
        let last = index + 1 == layer.includes.len();
        let (branch, below) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let Some(found) = all.iter().find(|other| other.layer == *name) else {
            let _ = writeln!(out, "{lead}{branch}{name}  not found");
            continue;
        };
        if shown.contains(&name.as_str()) {
            let _ = writeln!(out, "{lead}{branch}{name}  as above");
            continue;
        }
        shown.push(name);
        line(out, &format!("{lead}{branch}"), found);
        branches(out, &format!("{lead}{below}"), found, all, shown);
    }
}
