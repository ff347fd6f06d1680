//! What a flow is about: what was asked and waits for its answer, and which sessions and shares are open.

use super::status::Status;
use super::{Event, MOST_LIST, MOST_OPENED, MOST_WAITING, Said};
use crate::proto::ntlm::{Server, Who};
use crate::proto::{Moment, Out};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The head of a request or an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) at: Moment,
    pub(super) client_is_a: bool,
    /// The number that request and answer share.
    pub(super) id: u64,
    pub(super) session: u64,
    pub(super) tree: u32,
    pub(super) status: Status,
}

/// What is kept of a flow.
#[derive(Debug, Default)]
pub(super) struct Talk {
    waiting: Vec<Waiting>,
    sessions: Vec<(u64, Arc<Who>)>,
    trees: Vec<Tree>,
    /// What was opened already, as hashes.
    opened: Vec<u64>,
    pub(super) version: Option<&'static str>,
    pub(super) signing_required: Option<bool>,
    pub(super) server: Option<Arc<Server>>,
    auth: Option<&'static str>,
}

#[derive(Debug)]
struct Waiting {
    head: Head,
    said: Said,
}

/// A share that was connected.
#[derive(Debug)]
struct Tree {
    id: u32,
    share: Arc<str>,
    pipes: bool,
}

impl Talk {
    /// Notes a request, which waits for its answer.
    pub(super) fn ask(&mut self, head: Head, mut said: Said, out: &mut Out<'_, Said>) {
        if said.event == Event::Login {
            self.auth = said.auth.or(self.auth);
        }
        if said.who.is_none() && said.event != Event::Negotiate {
            said.who = self.who(head.session);
        }
        if said.event == Event::Open {
            said.share = self.tree(head.tree).map(|tree| Arc::clone(&tree.share));
        }
        if self.waiting.len() >= MOST_WAITING {
            let oldest = self.waiting.remove(0);
            self.say(oldest, out);
        }
        self.waiting.push(Waiting { head, said });
    }

    /// Finds the request that an answer is for; where it was not seen a log-in or negotiation is said without it.
    pub(super) fn answer(
        &mut self,
        head: &Head,
        event: Event,
        out: &mut Out<'_, Said>,
        fill: impl FnOnce(&mut Said),
    ) {
        let asked = self.waiting.iter().position(|waiting| {
            let same = event == Event::Negotiate || waiting.head.id == head.id;
            waiting.said.event == event && same && waiting.head.client_is_a == head.client_is_a
        });
        if head.status.is_interim() {
            if let Some(place) = asked
                && head.status.number == Status::MORE_PROCESSING
            {
                self.waiting.remove(place);
            }
            return;
        }
        let mut waiting = match asked {
            Some(place) => self.waiting.remove(place),
            None if matches!(event, Event::Negotiate | Event::Login) => {
                Waiting { head: *head, said: Said::of(event) }
            }
            None => return,
        };
        let said = &mut waiting.said;
        fill(said);
        said.status = Some(head.status);
        said.latency_ns =
            asked.and_then(|_| u64::try_from(head.at.time_ns.saturating_sub(waiting.head.at.time_ns)).ok());
        self.conclude(head, said);
        self.say(waiting, out);
    }

    /// Remembers a session or a share that was opened, so that later rows can name it.
    fn conclude(&mut self, head: &Head, said: &mut Said) {
        match said.event {
            Event::Login => {
                said.auth = said.auth.or(self.auth.take());
                said.login = Some(head.status.is_success());
                if let (Some(who), true) = (&said.who, head.status.is_success()) {
                    self.sessions.retain(|(id, _)| *id != head.session);
                    push_bounded(&mut self.sessions, (head.session, Arc::clone(who)));
                }
            }
            Event::Tree if head.status.is_success() => {
                if let Some(share) = &said.share {
                    let pipes = said.share_type == Some("pipe");
                    self.trees.retain(|tree| tree.id != head.tree);
                    push_bounded(&mut self.trees, Tree { id: head.tree, share: Arc::clone(share), pipes });
                }
            }
            _ => {}
        }
    }

    /// Says a row, with what is known of the flow. What was opened before is not said again.
    fn say(&mut self, waiting: Waiting, out: &mut Out<'_, Said>) {
        let Waiting { head, mut said } = waiting;
        if said.event == Event::Open && !self.is_new(&said) {
            return;
        }
        said.version = said.version.or(self.version);
        said.signing_required = self.signing_required;
        if matches!(said.event, Event::Login | Event::Negotiate) {
            said.server.clone_from(&self.server);
        }
        out.say(head.at, head.client_is_a, said);
    }

    fn is_new(&mut self, said: &Said) -> bool {
        let mut hasher = DefaultHasher::new();
        (&said.share, &said.name, said.action, said.status.map(|status| status.number)).hash(&mut hasher);
        let hash = hasher.finish();
        let new = self.opened.len() < MOST_OPENED && !self.opened.contains(&hash);
        if new {
            self.opened.push(hash);
        }
        new
    }

    /// Who opened a session.
    fn who(&self, session: u64) -> Option<Arc<Who>> {
        let (_, who) = self.sessions.iter().find(|(id, _)| *id == session)?;
        Some(Arc::clone(who))
    }

    fn tree(&self, id: u32) -> Option<&Tree> {
        self.trees.iter().find(|tree| tree.id == id)
    }

    /// Whether a share holds pipes; `None` where it was not seen being connected.
    pub(super) fn has_pipes(&self, id: u32) -> Option<bool> {
        self.tree(id).map(|tree| tree.pipes)
    }

    /// Says that from here on nothing can be read.
    pub(super) fn encrypted(&mut self, at: Moment, client_is_a: bool, out: &mut Out<'_, Said>) {
        self.drain(out);
        let said = Said { encrypted: Some(true), ..Said::of(Event::Encrypted) };
        let (id, session, tree, status) = (0, 0, 0, Status::default());
        self.say(Waiting { head: Head { at, client_is_a, id, session, tree, status }, said }, out);
    }

    /// Says what waits without its answer.
    pub(super) fn drain(&mut self, out: &mut Out<'_, Said>) {
        for waiting in std::mem::take(&mut self.waiting) {
            self.say(waiting, out);
        }
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        let waiting: usize = self.waiting.iter().map(|waiting| waiting.said.held()).sum();
        let sessions: usize = self.sessions.iter().map(|(_, who)| who.held()).sum();
        let trees: usize = self.trees.iter().map(|tree| tree.share.len()).sum();
        waiting
            + sessions
            + trees
            + self.server.as_ref().map_or(0, |server| server.held())
            + self.waiting.capacity() * size_of::<Waiting>()
            + self.sessions.capacity() * size_of::<(u64, Arc<Who>)>()
            + self.trees.capacity() * size_of::<Tree>()
            + self.opened.capacity() * size_of::<u64>()
    }
}

/// Appends to a list that forgets its oldest.
fn push_bounded<T>(list: &mut Vec<T>, one: T) {
    if list.len() >= MOST_LIST {
        list.remove(0);
    }
    list.push(one);
}
