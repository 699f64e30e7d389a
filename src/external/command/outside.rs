//! The command outside any context of Juju's: on the unit it gets one through `juju-exec`.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, ErrorKind, Result};
use crate::external::shell::quoted;
use crate::hook::UnitName;

/// `juju-exec` since 3.0, with the name it had before.
const TOOLS: [&str; 2] = ["juju-exec", "juju-run"];

/// Becomes `juju-exec UNIT "…/bin/charms.reactive …"`; returns only if that cannot be.
pub(super) fn run(arguments: &[String]) -> Result<u8> {
    crate::external::refuse_below_handler()?;
    let program = std::env::current_exe()?;
    let Some((unit, charm_dir)) = unit_of(&program) else {
        return Err(Error::new(
            ErrorKind::Unavailable,
            "flags belong to a unit, and this program is not in a unit's charm folder",
        )
        .hint(format!(
            "type `juju exec --unit APP/0 -- {}`",
            line("bin/charms.reactive", arguments)
        )));
    };
    let again = charm_dir.join("bin").join("charms.reactive");
    for tool in TOOLS {
        let failed = Command::new(tool)
            .arg(unit.to_string())
            .arg(line(&again.to_string_lossy(), arguments))
            .exec();
        if failed.kind() != io::ErrorKind::NotFound {
            return Err(Error::from(failed).context(format!("cannot start `{tool}`")));
        }
    }
    Err(Error::new(
        ErrorKind::Unavailable,
        "there is no hook running here, and no `juju-exec` to get into one",
    )
    .hint(format!(
        "type `juju exec --unit {unit} -- {}`",
        line("bin/charms.reactive", arguments)
    )))
}

/// The unit in whose charm folder, `…/unit-foo-0/charm`, the program lies.
fn unit_of(program: &Path) -> Option<(UnitName, PathBuf)> {
    program.ancestors().find_map(|folder| {
        if folder.file_name()? != "charm" {
            return None;
        }
        let tag = folder.parent()?.file_name()?.to_str()?;
        let unit = tag.starts_with("unit-").then(|| UnitName::parse(tag))??;
        Some((unit, folder.to_owned()))
    })
}

fn line(program: &str, arguments: &[String]) -> String {
    let mut line = quoted(program);
    for argument in arguments {
        line.push(' ');
        line.push_str(&quoted(argument));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_known_from_its_folder() {
        let (unit, folder) = unit_of(Path::new(
            "/var/lib/juju/agents/unit-my-app-0/charm/dispatch",
        ))
        .unwrap();
        assert_eq!(unit.to_string(), "my-app/0");
        assert_eq!(
            folder,
            Path::new("/var/lib/juju/agents/unit-my-app-0/charm")
        );
        for elsewhere in [
            "/usr/bin/dispatch",
            "/home/me/charm/dispatch",
            "/x/unit-a-0/other/dispatch",
        ] {
            assert_eq!(unit_of(Path::new(elsewhere)), None, "{elsewhere}");
        }
    }

    #[test]
    fn arguments_survive_the_second_shell() {
        let arguments = ["leader_set", "k=it's a value"].map(str::to_owned);
        assert_eq!(
            line("bin/charms.reactive", &arguments),
            r"bin/charms.reactive leader_set 'k=it'\''s a value'"
        );
    }
}
