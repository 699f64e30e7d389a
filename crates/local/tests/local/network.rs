//! Machines reach each other, and nobody reaches one that is cut off.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use ensign_local::{LocalModel, Wanted};
use ensign_model::Profile;

use crate::trial::{Folder, Trial, is_root, kill_controller, unit, wait_until};

/// This program inside a machine.
const OWN: &str = "/run/ensign/ensign";
/// A packet between two machines takes a thousandth of that.
const PATIENCE: Duration = Duration::from_secs(2);

/// `__listen PORT` answers each line with itself; `__say HOST PORT TEXT` sends a line and prints what comes of it.
pub(crate) fn part(args: &[OsString]) -> Option<ExitCode> {
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    match words[..] {
        ["__listen", port] => {
            let listener = TcpListener::bind(("0.0.0.0", port.parse().unwrap())).unwrap();
            for stream in listener.incoming().map_while(io::Result::ok) {
                let mut line = String::new();
                if BufReader::new(&stream).read_line(&mut line).is_ok() {
                    (&stream).write_all(line.as_bytes()).unwrap_or_default();
                }
            }
        }
        ["__say", host, port, text] => {
            let address = (host, port.parse::<u16>().unwrap()).to_socket_addrs();
            match address.map(|mut found| found.find(SocketAddr::is_ipv4)) {
                Ok(Some(address)) => println!("{}", say(address, text)),
                Ok(None) | Err(_) => println!("unknown"),
            }
        }
        _ => return None,
    }
    Some(ExitCode::SUCCESS)
}

/// What is answered; `refused` when nobody listens there, `silence` when no packet comes back.
fn say(address: SocketAddr, text: &str) -> String {
    let mut stream = match TcpStream::connect_timeout(&address, PATIENCE) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return "refused".into(),
        Err(_) => return "silence".into(),
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    if stream.write_all(format!("{text}\r\n").as_bytes()).is_err() {
        return "silence".into();
    }
    let mut line = String::new();
    match BufReader::new(&mut stream).read_line(&mut line) {
        Ok(1..) => line.trim().to_owned(),
        _ => "silence".into(),
    }
}

impl Trial {
    pub(crate) fn address(&mut self, name: &str) -> IpAddr {
        let status = self.model().status().unwrap();
        let mut units = status.applications["foo"].units.iter();
        let found = units.find(|found| found.unit.as_str() == name).unwrap();
        found.address.as_ref().unwrap().parse().unwrap()
    }

    /// Listens in a machine until that ends.
    fn listen(&mut self, name: &str, port: u16) {
        let commands = format!("setsid {OWN} __listen {port} < /dev/null > /dev/null 2>&1 &");
        self.exec(name, &commands);
        wait_until("the listener's start", || {
            self.says(name, "localhost", port) == "here"
        });
    }

