//! What commands ask for.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use ensign_model::{ActionId, ModelError, UnitName};

use super::waiters::{Waiter, Waiting};
use super::{Controller, End, Outgoing};
use crate::charm::Charm;
use crate::error::Result;
use crate::juju::Step;
use crate::juju::protocol::{Answer, Reply, Request};

/// What becomes of a request at once: an answer, or somebody who waits.
pub(super) enum Took {
    Done(Answer),
    Waits,
}

/// Why a request is refused: the model's words, or ours.
pub(super) struct Refused(pub(super) String);

impl From<ModelError> for Refused {
    fn from(error: ModelError) -> Self {
        Self(error.to_string())
    }
}

impl From<crate::Error> for Refused {
    fn from(error: crate::Error) -> Self {
        Self(error.to_string())
    }
}

/// How long an action that is a step may take, in model time.
const ACTION: Duration = Duration::from_secs(600);

impl Controller {
    pub(super) fn request(
        &mut self,
        request: Request,
        reply: Sender<Reply>,
        served: Receiver<()>,
    ) -> Result<Option<End>> {
        if matches!(request, Request::Destroy) {
            return Ok(Some(End::Destroyed(Some((reply, served)))));
        }
        match self.answer(request, &reply) {
            Ok(Took::Waits) => {}
            Ok(Took::Done(answer)) => self
                .outgoing
                .push(Outgoing::Reply(reply, Reply::Done(answer))),
            Err(Refused(text)) => self
                .outgoing
                .push(Outgoing::Reply(reply, Reply::Failed(text))),
        }
        Ok(None)
    }

    fn answer(&mut self, request: Request, reply: &Sender<Reply>) -> Result<Took, Refused> {
        let now = self.saved.model.now();
        match request {
            Request::Deploy {
                application,
                charm,
                units,
                options,
            } => self.deploy(&application, *charm, units, &options),
            Request::Step(step) => self.step(step, reply),
            Request::Settle { timeout } => Ok(self.wait(Waiting::Settle {
                began: now,
                deadline: now + timeout,
                reply: reply.clone(),
            })),
            Request::Compare { path } => {
                self.look(vec![path], false, reply.clone())?;
                Ok(Took::Waits)
            }
            Request::Report { files } => {
                self.look(files, true, reply.clone())?;
                Ok(Took::Waits)
            }
            Request::Status => Ok(Took::Done(Answer::Status(Box::new(
                self.saved.model.status(),
            )))),
            Request::Exec {
                unit,
                commands,
                timeout,
            } => {
                let id = self.saved.model.exec(&unit, &commands)?;
                Ok(self.wait_for_action(id, timeout, reply))
            }
            Request::Run {
                unit,
                action,
                params,
                timeout,
            } => {
                let id = self.saved.model.run_action(&unit, &action, params)?;
                Ok(self.wait_for_action(id, timeout, reply))
            }
            Request::Process { unit } => {
                let found = self.units.get(&unit);
                let found = found.ok_or_else(|| ModelError::NoUnit(unit.to_string()))?;
                match found.process {
                    Some(process) => Ok(Took::Done(Answer::Process(process))),
                    None if self.settings.machines.is_none() => Err(Refused(format!(
                        "`{unit}` has no machine: its processes are this host's own"
                    ))),
                    None => Err(Refused(format!("the machine of `{unit}` is not up"))),
                }
            }
            Request::Keep => {
                self.settings.keep = true;
                self.folder.save_settings(&self.settings)?;
                Ok(Took::Done(Answer::Nothing))
            }
            // Taken by the caller.
            Request::Destroy => Ok(Took::Done(Answer::Nothing)),
        }
    }

    fn wait(&mut self, waiting: Waiting) -> Took {
        self.waiters.push(Waiter::new(waiting));
        for text in std::mem::take(&mut self.unsaid) {
            self.note(text);
        }
        Took::Waits
    }

    fn wait_for_action(&mut self, id: ActionId, timeout: Duration, reply: &Sender<Reply>) -> Took {
        self.dirty = true;
        let deadline = self.saved.model.now() + timeout;
        self.wait(Waiting::Action {
            id,
            deadline,
            reply: reply.clone(),
        })
    }

    /// Keeps the charm's files and gives its build a name that no other has.
    fn upload(&mut self, charm: &Charm) -> Result<String, Refused> {
        let files = charm.keep(&self.folder.charms())?;
        self.saved.uploads += 1;
        let build = format!("{files}-{}", self.saved.uploads);
        self.saved.charms.insert(build.clone(), files);
        self.dirty = true;
        Ok(build)
    }

    fn deploy(
        &mut self,
        application: &str,
        mut charm: Charm,
        units: u32,
        options: &BTreeMap<String, String>,
    ) -> Result<Took, Refused> {
        charm.info.build = self.upload(&charm)?;
        let names =
            self.saved
                .model
                .deploy_configured(application, charm.info.clone(), units, options)?;
        self.saved
            .first
            .get_or_insert_with(|| application.to_owned());
        self.saved.latest.insert(application.to_owned(), charm);
        Ok(Took::Done(Answer::Units(names)))
    }

