//! The process that owns a model: its state, its time, its machines, and everybody who talks to it.
//!
//! One thread holds the [`Model`](ensign_model::Model) and takes one [`Message`] after the other; others only
//! carry bytes. After each batch of messages it hands out what is to run, saves, and only then answers: what
//! was answered survives a `kill -9`.

mod addresses;
mod clock;
mod hosts;
mod integrate;
mod line;
mod logbook;
mod looks;
mod loss;
mod message;
mod operations;
mod requests;
mod saved;
mod tools;
mod units;
mod waiters;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use ensign_model::{Model, ModelConfig, UnitName};
use logbook::Logbook;

use clock::Clock;
use hosts::Hosts;
use looks::Looks;
use message::Message;
use saved::Saved;
pub(crate) use tools::is_tool;
use units::Unit;
use waiters::Waiter;

use crate::agent::protocol::{Executed, ToAgent, ToolDown};
use crate::error::{Doing, Error, Result};
use crate::folder::{ModelFolder, Settings};
use crate::juju::protocol::{Answer, Reply};
use crate::network::Claim;

/// The process of [`crate::roles::CONTROLLER`]: says that it is ready, or why not, then serves.
pub(crate) fn controller(args: &[OsString]) -> Result<()> {
    let path = args
        .first()
        .map(Path::new)
        .ok_or_else(|| Error::Controller("name the model's folder".into()))?;
    // Ctrl-C is for the command; the controller ends in its own way.
    rustix::process::setsid().doing(|| "start a session".into())?;
    match Controller::open(ModelFolder::new(path)) {
        Ok(controller) => {
            say(crate::juju::READY)?;
            let end = controller.serve();
            if let Err(error) = &end {
                // The log is stderr.
                let _ = writeln!(std::io::stderr(), "{error}");
            }
            end
        }
        Err(error) => {
            say(&error.to_string())?;
            Err(error)
        }
    }
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{}", line.replace('\n', " "))
        .and_then(|()| out.flush())
        .doing(|| "report".into())
}

/// Something to send once the state is safe.
enum Outgoing {
    Agent(line::AgentLine, Box<ToAgent>),
    Tool(Sender<ToolDown>, ToolDown),
    Executed(Sender<Executed>, Executed),
    Reply(Sender<Reply>, Reply),
}

/// How the controller ends.
enum End {
    /// The model is removed; whoever asked for it hears of it.
    Destroyed(Option<(Sender<Reply>, Receiver<()>)>),
}

struct Controller {
    folder: ModelFolder,
    settings: Settings,
    saved: Saved,
    clock: Clock,
    hosts: Hosts,
    units: BTreeMap<UnitName, Unit>,
    waiters: Vec<Waiter>,
    looks: Looks,
    logbook: Logbook,
    outgoing: Vec<Outgoing>,
    /// The state differs from the file.
    dirty: bool,
    /// Why a machine could not be started: whoever waits is told.
    trouble: Option<String>,
    inbox: Receiver<Message>,
    outbox: Sender<Message>,
    /// Machines whose network is being cut or healed.
    cutting: BTreeSet<String>,
    /// The machines are not the same as those that agents know of.
    moved: bool,
    /// What the person should know, while nobody listens.
    unsaid: Vec<String>,
    _net: Option<Claim>,
    _lock: File,
}

/// Nothing happens for so long: look again.
const NAP: Duration = Duration::from_secs(3600);

impl Controller {
    fn open(folder: ModelFolder) -> Result<Self> {
        let lock = folder.lock()?;
        let settings = folder.settings()?;
        let (outbox, inbox) = channel();
        let found = Saved::load(&folder.file("state.json"))?;
        let again = found
            .as_ref()
            .is_some_and(|saved| saved.units.values().any(|place| place.booted));
        let mut saved = found.unwrap_or_else(|| Saved::new(Model::new(config(&settings, &folder))));
        let net = match settings.machines {
            Some(_) => Some(Claim::take(&saved.model.config().uuid, saved.net)?),
            None => None,
        };
        saved.net = net.as_ref().map(Claim::net);
        let hosts = Hosts::start(&folder, &settings, saved.net, again, outbox.clone())?;
        line::accept_agents(
            ModelFolder::listen(&folder.shared(), crate::agent::SOCKET)?,
            outbox.clone(),
        );
        line::accept_clients(
            ModelFolder::listen(folder.path(), "controller.sock")?,
            outbox.clone(),
        );
        watch_parent(outbox.clone());
        let mut controller = Self {
            clock: Clock::new(saved.model.now()),
            logbook: Logbook::open(&folder.file("model.log"))?,
            folder,
            settings,
            saved,
            hosts,
            units: BTreeMap::new(),
            waiters: Vec::new(),
            looks: Looks::default(),
            outgoing: Vec::new(),
            dirty: true,
            trouble: None,
            inbox,
            outbox,
            cutting: BTreeSet::new(),
            moved: false,
            unsaid: Vec::new(),
            _net: net,
            _lock: lock,
        };
        controller.boot_again()?;
        Ok(controller)
    }

