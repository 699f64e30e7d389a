//! The password of the password charm, in real processes: it stands in its file and in Juju's secret, on no command
//! line, in no log, no relation data, no state document.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::Value;

use crate::tool::World;

/// Reads every process's command line, again and again.
struct Watch {
    seen: Arc<Mutex<BTreeSet<Vec<u8>>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<u64>>,
}

impl Watch {
    fn start() -> Self {
        let seen: Arc<Mutex<BTreeSet<Vec<u8>>>> = Arc::default();
        let ended: Arc<AtomicBool> = Arc::default();
        let (all, end) = (Arc::clone(&seen), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            let mut rounds = 0;
            while !end.load(Ordering::Relaxed) {
                look(&all);
                rounds += 1;
            }
            rounds
        });
        Self {
            seen,
            ended,
            thread: Some(thread),
        }
    }

    fn saw(&self, text: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.iter().any(|line| contains(line, text))
    }

    fn told(&self, secret: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.iter().any(|line| tells(line, secret))
    }

    /// A process with `mark` on its command line lives until it is seen: the watch can see.
    fn prove(&self, mark: &str) {
        let mut child = Command::new("sh")
            .args(["-c", "read end", mark])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        while !self.saw(mark) {
            std::thread::yield_now();
        }
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        child.wait().unwrap();
    }

    /// How often it looked at all processes.
    fn end(&mut self) -> u64 {
        self.ended.store(true, Ordering::Relaxed);
        self.thread
            .take()
            .map_or(0, |thread| thread.join().unwrap())
    }
}

fn look(all: &Mutex<BTreeSet<Vec<u8>>>) {
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let number = entry.file_name().as_encoded_bytes()[0].is_ascii_digit();
        // Most of what was there a moment ago still is; what has gone has nothing to say.
        if let Some(line) = number
            .then(|| fs::read(entry.path().join("cmdline")).ok())
            .flatten()
        {
            let mut all = all.lock().unwrap();
            if !all.contains(&line) {
                all.insert(line);
            }
        }
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// Whether the bytes give the secret away: as it is, or in base64, wherever in the coded text it begins.
fn tells(bytes: &[u8], secret: &str) -> bool {
    contains(bytes, secret)
        || (0..3).any(|before| {
            let coded = base64(&[&vec![b' '; before], secret.as_bytes()].concat());
            // The characters at both ends stand for neighbours, too.
            let core = &coded[(before * 8).div_ceil(6)..(before + secret.len()) * 8 / 6];
            contains(bytes, core)
        })
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    bits.chunks(6)
        .map(|six| six.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit)) << (6 - six.len()))
        .map(|place| char::from(ALPHABET[place]))
        .collect()
}

#[test]
fn a_secret_in_base64_is_recognised_wherever_it_begins() {
    let secret = "x8cGEHX6hkXj";
    for text in ["", "{", "{\"", "{\"a\":\""] {
        let coded = base64(format!("{text}{secret}\"}}").as_bytes());
        assert!(tells(coded.as_bytes(), secret), "{text}: {coded}");
        assert!(!tells(coded.as_bytes(), "x8dGEHX6hkXk"), "{text}: {coded}");
    }
    assert_eq!(base64(b"Man"), "TWFu");
}

/// Every file of the model on the host's side, with its bytes, and not what machines and charms consist of.
fn files(model: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut left = vec![model.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let inside = path
                .strip_prefix(model)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if kind.is_dir() && inside != "machines" && inside != "shared" {
                left.push(path);
            } else if kind.is_file() {
                all.push((inside, fs::read(path).unwrap()));
            }
        }
    }
    all
}

/// Takes everything out that is Juju's own store of secrets; gives it back as text.
fn without_secrets(state: &mut Value) -> String {
    state["model"]["world"]["secrets"].take().to_string()
}

/// A model that ends with the test, however that ends.
struct Kept<'w>(&'w World, String);

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        let ran = self.0.ensign(["juju", "destroy-model", self.1.as_str()]);
        assert!(ran.code == 0 || std::thread::panicking(), "{ran:#?}");
    }
}

