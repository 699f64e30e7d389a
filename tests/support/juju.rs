//! Juju as far as flags need it: leadership, configuration, per-unit state, application data, the log. What
//! these really mean is tested against the model; here they only have to be told apart.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};
use ensign_testing::TestClock;
use serde_json::{Value, json};

use super::relation::{OWN_APP, OWN_UNIT, Relation};

type Texts = BTreeMap<String, String>;

/// Clones share everything.
#[derive(Debug, Clone)]
pub(crate) struct Juju {
    inner: Rc<RefCell<Inner>>,
}

#[derive(Debug)]
struct Inner {
    clock: TestClock,
    leader: bool,
    /// Juju 4 has no leader settings.
    four: bool,
    /// Tools are no processes.
    hidden: bool,
    config: BTreeMap<String, Value>,
    settings: Texts,
    state: Texts,
    pending: Texts,
    /// By id.
    relations: BTreeMap<String, Relation>,
    log: Vec<String>,
    calls: Vec<String>,
    /// Tool → what it answers instead.
    broken: BTreeMap<String, (i32, String, String)>,
    /// Tool → what happens once, while it runs.
    during: BTreeMap<String, Happening>,
}

/// What happens outside while a tool runs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Happening {
    /// How long the tool takes, in seconds.
    pub(crate) takes: u64,
    /// Whether the unit leads from then on.
    pub(crate) leads: Option<bool>,
    /// The tool does its work, but its answer is lost.
    pub(crate) answer_lost: bool,
}

/// What becomes of a hook's buffered changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Flush {
    /// All are applied, if the hook succeeded.
    #[default]
    Whole,
    /// None is, although the hook succeeded: the agent died.
    Nothing,
    /// The state is stored and the relation data is not, as early releases of Juju 4 could do.
    StateOnly,
    /// All are, although the hook failed or was killed, as Juju does for a `juju exec`.
    Regardless,
}

impl Juju {
    pub(crate) fn new(clock: TestClock) -> Self {
        Self {
            inner: Rc::new(RefCell::new(Inner {
                clock,
                leader: false,
                four: false,
                hidden: false,
                config: BTreeMap::new(),
                settings: Texts::new(),
                state: Texts::new(),
                pending: Texts::new(),
                relations: BTreeMap::new(),
                log: Vec::new(),
                calls: Vec::new(),
                broken: BTreeMap::new(),
                during: BTreeMap::new(),
            })),
        }
    }

    pub(crate) fn config(&self, option: &str, value: impl Into<Value>) {
        let mut inner = self.inner.borrow_mut();
        inner.config.insert(option.to_owned(), value.into());
    }

    pub(crate) fn leader(&self, leads: bool) {
        self.inner.borrow_mut().leader = leads;
    }

    /// From now on other processes cannot see what tools are called with.
    pub(crate) fn hide_arguments(&self) {
        self.inner.borrow_mut().hidden = true;
    }

    /// From now on it is Juju 4.
    pub(crate) fn become_four(&self) {
        self.inner.borrow_mut().four = true;
    }

    /// Writes a leader setting as another unit would.
    pub(crate) fn setting(&self, key: &str, value: &str) {
        let mut inner = self.inner.borrow_mut();
        inner.settings.insert(key.to_owned(), value.to_owned());
    }

    pub(crate) fn remove_setting(&self, key: &str) {
        self.inner.borrow_mut().settings.remove(key);
    }

    /// The charm's leader settings.
    pub(crate) fn settings(&self) -> Texts {
        let mut all = self.inner.borrow().settings.clone();
        all.remove("ensign-gen");
        all
    }

    /// All leader settings, those of the layer's own included.
    pub(crate) fn all_settings(&self) -> Texts {
        self.inner.borrow().settings.clone()
    }

    /// The peer relation of this endpoint is there now.
    pub(crate) fn relate(&self, endpoint: &str) {
        self.relate_to(&format!("{endpoint}:0"), OWN_APP);
    }

    /// A relation to an application is there now.
    pub(crate) fn relate_to(&self, id: &str, app: &str) {
        let mut inner = self.inner.borrow_mut();
        let relation = inner.relations.entry(id.to_owned()).or_default();
        app.clone_into(&mut relation.app);
    }

    /// The relation of this endpoint is gone.
    pub(crate) fn unrelate(&self, endpoint: &str) {
        self.break_relation(&format!("{endpoint}:0"));
    }

