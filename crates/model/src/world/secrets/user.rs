//! Secrets an operator makes, for applications to read.

use super::{Content, Grant, Owner, Revision, Rotate, Secret};
use crate::format::go_quote;
use crate::world::{World, application_tag};

impl World {
    /// The id of an operator's secret, by its name or id.
    ///
    /// # Errors
    ///
    /// Juju's text: there is none.
    pub(crate) fn user_secret(&self, named: &str) -> Result<String, String> {
        let id = named.trim_start_matches("secret:");
        let tag = Owner::Model.tag();
        let mut owned = self.secrets.owned_by(&tag);
        owned
            .find(|other| {
                let secret = self.secrets.get(other);
                *other == id || secret.is_some_and(|secret| secret.label == named)
            })
            .cloned()
            .ok_or_else(|| format!("secret {} not found", go_quote(named)))
    }

    /// Makes a secret that nobody may read yet; returns its id.
    ///
    /// # Errors
    ///
    /// Juju's text: the name is taken.
    pub(crate) fn add_user_secret(
        &mut self,
        name: &str,
        description: &str,
        content: Content,
    ) -> Result<String, String> {
        if self.user_secret(name).is_ok() {
            return Err(format!(
                "secret with name {} already exists",
                go_quote(name)
            ));
        }
        let id = self.secrets.allocate();
        let secret = Secret {
            owner: Owner::Model,
            label: name.to_owned(),
            description: description.to_owned(),
            rotate: Rotate::Never,
            next_rotate: None,
            rotate_due: false,
            latest: 1,
            expires: None,
            revisions: [(1, Revision::new(content, None))].into(),
            consumers: Default::default(),
            grants: Vec::new(),
        };
        self.secrets.insert(id.clone(), secret);
        Ok(id)
    }

    /// Gives a secret new content, unless it is what it holds.
    pub(crate) fn update_user_secret(&mut self, id: &str, content: Content) {
        let latest = self.secrets.get(id).and_then(|secret| {
            let latest = secret.revisions.get(&secret.latest)?;
            Some(latest.content.clone())
        });
        if latest.as_ref() != Some(&content) {
            self.add_revision(id, content, None);
        }
    }

    /// Lets an application read it.
    pub(crate) fn grant_user_secret(&mut self, id: &str, application: &str) {
        let target = application_tag(application);
        if let Some(secret) = self.secrets.get_mut(id)
            && secret.grants.iter().all(|grant| grant.target != target)
        {
            secret.grants.push(Grant {
                target,
                relation: None,
                scope: Owner::Model.tag(),
            });
        }
    }

    /// Lets it read it no longer.
    pub(crate) fn revoke_user_secret(&mut self, id: &str, application: &str) {
        let target = application_tag(application);
        if let Some(secret) = self.secrets.get_mut(id) {
            secret.grants.retain(|grant| grant.target != target);
            self.notified.extend(secret.consumers.keys().cloned());
        }
    }
}