    fn step(&mut self, step: Step, reply: &Sender<Reply>) -> Result<Took, Refused> {
        self.dirty = true;
        match step {
            Step::KillLeader(application) => {
                let leader = self.leader(application)?;
                self.saved.model.kill_unit(&leader)?;
                self.lose(&leader)?;
                Ok(self.wait(Waiting::Down(leader, reply.clone())))
            }
            Step::PartitionLeader(application) => {
                let leader = self.leader(application)?;
                self.cut(leader, reply)
            }
            Step::Cut(unit) => self.cut(unit, reply),
            Step::Heal => self.heal(reply),
            Step::AddUnit(application) => {
                let unit = self.saved.model.add_unit(&self.application(application)?)?;
                Ok(Took::Done(Answer::Units(vec![unit])))
            }
            Step::RemoveUnit(unit) => {
                self.saved.model.remove_unit(&unit)?;
                Ok(Took::Done(Answer::Nothing))
            }
            Step::ForceRemoveUnit(unit) => {
                self.saved.model.remove_unit_forced(&unit)?;
                Ok(Took::Done(Answer::Nothing))
            }
            Step::Config(application, values) => {
                let application = self.application(application)?;
                self.saved.model.set_config(&application, &values)?;
                Ok(Took::Done(Answer::Nothing))
            }
            Step::Action(unit, name, params) => {
                let id = self.saved.model.run_action(&unit, &name, params)?;
                Ok(self.wait_for_action(id, ACTION, reply))
            }
            Step::CrashNextHook(unit) => {
                if !self.saved.units.contains_key(&unit) {
                    return Err(ModelError::NoUnit(unit.to_string()).into());
                }
                self.saved.doomed.insert(unit);
                Ok(Took::Done(Answer::Nothing))
            }
            Step::Upgrade(application, charm) => self.upgrade(application, charm),
            Step::Advance(time) => {
                let moment = self.saved.model.now() + time;
                Ok(self.wait(Waiting::Until(moment, reply.clone())))
            }
            Step::Wait => Ok(Took::Done(Answer::Nothing)),
            Step::Integrate(one, other) => self.integrate(&one, &other),
            Step::Migrate(profile) => {
                self.saved.model.migrate(profile);
                self.welcome_again();
                Ok(Took::Done(Answer::Nothing))
            }
        }
    }

    fn upgrade(
        &mut self,
        application: Option<String>,
        charm: Option<Box<Charm>>,
    ) -> Result<Took, Refused> {
        let application = self.application(application)?;
        let latest = self.saved.latest.get(&application);
        let before = latest
            .cloned()
            .ok_or_else(|| ModelError::NoApplication(application.clone()))?;
        let mut charm = charm.map_or_else(|| before.clone(), |charm| *charm);
        // The files it was deployed from may be gone; the copy is not.
        let kept = self.saved.charms.get(&before.info.build);
        if let Some(files) = kept.filter(|_| charm.dir == before.dir && !charm.dir.exists()) {
            charm.dir = self.folder.charms().join(files);
        }
        charm.info.build = self.upload(&charm)?;
        charm.info.revision = before.info.revision + 1;
        self.saved
            .model
            .upgrade(&application, charm.info.clone(), false)?;
        self.saved.latest.insert(application, charm);
        Ok(Took::Done(Answer::Nothing))
    }

    /// Neither the controller nor its peers reach the unit.
    fn cut(&mut self, unit: UnitName, reply: &Sender<Reply>) -> Result<Took, Refused> {
        self.saved.model.partition(&unit)?;
        self.let_through(&unit, false)?;
        self.saved.cut.insert(unit);
        Ok(self.wait(Waiting::Cut(reply.clone())))
    }

    fn heal(&mut self, reply: &Sender<Reply>) -> Result<Took, Refused> {
        let mut refused = None;
        for unit in std::mem::take(&mut self.saved.cut) {
            // Nobody reaches a machine that has been lost meanwhile.
            if self.saved.units.get(&unit).is_none_or(|place| place.killed) {
                continue;
            }
            self.let_through(&unit, true)?;
            if let Err(error) = self.saved.model.heal(&unit) {
                refused.get_or_insert(error);
            }
        }
        match refused {
            Some(error) => Err(error.into()),
            None => Ok(self.wait(Waiting::Cut(reply.clone()))),
        }
    }

    fn let_through(&mut self, unit: &UnitName, through: bool) -> Result<(), Refused> {
        if let Some(place) = self.saved.units.get(unit)
            && self.hosts.cut(&place.machine, !through)?
        {
            self.cutting.insert(place.machine.clone());
        }
        Ok(())
    }

    fn application(&self, named: Option<String>) -> Result<String, Refused> {
        named
            .or_else(|| self.saved.first.clone())
            .ok_or_else(|| Refused("nothing is deployed".into()))
    }

    fn leader(&self, application: Option<String>) -> Result<UnitName, Refused> {
        let name = self.application(application)?;
        let mut applications: BTreeMap<_, _> = self.saved.model.status().applications;
        let found = applications
            .remove(&name)
            .ok_or_else(|| ModelError::NoApplication(name.clone()))?;
        found
            .leader
            .ok_or_else(|| Refused(format!("`{name}` has no leader")))
    }
}
