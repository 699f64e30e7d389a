//! A call of a hook tool and its answer.

use std::collections::BTreeMap;
use std::io;

/// A call of a hook tool, as its client ships it to the agent.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The tool's name and its arguments.
    pub argv: &'a [String],
    /// All of the client's stdin, once the answer was [`Answer::NeedsStdin`]; `None` at first.
    pub stdin: Option<&'a [u8]>,
    /// The client's working directory, an absolute path.
    pub cwd: &'a str,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The tool ran.
    Done(ToolResult),
    /// Read stdin to its end and call again with it.
    NeedsStdin,
    /// The agent's server refused the call; the text without `ERROR`, as Juju's wire carries it.
    Refused(String),
}

impl Answer {
    /// What the tool's client prints and exits with; `None` if it has to send stdin first.
    #[must_use]
    pub fn result(self) -> Option<ToolResult> {
        match self {
            Self::Done(result) => Some(result),
            Self::NeedsStdin => None,
            Self::Refused(text) => Some(ToolResult {
                code: 1,
                stdout: Vec::new(),
                stderr: format!("ERROR {text}\n").into_bytes(),
                kill: false,
            }),
        }
    }
}

/// Exit code and output of a hook tool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolResult {
    /// The exit code.
    pub code: i32,
    /// What goes to stdout.
    pub stdout: Vec<u8>,
    /// What goes to stderr, after all of stdout.
    pub stderr: Vec<u8>,
    /// `juju-reboot --now`: kill the hook's process before anything else happens, and report [`crate::Exit::Signal`].
    pub kill: bool,
}

/// The agent's view of the file system, for `--file` and `-o`. Paths are absolute.
pub trait AgentFiles {
    /// The content of the file at `path`.
    ///
    /// # Errors
    ///
    /// What the system says; only its kind and number show in the tool's answer.
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>>;

    /// Makes the file at `path`, mode 0666 less the umask, or empties it, and writes `content`.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn write(&mut self, path: &str, content: &[u8]) -> io::Result<()>;

    /// What a leading `~` stands for.
    fn home(&self) -> &str {
        "/root"
    }
}

/// Files in memory, for models that run in one process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

impl AgentFiles for MemoryFiles {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        self.0
            .get(path)
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.0.insert(path.to_owned(), content.to_vec());
        Ok(())
    }
}
