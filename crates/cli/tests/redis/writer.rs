//! A client that writes all the time, and remembers what was acknowledged.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::resp::{Connection, Reply};
use crate::watch::Shared;

/// How many keys there are; each is a hash of its own, somewhere in a cluster.
const KEYS: usize = 16;
const MOST: usize = 200_000;
const PATIENCE: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_millis(1);

/// How a client on a machine of the model learns the password: where its charm has written it.
#[derive(Debug, Clone)]
pub(crate) struct PasswordFile {
    pub(crate) home: std::path::PathBuf,
    pub(crate) model: String,
}

impl PasswordFile {
    pub(crate) fn read(&self) -> Option<String> {
        let read = Command::new(env!("CARGO_BIN_EXE_ensign"))
            .args(["juju", "ssh", "-m", &self.model, "redis-client/0"])
            .args(["cat", "/etc/redis-client.password"])
            .env("ENSIGN_HOME", &self.home)
            .output()
            .unwrap();
        let text = String::from_utf8(read.stdout).unwrap();
        Some(text.trim_end().to_owned()).filter(|text| !text.is_empty())
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// Key and field of each write that at least one replica had when it was answered.
    pub(crate) acknowledged: Vec<(usize, usize)>,
    /// Writes that no replica had in time.
    pub(crate) alone: usize,
    /// Why writes were refused.
    pub(crate) refusals: BTreeMap<String, usize>,
    /// The longest time in which a key could not be written, and during what.
    pub(crate) gaps: Vec<(String, Duration)>,
}

/// The client, on a thread.
#[derive(Debug)]
pub(crate) struct Writer {
    ended: Arc<AtomicBool>,
    phase: Arc<Mutex<String>>,
    thread: JoinHandle<Journal>,
}

impl Writer {
    pub(crate) fn begin(servers: Arc<Shared>, password: PasswordFile) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let phase = Arc::new(Mutex::new("nothing".to_owned()));
        let (stop, during) = (Arc::clone(&ended), Arc::clone(&phase));
        let thread = std::thread::spawn(move || write(&servers, password, &stop, &during));
        Self {
            ended,
            phase,
            thread,
        }
    }

    /// What happens from now on.
    pub(crate) fn during(&self, what: &str) {
        what.clone_into(&mut self.phase.lock().unwrap());
    }

    pub(crate) fn end(self) -> Journal {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn write(
    servers: &Shared,
    file: PasswordFile,
    ended: &AtomicBool,
    phase: &Mutex<String>,
) -> Journal {
    let mut journal = Journal::default();
    let mut client = Client::new(file);
    let mut written = [Instant::now(); KEYS];
    for n in 0..MOST {
        if ended.load(Ordering::Relaxed) {
            break;
        }
        let key = n % KEYS;
        let (name, field) = (format!("b{key}"), n.to_string());
        let put = client.ask(&servers.servers(), &name, &["HSET", &name, &field, "1"]);
        match put {
            Ok((at, Reply::Number(_))) => {
                let gap = std::mem::replace(&mut written[key], Instant::now()).elapsed();
                let phase = phase.lock().unwrap().clone();
                match journal.gaps.last_mut() {
                    Some((last, longest)) if *last == phase => *longest = gap.max(*longest),
                    _ => journal.gaps.push((phase, gap)),
                }
                match client.wait(at) {
                    Some(1..) => journal.acknowledged.push((key, n)),
                    _ => journal.alone += 1,
                }
            }
            Ok((_, other)) => *journal.refusals.entry(format!("{other:?}")).or_default() += 1,
            Err(why) => *journal.refusals.entry(why).or_default() += 1,
        }
        std::thread::sleep(PAUSE);
    }
    journal
}

/// A client that finds the server that takes a write, as clients do: it asks one after the other.
#[derive(Debug)]
pub(crate) struct Client {
    file: PasswordFile,
    password: String,
    connections: BTreeMap<SocketAddr, Connection>,
    known: BTreeMap<String, SocketAddr>,
}

impl Client {
    pub(crate) fn new(file: PasswordFile) -> Self {
        let password = file.read().unwrap_or_default();
        Self {
            file,
            password,
            connections: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// Who has carried it out, and what it said; else the last reason why nobody did.
    pub(crate) fn ask(
        &mut self,
        servers: &[SocketAddr],
        key: &str,
        words: &[&str],
    ) -> Result<(SocketAddr, Reply), String> {
        let mut why = "no server".to_owned();
        let known = self
            .known
            .get(key)
            .copied()
            .filter(|at| servers.contains(at));
        for at in known.into_iter().chain(servers.iter().copied()) {
            match self.follow(at, words) {
                Ok((at, reply)) => {
                    self.known.insert(key.to_owned(), at);
                    return Ok((at, reply));
                }
                // What is refused says more than what is silent.
                Err(said) if why == "no server" || said != "silence" => why = said,
                Err(_) => {}
            }
        }
        Err(why)
    }

    /// What comes of it when this server is asked first.
    pub(crate) fn ask_through(&mut self, at: SocketAddr, words: &[&str]) -> Result<Reply, String> {
        self.follow(at, words).map(|(_, reply)| reply)
    }

    /// Asks there, and where it points to.
    fn follow(&mut self, at: SocketAddr, words: &[&str]) -> Result<(SocketAddr, Reply), String> {
        let (mut at, mut asking) = (at, false);
        for _ in 0..5 {
            let connection = self.connection(at)?;
            if asking {
                connection.ask(&["ASKING"]).map_err(silence)?;
            }
            let reply = match connection.ask(words) {
                Ok(reply) => reply,
                Err(error) => {
                    self.connections.remove(&at);
                    return Err(silence(error));
                }
            };
            let Reply::Error(text) = reply else {
                return Ok((at, reply));
            };
            let mut said = text.split(' ');
            let verb = said.next().unwrap_or_default();
            let to = said.nth(1).and_then(|to| to.parse().ok());
            match (verb, to) {
                ("MOVED" | "ASK", Some(to)) => (at, asking) = (to, verb == "ASK"),
                _ => {
                    self.connections.remove(&at);
                    return Err(verb.to_owned());
                }
            }
        }
        Err("pointed around".to_owned())
    }

    fn connection(&mut self, at: SocketAddr) -> Result<&mut Connection, String> {
        if !self.connections.contains_key(&at) {
            let mut connection = Connection::open(at, PATIENCE).map_err(silence)?;
            let mut said = connection.ask(&["AUTH", &self.password]).map_err(silence)?;
            if matches!(said, Reply::Error(_)) {
                self.password = self.file.read().unwrap_or_default();
                said = connection.ask(&["AUTH", &self.password]).map_err(silence)?;
            }
            if let Reply::Error(text) = said {
                return Err(text.split(' ').next().unwrap_or_default().to_owned());
            }
            self.connections.insert(at, connection);
        }
        self.connections.get_mut(&at).ok_or_else(String::new)
    }

    /// How many replicas have what was written there.
    fn wait(&mut self, at: SocketAddr) -> Option<i64> {
        match self.connection(at).ok()?.ask(&["WAIT", "1", "50"]) {
            Ok(Reply::Number(replicas)) => Some(replicas),
            Ok(_) => None,
            Err(_) => {
                self.connections.remove(&at);
                None
            }
        }
    }
}

fn silence(_: std::io::Error) -> String {
    "silence".to_owned()
}
