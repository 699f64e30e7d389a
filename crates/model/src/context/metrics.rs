//! Recording metrics, where a context may.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{HookContext, RESTRICTED, RunKind};
use crate::format::go_quote;

/// The most bytes a value may have.
const LONGEST: usize = 30;

/// What a charm declares, and what was recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recorder {
    pub(crate) declared: BTreeSet<String>,
    pub(crate) recorded: Vec<Metric>,
}

/// A recorded metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Metric {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) labels: BTreeMap<String, String>,
}

impl HookContext<'_> {
    /// Records a metric, at once.
    ///
    /// # Errors
    ///
    /// The cause: not here, not declared, or no number that can be one.
    pub(crate) fn add_metric(
        &mut self,
        key: &str,
        value: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        let Some(recorder) = &mut self.run.recorder else {
            return Err(if self.run.kind == RunKind::Restricted {
                RESTRICTED.to_owned()
            } else {
                "metrics not allowed in this context".to_owned()
            });
        };
        if !recorder.declared.contains(key) {
            let key = go_quote(key);
            return Err(format!("metric key {key} not declared by the charm"));
        }
        if value.len() > LONGEST {
            return Err("metric value is too large".to_owned());
        }
        match crate::format::parse_float(value) {
            None => Err(format!(
                "invalid value type: expected float, got {}",
                go_quote(value)
            )),
            Some(number) if number < 0.0 => Err(format!(
                "invalid value: value must be greater or equal to zero, got {value}"
            )),
            Some(_) => {
                recorder.recorded.push(Metric {
                    key: key.to_owned(),
                    value: value.to_owned(),
                    labels: labels.clone(),
                });
                Ok(())
            }
        }
    }
}
