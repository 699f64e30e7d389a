//! `/etc/hosts` of a machine: its own names, and those of its peers.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Who has which address.
pub(crate) type HostNames = BTreeMap<Ipv4Addr, String>;

const BEGIN: &str = "# machines of this model, kept up to date by Ensign";
const END: &str = "# end of this model's machines";

/// The text of a machine that boots and found this: if we have never written it, it is the host's.
pub(crate) fn begin(found: &str, hosts: &HostNames) -> String {
    update(if found.contains(BEGIN) { found } else { FRESH }, hosts)
}

/// The next text: what others have written stays, and what stands for machines is replaced.
pub(crate) fn update(found: &str, hosts: &HostNames) -> String {
    let (before, after) = match (found.split_once(BEGIN), found.split_once(END)) {
        (Some((before, _)), Some((_, after))) => {
            (before, after.strip_prefix('\n').unwrap_or(after))
        }
        _ => (found, ""),
    };
    let mut text = before.to_owned();
    text.push_str(BEGIN);
    text.push('\n');
    for (address, name) in hosts {
        text.push_str(&format!("{address}\t{name}\n"));
    }
    text.push_str(END);
    text.push('\n');
    text.push_str(after);
    text
}

const FRESH: &str = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(all: &[(u8, &str)]) -> HostNames {
        all.iter()
            .map(|(last, name)| (Ipv4Addr::new(10, 0, 0, *last), (*name).to_owned()))
            .collect()
    }

    #[test]
    fn a_machines_first_file_has_nothing_of_the_hosts() {
        let text = begin("192.0.2.9\tintranet\n", &hosts(&[(2, "juju-1")]));
        assert!(text.starts_with("127.0.0.1\tlocalhost\n"), "{text}");
        assert!(text.contains("\n10.0.0.2\tjuju-1\n") && !text.contains("intranet"));
    }

    #[test]
    fn machines_come_and_go_and_a_charms_own_lines_stay() {
        let first = begin("", &hosts(&[(2, "juju-1"), (3, "juju-2")]));
        let edited = format!("192.0.2.1\tearly\n{first}192.0.2.7\tcharm\n");
        let next = update(&edited, &hosts(&[(2, "juju-1"), (4, "juju-3")]));
        assert!(next.starts_with("192.0.2.1\tearly\n") && next.ends_with("192.0.2.7\tcharm\n"));
        assert!(next.contains("10.0.0.4\tjuju-3\n") && !next.contains("juju-2"));
        // After a reboot, too.
        assert_eq!(begin(&next, &hosts(&[(2, "juju-1"), (4, "juju-3")])), next);
    }

    #[test]
    fn a_file_that_a_charm_has_replaced_stays_its_own() {
        let text = update("# mine\n", &hosts(&[(2, "juju-1")]));
        assert!(text.starts_with("# mine\n") && text.contains("10.0.0.2\tjuju-1\n"));
    }
}
