//! An application as the controller stores it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use super::{Resource, Status};
use crate::format::go_quote;
use crate::{CharmInfo, ConfigValue, Life, RelationId, UnitName};

/// Effective configuration: every option, `None` if it has neither value nor default.
pub(crate) type Config = Arc<BTreeMap<String, Option<ConfigValue>>>;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) charm: Arc<CharmInfo>,
    /// Counts charms given to it; a unit whose deployed number differs has to upgrade.
    pub(crate) charm_version: u64,
    /// The last charm was given with `--force`.
    pub(crate) forced: bool,
    pub(crate) life: Life,
    pub(crate) units: BTreeSet<UnitName>,
    pub(crate) next_unit: u32,
    pub(crate) relations: BTreeSet<RelationId>,
    /// Values an operator set.
    set: BTreeMap<String, ConfigValue>,
    pub(crate) config: Config,
    pub(crate) config_hash: u64,
    /// How the controller hashes it.
    hashed_as: u64,
    pub(crate) leader_settings: Arc<BTreeMap<String, String>>,
    /// Counts changes of the leader settings.
    pub(crate) leader_settings_version: u64,
    /// Files by resource.
    pub(crate) resources: BTreeMap<String, Resource>,
    /// Counts what changes beside the charm's files and makes units upgrade all the same.
    pub(crate) modified_version: u64,
    /// It may see the model's credential.
    pub(crate) trusted: bool,
    pub(crate) pod_spec: Option<String>,
    pub(crate) raw_spec: Option<String>,
    /// What `application-version-set` said.
    pub(crate) version: String,
    /// What the leader set; `None`: derived from the units.
    pub(crate) status: Option<Status>,
}

impl Application {
    pub(crate) fn new(charm: CharmInfo) -> Self {
        let mut application = Self {
            charm: Arc::new(charm),
            charm_version: 1,
            forced: false,
            life: Life::Alive,
            units: BTreeSet::new(),
            next_unit: 0,
            relations: BTreeSet::new(),
            set: BTreeMap::new(),
            config: Arc::default(),
            config_hash: 0,
            hashed_as: 0,
            leader_settings: Arc::default(),
            leader_settings_version: 0,
            resources: BTreeMap::new(),
            modified_version: 0,
            trusted: false,
            pod_spec: None,
            raw_spec: None,
            version: String::new(),
            status: None,
        };
        application.derive_config();
        application
    }

    /// Gives it another charm; values of options that are gone or of another type go.
    pub(crate) fn upgrade(&mut self, charm: CharmInfo, force: bool) {
        self.set.retain(|name, value| {
            charm.options.get(name).is_some_and(|option| {
                matches!(
                    (option.kind, value),
                    (crate::OptionKind::Boolean, ConfigValue::Boolean(_))
                        | (crate::OptionKind::Int, ConfigValue::Int(_))
                        | (crate::OptionKind::Float, ConfigValue::Float(_))
                        | (
                            crate::OptionKind::String | crate::OptionKind::Secret,
                            ConfigValue::String(_)
                        )
                )
            })
        });
        self.charm = Arc::new(charm);
        self.charm_version += 1;
        self.forced = force;
        self.derive_config();
    }

    /// Sets options; all of them or, if Juju refuses one, none.
    pub(crate) fn set_config(&mut self, values: &BTreeMap<String, String>) -> Result<(), String> {
        let mut parsed = Vec::with_capacity(values.len());
        for (name, text) in values {
            let option = self
                .charm
                .options
                .get(name)
                .ok_or_else(|| unknown_option(name))?;
            parsed.push((name.clone(), option.kind.parse(name, text)?));
        }
        self.set.extend(parsed);
        self.derive_config();
        Ok(())
    }

    /// Gives options their defaults back.
    pub(crate) fn reset_config(&mut self, names: &[String]) -> Result<(), String> {
        if let Some(name) = names
            .iter()
            .find(|name| !self.charm.options.contains_key(*name))
        {
            return Err(unknown_option(name));
        }
        for name in names {
            self.set.remove(name);
        }
        self.derive_config();
        Ok(())
    }

    /// Lets it see the model's credential, or no longer.
    pub(crate) fn set_trust(&mut self, trusted: bool) {
        self.trusted = trusted;
        self.derive_config();
    }

    /// Another controller hashes otherwise.
    pub(crate) fn hash_config_as(&mut self, how: u64) {
        self.hashed_as = how;
        self.derive_config();
    }

    fn derive_config(&mut self) {
        let effective: BTreeMap<_, _> = self
            .charm
            .options
            .iter()
            .map(|(name, option)| {
                (
                    name.clone(),
                    self.set.get(name).or(option.default.as_ref()).cloned(),
                )
            })
            .collect();
        let mut hasher = SipHasher13::new_with_keys(self.hashed_as, 0);
        hasher.write_u8(u8::from(self.trusted));
        hasher.write(
            serde_json::to_string(&effective)
                .unwrap_or_default()
                .as_bytes(),
        );
        self.config_hash = hasher.finish();
        self.config = Arc::new(effective);
    }

    /// Fixes the effective configuration, whatever the charm declares; for the conformance recordings.
    pub(crate) fn fix_config(&mut self, config: BTreeMap<String, Option<ConfigValue>>) {
        self.config = Arc::new(config);
    }

    /// Sets leader settings; an empty value removes its key. Returns whether anything changed.
    pub(crate) fn merge_leader_settings(&mut self, values: &BTreeMap<String, String>) -> bool {
        let changes = values
            .iter()
            .any(|(key, value)| match self.leader_settings.get(key) {
                Some(present) => present != value,
                None => !value.is_empty(),
            });
        if changes {
            let settings = Arc::make_mut(&mut self.leader_settings);
            for (key, value) in values {
                if value.is_empty() {
                    settings.remove(key);
                } else {
                    settings.insert(key.clone(), value.clone());
                }
            }
            self.leader_settings_version += 1;
        }
        changes
    }
}

fn unknown_option(name: &str) -> String {
    format!("unknown option {}", go_quote(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OptionKind;

    fn application() -> Application {
        let charm = CharmInfo::named("a")
            .with_option("port", OptionKind::Int, Some(ConfigValue::Int(80)))
            .with_option("name", OptionKind::String, None);
        Application::new(charm)
    }

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn a_refused_value_leaves_the_others_alone() {
        let mut application = application();
        let before = application.config_hash;
        let text = application
            .set_config(&values(&[("name", "x"), ("port", "many")]))
            .unwrap_err();
        assert_eq!(text, r#"option "port" expected int, got "many""#);
        assert_eq!(application.config["name"], None);
        assert_eq!(application.config_hash, before);
        assert_eq!(
            application
                .set_config(&values(&[("nope", "")]))
                .unwrap_err(),
            r#"unknown option "nope""#
        );
    }

    #[test]
    fn setting_a_value_back_gives_the_hash_back() {
        let mut application = application();
        let before = application.config_hash;
        application.set_config(&values(&[("port", "81")])).unwrap();
        assert_ne!(application.config_hash, before);
        application.reset_config(&["port".to_owned()]).unwrap();
        assert_eq!(application.config_hash, before);
    }

    #[test]
    fn leader_settings_that_stay_the_same_are_no_event() {
        let mut application = application();
        assert!(application.merge_leader_settings(&values(&[("a", "1")])));
        assert!(!application.merge_leader_settings(&values(&[("a", "1"), ("gone", "")])));
        assert!(application.merge_leader_settings(&values(&[("a", "")])));
        assert_eq!(application.leader_settings_version, 2);
    }
}
