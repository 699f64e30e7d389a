//! Who a machine believes to be: host name, `/etc/hosts`, name server, os-release, run level.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::spec::{Kind, MachineSpec};
use super::tree::replace;
use crate::error::{Doing, Error, Result};
use crate::{network, services};

/// Writes them; called inside the machine.
pub(super) fn assume(spec: &MachineSpec) -> Result<()> {
    let name = &spec.hostname;
    rustix::system::sethostname(name.as_bytes()).doing(|| format!("set the host name `{name}`"))?;
    let etc = Path::new("/etc");
    replace(&etc.join("hostname"), format!("{name}\n").as_bytes(), 0o644)?;
    let (path, names) = (etc.join("hosts"), &spec.hosts);
    // Seen through an overlay that may be an empty file, or none.
    let found = fs::read_to_string(&path).unwrap_or_default();
    replace(&path, network::begin_hosts(&found, names).as_bytes(), 0o644)?;
    replace(
        &etc.join("os-release"),
        spec.base.os_release().as_bytes(),
        0o644,
    )?;
    services(spec)?;
    for path in UNWANTED {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(format!("remove `{path}`"), error));
            }
            _ => {}
        }
    }
    replace(Path::new("/run/utmp"), &run_level(), 0o664)
}

/// Tells the machine whom to ask for names, and apt what to expect of the network; called inside it.
pub(super) fn ask(server: Option<Ipv4Addr>, kind: &Kind) -> Result<()> {
    let (text, tries) = match server {
        Some(server) => (
            format!("nameserver {server}\noptions timeout:2 attempts:2\n"),
            "Acquire::Retries \"2\";\n",
        ),
        // A question must fail at once, not after minutes. Whoever asks apt for more retries on its command line gets
        // them, but none is waited for.
        None => (
            "# this machine has no way out\n".to_owned(),
            "Acquire::Retries \"0\";\nAcquire::Retries::Delay \"false\";\n",
        ),
    };
    replace(Path::new("/etc/resolv.conf"), text.as_bytes(), 0o644)?;
    let apt = Path::new("/etc/apt/apt.conf.d");
    if !apt.is_dir() {
        return Ok(());
    }
    let mut text = format!("{tries}Acquire::http::Timeout \"10\";\n");
    if matches!(kind, Kind::Rootless { .. }) {
        text.push_str("APT::Sandbox::User \"root\";\n");
    }
    replace(&apt.join("99ensign"), text.as_bytes(), 0o644)
}

/// Puts `systemctl` where it goes before the host's, which would only say that no systemd runs.
fn services(spec: &MachineSpec) -> Result<()> {
    let path = Path::new("/usr/local/bin").join(services::SYSTEMCTL);
    let linking = || format!("link `{}`", path.display());
    fs::create_dir_all("/usr/local/bin").doing(linking)?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io(linking(), error));
        }
        _ => symlink("/run/ensign/ensign", &path).doing(linking)?,
    }
    match spec.rebooted {
        true => Ok(()),
        false => services::note_those_of_the_host(),
    }
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
