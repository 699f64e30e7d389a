//! A model one can talk to.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::time::Duration;

use ensign_model::{ActionRecord, ModelStatus, UnitName};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::net::sockopt;
use rustix::process::{PidfdFlags, pidfd_open};
use serde_json::{Map, Value};

use super::protocol::{Answer, Event, Reply, Request, Settling};
use super::report::{Comparison, Report};
use super::step::Step;
use crate::charm::Charm;
use crate::error::{Doing, Error, Result};
use crate::folder::ModelFolder;
use crate::home::Home;
use crate::machine::Base;
use crate::wire;

/// A running model, as seen by the command that started it or by one that joined later.
///
/// When the command that started it ends without [`Self::keep`] or [`Self::destroy`], however it ends, the
/// controller destroys the model.
#[derive(Debug)]
pub struct LocalModel {
    pub(super) folder: ModelFolder,
    pub(super) stream: UnixStream,
    /// The controller, where this process started it. Its stdin is held open: when it closes we are gone.
    pub(super) child: Option<Child>,
    pub(super) notes: Vec<String>,
    /// The controller goes on when this process ends.
    pub(super) kept: bool,
}

impl Drop for LocalModel {
    /// Waits until the controller has removed a model that is not kept.
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take().filter(|_| !self.kept) {
            drop(child.stdin.take());
            // There is nobody to tell; the next command lists what is left.
            let _ = child.wait();
        }
    }
}

