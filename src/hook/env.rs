//! Everything Juju says through the environment, read once and validated (Juju facts, dispatch §3).

use std::fmt;
use std::path::{Path, PathBuf};

use super::invocation::Invocation;
use super::{Hook, JujuVersion, UnitName};
use crate::error::{ErrorKind, Kind};

/// Where the process that runs the hook listens while one of its executables runs.
pub(crate) const TRANSACTION: &str = "ENSIGN_TRANSACTION";

/// What Juju told this process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookEnv {
    /// What runs.
    pub hook: Hook,
    /// This unit.
    pub unit: UnitName,
    /// The model's UUID; none in restricted hooks.
    pub model_uuid: Option<String>,
    /// The model's name; none in restricted hooks.
    pub model_name: Option<String>,
    /// The agent's version; none in restricted hooks.
    pub juju_version: Option<JujuVersion>,
    /// Names this run: new for every hook, action and `juju exec`.
    pub context_id: String,
    /// The charm's directory, and this process's when Juju starts it.
    pub charm_dir: PathBuf,
    /// The machine's id, such as `0` or `0/lxd/1`; none on Kubernetes.
    pub machine_id: Option<String>,
    /// The principal's unit, if this one is a subordinate.
    pub principal: Option<UnitName>,
    /// The machine's availability zone, where the cloud has some.
    pub availability_zone: Option<String>,
    /// The controllers, as `host:port`.
    pub api_addresses: Vec<String>,
    /// Where programs are looked for: the hook tools' folder first; none in a test's environment.
    pub path: Option<String>,
    /// The unit agent's socket, to be spoken to instead of starting hook tools; none where that cannot be or, by
    /// `ENSIGN_HOOK_TOOLS=exec`, shall not be.
    pub agent: Option<AgentSocket>,
    /// The model's proxies for charms. Juju does not make programs use them: the charm must.
    pub proxies: Proxies,
}

/// Where the unit agent takes calls of hook tools.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentSocket {
    /// A path; a leading `@` stands for the abstract namespace.
    pub address: String,
    /// What proves to the agent that it is asked by its own charm; mostly empty.
    pub token: String,
}

impl AgentSocket {
    fn find(get: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let forced = get("ENSIGN_HOOK_TOOLS").is_some_and(|how| how == "exec");
        // The other network there is takes TLS, which Juju's tools have.
        let unix = get("JUJU_AGENT_SOCKET_NETWORK").is_some_and(|network| network == "unix");
        if forced || !unix {
            return None;
        }
        Some(Self {
            address: get("JUJU_AGENT_SOCKET_ADDRESS")?,
            token: get("JUJU_AGENT_TOKEN").unwrap_or_default(),
        })
    }
}

/// Without the token.
impl fmt::Debug for AgentSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentSocket")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The folder this process is in, which relative paths in calls of hook tools start from.
///
/// # Errors
/// If it is gone.
pub(crate) fn working_folder() -> std::io::Result<PathBuf> {
    std::env::current_dir()
}

/// The model's `juju-*-proxy` settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Proxies {
    /// For http, as a URL.
    pub http: Option<String>,
    /// For https, as a URL.
    pub https: Option<String>,
    /// For ftp, as a URL.
    pub ftp: Option<String>,
    /// Hosts and networks to reach without a proxy, separated by commas.
    pub no_proxy: Option<String>,
}

impl HookEnv {
    /// Reads the environment behind `get`; `program` is what this process was started as.
    ///
    /// # Errors
    /// If this is not Juju's environment, or a variable says what cannot be.
    pub fn read(get: &dyn Fn(&str) -> Option<String>, program: &Path) -> Result<Self, EnvError> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let need = |name: &'static str| get(name).ok_or(EnvError::Missing(name));
        let invocation = Invocation::find(&get, program)?;
        let hook = invocation.hook(&get)?;
        Ok(Self {
            hook,
            unit: UnitName::in_var("JUJU_UNIT_NAME", &need("JUJU_UNIT_NAME")?)?,
            model_uuid: get("JUJU_MODEL_UUID"),
            model_name: get("JUJU_MODEL_NAME"),
            juju_version: match get("JUJU_VERSION") {
                Some(text) => Some(
                    JujuVersion::parse(&text)
                        .ok_or_else(|| EnvError::invalid("JUJU_VERSION", &text))?,
                ),
                None => None,
            },
            context_id: need("JUJU_CONTEXT_ID")?,
            charm_dir: get("JUJU_CHARM_DIR")
                .or_else(|| get("CHARM_DIR"))
                .map(PathBuf::from)
                .ok_or(EnvError::Missing("JUJU_CHARM_DIR"))?,
            machine_id: get("JUJU_MACHINE_ID"),
            principal: match get("JUJU_PRINCIPAL_UNIT") {
                Some(text) => Some(UnitName::in_var("JUJU_PRINCIPAL_UNIT", &text)?),
                None => None,
            },
            availability_zone: get("JUJU_AVAILABILITY_ZONE"),
            api_addresses: get("JUJU_API_ADDRESSES")
                .map(|all| all.split_whitespace().map(str::to_owned).collect())
                .unwrap_or_default(),
            path: get("PATH"),
            agent: AgentSocket::find(&get),
            proxies: Proxies {
                http: get("JUJU_CHARM_HTTP_PROXY"),
                https: get("JUJU_CHARM_HTTPS_PROXY"),
                ftp: get("JUJU_CHARM_FTP_PROXY"),
                no_proxy: get("JUJU_CHARM_NO_PROXY"),
            },
        })
    }

    /// Reads this process's environment: the only place in this library that does.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_process() -> Result<Self, EnvError> {
        let get =
            |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let program = std::env::args_os().next().unwrap_or_default();
        Self::read(&get, Path::new(&program))
    }

    /// The socket of the transaction this process takes part in, if a handler's process started it.
    pub(crate) fn transaction() -> Option<PathBuf> {
        std::env::var_os(TRANSACTION)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    }

    /// Whether the agent is of that version or newer; false where Juju does not say. A beta counts as its release.
    #[must_use]
    pub fn juju_at_least(&self, major: u32, minor: u32) -> bool {
        self.juju_version
            .as_ref()
            .is_some_and(|version| version.at_least(major, minor))
    }
}

/// Why the environment says nothing about a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvError {
    /// Juju did not start this process.
    NotJuju,
    /// Juju started it, but a variable it always sets is missing.
    Missing(&'static str),
    /// A variable has a value that Juju never gives it.
    Invalid {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
}

impl EnvError {
    pub(super) fn invalid(name: &'static str, value: &str) -> Self {
        Self::Invalid {
            name,
            value: value.to_owned(),
        }
    }
}

impl fmt::Display for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJuju => {
                f.write_str("this is a charm: Juju runs it. Try it with `ensign run`, or on a unit with `juju exec`")
            }
            Self::Missing(name) => write!(
                f,
                "the environment has no `{name}`, which Juju always sets: pass Juju's environment on to this program"
            ),
            Self::Invalid { name, value } => write!(
                f,
                "`{name}` is `{value}`, which Juju never sets: pass Juju's environment on unchanged"
            ),
        }
    }
}

impl std::error::Error for EnvError {}

impl Kind for EnvError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Unavailable
    }
}

#[cfg(test)]
pub(super) mod tests;
