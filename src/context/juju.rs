//! Juju's side of the context: who we are, logging, statuses, and the rest of what tools do.

use std::ffi::OsString;
use std::time::Duration;

use super::{Context, HandlerView, Requires};
use crate::error::{Error, ErrorKind, Result};
use crate::hook::{Hook, HookEnv, UnitName};
use crate::metadata::Metadata;
use crate::tools::{self, Level, OpenedPorts, Ports, Status, Tools};

impl Context {
    /// The hook, action or juju-exec that runs.
    #[must_use]
    pub fn hook(&self) -> &Hook {
        &self.env.hook
    }

    /// Everything Juju said about this run.
    #[must_use]
    pub fn env(&self) -> &HookEnv {
        &self.env
    }

    /// The local unit, such as `redis/0`.
    #[must_use]
    pub fn unit(&self) -> &UnitName {
        &self.env.unit
    }

    /// The local application, such as `redis`.
    #[must_use]
    pub fn app(&self) -> &str {
        self.env.unit.app()
    }

    /// The model's name; empty in restricted hooks.
    #[must_use]
    pub fn model(&self) -> &str {
        self.env.model_name.as_deref().unwrap_or_default()
    }

    /// The charm's metadata and layer options, as built.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The hook tools, for the typed functions of [`crate::tools`].
    pub fn tools(&mut self) -> &mut Tools {
        &mut self.tools
    }

    /// Time since the machine was started: for lengths, also across the processes of one juju-exec.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.clock.uptime()
    }

    /// Writes to Juju's log. A message that cannot be delivered is dropped: logging never fails a hook.
    pub fn log(&mut self, level: Level, message: impl AsRef<str>) {
        let _logging_must_not_fail_a_hook =
            tools::juju_log(&mut self.tools, level, message.as_ref());
    }

    /// Writes a warning to Juju's log.
    pub(crate) fn warn(&mut self, message: impl AsRef<str>) {
        self.log(Level::Warning, message);
    }

    /// Sets the unit's status. At once: a failing hook does not undo it.
    ///
    /// # Errors
    /// When `status-set` fails.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a status is written where it is set"
    )]
    pub fn status_set(&mut self, status: Status) -> Result {
        tools::status_set(&mut self.tools, &status)?;
        self.note_immediate("the unit's status");
        Ok(())
    }

    /// Sets the application's status. At once, and only on the leader.
    ///
    /// # Errors
    /// `NotLeader` on any other unit; otherwise when `status-set` fails.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a status is written where it is set"
    )]
    pub fn app_status_set(&mut self, status: Status) -> Result {
        tools::app_status_set(&mut self.tools, &status)?;
        self.note_immediate("the application's status");
        Ok(())
    }

    /// Sets the version of the workload that `juju status` shows. At once.
    ///
    /// # Errors
    /// When `application-version-set` fails.
    pub fn version_set(&mut self, version: &str) -> Result {
        tools::application_version_set(&mut self.tools, version)?;
        self.note_immediate("the workload's version");
        Ok(())
    }

    /// Opens a port or range, such as `6379/tcp` or `8000-8080/udp`, when the hook commits.
    ///
    /// # Errors
    /// When Juju refuses it.
    pub fn open_port(&mut self, port: &str) -> Result {
        Ok(tools::open_port(&mut self.tools, ports(port)?, &[])?)
    }

    /// Closes what [`open_port`](Self::open_port) opened, when the hook commits.
    ///
    /// # Errors
    /// When Juju refuses it.
    pub fn close_port(&mut self, port: &str) -> Result {
        Ok(tools::close_port(&mut self.tools, ports(port)?, &[])?)
    }

    /// Opens exactly these ports, for all endpoints, and closes every other one that this unit has open, when the hook
    /// commits.
    ///
    /// # Errors
    /// When one is no port, and then nothing has changed; or when Juju refuses it.
    pub fn open_only<P: AsRef<str>>(&mut self, wanted: impl IntoIterator<Item = P>) -> Result {
        let wanted: Result<Vec<Ports>> = wanted.into_iter().map(|p| ports(p.as_ref())).collect();
        let wanted = wanted?;
        let opened = tools::opened_ports(&mut self.tools)?;
        let is_so = |open: &OpenedPorts| open.endpoints.is_empty() && wanted.contains(&open.ports);
        // First, since a port of a range that is still open cannot be opened on its own.
        for open in opened.iter().filter(|open| !is_so(open)) {
            let endpoints: Vec<&str> = open.endpoints.iter().map(String::as_str).collect();
            tools::close_port(&mut self.tools, open.ports, &endpoints)?;
        }
        for port in &wanted {
            if !opened.iter().any(|open| is_so(open) && open.ports == *port) {
                tools::open_port(&mut self.tools, *port, &[])?;
            }
        }
        Ok(())
    }

    /// What a program started by the charm gets: nothing of the hook's own variables.
    pub(super) fn clean_environment(&self) -> Vec<(OsString, OsString)> {
        const SYSTEM: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let proxies = &self.env.proxies;
        let mut all: Vec<(OsString, OsString)> = vec![
            (
                "PATH".into(),
                self.env.path.as_deref().unwrap_or(SYSTEM).into(),
            ),
            ("HOME".into(), "/root".into()),
            ("LANG".into(), "C.UTF-8".into()),
            ("DEBIAN_FRONTEND".into(), "noninteractive".into()),
        ];
        let given = [
            ("http_proxy", &proxies.http),
            ("https_proxy", &proxies.https),
            ("ftp_proxy", &proxies.ftp),
            ("no_proxy", &proxies.no_proxy),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                all.push((name.into(), value.into()));
                all.push((name.to_uppercase().into(), value.into()));
            }
        }
        all
    }

    /// Lets every woken provider look whether the picture still holds, on behalf of the running handler.
    pub(crate) fn look_while_waiting(&mut self) -> Result {
        #[derive(Debug)]
        struct Waiting;
        impl Requires for Waiting {
            fn requires(&self, _flag: &str) -> bool {
                true
            }
        }
        let view = HandlerView {
            id: "",
            requires: &Waiting,
        };
        self.revalidate(&|_| true, &view)
    }
}

fn ports(text: &str) -> Result<Ports> {
    Ports::parse(text).ok_or_else(|| {
        Error::new(
            ErrorKind::Invalid,
            format!("`{}` is not a port", text.escape_debug()),
        )
        .hint("write `6379/tcp`, `8000-8080/udp` or `icmp`")
    })
}
