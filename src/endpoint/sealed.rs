//! Secret values that are published. They stand in a secret of Juju's, one for each of our data bags, which the
//! application at the other end may read; the bag holds a [`Reference`] to it.
//!
//! The reference is made of what the secret holds and of nothing else. So a commit of which Juju kept the secret and
//! lost the bag, or one that another leader had begun, is put right by publishing the same values again.

use std::collections::BTreeMap;

use super::bags::Changes;
use super::content::{SALT, content_key, query};
use super::foreign;
use super::memory::{key, parts};
use super::provider::{EndpointFlags, Texts};
use super::reference::Reference;
use crate::context::{Bag, Context, SECRET_LABELS, SecretGrant, SecretReference, SecretWrite};
use crate::error::{Error, ErrorKind, Result};
use crate::hook::HookKind;
use crate::metadata::Role;
use crate::tools::{self, SecretOwner, SecretRead, SecretRef, SecretSpec};

/// The secret of one of our data bags.
#[derive(Debug, Default)]
pub(super) struct Sealed {
    /// As Juju has it; `None` if there is none.
    stored: Option<Texts>,
    /// Its id, once it was asked for.
    id: Option<String>,
    /// The fields that are to change; `None` removes.
    pub(super) writes: BTreeMap<String, Option<String>>,
}

/// The owner's label: `ensign.endpoint.db.3.unit`, `ensign.endpoint.db.3.app`.
fn label(relation: &str, bag: Bag) -> String {
    let (endpoint, number) = relation.split_once(':').unwrap_or((relation, ""));
    let whose = match bag {
        Bag::Unit => "unit",
        Bag::App => "app",
    };
    format!("{SECRET_LABELS}endpoint.{endpoint}.{number}.{whose}")
}

/// How our secrets are named in the memory: `db:3 unit`, `db:3 app`.
fn memory_key(relation: &str, bag: Bag) -> String {
    key(
        relation,
        match bag {
            Bag::Unit => "unit",
            Bag::App => "app",
        },
    )
}

impl Sealed {
    /// What the secret is to hold, with these fields changed, too.
    fn content(&self, ctx: &mut Context, more: &Changes) -> Result<Texts> {
        let mut content = match &self.stored {
            Some(stored) => stored.clone(),
            None => Texts::new(),
        };
        for (field, value) in self.writes.iter().chain(more) {
            match value {
                Some(value) => content.insert(content_key(field), value.clone()),
                None => content.remove(&content_key(field)),
            };
        }
        if !content.contains_key(SALT) {
            content.insert(SALT.to_owned(), foreign::salt(ctx)?);
        }
        Ok(content)
    }

    /// What our data bag is going to say. The id of a new secret is known with the commit only.
    pub(super) fn show(&self, bag: &mut Texts) {
        for (field, value) in &self.writes {
            match value {
                Some(_) => bag.insert(field.clone(), Reference::PENDING.to_owned()),
                None => bag.remove(field),
            };
        }
    }
}

