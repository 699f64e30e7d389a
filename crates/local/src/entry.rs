//! One executable, many parts: which one this process is.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::error::Result;
use crate::{agent, controller, machine, roles, services};

/// Plays the internal part that the program's name or first argument asks for; `None` when it is an
/// ordinary command for the person. Call it first thing in `main`, before arguments are parsed.
///
/// `argv0` is the name the program was started under, `args` what follows it. A hook tool is known by the
/// program's name, as Juju's are.
pub fn entry(argv0: &OsStr, args: &[OsString]) -> Option<ExitCode> {
    let name = Path::new(argv0).file_name()?.to_str()?;
    if name == agent::JUJU_EXEC {
        return Some(agent::juju_exec(args));
    }
    if name == services::SYSTEMCTL {
        return Some(services::systemctl(args));
    }
    if controller::is_tool(name) {
        return Some(agent::hook_tool(name, args));
    }
    let (role, rest) = args.split_first()?;
    let mut code = ExitCode::SUCCESS;
    let result: Result<()> = match role.to_str()? {
        roles::USER_NAMESPACE => machine::enter_user_namespace(rest),
        roles::OUTER => machine::outer(rest),
        roles::MODEL_INIT => machine::model_init(),
        roles::MACHINE_INIT => machine::machine_init(),
        roles::AGENT => agent::agent(rest),
        roles::CONTROLLER => controller::controller(rest),
        roles::PROBE => machine::probe_child(rest),
        roles::ENTER => machine::enter(rest).map(|ended| code = ended),
        roles::DIAL => machine::dial(rest),
        roles::SERVICES => {
            services::start_enabled();
            Ok(())
        }
        roles::REMOVE => rest
            .iter()
            .try_for_each(|path| machine::remove_own(Path::new(path))),
        _ => return None,
    };
    Some(match result {
        Ok(()) => code,
        Err(error) => {
            // Where even that cannot be written nobody is left to read it.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    })
}
