//! The models of this user.

use ensign_local::ModelEntry;
use serde_json::{Value, json};

use super::table::{Side, table};

fn state(model: &ModelEntry) -> &'static str {
    if model.running {
        "available"
    } else {
        "left behind"
    }
}

/// In columns.
pub(crate) fn tabular(models: &[ModelEntry]) -> String {
    let row = |model: &ModelEntry| {
        vec![
            model.name.clone(),
            state(model).into(),
            model.path.display().to_string(),
        ]
    };
    let rows: Vec<_> = models.iter().map(row).collect();
    table(
        &[
            ("Model", Side::Left),
            ("Status", Side::Left),
            ("Folder", Side::Left),
        ],
        &rows,
    )
}

/// As JSON.
pub(crate) fn json(models: &[ModelEntry]) -> Value {
    let one = |model: &ModelEntry| json!({"name": format!("admin/{}", model.name), "short-name": model.name, "status": {"current": state(model)}, "folder": model.path});
    json!({"models": models.iter().map(one).collect::<Vec<_>>()})
}
