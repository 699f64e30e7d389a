//! `deletes` of `layer.yaml`: keys that a layer takes out of what lies below it.

use crate::finding::Findings;
use crate::layers::Files;
use crate::schema::Delete;
use crate::yaml::{Map, nearest};

/// Takes the keys out of `below`. One that is not there is noted: it was misspelt, or the lower layer has changed.
pub(crate) fn delete(
    below: &mut Map,
    deletes: &[Delete],
    section: &str,
    files: &Files,
    findings: &mut Findings,
) {
    for wanted in deletes {
        if let Err(near) = take(below, &wanted.path) {
            let message = format!(
                "no layer below has `{}` in its `{section}.yaml`",
                wanted.path
            );
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "take this line out".to_owned(),
            };
            files.reader(findings).warning(wanted.place, message, hint);
        }
    }
}

/// Takes out the key at the end of `path`; else the path that it may have been meant.
fn take(map: &mut Map, path: &str) -> Result<(), Option<String>> {
    // A key may itself have dots in it.
    if map.remove(path).is_some() {
        return Ok(());
    }
    for (at, _) in path.match_indices('.') {
        let (head, tail) = (&path[..at], &path[at + 1..]);
        if let Some(inner) = map.get_mut(head).and_then(|node| node.as_map_mut()) {
            return take(inner, tail).map_err(|near| near.map(|near| format!("{head}.{near}")));
        }
    }
    let head = path.split('.').next().unwrap_or(path);
    let names: Vec<&str> = map.entries().iter().map(|entry| entry.key.name()).collect();
    Err(nearest(head, &names).map(|near| format!("{near}{}", &path[head.len()..])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Node, Source, parse};

    fn node(text: &str) -> Node {
        let source = Source {
            path: "x".into(),
            text: text.into(),
        };
        parse(&source).unwrap()
    }

    #[test]
    fn a_path_leads_through_mappings_and_keys_with_dots() {
        let mut all = node("a: {b: {c: 1, d: 2}}\nx.y: 3\nz: {x.y: {q: 4}}\n");
        for path in ["a.b.c", "x.y", "z.x.y.q"] {
            assert_eq!(take(all.as_map_mut().unwrap(), path), Ok(()), "{path}");
        }
        let left = serde_json::json!({"a": {"b": {"d": 2}}, "z": {"x.y": {}}});
        assert_eq!(all.to_json(), left);
    }

    #[test]
    fn what_is_not_there_is_guessed() {
        let mut all = node("requires: {database: {interface: x}}\n");
        let mut guess = |path| take(all.as_map_mut().unwrap(), path).unwrap_err();
        let meant = Some("requires.database".to_owned());
        assert_eq!(guess("requires.databse"), meant);
        assert_eq!(guess("requirs.database"), meant);
        assert_eq!(guess("q"), None);
        assert_eq!(guess(""), None);
    }
}
