//! Requests and responses over relation data (B87).
//!
//! A request is one field of the requester's published data, `request_ID`, its answer the field `response_ID` of the
//! responder's; both are JSON. A request that is an object says its id, `request_id`, among its fields. What is asked and answered is kept per relation (D19) and endpoint (D20).

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::asked::{REQUEST, RESPONSE};
use super::{Endpoint, Relation, RemoteUnit};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};

/// A request of this unit's own. Its id never changes (B90).
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    relation: Relation,
    id: String,
    body: Body,
}

/// Somebody else's request to this unit. It cannot be changed, only answered (B90).
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedRequest {
    unit: RemoteUnit,
    id: String,
    body: Body,
}

/// What is asked. It may be secret, so it is not shown.
#[derive(Clone, PartialEq)]
struct Body(String);

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// The field of a request that says its id once more.
const ID: &str = "request_id";

impl Body {
    /// Of this unit's own. charms.reactive looks for the id in what is asked, too, and fails where it is not.
    fn of_request<T: Serialize>(body: &T, id: &str) -> Result<Self> {
        let mut body = serde_json::to_value(body)?;
        if let Some(fields) = body.as_object_mut() {
            fields.insert(ID.to_owned(), id.into());
        }
        Ok(Self(body.to_string()))
    }

    fn read<T: DeserializeOwned>(&self, what: &str, id: &str) -> Result<T> {
        let read = serde_json::from_str(&self.0);
        read.or_else(|e| self.without_id().ok_or(e).and_then(serde_json::from_value))
            .map_err(|_| {
                Error::new(
                    ErrorKind::Invalid,
                    format!(
                        "the {what} `{}` is not a `{}`",
                        id.escape_debug(),
                        std::any::type_name::<T>()
                    ),
                )
            })
    }

    /// For a type that knows all its fields, and not that one.
    fn without_id(&self) -> Option<serde_json::Value> {
        let mut value: serde_json::Value = serde_json::from_str(&self.0).ok()?;
        value.as_object_mut()?.remove(ID)?;
        Some(value)
    }
}

impl Relation {
    /// Asks the other end for something. It is published when the hook commits.
    ///
    /// # Errors
    /// When it cannot be written as JSON, or the relation is gone.
    pub fn request<T: Serialize>(&self, ctx: &mut Context, body: &T) -> Result<Request> {
        let id = uuid(u128::from_be_bytes(ctx.random()?));
        let body = Body::of_request(body, &id)?;
        self.put_request(ctx, id, body)
    }

    /// Changes the request that `matches` finds here, or asks anew if there is none (B89, D19).
    ///
    /// # Errors
    /// As [`request`](Self::request), and when an earlier request cannot be read as such a one.
    pub fn request_or_update<T: Serialize + DeserializeOwned>(
        &self,
        ctx: &mut Context,
        body: &T,
        matches: impl FnMut(&T) -> bool,
    ) -> Result<Request> {
        match self.find_requests(ctx, matches)?.into_iter().next() {
            Some(found) => {
                let body = Body::of_request(body, &found.id)?;
                self.put_request(ctx, found.id, body)
            }
            None => self.request(ctx, body),
        }
    }

    /// This unit's requests here, by id.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn requests(&self, ctx: &mut Context) -> Result<Vec<Request>> {
        let published = self.published(ctx)?;
        Ok(fields(published.iter(), REQUEST)
            .map(|(id, text)| Request {
                relation: self.clone(),
                id: id.to_owned(),
                body: Body(text.to_owned()),
            })
            .collect())
    }

    /// Those of this unit's requests here that `matches` (B89).
    ///
    /// # Errors
    /// When Juju cannot be asked, and when a request cannot be read as such a one.
    pub fn find_requests<T: DeserializeOwned>(
        &self,
        ctx: &mut Context,
        matches: impl FnMut(&T) -> bool,
    ) -> Result<Vec<Request>> {
        let all = self.requests(ctx)?;
        matching(all, matches)
    }

    fn put_request(&self, ctx: &mut Context, id: String, body: Body) -> Result<Request> {
        self.publish(ctx, [(format!("{REQUEST}{id}"), body.0.as_str())])?;
        Ok(Request {
            relation: self.clone(),
            id,
            body,
        })
    }
}

