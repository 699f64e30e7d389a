//! What others see while things happen: which servers there are, and that none of them speaks to strangers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use ensign_local::{Home, LocalModel};

use crate::resp::{Connection, Reply};

/// How often a stranger knocks, and how often the model is asked who is there.
const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_millis(250);

/// Follows a model from its own connection, beside whoever plays with it.
#[derive(Debug)]
pub(crate) struct Watch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    ended: AtomicBool,
    ports: Mutex<BTreeSet<u16>>,
    /// All units of the application that there ever were, by address; whether it is there now.
    hosts: Mutex<BTreeMap<IpAddr, bool>>,
    seen: Mutex<Seen>,
}

/// What strangers met.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// How often, by what came of it.
    pub(crate) answers: BTreeMap<String, usize>,
    /// Answers that nobody without a password should get.
    pub(crate) alarms: BTreeSet<String>,
}

impl Shared {
    /// Where servers may listen now.
    pub(crate) fn servers(&self) -> Vec<SocketAddr> {
        let hosts = self.hosts.lock().unwrap();
        let there = hosts.iter().filter(|(_, there)| **there);
        let ports = self.ports.lock().unwrap();
        there
            .flat_map(|(ip, _)| ports.iter().map(|port| SocketAddr::new(*ip, *port)))
            .collect()
    }

    pub(crate) fn add_port(&self, port: u16) {
        self.ports.lock().unwrap().insert(port);
    }
}

impl Watch {
    /// Watches the model of that name, from when there is one.
    pub(crate) fn begin(home: &Home, model: &str) -> Self {
        let shared = Arc::new(Shared::default());
        shared.add_port(6379);
        let (of_thread, home, model) = (Arc::clone(&shared), home.clone(), model.to_owned());
        let thread = std::thread::spawn(move || watch(&of_thread, &home, &model));
        Self {
            shared,
            thread: Some(thread),
        }
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// What was seen until now.
    pub(crate) fn end(mut self) -> Seen {
        self.shared.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.shared.seen.lock().unwrap().clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }
}

fn watch(shared: &Arc<Shared>, home: &Home, name: &str) {
    let mut model: Option<LocalModel> = None;
    let mut strangers: BTreeMap<SocketAddr, JoinHandle<()>> = BTreeMap::new();
    while !shared.ended.load(Ordering::Relaxed) {
        if model.is_none() {
            model = LocalModel::connect(home, name).ok();
        }
        let status = model.as_mut().map(LocalModel::status);
        match status {
            Some(Ok(status)) => {
                let redis = status.applications.get("redis");
                let units = redis.map(|app| app.units.as_slice()).unwrap_or_default();
                let there: BTreeSet<IpAddr> = units
                    .iter()
                    .filter(|unit| unit.alive)
                    .filter_map(|unit| unit.address.as_ref()?.parse().ok())
                    .collect();
                let mut hosts = shared.hosts.lock().unwrap();
                hosts
                    .iter_mut()
                    .for_each(|(ip, is)| *is = there.contains(ip));
                hosts.extend(there.into_iter().map(|ip| (ip, true)));
            }
            Some(Err(_)) => model = None,
            None => {}
        }
        let hosts: Vec<IpAddr> = shared.hosts.lock().unwrap().keys().copied().collect();
        let ports = shared.ports.lock().unwrap().clone();
        for at in hosts
            .iter()
            .flat_map(|ip| ports.iter().map(|port| SocketAddr::new(*ip, *port)))
        {
            strangers.entry(at).or_insert_with(|| {
                let shared = Arc::clone(shared);
                std::thread::spawn(move || knock(&shared, at))
            });
        }
        std::thread::sleep(PAUSE);
    }
    for (_, stranger) in strangers {
        stranger.join().unwrap();
    }
}

/// Asks again and again, without a password.
fn knock(shared: &Shared, at: SocketAddr) {
    while !shared.ended.load(Ordering::Relaxed) {
        for words in [&["PING"][..], &["GET", "b0"], &["CLUSTER", "INFO"]] {
            let answer = Connection::open(at, PATIENCE).and_then(|mut door| door.ask(words));
            let mut seen = shared.seen.lock().unwrap();
            let what = match answer {
                Ok(Reply::Error(text)) if text.starts_with("NOAUTH") => "NOAUTH".to_owned(),
                Ok(Reply::Error(text)) if text.starts_with("DENIED") => "DENIED".to_owned(),
                Ok(other) => {
                    seen.alarms.insert(format!("{at} {words:?}: {other:?}"));
                    "alarm".to_owned()
                }
                Err(error) => match error.kind() {
                    ErrorKind::ConnectionRefused => "refused".to_owned(),
                    _ => "silence".to_owned(),
                },
            };
            *seen.answers.entry(what).or_default() += 1;
        }
        std::thread::sleep(PAUSE);
    }
}
