//! Relations between applications: which endpoints two names mean.

use ensign_model::{Endpoint, ModelError, Role};

use super::Controller;
use super::requests::{Refused, Took};
use crate::juju::protocol::Answer;

impl Controller {
    /// `juju integrate A[:X] B[:Y]`; endpoints that are not named are those that fit.
    pub(super) fn integrate(&mut self, one: &str, other: &str) -> Result<Took, Refused> {
        let (first, second) = (self.sides(one)?, self.sides(other)?);
        let mut fitting = Vec::new();
        for (x, endpoint) in &first {
            for (y, counterpart) in &second {
                let roles = (endpoint.role, counterpart.role);
                let fit = matches!(
                    roles,
                    (Role::Provider, Role::Requirer) | (Role::Requirer, Role::Provider)
                );
                if fit && endpoint.interface == counterpart.interface {
                    fitting.push((x.clone(), y.clone()));
                }
            }
        }
        let name = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
        let (a, b) = (name(one), name(other));
        match &fitting[..] {
            [(x, y)] => self.saved.model.integrate((&a, x), (&b, y))?,
            [] => return Err(Refused("no relations found".into())),
            _ => {
                let found: Vec<String> = fitting
                    .iter()
                    .map(|(x, y)| format!("\"{a}:{x} {b}:{y}\""))
                    .collect();
                return Err(Refused(format!(
                    "ambiguous relation: \"{one} {other}\" could refer to {}",
                    found.join("; ")
                )));
            }
        };
        Ok(Took::Done(Answer::Nothing))
    }

    /// The endpoints that `APP` or `APP:ENDPOINT` may mean.
    fn sides(&self, text: &str) -> Result<Vec<(String, Endpoint)>, Refused> {
        let (application, named) = text
            .split_once(':')
            .map_or((text, None), |(name, endpoint)| (name, Some(endpoint)));
        let charm = self.saved.latest.get(application);
        let charm = charm.ok_or_else(|| ModelError::NoApplication(application.to_owned()))?;
        let endpoints = charm
            .info
            .endpoints
            .iter()
            .filter(|(name, _)| named.is_none_or(|named| named == *name));
        Ok(endpoints
            .map(|(name, endpoint)| (name.clone(), endpoint.clone()))
            .collect())
    }
}
