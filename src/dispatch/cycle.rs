//! Naming handlers that undo each other (D1).

use std::collections::VecDeque;

use crate::context::Change;
use crate::error::{Error, ErrorKind};

/// One run of a handler and what it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    handler: String,
    changes: Vec<(Box<str>, bool)>,
}

/// The last iterations, enough to see what repeats.
#[derive(Debug, Default)]
pub(super) struct History {
    iterations: VecDeque<Vec<Step>>,
}

/// Longer cycles exist, but nobody reads them.
const KEPT: usize = 24;

impl History {
    pub(super) fn begin(&mut self) {
        if self.iterations.len() == KEPT {
            self.iterations.pop_front();
        }
        self.iterations.push_back(Vec::new());
    }

    pub(super) fn ran(&mut self, handler: &str, changes: &[Change]) {
        if let Some(iteration) = self.iterations.back_mut() {
            iteration.push(Step {
                handler: handler.to_owned(),
                changes: changes.iter().map(|c| (c.name.clone(), c.set)).collect(),
            });
        }
    }

    /// The failure of a hook that did not settle within `limit` iterations.
    pub(super) fn unsettled(&self, limit: usize) -> Error {
        let steps: Vec<String> = self.repeated().map(render).collect();
        let again = steps.first().cloned().unwrap_or_default();
        Error::new(
            ErrorKind::Loop,
            format!(
                "handlers do not settle after {limit} iterations: {} → {} → …",
                steps.join(" → "),
                again
            ),
        )
        .hint("one of them must leave a flag alone, or wait for another condition")
    }

    /// The shortest tail that repeats itself, else the last iteration.
    fn repeated(&self) -> impl Iterator<Item = &Step> {
        let n = self.iterations.len();
        let period = (1..=n / 2)
            .find(|p| (0..*p).all(|i| self.iterations[n - 1 - i] == self.iterations[n - 1 - i - p]))
            .unwrap_or(1);
        self.iterations
            .iter()
            .skip(n.saturating_sub(period))
            .flatten()
    }
}

fn render(step: &Step) -> String {
    let changes: Vec<String> = step
        .changes
        .iter()
        .map(|(flag, set)| format!("{} `{flag}`", if *set { "sets" } else { "clears" }))
        .collect();
    if changes.is_empty() {
        format!("`{}`", step.handler)
    } else {
        format!("`{}` ({})", step.handler, changes.join(", "))
    }
}
