//! `ensign run` in machines where something that charms may need is missing: it says so at once, with what to type.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::tool::{Ran, World};

/// Nobody has this number, nor a range of others.
const USER: u32 = 54_321;
const NO_PASTA: &str =
    "have no way out to the network: `pasta` is missing (`apt-get install passt`)";
const NO_NFT: &str =
    "have no way out to the network: `nft` is missing (`apt-get install nftables`)";
const ONE_USER: &str = "Machines have one user only";
const NO_HELPERS: &str = "`newuidmap` is missing (`apt-get install uidmap`)";
const NO_RANGE: &str = "this user has no range in /etc/subuid and in /etc/subgid \
                        (`echo 54321:100000:65536 | sudo tee -a /etc/subuid /etc/subgid`)";

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A `PATH` of these programs of the host and no others. All of them are there; `nft` alone is found elsewhere, too.
fn path_of(world: &World, programs: &[&str]) -> String {
    let folder = world.path(&format!("bin-{}", programs.join("-")));
    fs::create_dir_all(&folder).unwrap();
    for name in programs {
        let found = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
            .map(|place| Path::new(place).join(name))
            .into_iter()
            .find(|path| path.exists());
        symlink(
            found.unwrap_or_else(|| panic!("{name} is not on this host")),
            folder.join(name),
        )
        .unwrap();
    }
    folder.display().to_string()
}

/// `ensign run` of a charm that asks for a package, with this `PATH`.
fn run(mut command: Command, path: &str, arguments: &[&str]) -> Ran {
    command
        .args(["run", "downloads", "--timeout=2m"])
        .args(arguments);
    Ran::of(command.env("PATH", path).output().unwrap())
}

/// Its second line of output is whether apt has worked, which is asked for more patience than it has by itself.
fn downloads(world: &World) {
    let script = r#"case "$JUJU_DISPATCH_PATH" in */install) ;; *) exit 0;; esac
eval "$(apt-config shell waits Acquire::Retries::Delay/b)"
if apt-get update -o Acquire::Retries=3 -o APT::Update::Error-Mode=any 2>&1; then got=lists; else got=nothing; fi
status-set active "waits $waits, got $got"
"#;
    world.charm("downloads", script);
}

/// Makes the world an ordinary user's, with a copy of the command that they can reach.
fn given_away(world: &World) {
    let exe = world.path("ensign");
    // By another process: one that a test beside this one starts meanwhile must not hold the file open for writing.
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_ensign"))
        .arg(exe)
        .status();
    assert!(copied.unwrap().success());
    fs::create_dir_all(world.path("home")).unwrap();
    for name in ["", "home"] {
        chown(world.path(name), Some(USER), Some(USER)).unwrap();
    }
}

/// The command as an ordinary user runs it who has no range of ids: this one, or one that root becomes.
fn as_a_user(world: &World) -> Command {
    if !is_root() {
        return world.command();
    }
    let mut command = Command::new(world.path("ensign"));
    command.current_dir(world.path("")).uid(USER).gid(USER);
    command.env_clear().env("ENSIGN_HOME", world.path("home"));
    command
}

/// Machines cannot be had everywhere; where they cannot, there is a sentence that other tests look at.
fn has_machines(ran: &Ran) -> bool {
    ran.code == 0 || !(ran.err.contains("--no-machines") || ran.err.contains("ENSIGN_HOME"))
}

fn notes(ran: &Ran, words: &str) -> usize {
    let notes = ran.err.lines().filter(|line| line.starts_with("note: "));
    notes.filter(|line| line.contains(words)).count()
}

#[test]
fn without_a_way_out_it_is_said_once_and_downloads_fail_at_once() {
    let world = World::new();
    downloads(&world);
    let path = path_of(&world, &["nft", "newuidmap", "newgidmap"]);
    let ran = run(world.command(), &path, &["--juju", "3.6,4.0"]);
    if !has_machines(&ran) {
        return;
    }
    let ran = ran.good();
    assert_eq!(notes(&ran, NO_PASTA), 1, "for both Jujus: {ran:#?}");
    let said = "waits false, got nothing";
    assert_eq!(
        ran.out.matches(said).count(),
        4,
        "app and unit, twice: {ran:#?}"
    );
    // It comes before anything has tried.
    assert!(ran.err.starts_with("note: "), "{ran:#?}");
}

#[test]
fn an_ordinary_user_hears_of_all_that_is_missing() {
    let world = World::new();
    world.charm("downloads", "exit 0");
    if is_root() {
        given_away(&world);
    }
    let (maps, out) = (["newuidmap", "newgidmap"], ["pasta", "nft"]);
    for (programs, helpers, pasta) in [
        (out.to_vec(), false, true),
        (vec!["nft"], false, false),
        ([maps, out].concat(), true, true),
    ] {
        let path = path_of(&world, &programs);
        let ran = run(as_a_user(&world), &path, &[]);
        if !has_machines(&ran) {
            return;
        }
        let ran = ran.good();
        assert_eq!(notes(&ran, NO_PASTA), usize::from(!pasta), "{ran:#?}");
        // Whoever runs the tests may have a range; whom root becomes has none.
        assert_eq!(notes(&ran, NO_HELPERS), usize::from(!helpers), "{ran:#?}");
        if is_root() {
            assert_eq!(notes(&ran, NO_RANGE), 1, "{ran:#?}");
            assert_eq!(notes(&ran, ONE_USER), 1, "{ran:#?}");
        }
        let refused = "this user may not write to /dev/net/tun";
        if pasta && notes(&ran, refused) == 1 {
            assert!(ran.err.contains("sudo chmod 666 /dev/net/tun"), "{ran:#?}");
        }
        assert_eq!(ran.err.matches("WARNING").count(), 0, "{ran:#?}");
    }
}

#[test]
fn translating_addresses_needs_a_program_that_is_told() {
    if !is_root() {
        // It is looked for where administrators' programs are, and only root can hide it there.
        return;
    }
    let world = World::new();
    world.charm("downloads", "exit 0");
    let hidden =
        "for nft in /usr/sbin/nft /sbin/nft; do mount --bind /dev/null \"$nft\"; done; exec \"$@\"";
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "/bin/sh", "-c", hidden, "-"])
        .arg(env!("CARGO_BIN_EXE_ensign"));
    command
        .current_dir(world.path(""))
        .env("ENSIGN_HOME", world.path("home"));
    let ran = run(command, "/usr/bin:/bin", &[]);
    if has_machines(&ran) {
        assert_eq!(notes(&ran.good(), NO_NFT), 1);
    }
}