impl EndpointFlags {
    /// Takes secret values down for the secret of a data bag; `false` where this Juju has no secrets.
    pub(super) fn seal(
        &mut self,
        ctx: &mut Context,
        relation: &str,
        bag: Bag,
        changes: &Changes,
    ) -> Result<bool> {
        if !self.open(ctx, relation, bag)? {
            return Ok(false);
        }
        let names: BTreeMap<String, &String> =
            changes.keys().map(|f| (content_key(f), f)).collect();
        let Some(sealed) = self.bags.sealed.get_mut(&(relation.to_owned(), bag)) else {
            return Ok(false);
        };
        let clash = changes
            .keys()
            .chain(sealed.writes.keys())
            .find(|field| names.get(&content_key(field)).is_some_and(|n| n != field));
        if let Some(field) = clash {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!(
                    "the secret fields `{}` and `{}` of `{relation}` would be the same key of a secret",
                    field.escape_debug(),
                    names[&content_key(field)].escape_debug()
                ),
            ));
        }
        let content = sealed.content(ctx, changes)?;
        // Too much is found out now rather than at the commit.
        tools::secret_document(&content)?;
        if sealed.stored.as_ref().is_some_and(|s| *s != content) && sealed.id.is_none() {
            sealed.id = tools::secret_id(ctx.tools(), SecretRef::Label(&label(relation, bag)))?;
            if sealed.id.is_none() {
                return Err(Error::new(
                    ErrorKind::NotLeader,
                    format!(
                        "nothing secret can be published to `{relation}`: leadership came after this hook began"
                    ),
                ));
            }
        }
        sealed.writes.extend(changes.clone());
        Ok(true)
    }

    /// Reads the secret of a data bag, once in a hook; `false` where this Juju has no secrets.
    fn open(&mut self, ctx: &mut Context, relation: &str, bag: Bag) -> Result<bool> {
        if self.bags.no_secrets || !ctx.env().juju_at_least(3, 0) {
            return Ok(false);
        }
        let at = (relation.to_owned(), bag);
        if self.bags.sealed.contains_key(&at) {
            return Ok(true);
        }
        let label = label(relation, bag);
        let read = tools::secret_get(ctx.tools(), SecretRef::Label(&label), SecretRead::Refresh);
        let stored = match read {
            Ok(stored) => stored,
            Err(e) if e.is_missing() => {
                self.bags.no_secrets = true;
                return Ok(false);
            }
            Err(e) => return Err(e.into()),
        };
        let sealed = Sealed {
            stored,
            ..Sealed::default()
        };
        self.bags.sealed.insert(at, sealed);
        Ok(true)
    }

    /// Fields that our bag refers to, and that are something plain now or gone, leave the secret.
    pub(super) fn unseal(
        &mut self,
        ctx: &mut Context,
        relation: &str,
        bag: Bag,
        before: &Texts,
        changes: &BTreeMap<String, Option<String>>,
    ) -> Result {
        let refers = |field: &&String| before.get(*field).is_some_and(|t| Reference::is_ours(t));
        let left: Vec<&String> = changes.keys().filter(refers).collect();
        if left.is_empty() || !self.open(ctx, relation, bag)? {
            return Ok(());
        }
        if let Some(sealed) = self.bags.sealed.get_mut(&(relation.to_owned(), bag)) {
            for field in left {
                sealed.writes.entry(field.clone()).or_insert(None);
            }
        }
        Ok(())
    }

    /// Publishes what is new of a data bag's secret; the answer is the fields whose reference changes.
    pub(super) fn publish_sealed(
        &mut self,
        ctx: &mut Context,
        relation: &str,
        bag: Bag,
        before: &Texts,
    ) -> Result<Vec<String>> {
        let at = (relation.to_owned(), bag);
        let Some(mut sealed) = self.bags.sealed.remove(&at) else {
            return Ok(Vec::new());
        };
        if sealed.writes.is_empty() {
            return Ok(Vec::new());
        }
        let content = sealed.content(ctx, &Changes::new())?;
        let fields = || sealed.writes.iter().filter(|(_, value)| value.is_some());
        let says = |field: &String| {
            let text = before.get(field).map(String::as_str).unwrap_or_default();
            text.split_once('?').is_some_and(|(id, text)| {
                text == query(field, &content)
                    && sealed
                        .id
                        .as_ref()
                        .is_none_or(|known| Reference::is_of(id, known))
            })
        };
        let changed: Vec<String> = fields()
            .map(|(f, _)| f.clone())
            .filter(|f| !says(f))
            .collect();
        if sealed.stored.as_ref() == Some(&content) && changed.is_empty() {
            return Ok(changed);
        }
        let label = label(relation, bag);
        if sealed.id.is_none() && sealed.stored.is_some() {
            sealed.id = tools::secret_id(ctx.tools(), SecretRef::Label(&label))?;
        }
        let ours = memory_key(relation, bag);
        if content.len() == 1 {
            // Only the salt is left.
            if let Some(id) = &sealed.id {
                ctx.publish_removal(id, None);
            }
            self.memory.get_or_insert_default().sealed.remove(&ours);
            return Ok(Vec::new());
        }
        let references = changed.iter().map(|field| SecretReference {
            relation: relation.to_owned(),
            bag,
            key: field.clone(),
            query: query(field, &content),
        });
        let owner = match bag {
            Bag::Unit => SecretOwner::Unit,
            Bag::App => SecretOwner::Application,
        };
        // Units of the application read its own secret anyway.
        let shared = self.role == Role::Peers && bag == Bag::App;
        let grant = SecretGrant {
            relation: relation.to_owned(),
            with: tools::secret_grant,
        };
        let new = sealed.id.is_none();
        let write = SecretWrite {
            owner,
            spec: SecretSpec {
                label: new.then_some(label),
                description: new.then(|| format!("what is published to {relation}")),
                ..SecretSpec::default()
            },
            references: references.collect(),
            grant: (!shared).then_some(grant),
            id: sealed.id,
            content,
        };
        ctx.publish_secret(write);
        self.memory.get_or_insert_default().sealed.insert(ours);
        Ok(changed)
    }

    /// Remembers that a data bag has a secret, also one that another leader made.
    pub(super) fn notice_sealed(&mut self, relation: &str, bag: Bag, own: &Texts) {
        if let Some(memory) = &mut self.memory
            && own.values().any(|text| Reference::is_ours(text))
        {
            memory.sealed.insert(memory_key(relation, bag));
        }
    }

    /// Removes the secrets of relations that are gone. Juju took the other end's leave to read them with the relation.
    ///
    /// For a unit that leaves, every relation breaks, and the application's secret is still in use.
    pub(super) fn remove_broken(&mut self, ctx: &mut Context) -> Result {
        let Some(memory) = &mut self.memory else {
            return Ok(());
        };
        let gone = |key: &&String| self.broken.iter().any(|id| id == parts(key).0);
        let gone: Vec<String> = memory.sealed.iter().filter(gone).cloned().collect();
        for key in gone {
            if let Some(memory) = &mut self.memory {
                memory.sealed.remove(&key);
            }
            let bag = match parts(&key).1 {
                "app" => Bag::App,
                _ => Bag::Unit,
            };
            if bag == Bag::App && (!self.leads(ctx)? || leaves(ctx)?) {
                continue;
            }
            let label = label(parts(&key).0, bag);
            if let Some(id) = tools::secret_id(ctx.tools(), SecretRef::Label(&label))? {
                ctx.publish_removal(&id, None);
            }
        }
        Ok(())
    }

    /// Revisions that nobody reads any more go in the hook that says so. One that this unit has read is told of as one
    /// that changed: it goes on with the new one, or the old one would stay.
    pub(super) fn heed_secret_hook(&mut self, ctx: &mut Context) -> Result {
        let ours = format!("{SECRET_LABELS}{}", super::provider::prefix(&self.name));
        let Some(secret) = ctx.hook().secret().cloned() else {
            return Ok(());
        };
        let label = secret.label.as_deref().unwrap_or_default();
        let Some(rest) = label.strip_prefix(&ours) else {
            return Ok(());
        };
        match (ctx.hook().kind(), secret.revision) {
            (HookKind::SecretChanged, _) => {
                let id = SecretRef::Id(&secret.id);
                tools::secret_get(ctx.tools(), id, SecretRead::Refresh)?;
            }
            (HookKind::SecretRemove, Some(revision))
                if !rest.ends_with(".app") || self.leads(ctx)? =>
            {
                ctx.publish_removal(&secret.id, Some(revision));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether this unit is being removed.
fn leaves(ctx: &mut Context) -> Result<bool> {
    let goal = tools::goal_state(ctx.tools())?;
    let own = goal.units.get(&ctx.unit().to_string());
    Ok(own.is_none_or(|unit| unit.status == "dying"))
}