    /// What port 7 of `address` answers a machine whose agent may be cut off.
    fn asks_itself(&mut self, name: &str, address: IpAddr) -> String {
        let words = format!("{OWN} __say {address} 7 here");
        let output = self.model().shell(&unit(name), &[words]).unwrap().output();
        String::from_utf8(output.unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    }

    /// What `host` answers, asked from the machine of a unit.
    pub(crate) fn says(&mut self, name: &str, host: &str, port: u16) -> String {
        let commands = format!("{OWN} __say {host} {port} here");
        self.exec(name, &commands).trim().to_owned()
    }
}

/// An ordinary user's two machines: what the one hears from the other by name, and the host from it through a forwarded
/// port.
pub(crate) fn reach_a_peer(model: &mut LocalModel) -> String {
    let mut exec = |name: &str, commands: &str| {
        let record = model
            .exec(&unit(name), commands, crate::trial::LONG)
            .unwrap();
        // Of commands that say nothing there is none.
        let said = record.results.get("stdout").and_then(|text| text.as_str());
        said.unwrap_or_default().trim().to_owned()
    };
    exec(
        "foo/0",
        &format!("setsid {OWN} __listen 7000 < /dev/null > /dev/null 2>&1 &"),
    );
    let name = exec("foo/0", "hostname");
    let commands = format!(
        "until [ \"$({OWN} __say localhost 7000 x)\" = x ]; do :; done; {OWN} __say {name} 7000 named"
    );
    let heard = [
        exec("foo/0", &commands),
        exec("foo/1", &format!("{OWN} __say {name} 7000 far")),
    ];
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let forward = model.forward(&unit("foo/1"), any, (&name, 7000)).unwrap();
    format!(
        "{} {} {}",
        heard[0],
        heard[1],
        say(forward.local(), "through")
    )
}

/// Where the machine of this address sends what is for nobody nearby: the last but one of 1,024 addresses.
fn gateway(address: IpAddr) -> IpAddr {
    let IpAddr::V4(address) = address else {
        panic!("{address}")
    };
    std::net::Ipv4Addr::from_bits(address.to_bits() | 0x3ff)
        .to_bits()
        .wrapping_sub(1)
        .to_be_bytes()
        .into()
}

/// The host's own link into the model's network.
fn link(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else {
        panic!("{address}")
    };
    let [a, b, c, _] = address.octets();
    format!("/sys/class/net/ens{a}-{b}-{c}")
}

pub(crate) fn peers_reach_each_other_by_name_and_address_until_one_is_cut_off() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    trial.listen("foo/0", 7000);
    let address = trial.address("foo/0");
    let name = trial.exec("foo/0", "hostname").trim().to_owned();
    assert_eq!(
        trial.exec("foo/0", "unit-get private-address").trim(),
        address.to_string()
    );
    let reached = |trial: &mut Trial| {
        let by_name = trial.says("foo/1", &name, 7000);
        (by_name, trial.says("foo/1", &address.to_string(), 7000))
    };
    let both = |text: &str| (text.to_owned(), text.to_owned());
    assert_eq!(reached(&mut trial), both("here"));
    trial.steps("cut foo/0");
    assert_eq!(reached(&mut trial), both("silence"));
    let outward = trial.asks_itself("foo/0", gateway(address));
    assert_eq!(outward, "silence", "the way out is cut, too");
    if is_root() {
        assert_eq!(
            say((address, 7000).into(), "here"),
            "silence",
            "the host is cut off, too"
        );
    }
    trial.steps("heal");
    // Whoever has asked in vain for a hardware address asks again after a second.
    wait_until("the end of the cut", || reached(&mut trial) == both("here"));
    wait_until("the way out", || {
        trial.asks_itself("foo/0", gateway(address)) == "refused"
    });
    if is_root() {
        wait_until("the host's way", || {
            say((address, 7000).into(), "here") == "here"
        });
    }
    trial.steps("partition-leader");
    let leader = trial.report().leaders["foo"].clone();
    let other = if leader.as_str() == "foo/0" {
        "foo/1"
    } else {
        "foo/0"
    };
    let cut = trial.address(other).to_string();
    assert_eq!(trial.says(leader.as_str(), &cut, 7001), "silence");
    trial.steps("heal");
    wait_until("the end of the cut", || {
        trial.says(leader.as_str(), &cut, 7001) == "refused"
    });
}

pub(crate) fn network_tools_and_relations_tell_the_machines_own_addresses() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    let (own, other) = (
        trial.address("foo/0").to_string(),
        trial.address("foo/1").to_string(),
    );
    let link = trial
        .exec("foo/0", "cat /sys/class/net/eth0/address")
        .trim()
        .to_owned();
    let json = trial.exec("foo/0", "network-get cluster --format json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let interface = &json["bind-addresses"][0];
    assert_eq!(interface["interface-name"], "eth0");
    assert_eq!(interface["mac-address"], link);
    assert_eq!(interface["addresses"][0]["value"], own);
    assert_eq!(json["ingress-addresses"], serde_json::json!([own]));
    assert_eq!(
        json["egress-subnets"],
        serde_json::json!([format!("{own}/32")])
    );
    let shown = trial.exec("foo/0", "relation-get -r cluster:0 - foo/1");
    assert_eq!(shown.matches(&other).count(), 3, "{shown}");
    let kernel = trial.exec("foo/0", "grep -c . /proc/net/route; cat /proc/net/fib_trie");
    assert!(kernel.contains(&own), "{kernel}");
}

pub(crate) fn names_come_and_go_with_machines() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    let name = trial.exec("foo/0", "hostname").trim().to_owned();
    trial.exec(
        "foo/1",
        "echo '192.0.2.1 intranet' >> /etc/hosts; ln /etc/hosts /etc/same",
    );
    trial.steps("add-unit");
    let third = trial.exec("foo/2", "hostname").trim().to_owned();
    for (asker, asked) in [("foo/1", &third), ("foo/2", &name), ("foo/0", &third)] {
        assert_eq!(
            trial.says(asker, asked, 7000),
            "refused",
            "{asker} knows {asked}"
        );
    }
    trial.steps("remove-unit foo/0");
    assert_eq!(trial.says("foo/1", &name, 7000), "unknown");
    assert_eq!(trial.says("foo/2", &name, 7000), "unknown");
    // The charm's own line stays, and so does the file itself.
    assert_eq!(
        trial.exec(
            "foo/1",
            "getent hosts intranet | cut -d' ' -f1; stat -c %h /etc/hosts"
        ),
        "192.0.2.1\n2\n"
    );
}

pub(crate) fn two_models_of_one_seed_have_networks_of_their_own() {
    let mut one = Trial::deploy(Profile::V3_6, "exit 0", 1);
    let mut two = Trial::deploy(Profile::V3_6, "exit 0", 1);
    let (first, second) = (one.address("foo/0"), two.address("foo/0"));
    assert_ne!(first, second);
    for (trial, own) in [(&mut one, first), (&mut two, second)] {
        trial.listen("foo/0", 7000);
        if is_root() {
            assert_eq!(say((own, 7000).into(), "here"), "here");
        }
    }
    drop(one);
    if is_root() {
        assert!(
            !fs::exists(link(first)).unwrap(),
            "gone with its model, at once"
        );
        assert_eq!(say((second, 7000).into(), "here"), "here");
    }
}

