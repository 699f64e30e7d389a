//! How Nagios sees that there is a server.

use interface_nrpe_external_master::Check;

const PLUGINS: &str = "/usr/lib/nagios/plugins";

/// They know no password: a server that asks for one is there.
pub fn checks(port: u16) -> [Check; 2] {
    [
        Check {
            name: "redis".to_owned(),
            description: "Redis answers".to_owned(),
            command: format!(
                "{PLUGINS}/check_tcp -H 127.0.0.1 -p {port} -s 'PING\\r\\n' -e -NOAUTH -E"
            ),
        },
        Check {
            name: "redis_process".to_owned(),
            description: "One Redis server runs".to_owned(),
            command: format!("{PLUGINS}/check_procs -c 1:1 -C redis-server"),
        },
    ]
}
