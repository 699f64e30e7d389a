//! What a child's calls do to the transaction they take part in.

use std::collections::BTreeMap;

use super::command::Operation;
use super::function::Function;
use super::wire::{Answer, REQUEST_LIMIT, Request};
use crate::context::{Context, Seen};
use crate::error::{Error, ErrorKind, Result};

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// A `--test`: it must change nothing (D4).
    Read,
    /// Everything.
    Write,
}

/// On whose behalf operations run, and what they told about it.
#[derive(Debug)]
pub(super) struct Session {
    /// The executable, if it is one.
    pub(super) handler: Option<String>,
    access: Access,
    /// The functions to which a repeated test is limited (B13).
    pub(super) among: Option<Vec<String>>,
    /// What `test` was asked about, and what it found due.
    pub(super) functions: Vec<Function>,
    pub(super) due: Vec<String>,
    tests: usize,
    others: usize,
    /// A `test` that makes no sense: the script cannot be trusted to say what is due.
    pub(super) broken: Option<Error>,
    /// By function: what its files held before the run.
    pub(super) seen: BTreeMap<String, Vec<(String, Seen)>>,
}

impl Session {
    /// A session of the executable of that id.
    pub(super) fn of(handler: &str, access: Access) -> Self {
        Self {
            handler: Some(handler.to_owned()),
            ..Self::alone(access)
        }
    }

    /// A session of the command on its own.
    pub(super) fn alone(access: Access) -> Self {
        Self {
            handler: None,
            access,
            among: None,
            functions: Vec::new(),
            due: Vec::new(),
            tests: 0,
            others: 0,
            broken: None,
            seen: BTreeMap::new(),
        }
    }

    /// Whether it consisted of a single `test`, apart from declarations.
    pub(super) fn only_tested(&self) -> bool {
        self.tests == 1 && self.others == 0
    }

    /// Answers one line from the socket, whatever it is.
    pub(super) fn answer(&mut self, ctx: &mut Context, line: &[u8]) -> Answer {
        if line.len() as u64 > REQUEST_LIMIT {
            return Answer::failed(2, &format!("the call is longer than {REQUEST_LIMIT} bytes"));
        }
        let request: Request = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(e) => return Answer::failed(2, &format!("this is no call: {e}")),
        };
        let is_test = request.args.first().is_some_and(|name| name == "test");
        let operation = match Operation::parse(&request.args) {
            Ok(operation) => operation,
            Err(usage) => {
                if is_test {
                    self.broken
                        .get_or_insert(Error::new(ErrorKind::Invalid, usage.to_string()));
                }
                return Answer::from(&usage);
            }
        };
        match &operation {
            Operation::Test(_) => self.tests += 1,
            Operation::RegisterTrigger(_) => {}
            _ => self.others += 1,
        }
        match self
            .allow(&operation)
            .and_then(|()| operation.run(ctx, self))
        {
            Ok(answer) => answer,
            Err(error) => {
                let answer = Answer::from(&error);
                if is_test {
                    self.broken.get_or_insert(error);
                }
                answer
            }
        }
    }

    fn allow(&self, operation: &Operation) -> Result {
        if self.access == Access::Write || !operation.writes() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            format!(
                "`{}` is refused while a handler is only asked whether it is due",
                operation.name()
            ),
        )
        .hint("do it in a function, or only when the script is called with `--invoke`"))
    }
}
