//! Who a machine believes to be: host name, `/etc/hosts`, os-release, run level.

use std::fs;
use std::io;
use std::path::Path;

use super::spec::{Kind, MachineSpec};
use super::tree::replace;
use crate::error::{Doing, Error, Result};

/// Writes them; called inside the machine.
pub(super) fn assume(spec: &MachineSpec) -> Result<()> {
    let name = &spec.hostname;
    rustix::system::sethostname(name.as_bytes()).doing(|| format!("set the host name `{name}`"))?;
    let etc = Path::new("/etc");
    replace(&etc.join("hostname"), format!("{name}\n").as_bytes(), 0o644)?;
    let hosts = format!(
        "127.0.0.1\tlocalhost\n{}\t{name}\n::1\tlocalhost ip6-localhost ip6-loopback\n",
        spec.address
    );
    replace(&etc.join("hosts"), hosts.as_bytes(), 0o644)?;
    // No name server: a question must fail at once, not after minutes.
    replace(
        &etc.join("resolv.conf"),
        b"# this machine has no way out\n",
        0o644,
    )?;
    replace(
        &etc.join("os-release"),
        spec.base.os_release().as_bytes(),
        0o644,
    )?;
    for path in UNWANTED {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(format!("remove `{path}`"), error));
            }
            _ => {}
        }
    }
    let apt = etc.join("apt/apt.conf.d");
    if apt.is_dir() {
        let mut text = "Acquire::Retries \"0\";\nAcquire::http::Timeout \"10\";\n".to_owned();
        if matches!(spec.kind, Kind::Rootless { .. }) {
            text.push_str("APT::Sandbox::User \"root\";\n");
        }
        replace(&apt.join("99ensign"), text.as_bytes(), 0o644)?;
    }
    replace(Path::new("/run/utmp"), &run_level(), 0o664)
}

/// The first forbids packages to start their daemons (docker images have it); the second makes every
/// installation rebuild an index of manual pages, which takes long and complains without root.
const UNWANTED: [&str; 2] = ["/usr/sbin/policy-rc.d", "/var/lib/man-db/auto-update"];

/// Size of a record of utmp.
const UTMP: usize = 384;

/// "Run level 2, before it N": without it packages do not start their daemons.
fn run_level() -> [u8; UTMP] {
    const RUN_LVL: u8 = 1;
    let mut record = [0; UTMP];
    let mut put = |at: usize, bytes: &[u8]| record[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[RUN_LVL]);
    put(4, b"2N");
    put(8, b"~");
    put(40, b"~~");
    put(44, b"runlevel");
    record
}
