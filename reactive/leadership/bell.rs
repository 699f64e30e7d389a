//! The bell: a key beside the plain values that tells every unit that the application's secret was written.
//!
//! The content of the secret is the truth, the bell only wakes. It is looked at wherever a change may show; the
//! content is read only when the bell says something new, or when the bell cannot be relied on.

use std::collections::BTreeMap;

use ensign::hook::HookKind;
use ensign::{Bag, Context, Result, SecretReference, SecretWrite, tools};

use super::LeadershipFlags;
use super::bag::PeerData;
use super::contents::{BAG, BELL, IN_BAG, SECRET, query};
use super::generation::Generation;
use super::memory::Bell;
use super::vault::{Content, LABEL, Reading};

/// What was heard of the bell.
enum Heard {
    /// Nothing new can be expected from this hook.
    Nothing,
    /// It is out of reach.
    Unreachable,
    /// What it says.
    Rung(Option<Generation>),
}

impl LeadershipFlags {
    /// Brings what is known of the secret up to date.
    pub(super) fn listen(&mut self, ctx: &mut Context) -> Result {
        if !self.plan(ctx)?.secrets || self.vault.next.is_some() {
            return Ok(());
        }
        let (bell, reached) = match self.hear(ctx)? {
            Heard::Nothing => return Ok(()),
            Heard::Unreachable => (None, false),
            Heard::Rung(bell) => (bell, true),
        };
        if !self.is_content_due(ctx, bell.as_ref(), reached)? {
            return Ok(());
        }
        let content = match self.vault.read(ctx)? {
            Reading::There(content) => content.clone(),
            Reading::Absent if bell.is_some() && self.promise.holds() => {
                // Nobody else can have it under way.
                self.memory(ctx)?.secrets.clear();
                return Ok(());
            }
            _ => {
                self.vault.waiting = bell.is_some();
                return Ok(());
            }
        };
        self.take(ctx, &content, bell.as_ref())?;
        let differs = bell.as_ref() != Some(&content.generation);
        if self.promise.holds() && reached && differs {
            self.ring(ctx, &content.generation)?;
        }
        Ok(())
    }

    /// Takes the content as what is known. A follower that finds it older than the bell keeps what it has, and
    /// looks again.
    fn take(&mut self, ctx: &mut Context, content: &Content, bell: Option<&Generation>) -> Result {
        let leads = self.promise.holds();
        let digests: BTreeMap<_, _> = content
            .values
            .iter()
            .map(|(key, value)| (key.clone(), ctx.digest(value.as_bytes())))
            .collect();
        let memory = self.memory(ctx)?;
        let older = bell.is_some_and(|bell| content.generation.number < bell.number);
        if older && !leads {
            if !matches!(memory.bell, Bell::Heard(_)) {
                memory.secrets = digests;
            }
            return Ok(());
        }
        memory.secrets = digests;
        match bell {
            Some(bell) => memory.bell = Bell::Heard(bell.clone()),
            None if memory.bell == Bell::Unknown => memory.bell = Bell::None,
            None => {}
        }
        Ok(())
    }

    fn hear(&mut self, ctx: &mut Context) -> Result<Heard> {
        let plan = self.plan(ctx)?;
        if plan.endpoint.is_none() {
            let in_settings = plan.settings && plan.prefers_settings;
            return Ok(match in_settings {
                true => Heard::Rung(self.settings(ctx)?.bell.clone()),
                false => Heard::Nothing,
            });
        }
        let news = self.bag.is_some()
            || self.promise.holds()
            || self.has_peer_news(ctx)?
            || is_about_the_secret(ctx);
        let memory = self.memory(ctx)?;
        if !news && memory.reached && memory.bell != Bell::Unknown {
            return Ok(Heard::Nothing);
        }
        Ok(match self.peer_data(ctx)? {
            PeerData::Open(bag) => Heard::Rung(bag.contents.bell.clone()),
            // Hidden, too: a unit that leaves may have become the leader, and must not take what it never saw for absent.
            PeerData::NotYet | PeerData::Hidden => Heard::Unreachable,
            PeerData::NoEndpoint => Heard::Nothing,
        })
    }

