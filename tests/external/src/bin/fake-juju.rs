//! Juju's hook tools as processes, over a folder that `FAKE_JUJU` names: as much as these tests need. What is
//! buffered lies in `pending.json` until the test takes it over.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

fn main() -> ExitCode {
    let mut args = std::env::args();
    let program = args.next().unwrap_or_default();
    let tool = Path::new(&program)
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default()
        .to_owned();
    let args: Vec<String> = args.collect();
    match answer(&tool, &args) {
        Ok(text) => {
            let written = std::io::stdout().write_all(text.as_bytes());
            ExitCode::from(u8::from(written.is_err()))
        }
        Err(text) => {
            let _closed_stderr = writeln!(std::io::stderr(), "ERROR {text}");
            ExitCode::from(1)
        }
    }
}

type Answer = Result<String, String>;

fn answer(tool: &str, args: &[String]) -> Answer {
    append("calls", tool)?;
    let last = args.last().map_or("", String::as_str);
    let words: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .filter(|a| !a.starts_with("--"))
        .collect();
    match tool {
        "is-leader" => said(&read("leader")?.unwrap_or(json!(true))),
        "config-get" => said(&read("config")?.unwrap_or(json!({}))),
        "leader-get" => said(&read("settings")?.unwrap_or(json!({}))),
        "leader-set" => {
            if read("leader")? == Some(json!(false)) {
                return Err(
                    "cannot write leadership settings: cannot write settings: not the leader"
                        .to_owned(),
                );
            }
            let pairs = args.iter().filter_map(|a| a.split_once('='));
            change(
                "settings",
                pairs.map(|(k, v)| (k.to_owned(), json!(v))).collect(),
            )
        }
        "state-get" => {
            let pending = read("pending")?.unwrap_or(json!({}));
            let state = read("state")?.unwrap_or(json!({}));
            match pending.get(last).or_else(|| state.get(last)) {
                Some(value) => said(value),
                None => Err(format!("\"{last}\" not found")),
            }
        }
        "state-set" => {
            let mut input = String::new();
            std::io::stdin()
                .read_to_string(&mut input)
                .map_err(|e| e.to_string())?;
            let mut pairs = BTreeMap::new();
            for line in input.lines() {
                let pair: BTreeMap<String, Value> =
                    serde_json::from_str(&format!("{{{line}}}")).map_err(|e| e.to_string())?;
                pairs.extend(pair);
            }
            change("pending", pairs)
        }
        "juju-log" => append("log", &words.join(" ")).map(|()| String::new()),
        "status-set" => Ok(String::new()),
        "relation-ids" if last == "db" => said(&json!(["db:1", "db:3"])),
        "relation-ids" => said(&json!([])),
        // Nobody is there until a test says so.
        "relation-list" if !args.contains(&"--app".to_owned()) => {
            let joined = read("joined")?.unwrap_or(json!({}));
            let listed = args.iter().find_map(|id| joined.get(id));
            said(listed.unwrap_or(&json!([])))
        }
        "relation-list" if args.contains(&"db:3".to_owned()) => said(&json!("mysql")),
        "relation-list" => said(&json!("postgres")),
        "relation-get"
            if args.starts_with(&["--format=json".to_owned()])
                && args.contains(&"-".to_owned()) =>
        {
            let who = Some(last).filter(|who| who.contains('/') && *who != "bash-charm/0");
            said(&who.map_or(
                json!({}),
                |unit| json!({"host": format!("{unit}.internal")}),
            ))
        }
        "relation-get" => Ok(format!("{}\n", args.join(" "))),
        // As the real one does: the command runs in a context of its own, in the charm's folder.
        "juju-exec" => {
            append("exec", &args.join(" "))?;
            Ok(String::new())
        }
        _ => Err(format!("unknown command: {tool}")),
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("FAKE_JUJU").unwrap_or_default()).join(name)
}

fn read(name: &str) -> Result<Option<Value>, String> {
    match fs::read_to_string(path(&format!("{name}.json"))) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|e| e.to_string()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.to_string()),
    }
}

fn change(name: &str, pairs: BTreeMap<String, Value>) -> Answer {
    let mut all = read(name)?.unwrap_or(json!({}));
    for (key, value) in pairs {
        all[key] = value;
    }
    fs::write(path(&format!("{name}.json")), all.to_string()).map_err(|e| e.to_string())?;
    Ok(String::new())
}

fn append(name: &str, line: &str) -> Result<(), String> {
    let file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path(name));
    file.and_then(|mut file| writeln!(file, "{line}"))
        .map_err(|e| e.to_string())
}

fn said(value: &Value) -> Answer {
    Ok(format!("{value}\n"))
}