pub(crate) fn nothing_of_a_network_outlives_a_killed_controller() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    let (first, second) = (trial.address("foo/0"), trial.address("foo/1"));
    trial.steps("cut foo/1");
    assert_eq!(fs::exists(link(first)).unwrap(), is_root());
    let helpers = helpers(trial.model().path());
    let way_out = !trial
        .model()
        .notes()
        .iter()
        .any(|note| note.contains("no way out"));
    assert_eq!(helpers.len(), usize::from(way_out));
    kill_controller(&trial.home);
    drop(trial.model.take());
    wait_until("the end of the way out", || {
        helpers
            .iter()
            .all(|pid| !Path::new(&format!("/proc/{pid}/exe")).exists())
    });
    wait_until("the end of the host's link", || {
        !fs::exists(link(first)).unwrap()
    });
    trial.model = Some(LocalModel::resume(&trial.home, "trial").unwrap());
    trial.settle();
    assert_eq!(
        (trial.address("foo/0"), trial.address("foo/1")),
        (first, second)
    );
    // What was cut is so after its machine has booted again.
    assert_eq!(trial.says("foo/0", &second.to_string(), 7000), "silence");
    trial.steps("heal");
    wait_until("the end of the cut", || {
        trial.says("foo/0", &second.to_string(), 7000) == "refused"
    });
    drop(trial);
    assert!(!fs::exists(link(first)).unwrap());
}

/// Processes that the model's first process has started besides machines.
fn helpers(folder: &Path) -> Vec<u32> {
    let all = crate::trial::processes(&folder.join("shared/ensign __model-init").to_string_lossy());
    let [first] = &all[..] else {
        panic!("not one first process: {all:?}")
    };
    let parent = first.split(' ').next().unwrap();
    let children = fs::read_dir("/proc")
        .unwrap()
        .map_while(Result::ok)
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse::<u32>().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (name, rest) = stat.rsplit_once(") ")?;
            let of_ours = rest.split(' ').nth(1) == Some(parent) && name.contains("(pas");
            of_ours.then_some(pid)
        });
    children.collect()
}

pub(crate) fn a_killed_units_machine_takes_its_network_along() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    let leader = trial.report().leaders["foo"].clone();
    let (address, name) = (
        trial.address(leader.as_str()),
        trial.exec(leader.as_str(), "hostname"),
    );
    trial.steps("kill-leader");
    let other = trial.report().leaders["foo"].clone();
    assert_eq!(
        trial.says(other.as_str(), &address.to_string(), 7000),
        "silence"
    );
    assert_eq!(trial.says(other.as_str(), name.trim(), 7000), "unknown");
}

pub(crate) fn operators_get_into_a_machine_without_an_address() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    trial.listen("foo/0", 7000);
    let words = ["hostname;", "echo $JUJU_CONTEXT_ID;", "exit 7"].map(str::to_owned);
    let output = trial
        .model()
        .shell(&unit("foo/0"), &words)
        .unwrap()
        .output()
        .unwrap();
    let name = trial.exec("foo/0", "hostname");
    assert_eq!(
        (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            output.status.code()
        ),
        (format!("{name}\n"), Some(7)),
        "no hook's context: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let forward = trial
        .model()
        .forward(&unit("foo/0"), any, ("localhost", 7000))
        .unwrap();
    assert_eq!(say(forward.local(), "here"), "here");
    assert_eq!(say(forward.local(), "again"), "again");
    let local = forward.local();
    drop(forward);
    wait_until("the end of the forwarding", || {
        say(local, "here") == "refused"
    });
    assert!(
        trial
            .model()
            .shell(&unit("foo/7"), &[])
            .unwrap_err()
            .to_string()
            .contains("foo/7")
    );
}

pub(crate) fn without_machines_there_is_one_address_and_it_is_said() {
    let mut trial = Trial::with(Folder::new(), Profile::V3_6, Wanted::Processes);
    assert!(
        trial.model().notes()[0].contains("127.0.0.1"),
        "{:?}",
        trial.model().notes()
    );
    let charm = trial.charm("exit 0");
    trial.model().deploy("foo", &charm, 2).unwrap();
    trial.settle();
    assert_eq!(
        trial.exec("foo/1", "unit-get public-address"),
        "127.0.0.1\n"
    );
    trial.steps("cut foo/0");
    trial.steps("heal");
    let refused = trial
        .model()
        .shell(&unit("foo/0"), &[])
        .unwrap_err()
        .to_string();
    assert!(refused.contains("has no machine"), "{refused}");
}
