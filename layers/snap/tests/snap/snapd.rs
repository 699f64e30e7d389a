//! snapd as `snap`, `test`, `curl` and `date` show it. Every refusal is worded as snapd words it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;

use ensign_testing::exited;

/// snapd on one machine, and the store it asks.
#[derive(Debug, Default, Clone)]
pub(crate) struct Snapd {
    /// The package is installed.
    pub(crate) is_there: bool,
    pub(crate) has_curl: bool,
    pub(crate) without_systemd: bool,
    /// Version and channel.
    pub(crate) installed: BTreeMap<String, (String, String)>,
    pub(crate) settings: BTreeMap<String, String>,
    /// Stores whose assertions were taken.
    pub(crate) stores: BTreeSet<String>,
    pub(crate) store_is_down: bool,
    /// How many more commands find another change at work.
    pub(crate) busy: u32,
    /// What `curl` was given, each time.
    pub(crate) fetched: Vec<String>,
}

/// What snapd does not know.
const UNKNOWN: &str = "nosuch";

impl Snapd {
    /// What a program prints; nothing if it is none of these. `timeout` and its seconds have been taken off.
    pub(crate) fn run(&mut self, name: &str, words: &[&str], input: &[u8]) -> Option<Output> {
        let input = std::str::from_utf8(input).expect("text");
        Some(match (name, words) {
            ("test", ["-d", "/run/systemd/system"]) => {
                exited(u8::from(self.without_systemd), "", "")
            }
            ("date", ["--utc", "+%u %d"]) => exited(0, "5 27\n", ""),
            ("curl", _) if !self.has_curl => missing("curl"),
            ("curl", ["--config", "-"]) => self.fetch(input),
            ("snap", _) if !self.is_there => missing("snap"),
            ("snap", _) if self.without_systemd => panic!("this waits for two minutes: {words:?}"),
            ("snap", ["wait", "system", "seed.loaded"]) => exited(0, "", ""),
            ("snap", ["list", snap]) => self.list(snap),
            ("snap", _) if self.busy > 0 => {
                self.busy -= 1;
                let words = "error: snap \"redis\" has \"install-snap\" change in progress\n";
                exited(1, "", words)
            }
            ("snap", ["ack", "/dev/stdin"]) => {
                let id = input.lines().find_map(|line| line.strip_prefix("store: "));
                self.stores.insert(id.expect("a store").to_owned());
                exited(0, "", "")
            }
            ("snap", ["set", "system", settings @ ..]) => self.set(settings),
            ("snap", [verb @ ("install" | "refresh"), options @ .., snap]) => {
                self.fetch_snap(verb, options, snap)
            }
            ("snap", ["remove", snap]) => {
                let removed = self.installed.remove(*snap);
                assert!(removed.is_some(), "`{snap}` is not installed");
                exited(0, "", "")
            }
            ("snap", _) => panic!("no snapd knows {words:?}"),
            _ => return None,
        })
    }

    fn list(&self, snap: &str) -> Output {
        match self.installed.get(snap) {
            None => exited(1, "", "error: no matching snaps installed\n"),
            Some((version, channel)) => exited(
                0,
                format!(
                    "Name   Version  Rev  Tracking  Publisher  Notes\n{snap}  {version}  7  {channel}  x  -\n"
                ),
                "",
            ),
        }
    }

    fn fetch_snap(&mut self, verb: &str, options: &[&str], snap: &str) -> Output {
        if self.store_is_down {
            let words =
                format!("error: cannot {verb} snap \"{snap}\": unable to contact snap store\n");
            return exited(1, "", words);
        }
        if snap == UNKNOWN {
            return exited(1, "", format!("error: snap \"{snap}\" not found\n"));
        }
        let is_there = self.installed.contains_key(snap);
        assert_eq!(is_there, verb == "refresh", "`snap {verb} {snap}`");
        let channel = options
            .iter()
            .find_map(|option| option.strip_prefix("--channel="));
        let before = self.installed.get(snap).map(|(_, channel)| channel.clone());
        let channel = channel
            .map(str::to_owned)
            .or(before)
            .unwrap_or("latest/stable".into());
        let there = ("7.2.4".to_owned(), channel);
        self.installed.insert(snap.to_owned(), there);
        exited(0, "", "")
    }

    fn set(&mut self, settings: &[&str]) -> Output {
        for setting in settings {
            let (name, value) = setting.split_once('=').expect("a setting");
            assert!(!value.contains('@'), "everybody can read this: {setting}");
            let is_known = value.is_empty() || self.stores.contains(value);
            let wrong = match name {
                "proxy.store" if !is_known => Some(format!(
                    "cannot set proxy.store to \"{value}\" without a matching store assertion"
                )),
                "refresh.timer" if value == "never" => {
                    Some(format!("cannot parse \"{value}\": not a valid day"))
                }
                _ => None,
            };
            if let Some(wrong) = wrong {
                let words = format!(
                    "error: cannot perform the following tasks:\n- Run configure hook of \"core\" snap if present (run hook \"configure\": {wrong})\n"
                );
                return exited(1, "", words);
            }
            self.settings.insert(name.to_owned(), value.to_owned());
        }
        exited(0, "", "")
    }

    fn fetch(&mut self, input: &str) -> Output {
        self.fetched.push(input.to_owned());
        if self.store_is_down
            || !input.contains("\"http://snaps.example/v2/auth/store/assertions\"")
        {
            let words = "curl: (6) Could not resolve host: snaps.example\n";
            return exited(6, "", words);
        }
        exited(
            0,
            "type: account\naccount-id: x\n\nabc\n\ntype: store\nauthority-id: canonical\nstore: OurStore\n\nabc\n",
            "",
        )
    }
}

fn missing(program: &str) -> Output {
    let words = format!("timeout: failed to run command '{program}': No such file or directory\n");
    exited(127, "", words)
}