    /// Serves until the model is destroyed, or cannot go on.
    fn serve(mut self) -> Result<()> {
        match self.rounds() {
            Ok(End::Destroyed(asker)) => self.destroy(asker),
            Err(error) => {
                self.give_up(&error);
                // What runs on would write into a folder that somebody is removing.
                self.hosts.stop()?;
                Err(error)
            }
        }
    }

    fn rounds(&mut self) -> Result<End> {
        loop {
            self.work()?;
            let message = match self.inbox.recv_timeout(self.patience()) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::Controller("nobody is left to talk to".into()));
                }
            };
            self.advance();
            let mut next = Some(message);
            while let Some(message) = next {
                if let Some(end) = self.take(message)? {
                    return Ok(end);
                }
                next = self.inbox.try_recv().ok();
            }
        }
    }

    fn take(&mut self, message: Message) -> Result<Option<End>> {
        match message {
            Message::Machine(event) => self.machine(event)?,
            Message::AgentUp(unit, line) => self.agent_up(&unit, line),
            Message::Agent(unit, report) => self.agent(&unit, report)?,
            Message::Tool(unit, call, line) => self.tool(&unit, &call, line),
            Message::Commands(unit, commands, done) => self.commands(&unit, &commands, done),
            Message::Client(request, reply, served) => return self.request(request, reply, served),
            Message::Orphaned if self.settings.keep => {}
            Message::Orphaned => return Ok(Some(End::Destroyed(None))),
        }
        Ok(None)
    }

    /// Model time is what the clock says.
    fn advance(&mut self) {
        self.saved.model.advance(self.clock.now());
    }

    /// Hands out what is to run, saves, answers; while everybody is idle, time jumps.
    fn work(&mut self) -> Result<()> {
        loop {
            self.advance();
            self.hand_out()?;
            self.follow_model()?;
            self.tell_hosts();
            self.keep_log();
            self.settle_waiters();
            if self.answers() {
                self.save()?;
            }
            self.send();
            if !self.jump() {
                return self.save();
            }
        }
    }

    /// Whether anything is to be sent that somebody will rely on; events only tell.
    fn answers(&self) -> bool {
        let event = |outgoing: &Outgoing| matches!(outgoing, Outgoing::Reply(_, Reply::Event(_)));
        !self.outgoing.iter().all(event)
    }

    fn save(&mut self) -> Result<()> {
        if std::mem::take(&mut self.dirty) {
            self.saved.save(&self.folder.file("state.json"))?;
        }
        Ok(())
    }

    fn send(&mut self) {
        for outgoing in self.outgoing.drain(..) {
            // Whoever went away does not want it any more.
            match outgoing {
                Outgoing::Agent(line, message) => line.send(&message),
                Outgoing::Tool(line, message) => drop(line.send(message)),
                Outgoing::Executed(line, message) => drop(line.send(message)),
                Outgoing::Reply(line, message) => drop(line.send(message)),
            }
        }
    }

    /// How long nothing needs to be done unless a message comes.
    fn patience(&self) -> Duration {
        let timer = self
            .saved
            .model
            .next_timer()
            .into_iter()
            .chain(self.waiters.iter().filter_map(Waiter::moment))
            .min();
        timer
            .map_or(NAP, |time| self.clock.until(time))
            .min(self.looks.patience().unwrap_or(NAP))
            .min(NAP)
    }

    fn destroy(self, asker: Option<(Sender<Reply>, Receiver<()>)>) -> Result<()> {
        self.hosts.stop()?;
        let removed = self
            .folder
            .remove(self.settings.ids, self.settings.in_memory);
        if let Some((asker, served)) = asker {
            let reply = match &removed {
                Ok(()) => Reply::Done(Answer::Nothing),
                Err(error) => Reply::Failed(error.to_string()),
            };
            // The process must not end before the answer is on its way; a command that went away has no more wishes.
            if asker.send(reply).is_ok() {
                let _ = served.recv_timeout(Duration::from_secs(5));
            }
        }
        removed
    }
}

fn config(settings: &Settings, folder: &ModelFolder) -> ModelConfig {
    let mut config = ModelConfig::new(settings.profile, settings.seed);
    config.name.clone_from(&settings.name);
    config.automatic_machines = false;
    // Each unit has a machine to itself here.
    config.shared_machines = false;
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    config.epoch = since_1970.unwrap_or_default().as_secs();
    if settings.machines.is_none() {
        config.data_dir = folder.data().to_string_lossy().into_owned();
    }
    config
}

/// The command that started us holds the other end of stdin and sends nothing.
fn watch_parent(outbox: Sender<Message>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        let mut stdin = std::io::stdin();
        while matches!(stdin.read(&mut buffer), Ok(1..)) {}
        // A controller that is about to end needs no telling.
        let _ = outbox.send(Message::Orphaned);
    });
}
