//! Ports that take one defence away each.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ensign::host::{Access, Clock, Disk, Entropy, FileStat};
use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};
use ensign_testing::campaign::{Process, Seams};
use ensign_testing::{SeededEntropy, UnitName};
use serde_json::{Value, json};

type Called = Result<ToolOutput, TransportError>;

/// Hook tools that are not what they seem.
pub(crate) struct Tools<F> {
    honest: Box<dyn Transport>,
    faulty: F,
}

impl<F: FnMut(&mut dyn Transport, &ToolCall<'_>) -> Called> Transport for Tools<F> {
    fn call(&mut self, call: &ToolCall<'_>) -> Called {
        (self.faulty)(&mut *self.honest, call)
    }
}

fn tools(
    honest: Box<dyn Transport>,
    faulty: impl FnMut(&mut dyn Transport, &ToolCall<'_>) -> Called + 'static,
) -> Box<dyn Transport> {
    Box::new(Tools { honest, faulty })
}

fn not_found() -> Called {
    Ok(ToolOutput {
        code: 1,
        stderr: b"ERROR secret \"ensign.leader\" not found\n".to_vec(),
        ..ToolOutput::default()
    })
}

/// The answer's keys, and what is left of them.
fn keys(answer: ToolOutput, edit: impl FnOnce(&mut serde_json::Map<String, Value>)) -> ToolOutput {
    let Ok(Value::Object(mut keys)) = serde_json::from_slice(&answer.stdout) else {
        return answer;
    };
    edit(&mut keys);
    ToolOutput {
        stdout: Value::Object(keys).to_string().into_bytes(),
        ..answer
    }
}

/// What reads and writes of the state folder become.
#[derive(Debug, Clone, Copy)]
enum OnDisk {
    /// The staged document looks like another context's to every process but the first.
    ForeignRecord { first: bool },
    /// The commit record forgets what this store was.
    Forgets(&'static str),
    /// Nobody remembers which handlers are in doubt.
    NoDoubt,
}

struct FaultyDisk {
    honest: Box<dyn Disk>,
    fault: OnDisk,
}

impl FaultyDisk {
    fn edited(bytes: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
        let Ok(mut document) = serde_json::from_slice::<Value>(bytes) else {
            return bytes.to_owned();
        };
        edit(&mut document);
        document.to_string().into_bytes()
    }
}

impl Disk for FaultyDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let bytes = self.honest.read(path)?;
        if let (OnDisk::ForeignRecord { first: false }, Some(bytes)) = (self.fault, &bytes)
            && path.ends_with(".ensign/state.next")
        {
            let foreign = Self::edited(bytes, |document| {
                document["record"]["context"] = json!("another");
            });
            return Ok(Some(foreign));
        }
        Ok(bytes)
    }

    fn stat(&self, path: &Path) -> io::Result<Option<FileStat>> {
        self.honest.stat(path)
    }

    fn replace(&mut self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        match self.fault {
            OnDisk::NoDoubt if path.ends_with(".ensign/doubt") => Ok(()),
            OnDisk::Forgets(store) if path.ends_with(".ensign/state.next") => {
                let forgetful = Self::edited(bytes, |document| {
                    let stores = document.pointer_mut("/record/wrote/leadership./wrote");
                    if let Some(Value::Object(stores)) = stores {
                        stores.retain(|name, _| !store.is_empty() && name != store);
                    }
                });
                self.honest.replace(path, &forgetful, access)
            }
            _ => self.honest.replace(path, bytes, access),
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.honest.rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.honest.remove(path)
    }

    fn make_folder(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        self.honest.make_folder(path, mode)
    }

    fn lock(&mut self, path: &Path) -> io::Result<Box<dyn std::fmt::Debug>> {
        self.honest.lock(path)
    }
}

/// A second command of a context takes the first one's record for a foreign one.
pub(crate) struct ForgottenContext;

impl Seams for ForgottenContext {
    fn disk(&self, process: &Process, honest: Box<dyn Disk>) -> Box<dyn Disk> {
        let first = process.number == 0;
        let fault = OnDisk::ForeignRecord { first };
        Box::new(FaultyDisk { honest, fault })
    }
}

/// Every attempt of a hook draws the same random bytes.
pub(crate) struct RepeatedRandom;

impl Seams for RepeatedRandom {
    fn entropy(&self, process: &Process, _honest: Box<dyn Entropy>) -> Box<dyn Entropy> {
        let name = format!("{} {}", process.unit, process.operation);
        let seed = name
            .bytes()
            .fold(7, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
        Box::new(SeededEntropy::new(seed))
    }
}

/// Commit records do not say what a store was before (an empty name is any store).
pub(crate) struct ForgottenStore(pub(crate) &'static str);

impl Seams for ForgottenStore {
    fn disk(&self, _process: &Process, honest: Box<dyn Disk>) -> Box<dyn Disk> {
        let fault = OnDisk::Forgets(self.0);
        Box::new(FaultyDisk { honest, fault })
    }
}

/// Nothing makes a unit look again at a secret of which it cannot know whether its own write arrived: not the record
/// that was dropped, and not Juju, which tells of another secret.
pub(crate) struct NeverLooksAgain;

impl Seams for NeverLooksAgain {
    fn environment(&self, process: &Process, variables: &mut Vec<(String, String)>) {
        if process.operation == "secret-changed" {
            variables.retain(|(name, _)| name != "JUJU_SECRET_LABEL");
            variables.push(("JUJU_SECRET_LABEL".to_owned(), "another".to_owned()));
        }
    }

    fn disk(&self, _process: &Process, honest: Box<dyn Disk>) -> Box<dyn Disk> {
        let fault = OnDisk::Forgets("secret");
        Box::new(FaultyDisk { honest, fault })
    }
}

/// Handlers are never in doubt.
pub(crate) struct NoDoubt;

impl Seams for NoDoubt {
    fn disk(&self, _process: &Process, honest: Box<dyn Disk>) -> Box<dyn Disk> {
        let fault = OnDisk::NoDoubt;
        Box::new(FaultyDisk { honest, fault })
    }
}

/// The secret is not looked for in `install`.
pub(crate) struct BlindInstall;

impl Seams for BlindInstall {
    fn transport(&self, process: &Process, honest: Box<dyn Transport>) -> Box<dyn Transport> {
        let blind = process.operation == "install";
        tools(honest, move |honest, call| {
            if blind && call.tool == "secret-get" {
                return not_found();
            }
            honest.call(call)
        })
    }
}

/// The secret is not looked for as long as no bell is visible.
pub(crate) struct BlindWithoutBell;

impl Seams for BlindWithoutBell {
    fn transport(&self, process: &Process, honest: Box<dyn Transport>) -> Box<dyn Transport> {
        let install = process.operation == "install";
        let mut heard = None;
        tools(honest, move |honest, call| {
            if call.tool == "secret-get" && !install && heard == Some(false) {
                return not_found();
            }
            let answer = honest.call(call)?;
            if call.tool == "relation-get" {
                let text = String::from_utf8_lossy(&answer.stdout);
                heard = Some(text.contains("ensign-secret"));
            }
            Ok(answer)
        })
    }
}

/// Leader settings without a value look as if there were none: nobody sees their generation.
pub(crate) struct EmptyIsGone;

impl Seams for EmptyIsGone {
    fn transport(&self, _process: &Process, honest: Box<dyn Transport>) -> Box<dyn Transport> {
        tools(honest, |honest, call| {
            let answer = honest.call(call)?;
            Ok(match call.tool {
                "leader-get" => keys(answer, |keys| {
                    if keys.keys().all(|key| key.starts_with("ensign-")) {
                        keys.clear();
                    }
                }),
                _ => answer,
            })
        })
    }
}

/// When the peer relation is first seen, the leader data in it is not.
pub(crate) struct BlindAtFirstSight;

impl Seams for BlindAtFirstSight {
    fn transport(&self, process: &Process, honest: Box<dyn Transport>) -> Box<dyn Transport> {
        let first = process.operation.ends_with("-relation-created");
        tools(honest, move |honest, call| {
            let answer = honest.call(call)?;
            Ok(match call.tool {
                "relation-get" if first => keys(answer, |keys| {
                    keys.retain(|key, _| !key.starts_with("leader."));
                }),
                _ => answer,
            })
        })
    }
}

/// What is written to the secret waits until the unit's next process; its bell does not.
#[derive(Default)]
pub(crate) struct LateSecret {
    held: Arc<Mutex<BTreeMap<UnitName, Held>>>,
}

/// A call that was held back.
type Held = (Vec<String>, Option<String>);

impl Seams for LateSecret {
    fn transport(&self, process: &Process, honest: Box<dyn Transport>) -> Box<dyn Transport> {
        let (held, unit) = (Arc::clone(&self.held), process.unit.clone());
        let mut begins = true;
        tools(honest, move |honest, call| {
            let mut held = held.lock().unwrap();
            if std::mem::take(&mut begins)
                && let Some((args, stdin)) = held.remove(&unit)
            {
                drop(held);
                let late = ToolCall {
                    tool: "secret-set",
                    args: &args,
                    stdin: stdin.as_deref(),
                    secret: true,
                };
                // Refused if its unit no longer leads.
                let _answer = honest.call(&late)?;
                return honest.call(call);
            }
            if call.tool == "secret-set" {
                held.insert(
                    unit.clone(),
                    (call.args.to_vec(), call.stdin.map(str::to_owned)),
                );
                return Ok(ToolOutput::default());
            }
            drop(held);
            honest.call(call)
        })
    }
}

/// A clock that stops so many seconds after its process has begun.
pub(crate) struct StoppedClock {
    pub(crate) after: u64,
}

struct Stopped {
    honest: Box<dyn Clock>,
    at: Duration,
}

impl Clock for Stopped {
    fn uptime(&self) -> Duration {
        self.honest.uptime().min(self.at)
    }

    fn wall(&self) -> Duration {
        self.honest.wall()
    }
}

impl Seams for StoppedClock {
    fn clock(&self, _process: &Process, honest: Box<dyn Clock>) -> Box<dyn Clock> {
        let at = honest.uptime() + Duration::from_secs(self.after);
        Box::new(Stopped { honest, at })
    }
}