impl Endpoint {
    /// This unit's requests, by relation and id.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn requests(&self, ctx: &mut Context) -> Result<Vec<Request>> {
        let mut all = Vec::new();
        for relation in self.relations(ctx)? {
            all.extend(relation.requests(ctx)?);
        }
        Ok(all)
    }

    /// Those of this unit's requests that `matches`, over all relations (B89).
    ///
    /// # Errors
    /// When Juju cannot be asked, and when a request cannot be read as such a one.
    pub fn find_requests<T: DeserializeOwned>(
        &self,
        ctx: &mut Context,
        matches: impl FnMut(&T) -> bool,
    ) -> Result<Vec<Request>> {
        let all = self.requests(ctx)?;
        matching(all, matches)
    }

    /// The answer to the first request that `matches` and is answered (B89: `response_by_FIELD`).
    ///
    /// # Errors
    /// As [`find_requests`](Self::find_requests), and when the answer cannot be read as such a one.
    pub fn response_to<T: DeserializeOwned, R: DeserializeOwned>(
        &self,
        ctx: &mut Context,
        matches: impl FnMut(&T) -> bool,
    ) -> Result<Option<R>> {
        for request in self.find_requests(ctx, matches)? {
            if let Some(response) = request.response(ctx)? {
                return Ok(Some(response));
            }
        }
        Ok(None)
    }

    /// What others ask of this unit, by relation, unit and id.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn received_requests(&self, ctx: &mut Context) -> Result<Vec<ReceivedRequest>> {
        let mut all = Vec::new();
        for unit in self.units(ctx)? {
            let received = unit.received(ctx)?;
            all.extend(
                fields(received.iter(), REQUEST).map(|(id, text)| ReceivedRequest {
                    unit: unit.clone(),
                    id: id.to_owned(),
                    body: Body(text.to_owned()),
                }),
            );
        }
        Ok(all)
    }

    /// What others ask and this unit has not answered yet (B89).
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn new_requests(&self, ctx: &mut Context) -> Result<Vec<ReceivedRequest>> {
        let mut new = Vec::new();
        for request in self.received_requests(ctx)? {
            if !request.is_answered(ctx)? {
                new.push(request);
            }
        }
        Ok(new)
    }
}

impl Request {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The relation it is asked over.
    #[must_use]
    pub fn relation(&self) -> &Relation {
        &self.relation
    }

    /// What is asked.
    ///
    /// # Errors
    /// When it is no `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        self.body.read("request", &self.id)
    }

    /// The answer, of whichever unit there gave one.
    ///
    /// # Errors
    /// When Juju cannot be asked, or the answer is no `R`.
    pub fn response<R: DeserializeOwned>(&self, ctx: &mut Context) -> Result<Option<R>> {
        let received = self.relation.received(ctx)?;
        let text = received.get(&format!("{RESPONSE}{}", self.id));
        text.map(|text| Body(text.to_owned()).read("response to", &self.id))
            .transpose()
    }

    /// Takes it back.
    ///
    /// # Errors
    /// When the relation is gone.
    pub fn withdraw(self, ctx: &mut Context) -> Result {
        self.relation
            .unpublish(ctx, [format!("{REQUEST}{}", self.id)])
    }
}

impl ReceivedRequest {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who asks.
    #[must_use]
    pub fn unit(&self) -> &RemoteUnit {
        &self.unit
    }

    /// What is asked.
    ///
    /// # Errors
    /// When it is no `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        self.body.read("request", &self.id)
    }

    /// Answers it, or changes the answer. It is published when the hook commits.
    ///
    /// # Errors
    /// When the answer cannot be written as JSON, or the relation is gone.
    pub fn respond<R: Serialize>(&self, ctx: &mut Context, response: &R) -> Result {
        let text = serde_json::to_value(response)?.to_string();
        let relation = self.unit.relation();
        relation.publish(ctx, [(format!("{RESPONSE}{}", self.id), text)])
    }

    /// Whether this unit has answered it, or is going to.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn is_answered(&self, ctx: &mut Context) -> Result<bool> {
        let published = self.unit.relation().published(ctx)?;
        Ok(published.get(&format!("{RESPONSE}{}", self.id)).is_some())
    }
}

/// The fields that begin with `prefix`, without it.
fn fields<'a>(
    all: impl Iterator<Item = (&'a str, &'a str)>,
    prefix: &str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    all.filter_map(move |(key, text)| Some((key.strip_prefix(prefix)?, text)))
}

fn matching<T: DeserializeOwned>(
    all: Vec<Request>,
    mut matches: impl FnMut(&T) -> bool,
) -> Result<Vec<Request>> {
    let mut found = Vec::new();
    for request in all {
        if matches(&request.read()?) {
            found.push(request);
        }
    }
    Ok(found)
}

/// A random UUID (version 4), as other frameworks name requests.
fn uuid(bits: u128) -> String {
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_random_uuids() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