    fn is_content_due(
        &mut self,
        ctx: &mut Context,
        bell: Option<&Generation>,
        reached: bool,
    ) -> Result<bool> {
        let appears = self.is_about_peers(ctx)? && ctx.hook().kind() == HookKind::RelationCreated;
        let kind = ctx.hook().kind();
        let in_settings = self.plan(ctx)?.endpoint.is_none();
        let leads = self.promise.holds();
        let memory = self.memory(ctx)?;
        let new = bell.is_some_and(|bell| memory.bell != Bell::Heard(bell.clone()));
        let leader_looks =
            kind == HookKind::LeaderElected || appears || memory.owes || bell.is_none();
        Ok(!reached
            || new
            || memory.bell == Bell::Unknown
            || is_about_the_secret(ctx)
            || (in_settings && kind == HookKind::Install)
            || (leads && leader_looks))
    }

    /// Rings with the generation of a content that Juju has.
    fn ring(&mut self, ctx: &mut Context, generation: &Generation) -> Result {
        let earlier = super::record::recorded(ctx)?;
        if earlier.wrote.contains_key(SECRET) {
            // What was read is an earlier command's of this very context, and not committed yet.
            return Ok(());
        }
        let Some(id) = self.vault.id(ctx)? else {
            // Leadership came after this context was made: the next hook rings.
            self.memory(ctx)?.owes = true;
            return Ok(());
        };
        let text = format!("secret:{id}?{}", query(generation));
        if self.ring_with_commit(ctx, generation)? {
            self.publish_bag(ctx, [(BELL.to_owned(), Some(text))])?;
        } else {
            self.still_leads(ctx)?;
            tools::leader_set(ctx.tools(), [(BELL, text)], false)?;
            self.settings(ctx)?.bell = Some(generation.clone());
        }
        let memory = self.memory(ctx)?;
        memory.bell = Bell::Heard(generation.clone());
        memory.owes = false;
        Ok(())
    }

    /// The bell goes with the secret, where it is within reach; `false` where it is not.
    pub(super) fn ring_with_commit(
        &mut self,
        ctx: &mut Context,
        generation: &Generation,
    ) -> Result<bool> {
        let Some(bag) = self.open_bag(ctx)? else {
            return Ok(false);
        };
        let base = bag.contents.mark();
        bag.contents.bell = Some(generation.clone());
        let mark = bag.contents.mark();
        self.wrote(ctx, BAG, base, mark)?;
        Ok(true)
    }

    /// The last step before the commit: the secret with what it is to hold, and the bell with it.
    pub(super) fn publish_content(&mut self, ctx: &mut Context) -> Result {
        let Some(content) = self.vault.next.clone() else {
            return Ok(());
        };
        let id = self.vault.id(ctx)?;
        let plan = self.plan(ctx)?;
        let spec = tools::SecretSpec {
            label: id.is_none().then(|| LABEL.to_owned()),
            description: id.is_none().then(|| "leader data".to_owned()),
            rotate: plan.rotate.clone(),
            expire: plan.expire.clone(),
        };
        let relation = self.open_bag(ctx)?.map(|bag| bag.relation.clone());
        let reference = relation.map(|relation| SecretReference {
            relation,
            bag: Bag::App,
            key: format!("{IN_BAG}{BELL}"),
            query: query(&content.generation),
        });
        let write = SecretWrite {
            id,
            owner: tools::SecretOwner::Application,
            spec,
            content: content.encode()?,
            references: reference.into_iter().collect(),
            grant: None,
        };
        ctx.publish_secret(write);
        Ok(())
    }

    /// Revisions that nobody reads any more go in the hook that says so, one per hook.
    pub(super) fn sweep_revision(&mut self, ctx: &mut Context) -> Result {
        if ctx.hook().kind() != HookKind::SecretRemove || !self.promise.holds() {
            return Ok(());
        }
        let Some(secret) = ctx.hook().secret().cloned() else {
            return Ok(());
        };
        if let (Some(LABEL), Some(revision)) = (secret.label.as_deref(), secret.revision) {
            ctx.publish_removal(&secret.id, Some(revision));
        }
        Ok(())
    }
}

/// Whether the hook tells of our secret; followers have no label for it.
fn is_about_the_secret(ctx: &Context) -> bool {
    ctx.hook().kind() == HookKind::SecretChanged
        && ctx
            .hook()
            .secret()
            .is_some_and(|s| s.label.as_deref().is_none_or(|label| label == LABEL))
}