fn the_password_stays_secret(juju: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/password");
    let world = World::new();
    let mut watch = Watch::start();
    watch.prove(&format!("seen-before-{juju}"));
    let mut run: Vec<&str> = vec![
        "run",
        root.to_str().unwrap(),
        "--units",
        "2",
        "--keep",
        "--verbose",
    ];
    run.extend([
        "--juju",
        juju,
        "--do",
        "kill-leader",
        "--do",
        "add-unit",
        "--format",
        "json",
    ]);
    let ran = world.ensign(run);
    if ran.code == 1 && (ran.err.contains("--no-machines") || ran.err.contains("ENSIGN_HOME")) {
        // No machine can be had here, and on the host's own files the charm is not let loose.
        assert_eq!(ran.out, "", "{ran:#?}");
        return;
    }
    let ran = ran.good();
    let json = ran.json();
    let units: Vec<&str> = json[0]["units"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|unit| unit["alive"] == true)
        .map(|unit| unit["unit"].as_str().unwrap())
        .collect();
    assert_eq!(units.len(), 2, "{json:#}");

    // What there is to read, before the test itself asks for the password.
    let name = fs::read_dir(world.path("home/models"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let model = name.path();
    let name = name.file_name().into_string().unwrap();
    let running = Kept(&world, name.clone());
    let status = world
        .ensign(["juju", "status", "-m", name.as_str(), "--format", "json"])
        .good();
    let on_host = files(&model);
    let kept: Vec<&str> = on_host.iter().map(|(name, _)| name.as_str()).collect();
    for file in ["model.log", "state.json"] {
        assert!(kept.contains(&file), "{kept:?}");
    }
    let places = "/etc /home /opt /root /run /srv /tmp /var/cache /var/lib/juju /var/log /var/tmp";
    let search = format!("grep -rlFs -f /etc/foopass {places}; true");
    let found: Vec<String> = units
        .iter()
        .map(|unit| {
            world.ensign([
                "juju",
                "exec",
                "-m",
                name.as_str(),
                "--unit",
                unit,
                search.as_str(),
            ])
        })
        .map(|ran| ran.good().out)
        .collect();
    watch.prove(&format!("seen-after-{juju}"));
    let rounds = watch.end();

    let read = [
        "juju",
        "exec",
        "-m",
        name.as_str(),
        "--unit",
        units[0],
        "cat /etc/foopass",
    ];
    let password = world.ensign(read).good().out.trim().to_owned();
    drop(running);
    assert_eq!(password.len(), 32);
    for files in found {
        assert_eq!(
            files.trim(),
            "/etc/foopass",
            "Juju {juju}: on a unit's disk"
        );
    }

    assert!(
        watch.saw("dispatch"),
        "the charm's processes were seen in {rounds} rounds"
    );
    assert!(!watch.told(&password), "Juju {juju}: on a command line");
    for (what, text) in [
        ("output", &ran.out),
        ("messages", &ran.err),
        ("status", &status.out),
    ] {
        assert!(
            !tells(text.as_bytes(), &password),
            "Juju {juju}: in the command's {what}"
        );
    }
    for (file, bytes) in on_host {
        if file != "state.json" {
            assert!(!tells(&bytes, &password), "Juju {juju}: in {file}");
            continue;
        }
        let mut state: Value = serde_json::from_slice(&bytes).unwrap();
        let secrets = without_secrets(&mut state);
        assert!(
            tells(secrets.as_bytes(), &password),
            "Juju {juju} keeps it as a secret"
        );
        for (key, value) in state["model"]["world"].as_object().unwrap() {
            let text = value.to_string();
            assert!(
                !tells(text.as_bytes(), &password),
                "Juju {juju}: in the model's {key}"
            );
        }
        let rest = state.to_string();
        assert!(
            !tells(rest.as_bytes(), &password),
            "Juju {juju}: in the model"
        );
    }
}

#[test]
fn the_password_stays_secret_on_juju_3() {
    the_password_stays_secret("3.6");
}

#[test]
fn the_password_stays_secret_on_juju_4() {
    the_password_stays_secret("4.0");
}