impl LocalModel {
    /// Joins the running model `name`.
    ///
    /// # Errors
    /// [`Error::NoModel`] when there is none, [`Error::NotRunning`] when its controller is gone:
    /// [`Self::resume`] starts it again.
    pub fn connect(home: &Home, name: &str) -> Result<Self> {
        let folder = home.model(name)?;
        folder.settings()?;
        let stream = match ModelFolder::connect(folder.path(), "controller.sock") {
            Ok(stream) => stream,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
                ) =>
            {
                return Err(Error::NotRunning(name.to_owned()));
            }
            Err(error) => return Err(Error::io(format!("reach the model `{name}`"), error)),
        };
        Ok(Self {
            folder,
            stream,
            child: None,
            notes: Vec::new(),
            kept: true,
        })
    }

    /// The model's name.
    pub fn name(&self) -> String {
        self.folder.name()
    }

    /// The model's folder.
    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What the person should know before deploying: limits of the machines here, what runs without them.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What the person should know about this charm's machines: packages are those of the host.
    ///
    /// # Errors
    /// When the host's `/etc/os-release` cannot be read.
    pub fn notes_on(&self, charm: &Charm) -> Result<Vec<String>> {
        let host = Base::of_this_host()?;
        let named = charm
            .info
            .base
            .as_deref()
            .and_then(|base| base.parse::<Base>().ok());
        let differing = named.filter(|base| {
            *base != host && self.folder.settings().is_ok_and(|s| s.machines.is_some())
        });
        let note = differing.map(|base| {
            format!("Machines of `{}` say that they run {base}; their packages are this host's, {host}.", charm.info.name)
        });
        Ok(note.into_iter().collect())
    }

    /// `juju deploy`: the machines are started, the hooks run when the model settles.
    ///
    /// # Errors
    /// [`Error::Model`] when the model refuses, or the directory is no charm.
    pub fn deploy(
        &mut self,
        application: &str,
        charm: &Charm,
        units: u32,
    ) -> Result<Vec<UnitName>> {
        self.deploy_configured(application, charm, units, &BTreeMap::new())
    }

    /// `juju deploy --config K=V …`: the first hook finds the options set.
    ///
    /// # Errors
    /// As [`Self::deploy`]; [`Error::Model`] also when an option is refused.
    pub fn deploy_configured(
        &mut self,
        application: &str,
        charm: &Charm,
        units: u32,
        options: &BTreeMap<String, String>,
    ) -> Result<Vec<UnitName>> {
        let dir =
            std::path::absolute(&charm.dir).doing(|| format!("find `{}`", charm.dir.display()))?;
        let charm = Box::new(Charm {
            info: charm.info.clone(),
            dir,
        });
        let request = Request::Deploy {
            application: application.to_owned(),
            charm,
            units,
            options: options.clone(),
        };
        match self.ask(&request, &mut |_| {})? {
            Answer::Units(units) => Ok(units),
            other => Err(unexpected(&other)),
        }
    }

    /// Plays one step; follow it with [`Self::settle`]. An action and [`Step::Advance`] are waited for.
    ///
    /// # Errors
    /// [`Error::Model`] when the model refuses.
    pub fn step(&mut self, step: &Step, progress: &mut dyn FnMut(Event)) -> Result<Vec<UnitName>> {
        match self.ask(&Request::Step(step.clone()), progress)? {
            Answer::Nothing | Answer::Action(_) => Ok(Vec::new()),
            Answer::Units(units) => Ok(units),
            other => Err(unexpected(&other)),
        }
    }

    /// Waits until every live agent is idle with nothing pending, due or in error, for at most `timeout` of
    /// model time. While every unit is idle model time jumps to the next timer.
    ///
    /// # Errors
    /// [`Error::Controller`] when a machine cannot be started or the controller is gone. Not settling in
    /// time is no error: see [`Settling::unsettled`].
    pub fn settle(
        &mut self,
        timeout: Duration,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Settling> {
        match self.ask(&Request::Settle { timeout }, progress)? {
            Answer::Settling(settling) => Ok(settling),
            other => Err(unexpected(&other)),
        }
    }

    /// Compares a file over all live units, inside their machines; its content leaves none of them.
    ///
    /// # Errors
    /// When an agent cannot read the file although it is there.
    pub fn compare_file(&mut self, path: &str) -> Result<Comparison> {
        match self.ask(
            &Request::Compare {
                path: path.to_owned(),
            },
            &mut |_| {},
        )? {
            Answer::Comparison(comparison) => Ok(comparison),
            other => Err(unexpected(&other)),
        }
    }

    /// Everything a run shows, `files` compared.
    ///
    /// # Errors
    /// As [`Self::compare_file`].
    pub fn report(&mut self, files: &[String]) -> Result<Report> {
        match self.ask(
            &Request::Report {
                files: files.to_vec(),
            },
            &mut |_| {},
        )? {
            Answer::Report(report) => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    /// What `juju status` shows.
    ///
    /// # Errors
    /// [`Error::Controller`] when the controller is gone.
    pub fn status(&mut self) -> Result<ModelStatus> {
        match self.ask(&Request::Status, &mut |_| {})? {
            Answer::Status(status) => Ok(*status),
            other => Err(unexpected(&other)),
        }
    }

    /// `juju exec --unit UNIT -- COMMANDS`, waited for at most `timeout` of model time. The record's
    /// `results` hold `stdout`, `stderr` and `return-code`.
    ///
    /// # Errors
    /// [`Error::Model`] when the model refuses or the time is over.
    pub fn exec(
        &mut self,
        unit: &UnitName,
        commands: &str,
        timeout: Duration,
    ) -> Result<ActionRecord> {
        let request = Request::Exec {
            unit: unit.clone(),
            commands: commands.to_owned(),
            timeout,
        };
        match self.ask(&request, &mut |_| {})? {
            Answer::Action(record) => Ok(*record),
            other => Err(unexpected(&other)),
        }
    }

    /// `juju run UNIT ACTION`, waited for at most `timeout` of model time.
    ///
    /// # Errors
    /// As [`Self::exec`].
    pub fn run(
        &mut self,
        unit: &UnitName,
        action: &str,
        params: Map<String, Value>,
        timeout: Duration,
    ) -> Result<ActionRecord> {
        let request = Request::Run {
            unit: unit.clone(),
            action: action.to_owned(),
            params,
            timeout,
        };
        match self.ask(&request, &mut |_| {})? {
            Answer::Action(record) => Ok(*record),
            other => Err(unexpected(&other)),
        }
    }

    /// Lets the model go on when this command ends.
    ///
    /// # Errors
    /// [`Error::Controller`] when the controller is gone.
    pub fn keep(mut self) -> Result<()> {
        self.ask(&Request::Keep, &mut |_| {})?;
        self.kept = true;
        Ok(())
    }

    /// Ends the model and removes its folder: afterwards nothing of it lives or lies anywhere.
    ///
    /// # Errors
    /// When a file cannot be removed; calling [`Self::destroy_left_behind`] tries again.
    pub fn destroy(mut self) -> Result<()> {
        let controller = self.controller();
        match self.ask(&Request::Destroy, &mut |_| {}) {
            // It is gone already, and has said why to whoever heard it.
            Err(Error::Controller(_)) => return self.remove_what_is_left(),
            asked => asked?,
        };
        if let Some(mut child) = self.child.take() {
            child
                .wait()
                .doing(|| "wait for the controller to end".into())?;
        } else if let Some(controller) = controller {
            let mut ended = [PollFd::new(&controller, PollFlags::IN)];
            retry_on_intr(|| poll(&mut ended, None))
                .map_err(io::Error::from)
                .doing(|| "wait for the controller to end".into())?;
        }
        Ok(())
    }

    fn remove_what_is_left(mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child
                .wait()
                .doing(|| "wait for the controller to end".into())?;
        }
        let _lock = self.folder.lock()?;
        let settings = self.folder.settings()?;
        self.folder.remove(settings.ids, settings.in_memory)
    }

    /// A handle of the controller, which is no child of a command that joined; none where it has ended meanwhile.
    fn controller(&self) -> Option<OwnedFd> {
        let peer = sockopt::socket_peercred(&self.stream).ok()?;
        pidfd_open(peer.pid, PidfdFlags::empty()).ok()
    }

    pub(super) fn ask(
        &mut self,
        request: &Request,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Answer> {
        let gone = |error: io::Error| {
            let log = self.folder.file("controller.log");
            Error::Controller(format!("{error}; see `{}`", log.display()))
        };
        wire::send(&self.stream, request).map_err(gone)?;
        loop {
            match wire::receive(&self.stream).map_err(gone)? {
                Some(Reply::Event(event)) => progress(event),
                Some(Reply::Done(answer)) => return Ok(answer),
                Some(Reply::Failed(text)) => return Err(Error::Model(text)),
                None => return Err(gone(io::ErrorKind::UnexpectedEof.into())),
            }
        }
    }
}

pub(super) fn unexpected(answer: &Answer) -> Error {
    Error::Controller(format!("an unexpected answer: {answer:?}"))
}
