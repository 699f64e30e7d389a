//! A scripted Juju for tests: expects these calls in this order, to the letter, and answers as recorded.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::{ToolCall, ToolOutput, Tools, Transport, TransportError};

/// One expected call and its answer.
#[derive(Debug)]
pub(crate) struct Play {
    argv: Vec<String>,
    stdin: Option<String>,
    secret: Option<bool>,
    answer: Result<ToolOutput, TransportError>,
}

/// Expects a call with exactly these arguments, the tool's name first; answers nothing, exit code 0.
pub(crate) fn on(argv: &[&str]) -> Play {
    Play {
        argv: argv.iter().map(ToString::to_string).collect(),
        stdin: None,
        secret: None,
        answer: Ok(ToolOutput::default()),
    }
}

impl Play {
    /// Expects this on standard input; else there must be none.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = Some(text.to_owned());
        self
    }

    /// Expects the call to be marked secret, or not; else it does not matter.
    pub(crate) fn secret(mut self, secret: bool) -> Self {
        self.secret = Some(secret);
        self
    }

    pub(crate) fn says(mut self, stdout: &str) -> Self {
        self.answer = Ok(ToolOutput {
            stdout: stdout.as_bytes().to_vec(),
            ..ToolOutput::default()
        });
        self
    }

    pub(crate) fn fails(mut self, code: i32, stderr: &str) -> Self {
        self.answer = Ok(ToolOutput {
            code,
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
        });
        self
    }

    pub(crate) fn breaks(mut self, error: TransportError) -> Self {
        self.answer = Err(error);
        self
    }
}

struct Script(Rc<RefCell<VecDeque<Play>>>);

impl Transport for Script {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let mut argv = vec![call.tool.to_owned()];
        argv.extend_from_slice(call.args);
        let Some(play) = self.0.borrow_mut().pop_front() else {
            panic!("one call too many: {argv:?}");
        };
        assert_eq!(argv, play.argv);
        assert_eq!(
            call.stdin,
            play.stdin.as_deref(),
            "standard input of {argv:?}"
        );
        if let Some(secret) = play.secret {
            assert_eq!(call.secret, secret, "secrecy of {argv:?}");
        }
        play.answer
    }
}

/// Runs `body` against the script, and fails if it does not come to its end.
pub(crate) fn play<T>(
    plays: impl IntoIterator<Item = Play>,
    body: impl FnOnce(&mut Tools) -> T,
) -> T {
    let script = Rc::new(RefCell::new(plays.into_iter().collect::<VecDeque<_>>()));
    let result = body(&mut Tools::new(Script(Rc::clone(&script))));
    let left = script.borrow();
    assert!(left.is_empty(), "never called: {:?}", left.front());
    drop(left);
    result
}

/// Runs `body` against a Juju that gives every call the same answer.
pub(crate) fn always<T>(output: ToolOutput, body: impl FnOnce(&mut Tools) -> T) -> T {
    struct Always(ToolOutput);
    impl Transport for Always {
        fn call(&mut self, _: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
            Ok(self.0.clone())
        }
    }
    body(&mut Tools::new(Always(output)))
}
