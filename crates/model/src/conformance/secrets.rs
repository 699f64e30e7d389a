//! Secrets of a recording: put in place, and what calls have done with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::case::{Context, RecordedSecret};
use super::effects::insert_list;
use super::scene::{Built, Scene};
use crate::UnitName;
use crate::date;
use crate::world::{
    Consumer, Content, Grant, NewSecret, Owner, Revision, Rotate, Secret, SecretChanges,
    SecretUpdate,
};

/// A moment before this is one that was given as a duration: the recorded hook runs in 1970.
const RELATIVE: i64 = 300_000_000;

impl Scene {
    pub(super) fn set_secrets(&mut self, context: &Context) -> Built<()> {
        self.world.secrets.fix_ids();
        for recorded in &context.secrets {
            let secret = self.secret(recorded)?;
            self.world.secrets.insert(recorded.id.clone(), secret);
        }
        self.secrets = self.world.secrets.clone();
        self.run.managed_secrets = Arc::new(self.world.managed_secrets(&self.unit));
        Ok(())
    }

    fn secret(&self, recorded: &RecordedSecret) -> Built<Secret> {
        let unit = &self.unit;
        let owner = match recorded.owner.as_str() {
            "application" => Owner::Application(unit.application().to_owned()),
            "unit" => Owner::Unit(unit.clone()),
            other => Owner::Application(other.trim_start_matches("application-").to_owned()),
        };
        let time = |text: &Option<String>| {
            let parsed = text
                .as_deref()
                .map(|text| date::parse(text, false).ok_or_else(|| format!("time {text:?}")));
            parsed.transpose()
        };
        let expires = time(&recorded.expire)?;
        let revisions: BTreeMap<u32, Revision> = recorded
            .revisions
            .iter()
            .map(|(number, values)| (*number, Revision::new(encoded(values), expires)))
            .collect();
        let rotate = recorded
            .rotate
            .as_deref()
            .map(|name| Rotate::parse(name).ok_or_else(|| format!("rotate policy {name:?}")));
        let mut consumers = BTreeMap::new();
        if recorded.tracked.is_some() || !recorded.consumer_label.is_empty() {
            let consumer = Consumer {
                label: recorded.consumer_label.clone(),
                tracked: recorded.tracked.unwrap_or_default(),
                told: 0,
            };
            consumers.insert(unit.clone(), consumer);
        }
        let access = recorded.access.iter();
        let mut grants: Vec<Grant> = access
            .map(|access| grant(&access.target, &access.scope))
            .collect();
        if recorded.granted {
            grants.push(grant(&unit.tag(), ""));
        }
        Ok(Secret {
            owner,
            label: recorded.label.clone(),
            description: recorded.description.clone(),
            rotate: rotate.transpose()?.unwrap_or_default(),
            next_rotate: time(&recorded.next_rotate)?,
            rotate_due: false,
            latest: revisions.keys().last().copied().unwrap_or_default(),
            expires,
            revisions,
            consumers,
            grants,
        })
    }

    /// What reading has changed at once.
    pub(super) fn secret_reads(&self) -> Map<String, Value> {
        let mut reads = Map::new();
        for (id, secret) in self.world.secrets.iter() {
            let Some(before) = self.secrets.get(id) else {
                continue;
            };
            let (old, new) = (of(before, &self.unit), of(secret, &self.unit));
            let mut read = Map::new();
            if old.tracked != new.tracked {
                read.insert("tracked".to_owned(), json!(new.tracked));
            }
            if old.label != new.label {
                read.insert("consumer_label".to_owned(), json!(new.label));
            }
            if before.label != secret.label {
                read.insert("owner_label".to_owned(), json!(secret.label));
            }
            if !read.is_empty() {
                reads.insert(id.clone(), Value::Object(read));
            }
        }
        reads
    }
}

fn of(secret: &Secret, unit: &UnitName) -> Consumer {
    secret.consumers.get(unit).cloned().unwrap_or_default()
}

fn grant(target: &str, scope: &str) -> Grant {
    Grant {
        target: target.to_owned(),
        relation: None,
        scope: scope.to_owned(),
    }
}

fn encoded(values: &BTreeMap<String, String>) -> Content {
    let values = values.iter();
    Arc::new(
        values
            .map(|(key, value)| (key.clone(), STANDARD.encode(value)))
            .collect(),
    )
}

/// The changes a flush asks for.
pub(super) fn tell_secrets(told: &mut Map<String, Value>, changes: &SecretChanges) {
    let creates = changes.creates.iter().map(|(id, new)| created(id, new));
    insert_list(told, "secret_creates", creates.collect());
    let updates = changes
        .updates
        .iter()
        .map(|(id, update)| Value::Object(values(id, update)));
    insert_list(told, "secret_updates", updates.collect());
    let deletes = changes.deletes.iter().map(|(id, revision)| {
        let mut delete = uri(id);
        if let Some(revision) = revision {
            delete.insert("revisions".to_owned(), json!([revision]));
        }
        Value::Object(delete)
    });
    insert_list(told, "secret_deletes", deletes.collect());
    let grants = changes.grants.iter().flat_map(|(id, grants)| {
        grants.iter().map(move |(scope, grant)| {
            json!({"uri": format!("secret:{id}"), "role": "view", "scope_tag": scope,
                "subject_tags": [grant.subject]})
        })
    });
    insert_list(told, "secret_grants", grants.collect());
    let revokes = changes.revokes.iter().flat_map(|(id, revokes)| {
        revokes.iter().map(move |revoke| {
            let subject = revoke.subject();
            json!({"uri": format!("secret:{id}"), "scope_tag": subject, "subject_tags": [subject]})
        })
    });
    insert_list(told, "secret_revokes", revokes.collect());
    let tracked = changes.track_latest.iter().map(|id| json!(id));
    insert_list(told, "secret_track_latest", tracked.collect());
}

fn uri(id: &str) -> Map<String, Value> {
    Map::from_iter([("uri".to_owned(), json!(format!("secret:{id}")))])
}

fn created(id: &str, new: &NewSecret) -> Value {
    let mut told = values(id, &new.values);
    told.insert("data".to_owned(), data(&new.content));
    told.insert("owner_tag".to_owned(), json!(new.owner.tag()));
    Value::Object(told)
}

fn values(id: &str, update: &SecretUpdate) -> Map<String, Value> {
    let mut told = uri(id);
    let mut tell = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            told.insert(key.to_owned(), value);
        }
    };
    tell("label", update.label.as_ref().map(|label| json!(label)));
    let description = update.description.as_ref();
    tell("description", description.map(|text| json!(text)));
    tell(
        "rotate_policy",
        update.rotate.map(|rotate| json!(rotate.name())),
    );
    let moment = |seconds: i64| {
        if seconds < RELATIVE {
            json!(format!("now+{}s", seconds - 1))
        } else {
            json!(date::rfc3339(seconds))
        }
    };
    tell("expire_time", update.expires.map(moment));
    tell("data", update.content.as_ref().map(data));
    told
}

/// Values as they were given, where they can be shown.
fn data(content: &Content) -> Value {
    let decoded = content.iter().map(|(key, value)| {
        let plain = STANDARD.decode(value).ok();
        let plain = plain.and_then(|bytes| String::from_utf8(bytes).ok());
        (key.clone(), json!(plain.as_ref().unwrap_or(value)))
    });
    Value::Object(decoded.collect())
}
