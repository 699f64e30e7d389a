//! The server's file: one of our own, which the package's `redis.conf` includes last, so that all that is not said
//! here stays as the distribution has it.

use ensign::prelude::*;

/// What the server is to be: settings by name, and a second password that it accepts as well.
#[derive(Debug, PartialEq)]
pub struct Conf {
    pub settings: Vec<(&'static str, Secret)>,
    pub also: Option<Secret>,
}

/// Settings that only a start applies.
pub const FIXED: [&str; 4] = [
    "cluster-enabled",
    "cluster-config-file",
    "cluster-port",
    "databases",
];

impl Conf {
    /// The value of a setting; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|(setting, _)| *setting == name);
        found.map_or("", |(_, value)| value.expose())
    }

    pub fn is_of_cluster(&self) -> bool {
        self.get("cluster-enabled") == "yes"
    }

    /// What is served: the port, in a cluster also that of the cluster's bus.
    pub fn ports(&self) -> Vec<String> {
        let is_served = self.get("bind").contains(' ');
        let port = is_served.then(|| self.get("port"));
        let bus = self.is_of_cluster().then(|| self.get("cluster-port"));
        let all = port.into_iter().chain(bus);
        all.map(|port| format!("{port}/tcp")).collect()
    }

    /// What clients are told the server is.
    pub fn role(&self) -> &'static str {
        match self.get("replicaof") {
            _ if self.is_of_cluster() => "node",
            "" => "primary",
            _ => "replica",
        }
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut text =
            "# Written by the charm. What stands here overrides redis.conf.\n".to_owned();
        for (name, value) in &self.settings {
            text += &match *name {
                "bind" | "replicaof" => format!("{name} {}\n", value.expose()),
                _ => format!("{name} {}\n", quoted(value.expose())),
            };
        }
        if let Some(also) = &self.also {
            let both = [self.get("requirepass"), also.expose()];
            let [first, second] = both.map(|password| quoted(&format!(">{password}")));
            text += &format!("user default on {first} {second} ~* &* +@all\n");
        }
        text
    }
}

/// A text as an argument of a command, or of a line of the file.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether the package's file includes ours.
pub fn includes(packaged: &str, ours: &str) -> bool {
    let include = format!("include {ours}");
    packaged.lines().any(|line| line == include)
}

/// The package's file, with that line.
pub fn including(packaged: &str, ours: &str) -> String {
    match includes(packaged, ours) {
        true => packaged.to_owned(),
        false => format!("{packaged}\n# Added by the charm.\ninclude {ours}\n"),
    }
}

/// Port and password of a file of ours; those of the package where there is none.
pub fn written(text: &str) -> (u16, Secret) {
    let setting = |name: &str| {
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        Some(
            value
                .trim_matches('"')
                .replace("\\\"", "\"")
                .replace("\\\\", "\\"),
        )
    };
    let port = setting("port").and_then(|port| port.parse().ok());
    let password = setting("requirepass").unwrap_or_default();
    (port.unwrap_or(6379), Secret::new(password))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::lib) fn conf(settings: &[(&'static str, &str)], also: Option<&str>) -> Conf {
        let secret = |(name, value): &(&'static str, &str)| (*name, Secret::new(*value));
        Conf {
            settings: settings.iter().map(secret).collect(),
            also: also.map(Secret::new),
        }
    }

    #[test]
    fn values_are_quoted_but_for_those_that_are_several_words() {
        let settings = [
            ("requirepass", "a\"b\\"),
            ("bind", "127.0.0.1 10.0.0.1"),
            ("replicaof", "10.0.0.2 6379"),
        ];
        let lines =
            "requirepass \"a\\\"b\\\\\"\nbind 127.0.0.1 10.0.0.1\nreplicaof 10.0.0.2 6379\n";
        let text = conf(&settings, None).text();
        assert!(
            text.starts_with("# Written by the charm.") && text.ends_with(lines),
            "{text}"
        );
        let text = conf(&settings, Some("new")).text();
        let user = "user default on \">a\\\"b\\\\\" \">new\" ~* &* +@all\n";
        assert!(text.ends_with(user), "{text}");
    }

    #[test]
    fn port_and_password_are_read_as_they_were_written() {
        for password in ["plain", "a\"b\\", "\\", "a\\b"] {
            let conf = conf(&[("port", "6400"), ("requirepass", password)], None);
            let (port, read) = written(&conf.text());
            assert_eq!((port, read.expose()), (6400, password));
        }
        assert_eq!(written("").0, 6379);
        assert_eq!(written("").1.expose(), "");
    }

    #[test]
    fn a_file_is_included_once() {
        let once = including("port 6379\n", "/etc/ours");
        assert_eq!(
            once,
            "port 6379\n\n# Added by the charm.\ninclude /etc/ours\n"
        );
        assert_eq!(including(&once, "/etc/ours"), once);
        assert!(!includes(&once, "/etc/other"));
    }

    #[test]
    fn what_is_open_is_what_is_served() {
        let mut settings = vec![("port", "6400"), ("bind", "127.0.0.1")];
        assert!(conf(&settings, None).ports().is_empty());
        settings[1].1 = "127.0.0.1 10.0.0.1";
        assert_eq!(conf(&settings, None).ports(), ["6400/tcp"]);
        assert_eq!(conf(&settings, None).role(), "primary");
        settings.extend([("cluster-enabled", "yes"), ("cluster-port", "16379")]);
        assert_eq!(conf(&settings, None).ports(), ["6400/tcp", "16379/tcp"]);
        assert_eq!(conf(&settings, None).role(), "node");
    }
}
