//! What a unit's server is to be.

use ensign::prelude::*;
use interface_redis::Address;

use super::conf::Conf;

/// Where a unit's server stands among the others.
#[derive(Debug, Default)]
pub struct Place {
    /// The address that the others know it by.
    pub hostname: String,
    /// Where it listens beside its loopback.
    pub listens: Vec<String>,
    pub port: u16,
    /// In a cluster: where the buses of all nodes are.
    pub bus: Option<u16>,
    /// The primary that it follows.
    pub follows: Option<Address>,
    /// Whether there are others that could follow it.
    pub has_others: bool,
}

/// Its settings, those of the operator and its passwords.
pub fn describe(
    place: &Place,
    chosen: Vec<(&'static str, String)>,
    password: &Secret,
    also: Option<Secret>,
) -> Conf {
    let cluster = place.bus.is_some();
    let (enabled, announce) = match cluster {
        true => ("yes", "cluster-announce-ip"),
        false => ("no", "replica-announce-ip"),
    };
    let replicas = usize::from(!cluster && place.has_others).to_string();
    let mut settings = vec![("cluster-enabled", enabled.to_owned())];
    settings.extend(chosen);
    settings.extend([
        ("min-replicas-to-write", replicas),
        // A replica gets its data at once: writes may have to wait for it.
        ("repl-diskless-sync-delay", "0".to_owned()),
        (announce, place.hostname.clone()),
        ("port", place.port.to_string()),
        ("bind", bind(place)),
    ]);
    if let Some(bus) = place.bus {
        // A node looks at its port when it starts, but for what it is to announce; the bus stays where it was then.
        settings.extend([
            ("cluster-port", bus.to_string()),
            ("cluster-announce-port", place.port.to_string()),
        ]);
    }
    if let Some(Address { host, port }) = &place.follows {
        settings.push(("replicaof", format!("{host} {port}")));
    }
    let plain = settings.into_iter();
    let secrets = ["requirepass", "masterauth"].map(|name| (name, password.clone()));
    let plain = plain.map(|(name, value)| (name, Secret::new(value)));
    Conf {
        settings: secrets.into_iter().chain(plain).collect(),
        also,
    }
}

fn bind(place: &Place) -> String {
    let mut all = vec!["127.0.0.1"];
    all.extend(place.listens.iter().map(String::as_str));
    all.dedup();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(place: Place) -> Conf {
        let chosen = vec![("timeout", "7".to_owned())];
        let place = Place {
            hostname: "10.0.0.1".to_owned(),
            port: 6400,
            ..place
        };
        describe(
            &place,
            chosen,
            &Secret::new("old"),
            Some(Secret::new("new")),
        )
    }

    #[test]
    fn a_server_without_a_place_listens_to_nobody() {
        let conf = described(Place::default());
        assert_eq!((conf.get("bind"), conf.get("timeout")), ("127.0.0.1", "7"));
        assert_eq!(
            (conf.get("requirepass"), conf.get("masterauth")),
            ("old", "old")
        );
        assert_eq!(conf.also, Some(Secret::new("new")));
        assert_eq!(conf.get("min-replicas-to-write"), "0");
    }

    #[test]
    fn one_of_several_needs_a_replica_and_may_be_one() {
        let conf = described(Place {
            listens: vec!["10.0.0.1".to_owned(), "10.0.0.1".to_owned()],
            follows: Some(Address::new("10.0.0.2", 6379)),
            has_others: true,
            ..Place::default()
        });
        assert_eq!(conf.get("bind"), "127.0.0.1 10.0.0.1");
        assert_eq!(conf.get("min-replicas-to-write"), "1");
        assert_eq!(conf.get("replicaof"), "10.0.0.2 6379");
        assert_eq!(conf.get("replica-announce-ip"), "10.0.0.1");
    }

    #[test]
    fn a_node_announces_its_port_and_keeps_its_bus() {
        let conf = described(Place {
            bus: Some(16_379),
            has_others: true,
            ..Place::default()
        });
        assert!(conf.is_of_cluster());
        assert_eq!(conf.get("min-replicas-to-write"), "0");
        assert_eq!(conf.get("cluster-announce-ip"), "10.0.0.1");
        assert_eq!(
            (conf.get("cluster-port"), conf.get("cluster-announce-port")),
            ("16379", "6400")
        );
    }
}
