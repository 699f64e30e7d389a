//! `juju add-secret` and its like: secrets of an operator's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Model;
use crate::ModelError;
use crate::tool::encode_secret;
use crate::world::Content;

impl Model {
    /// `juju add-secret NAME KEY=VALUE …`: a secret that no application may read before [`Self::grant_secret`]; returns
    /// its id.
    ///
    /// # Errors
    ///
    /// Juju's text: the name is taken, or a key or value is refused.
    pub fn add_secret(
        &mut self,
        name: &str,
        description: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<String, ModelError> {
        let content = content(values)?;
        self.world
            .add_user_secret(name, description, content)
            .map_err(ModelError::Refused)
    }

    /// `juju update-secret NAME KEY=VALUE …`: a new revision, unless that is what the latest holds. Units that have read
    /// it run `secret-changed`.
    ///
    /// # Errors
    ///
    /// Juju's text: there is no such secret, or a key or value is refused.
    pub fn update_secret(
        &mut self,
        named: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<(), ModelError> {
        let (id, content) = (self.user_secret(named)?, content(values)?);
        self.world.update_user_secret(&id, content);
        self.deliver();
        Ok(())
    }

    /// `juju grant-secret NAME APP`.
    ///
    /// # Errors
    ///
    /// There is no such secret or application.
    pub fn grant_secret(&mut self, named: &str, application: &str) -> Result<(), ModelError> {
        let id = self.user_secret(named)?;
        self.world.application(application)?;
        self.world.grant_user_secret(&id, application);
        Ok(())
    }

    /// `juju revoke-secret NAME APP`.
    ///
    /// # Errors
    ///
    /// There is no such secret or application.
    pub fn revoke_secret(&mut self, named: &str, application: &str) -> Result<(), ModelError> {
        let id = self.user_secret(named)?;
        self.world.application(application)?;
        self.world.revoke_user_secret(&id, application);
        self.deliver();
        Ok(())
    }

    /// `juju remove-secret NAME`, with `revision` only that one.
    ///
    /// # Errors
    ///
    /// There is no such secret.
    pub fn remove_secret(&mut self, named: &str, revision: Option<u32>) -> Result<(), ModelError> {
        let id = self.user_secret(named)?;
        self.world.drop_secret(&id, revision);
        self.deliver();
        Ok(())
    }

    fn user_secret(&self, named: &str) -> Result<String, ModelError> {
        self.world.user_secret(named).map_err(ModelError::Refused)
    }
}

fn content(values: &BTreeMap<String, String>) -> Result<Content, ModelError> {
    if values.is_empty() {
        return Err(ModelError::Refused(
            "missing secret value or filename".to_owned(),
        ));
    }
    let values = values.iter();
    let values = values.map(|(key, value)| (key.clone(), value.clone().into_bytes()));
    encode_secret(values.collect())
        .map(Arc::new)
        .map_err(|failure| ModelError::Refused(failure.text().to_owned()))
}