    /// A relation is gone.
    pub(crate) fn break_relation(&self, id: &str) {
        self.inner.borrow_mut().relations.remove(id);
    }

    pub(crate) fn is_related(&self, endpoint: &str) -> bool {
        let inner = self.inner.borrow();
        inner.relations.contains_key(&format!("{endpoint}:0"))
    }

    pub(crate) fn has_relation(&self, id: &str) -> bool {
        self.inner.borrow().relations.contains_key(id)
    }

    /// Looks at a relation, or changes it.
    pub(crate) fn relation<R>(&self, id: &str, change: impl FnOnce(&mut Relation) -> R) -> R {
        change(self.inner.borrow_mut().relations.get_mut(id).unwrap())
    }

    /// Writes application data as another unit's committed hook would.
    pub(crate) fn app_data(&self, endpoint: &str, key: &str, value: &str) {
        self.relation(&format!("{endpoint}:0"), |r| {
            r.data(OWN_APP, &[(key, value)]);
        });
    }

    /// The committed application data of an endpoint.
    pub(crate) fn app_bag(&self, endpoint: &str) -> Texts {
        self.relation(&format!("{endpoint}:0"), |r| r.bag(OWN_APP))
    }

    pub(crate) fn state(&self) -> Texts {
        self.inner.borrow().state.clone()
    }

    /// Stores state as a late flush would.
    pub(crate) fn store_state(&self, state: Texts) {
        self.inner.borrow_mut().state = state;
    }

    pub(crate) fn answer(&self, tool: &str, code: i32, stdout: &str, stderr: &str) {
        let answer = (code, stdout.to_owned(), stderr.to_owned());
        let mut inner = self.inner.borrow_mut();
        inner.broken.insert(tool.to_owned(), answer);
    }

    pub(crate) fn mend(&self, tool: &str) {
        self.inner.borrow_mut().broken.remove(tool);
    }

    /// Once, when this tool is called next.
    pub(crate) fn during(&self, tool: &str, happening: Happening) {
        let mut inner = self.inner.borrow_mut();
        inner.during.insert(tool.to_owned(), happening);
    }

    /// This tool takes so long when it is called next.
    pub(crate) fn takes(&self, tool: &str, seconds: u64) {
        let happening = Happening {
            takes: seconds,
            ..Happening::default()
        };
        self.during(tool, happening);
    }

    /// How many tools were called so far.
    pub(crate) fn called(&self) -> usize {
        self.inner.borrow().calls.len()
    }

    /// The tools called since there were `before` of them.
    pub(crate) fn calls_since(&self, before: usize) -> Vec<String> {
        self.inner.borrow().calls[before..].to_vec()
    }

    /// `LEVEL: message` lines.
    pub(crate) fn log(&self) -> Vec<String> {
        self.inner.borrow().log.clone()
    }

    pub(crate) fn logged(&self, part: &str) -> bool {
        self.log().iter().any(|l| l.contains(part))
    }

    /// A context begins: what an earlier one buffered is gone.
    pub(crate) fn begin(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.pending.clear();
        for relation in inner.relations.values_mut() {
            relation.forget_pending();
        }
    }

    /// A context ends; `false` if its changes were to be applied and could not be.
    pub(crate) fn end(&self, succeeded: bool, flush: Flush) -> bool {
        let mut inner = self.inner.borrow_mut();
        let state = std::mem::take(&mut inner.pending);
        let apply = match flush {
            Flush::Regardless => true,
            Flush::Nothing => return false,
            Flush::Whole | Flush::StateOnly => succeeded,
        };
        if !apply {
            return succeeded;
        }
        let writes_app = inner.relations.values().any(Relation::writes_app);
        let writes = inner.relations.values().any(Relation::writes);
        let refused = writes_app && !inner.leader || writes && flush == Flush::StateOnly;
        if !refused || flush == Flush::StateOnly {
            inner.state.extend(state);
        }
        for relation in inner.relations.values_mut() {
            if refused {
                relation.forget_pending();
            } else {
                relation.apply_pending();
            }
        }
        !refused
    }
}

