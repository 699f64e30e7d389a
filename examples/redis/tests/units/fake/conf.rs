//! The file of a server.

use std::collections::BTreeMap;

/// Settings by name, and the passwords of the default user.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) passwords: Vec<String>,
}

/// Settings that the fake knows, with their defaults; all else is refused as a wrong directive.
pub(crate) const KNOWN: [(&str, &str); 21] = [
    ("bind", "* -::*"),
    ("cluster-announce-ip", ""),
    ("cluster-announce-port", "0"),
    ("cluster-enabled", "no"),
    ("cluster-node-timeout", "15000"),
    ("cluster-port", "0"),
    ("databases", "16"),
    ("dbfilename", "dump.rdb"),
    ("dir", "/var/lib/redis"),
    ("loglevel", "notice"),
    ("masterauth", ""),
    ("min-replicas-to-write", "0"),
    ("port", "6379"),
    ("repl-diskless-sync-delay", "5"),
    ("replica-announce-ip", ""),
    ("replicaof", ""),
    ("requirepass", ""),
    ("save", "3600 1 300 100 60 10000"),
    ("tcp-keepalive", "300"),
    ("timeout", "0"),
    ("appendonly", "no"),
];

/// Reads a file and what it includes.
pub(crate) fn read(file: &dyn Fn(&str) -> Option<String>, path: &str) -> Result<Settings, String> {
    let mut all = Settings::default();
    for (name, value) in KNOWN {
        all.values.insert(name.to_owned(), value.to_owned());
    }
    let mut users = Vec::new();
    lines(file, path, &mut all, &mut users)?;
    if let Some(password) = all.values.get("requirepass").filter(|p| !p.is_empty()) {
        all.passwords = vec![password.clone()];
    }
    // Users of the file override `requirepass`.
    for words in users {
        let passwords = words.iter().filter_map(|word| word.strip_prefix('>'));
        all.passwords = passwords.map(str::to_owned).collect();
    }
    Ok(all)
}

fn lines(
    file: &dyn Fn(&str) -> Option<String>,
    path: &str,
    all: &mut Settings,
    users: &mut Vec<Vec<String>>,
) -> Result<(), String> {
    let text = file(path).ok_or("Fatal error, can't open config file")?;
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let words = words(line).ok_or("Unbalanced quotes in configuration line")?;
        let (name, values) = words.split_first().ok_or("no words")?;
        match name.as_str() {
            "include" => lines(file, &values[0], all, users)?,
            "user" if values.first().is_some_and(|user| user == "default") => {
                users.push(values[1..].to_vec())
            }
            name => {
                let value = values.join(" ");
                check(name, &value)?;
                all.values.insert(name.to_owned(), value);
            }
        }
    }
    Ok(())
}

/// Words as redis splits them: in double quotes a backslash protects.
pub(crate) fn words(line: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut rest = line.trim().chars().peekable();
    while rest.peek().is_some() {
        let mut word = String::new();
        if rest.peek() == Some(&'"') {
            rest.next();
            loop {
                match rest.next()? {
                    '"' => break,
                    '\\' => word.push(rest.next()?),
                    other => word.push(other),
                }
            }
        } else {
            while let Some(next) = rest.next_if(|c| !c.is_whitespace()) {
                word.push(next);
            }
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        all.push(word);
    }
    Some(all)
}

/// What redis says of a wrong value.
pub(crate) fn check(name: &str, value: &str) -> Result<(), String> {
    let within = |least: i64, most: i64| match value.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(()),
        Ok(_) => Err(format!(
            "argument must be between {least} and {most} inclusive"
        )),
        Err(_) => Err("argument couldn't be parsed into an integer".to_owned()),
    };
    match name {
        "loglevel" if !["debug", "verbose", "notice", "warning"].contains(&value) => Err(
            "argument(s) must be one of the following: debug, verbose, notice, warning".to_owned(),
        ),
        "databases" => within(1, i64::from(i32::MAX)),
        "port" | "cluster-announce-port" | "cluster-port" => within(0, 65_535),
        "tcp-keepalive" | "timeout" | "min-replicas-to-write" => within(0, i64::from(i32::MAX)),
        name if KNOWN.iter().any(|(known, _)| *known == name) => Ok(()),
        _ => Err("Bad directive or wrong number of arguments".to_owned()),
    }
}
