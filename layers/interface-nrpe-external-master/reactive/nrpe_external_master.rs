//! Checks that Nagios runs on a unit through its nrpe subordinate.
//!
//! | flag | set while |
//! |---|---|
//! | `endpoint.NAME.joined` | an nrpe subordinate is there |
//!
//! A check is a command in `/etc/nagios/nrpe.d`, which nrpe reads, and an entry of the field `monitors`, which the
//! subordinate hands on to Nagios. A charm publishes all of its checks at once, whenever one of them, or the options
//! `nagios_context` and `nagios_servicegroups` that charms have for it, has changed.

use ensign::prelude::*;
use serde_json::{Map, json};

/// The interface, as `metadata.yaml` of a charm names it.
pub const INTERFACE: &str = "nrpe-external-master";

const FOLDER: &str = "/etc/nagios/nrpe.d";
/// The files that were written, by endpoint.
const WRITTEN: &str = "interface.nrpe-external-master.";

/// A check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name: lower case letters, digits and `_`.
    pub name: String,
    /// What it looks at, for people.
    pub description: String,
    /// The command line that nrpe runs. Everybody on the machine may read it.
    pub command: String,
}

/// What a charm does with its endpoint.
pub trait Nrpe {
    /// Writes and publishes these checks, and takes back others that it has written before.
    ///
    /// # Errors
    /// When Juju cannot be asked, or a file cannot be written.
    fn nrpe_checks(&self, ctx: &mut Context, checks: &[Check]) -> Result;
}

impl Nrpe for Endpoint {
    fn nrpe_checks(&self, ctx: &mut Context, checks: &[Check]) -> Result {
        let config = ctx.config()?;
        let context = config
            .string("nagios_context")?
            .unwrap_or_else(|| "juju".to_owned());
        let groups = config
            .string("nagios_servicegroups")?
            .filter(|groups| !groups.is_empty());
        let host = format!("{context}-{}", ctx.unit().to_string().replace('/', "-"));
        let mut monitors = Map::new();
        let mut files = Vec::new();
        ctx.make_folder(FOLDER, 0o755)?;
        for check in checks {
            let path = format!("{FOLDER}/check_{}.cfg", check.name);
            let line = format!("command[check_{}]={}", check.name, check.command);
            ctx.write_file(&path, format!("# {}\n{line}\n", check.description))?;
            files.push(path);
            monitors.insert(
                check.name.clone(),
                json!({"command": format!("check_{}", check.name)}),
            );
        }
        let key = format!("{WRITTEN}{}", self.name());
        let before: Vec<String> = ctx.kv().get_or(&key, Vec::new())?;
        for path in before.iter().filter(|path| !files.contains(path)) {
            ctx.remove_file(path)?;
        }
        ctx.kv().set(&key, &files)?;
        // JSON is YAML, which is what the other side reads.
        let monitors = json!({"monitors": {"remote": {"nrpe": monitors}}});
        self.publish(
            ctx,
            [
                ("monitors", monitors.to_string()),
                ("nagios_hostname", host.clone()),
                ("nagios_host_context", context.clone()),
                ("nagios_servicegroups", groups.unwrap_or(context)),
                ("primary", "True".to_owned()),
            ],
        )
    }
}