impl Transport for Juju {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let mut inner = self.inner.borrow_mut();
        inner.calls.push(call.tool.to_owned());
        let happening = inner.during.remove(call.tool).unwrap_or_default();
        // An answer is as of before the time it takes to arrive; a refusal is as of after.
        let answer = match call.tool {
            "is-leader" => inner.answer(call)?,
            _ => {
                inner.leader = happening.leads.unwrap_or(inner.leader);
                inner.answer(call)?
            }
        };
        inner.leader = happening.leads.unwrap_or(inner.leader);
        inner.clock.advance(Duration::from_secs(happening.takes));
        if happening.answer_lost {
            return Ok(failure(
                "ERROR cannot write leadership settings: cannot write settings: \
                 failed to call leadership api: connection is shut down",
            ));
        }
        Ok(answer)
    }

    fn shows_arguments(&mut self) -> bool {
        !self.inner.borrow().hidden
    }
}

impl Inner {
    fn answer(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        if let Some((code, stdout, stderr)) = self.broken.get(call.tool) {
            return Ok(ToolOutput {
                code: *code,
                stdout: stdout.clone().into_bytes(),
                stderr: stderr.clone().into_bytes(),
            });
        }
        let last = call.args.last().map_or("", String::as_str);
        let file = || -> Texts { serde_saphyr::from_str(call.stdin.unwrap_or_default()).unwrap() };
        let answer = match call.tool {
            "is-leader" => json!(self.leader),
            "config-get" => json!(self.config),
            "leader-get" | "leader-set" if self.four => return Err(TransportError::Missing),
            "leader-get" => json!(self.settings),
            "leader-set" if !self.leader => {
                return Ok(failure(
                    "ERROR cannot write leadership settings: cannot write settings: not the leader",
                ));
            }
            "leader-set" => {
                for pair in call.args.iter().filter(|a| a.contains('=')) {
                    let (key, value) = pair.split_once('=').unwrap();
                    if value.is_empty() {
                        self.settings.remove(key);
                    } else {
                        self.settings.insert(key.to_owned(), value.to_owned());
                    }
                }
                return Ok(ToolOutput::default());
            }
            "state-get" => match self.pending.get(last).or_else(|| self.state.get(last)) {
                Some(value) => json!(value),
                None => return Ok(failure(&format!("ERROR \"{last}\" not found"))),
            },
            "state-set" => {
                self.pending.extend(file());
                return Ok(ToolOutput::default());
            }
            "relation-ids" => {
                let prefix = format!("{last}:");
                let ids = self.relations.keys().filter(|id| id.starts_with(&prefix));
                json!(ids.collect::<Vec<_>>())
            }
            "relation-list" if call.args.iter().any(|a| a == "--app") => {
                json!(self.relation(call)?.app)
            }
            "relation-list" => json!(self.relation(call)?.members),
            "relation-get" => {
                let leads = self.leader;
                match self.relation(call)?.read(last, leads) {
                    Some(bag) => json!(bag),
                    None => return Ok(failure("ERROR permission denied")),
                }
            }
            "relation-set" => {
                let for_app = call.args.iter().any(|a| a == "--app");
                if for_app && !self.leader {
                    return Ok(failure("ERROR cannot write relation settings"));
                }
                let who = if for_app { OWN_APP } else { OWN_UNIT };
                self.relation(call)?.write(who, file());
                return Ok(ToolOutput::default());
            }
            "network-get" => json!({"ingress-addresses": ["10.0.0.1"]}),
            "juju-log" => {
                let level = call.args.iter().position(|a| a == "-l").unwrap();
                self.log.push(format!("{}: {last}", call.args[level + 1]));
                return Ok(ToolOutput::default());
            }
            "status-set" => return Ok(ToolOutput::default()),
            _ => return Err(TransportError::Missing),
        };
        Ok(ToolOutput {
            stdout: format!("{answer}\n").into_bytes(),
            ..ToolOutput::default()
        })
    }

    /// The relation that `-r` names.
    fn relation(&mut self, call: &ToolCall<'_>) -> Result<&mut Relation, TransportError> {
        let at = call.args.iter().position(|a| a == "-r").unwrap();
        self.relations
            .get_mut(&call.args[at + 1])
            .ok_or(TransportError::Missing)
    }
}

fn failure(stderr: &str) -> ToolOutput {
    ToolOutput {
        code: 1,
        stderr: format!("{stderr}\n").into_bytes(),
        ..ToolOutput::default()
    }
}
