//! What goes to Juju at the end of the hook: secrets, then relation data.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::Context;
use crate::error::{Error, Result};
use crate::host::Disk;
use crate::tools::{self, SecretOwner, SecretSpec, ToolError, Tools};

/// What the label of a secret begins with that a provider keeps; the provider's prefix follows, and something of its own.
/// It is woken in hooks about that secret.
pub(crate) const SECRET_LABELS: &str = "ensign.";

/// Whose data bag of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bag {
    /// The local unit's.
    Unit,
    /// The local application's: only the leader may write it.
    App,
}

/// A secret of the application's or the unit's, as it is to be once the hook has committed.
#[derive(Clone)]
pub struct SecretWrite {
    /// Its id; `None` makes a new one.
    pub id: Option<String>,
    /// Whose it is.
    pub owner: SecretOwner,
    /// What is said about it.
    pub spec: SecretSpec,
    /// The whole content.
    pub content: BTreeMap<String, String>,
    /// Where its URI is published, in the same commit.
    pub references: Vec<SecretReference>,
    /// Who else may read it from then on.
    pub grant: Option<SecretGrant>,
}

/// Who may read a secret: the application at the other end of a relation.
#[derive(Clone)]
pub struct SecretGrant {
    /// The relation, such as `db:3`.
    pub relation: String,
    /// [`tools::secret_grant`]. A charm that grants nothing does not carry the tool.
    pub with: fn(&mut Tools, &str, &str, Option<&str>) -> std::result::Result<(), ToolError>,
}

/// A key of relation data that carries a secret's URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReference {
    /// The relation, such as `cluster:0`.
    pub relation: String,
    /// Whose data bag.
    pub bag: Bag,
    /// The key.
    pub key: String,
    /// What follows the `?` of the URI.
    pub query: String,
}

/// The content stays out of it.
impl fmt::Debug for SecretWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretWrite")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("spec", &self.spec)
            .field("references", &self.references)
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SecretGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretGrant").field(&self.relation).finish()
    }
}

/// Changes to data bags and secrets, collected until the commit (B82). `None` removes a key.
#[derive(Debug, Default)]
pub(crate) struct Publication {
    bags: BTreeMap<(String, Bag), BTreeMap<String, Option<String>>>,
    /// By id or label: a hook writes each secret once, since Juju 3.6 keeps only the last write of a hook.
    secrets: BTreeMap<String, SecretWrite>,
    /// Ids of what nobody reads any more: a revision, or all.
    removals: BTreeMap<String, Option<u64>>,
}

impl Publication {
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many data bags and secrets it touches.
    pub(crate) fn len(&self) -> usize {
        self.bags.len() + self.secrets.len() + self.removals.len()
    }

    /// Hands everything to Juju: secrets first, for bags refer to them; then one `relation-set` a bag. Contents
    /// pass through `file`, which exists only meanwhile.
    pub(crate) fn publish(
        &mut self,
        tools: &mut Tools,
        disk: &mut dyn Disk,
        file: Option<&Path>,
    ) -> Result {
        for write in self.secrets.values() {
            let uri = put(write, tools, disk, file)?;
            if let Some(grant) = &write.grant {
                (grant.with)(tools, &uri, &grant.relation, None)?;
            }
            for reference in &write.references {
                self.bags
                    .entry((reference.relation.clone(), reference.bag))
                    .or_default()
                    .insert(
                        reference.key.clone(),
                        Some(format!("{uri}?{}", reference.query)),
                    );
            }
        }
        for (id, revision) in &self.removals {
            // Of two calls for one secret Juju keeps the last: a revision that stays for now is better than a lost one.
            let bare = |id: &'_ str| id.trim_start_matches("secret:").to_owned();
            let written = |write: &SecretWrite| write.id.as_deref().map(bare) == Some(bare(id));
            if !self.secrets.values().any(written) {
                tools::secret_remove(tools, id, *revision)?;
            }
        }
        for ((relation, bag), pairs) in &self.bags {
            tools::relation_set(tools, relation, *bag == Bag::App, pairs, true)?;
        }
        Ok(())
    }
}

/// Writes one secret; the answer is its URI.
fn put(
    write: &SecretWrite,
    tools: &mut Tools,
    disk: &mut dyn Disk,
    file: Option<&Path>,
) -> Result<String> {
    let Some(file) = file else {
        return Err(super::no_store());
    };
    let document = tools::secret_document(&write.content)?;
    let failed = |e, what| Error::from(e).context(format!("cannot {what} `{}`", file.display()));
    disk.replace(file, document.as_bytes(), 0o600.into())
        .map_err(|e| failed(e, "write"))?;
    let written = match &write.id {
        Some(id) => tools::secret_set(tools, id, &write.spec, Some(file)).map(|()| uri(id)),
        None => tools::secret_add(tools, write.owner, &write.spec, file),
    };
    disk.remove(file).map_err(|e| failed(e, "remove"))?;
    Ok(written?)
}

/// The URI of a secret's id.
fn uri(id: &str) -> String {
    if id.starts_with("secret:") {
        id.to_owned()
    } else {
        format!("secret:{id}")
    }
}

impl Context {
    /// Changes keys of one of our own data bags when this hook commits; `None` or an empty value removes.
    /// Later calls for the same key win. What Juju holds already should not be named.
    pub fn publish(
        &mut self,
        relation: &str,
        bag: Bag,
        pairs: impl IntoIterator<Item = (String, Option<String>)>,
    ) {
        let mut pairs = pairs.into_iter().peekable();
        if pairs.peek().is_some() {
            self.publication
                .bags
                .entry((relation.to_owned(), bag))
                .or_default()
                .extend(pairs);
        }
    }

    /// Writes a secret when this hook commits, before relation data. Of several writes of one secret, by its id or
    /// the label of a new one, the last counts. What it holds already makes no new revision.
    pub fn publish_secret(&mut self, write: SecretWrite) {
        let label = write.spec.label.as_ref();
        let key = write.id.as_ref().or(label).cloned().unwrap_or_default();
        self.publication.secrets.insert(key, write);
    }

    /// Removes a revision that nobody reads any more when this hook commits; without one, the whole secret.
    pub fn publish_removal(&mut self, id: &str, revision: Option<u64>) {
        self.publication.removals.insert(id.to_owned(), revision);
    }
}
