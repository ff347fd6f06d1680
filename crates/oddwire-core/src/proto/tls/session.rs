//! What both sides have said so far in one handshake.

use super::certificate::Certificate;
use super::codes::is_modern;
use super::event::{Event, content, message};
use super::fingerprint::{self, Carrier, Prints};
use super::hello::{ClientHello, ServerHello};
use super::read::{Reader, words};
use super::{MOST_RECORDS, Said, Server};
use crate::proto::{Moment, Out};

/// Records after which a session is left alone, whatever it did.
const LAST_RECORD: u32 = 256;
/// The shortest encrypted record of a client that can be its end of a TLS 1.3 handshake: shorter ones are alerts.
const SHORTEST_END: u16 = 53;
/// The shortest record that is taken for a second hello where the server was not heard: an end has less.
const SHORTEST_RETRY: u16 = 120;

/// A handshake that is being listened to.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) said: Said,
    at: Moment,
    client_is_a: Option<bool>,
    client_at: i64,
    /// What `a` and `b` did: changed to encryption, sent encrypted data.
    changed: [bool; 2],
    data: [bool; 2],
    /// Whether the server went through a full handshake.
    full: bool,
    records: u32,
    pub(super) over: bool,
}

impl Session {
    pub(super) fn new(at: Moment, carrier: Carrier) -> Self {
        Self {
            said: Said { carrier, ..Said::default() },
            at,
            client_is_a: None,
            client_at: 0,
            changed: [false; 2],
            data: [false; 2],
            full: false,
            records: 0,
            over: false,
        }
    }

    /// Says the row, if there was a handshake at all.
    pub(super) fn say(mut self, out: &mut Out<'_, Said>) {
        let Some(client_is_a) = self.client_is_a else { return };
        self.said.established = self.established();
        self.said.resumed = self.resumed(client_is_a);
        if self.said.client_certificate.is_none() && self.changed(client_is_a) && !self.is_modern() {
            self.said.client_certificate = Some(false);
        }
        if !client_is_a {
            self.said.records.iter_mut().for_each(|length| *length = -*length);
        }
        self.said.records.shrink_to_fit();
        out.say(self.at, client_is_a, self.said);
    }

    /// Hears one event; to a record the answer is whether its content can be read.
    pub(super) fn hear(
        &mut self,
        from_a: bool,
        now: Moment,
        event: Event<'_>,
        out: &mut Out<'_, Said>,
    ) -> bool {
        match event {
            Event::Record { kind, length } => return self.record(from_a, kind, length),
            Event::Message { kind, .. } if kind != message::CLIENT_HELLO && self.is_hidden(from_a) => {}
            Event::Message { kind: message::CLIENT_HELLO, body } => self.client(from_a, now, body, out),
            Event::Message { kind: message::SERVER_HELLO, body } => self.server(from_a, now, body),
            Event::Message { kind: message::CERTIFICATE, body } => self.certificates(from_a, now, body, out),
            Event::Message { kind: message::SERVER_KEY, body } => self.server_key(from_a, body),
            Event::Message { kind: message::SERVER_DONE, .. } => self.full = true,
            Event::Message { .. } => {}
            Event::OldHello { body } => self.old_client(from_a, now, body),
            Event::Alert { level, what } => {
                let fatal = level == 2;
                if fatal || self.said.alert.is_none() {
                    self.said.alert = Some(what);
                }
                self.over |= fatal || what == 0;
            }
        }
        true
    }

    /// Whether a hello begins another handshake than this one.
    pub(super) fn is_other(&self, event: &Event<'_>) -> bool {
        let &Event::Message { kind: message::CLIENT_HELLO, body } = event else { return false };
        let known =
            self.said.hello.as_ref().filter(|_| self.said.server.is_some() && self.changed != [false; 2]);
        known.is_some_and(|hello| body.get(2..34).is_some_and(|random| random != hello.random))
    }

    /// The packet that began it.
    pub(super) const fn begun(&self) -> Moment {
        self.at
    }

    /// Bytes of memory it takes.
    pub(super) fn held(&self) -> usize {
        size_of::<Self>() + self.said.held()
    }

    fn record(&mut self, from_a: bool, kind: u8, length: u16) -> bool {
        let side = usize::from(!from_a);
        self.records += 1;
        if self.said.records.len() < MOST_RECORDS {
            let length = i32::from(length);
            self.said.records.push(if from_a { length } else { -length });
        }
        let (modern, hidden) = (self.is_modern(), self.is_hidden(from_a));
        let from_client = self.client_is_a.is_none_or(|client_is_a| client_is_a == from_a);
        let early = from_client && self.said.hello.is_some() && self.said.server.is_none();
        match kind {
            content::CHANGE_CIPHER => {
                if let Some(changed) = self.changed.get_mut(side) {
                    *changed = true;
                }
            }
            content::DATA if !early && (!modern || !from_client || length >= SHORTEST_END) => {
                if let Some(data) = self.data.get_mut(side) {
                    *data = true;
                }
            }
            content::ALERT => self.over |= hidden,
            _ => {}
        }
        let settled = self.client_is_a.is_none() || self.established();
        let enough = self.records as usize >= MOST_RECORDS && settled;
        self.over |= enough || self.records >= LAST_RECORD;
        !hidden || kind == content::HANDSHAKE && length >= SHORTEST_RETRY && self.may_try_again(from_a)
    }

    /// Whether the client may say a second hello although the server was not heard: in TLS 1.3 it changes to
    /// encryption before, in name only.
    fn may_try_again(&self, from_a: bool) -> bool {
        self.said.server.is_none()
            && self.client_is_a == Some(from_a)
            && self.said.carrier == Carrier::Stream
            && self.said.ja4_retry.is_none()
            && self.said.hello.as_ref().is_some_and(|hello| is_modern(hello.highest()))
    }

    fn client(&mut self, from_a: bool, now: Moment, body: &[u8], out: &mut Out<'_, Said>) {
        if self.client_is_a.is_some_and(|client_is_a| client_is_a != from_a) {
            return;
        }
        if self.said.hello.is_some() {
            self.client_again(from_a, body);
            return;
        }
        let datagram = self.said.carrier == Carrier::Datagram;
        let Some(mut hello) = ClientHello::read(body, datagram) else { return };
        if let Some(name) = &hello.name {
            out.call(name.as_bytes());
        }
        if out.is_wanted() {
            self.said.prints = Prints::of(&hello, self.said.carrier);
        }
        self.said.ciphers = u16::try_from(hello.ciphers.len()).ok().filter(|&count| count > 0);
        hello.shrink();
        (self.client_is_a, self.client_at) = (Some(from_a), now.time_ns);
        self.said.hello = Some(Box::new(hello));
    }

    /// The second hello, where the server asked for one, or was not heard and the hello repeats the first one's
    /// random number; of it only the fingerprint is kept.
    fn client_again(&mut self, from_a: bool, body: &[u8]) {
        let carrier = self.said.carrier;
        let asked = self.said.server.as_ref().is_some_and(|server| server.hello.retry);
        if self.said.ja4_retry.is_some() || !asked && !self.may_try_again(from_a) {
            return;
        }
        let Some(hello) = ClientHello::read(body, carrier == Carrier::Datagram).filter(|hello| hello.whole)
        else {
            return;
        };
        if asked || self.said.hello.as_ref().is_some_and(|first| first.random == hello.random) {
            self.said.ja4_retry = Some(fingerprint::ja4(&hello, carrier).into());
        }
    }

    /// The hello of a client that would also speak SSL 2: a version, and ciphers of three bytes.
    fn old_client(&mut self, from_a: bool, now: Moment, body: &[u8]) {
        if self.said.hello.is_some() || self.client_is_a.is_some() {
            return;
        }
        let mut reader = Reader::new(body);
        let (Some(_), Some(version), Some(length)) = (reader.u8(), reader.u16(), reader.u16()) else {
            return;
        };
        let hello = ClientHello { version, bytes: body.len() as u32, ..ClientHello::default() };
        self.said.ciphers = Some(length / 3);
        (self.client_is_a, self.client_at) = (Some(from_a), now.time_ns);
        self.said.hello = Some(Box::new(hello));
    }

    fn server(&mut self, from_a: bool, now: Moment, body: &[u8]) {
        let known = self.said.server.as_ref().is_some_and(|server| !server.hello.retry);
        if known || self.client_is_a == Some(from_a) {
            return;
        }
        let Some(hello) = ServerHello::read(body) else { return };
        self.client_is_a = Some(!from_a);
        let ja3s = hello.whole.then(|| fingerprint::ja3s(&hello));
        let asked = self.said.hello.is_some().then_some(self.client_at);
        let latency = asked.and_then(|asked| u64::try_from(now.time_ns.saturating_sub(asked)).ok());
        let before = self.said.server.take();
        let (retried, group) = before.map_or((false, None), |server| (true, server.hello.group));
        let mut server = Server { retried: retried || hello.retry, ja3s, latency_ns: latency, hello };
        server.hello.group = server.hello.group.or(group);
        self.said.server = Some(Box::new(server));
    }

    /// A chain of certificates, from TLS 1.2 and before; of TLS 1.3 it is hidden.
    fn certificates(&mut self, from_a: bool, now: Moment, body: &[u8], out: &mut Out<'_, Said>) {
        let Some(mut list) = Reader::new(body).vector24().map(Reader::new) else { return };
        if self.client_is_a == Some(from_a) {
            self.said.client_certificate = Some(!list.is_empty());
            return;
        }
        self.full = true;
        if self.said.certificates.is_some() || self.client_is_a.is_none() {
            return;
        }
        let leaf = list.vector24().filter(|_| !list.is_short()).unwrap_or_default();
        let mut count = u16::from(!leaf.is_empty());
        while !list.is_empty() && list.vector24().is_some() {
            count = count.saturating_add(1);
        }
        self.said.certificates = Some(count);
        if leaf.is_empty() || !out.is_wanted() {
            return;
        }
        if out.may_work(now.time_ns) {
            self.said.certificate = Some(Box::new(Certificate::read(leaf)));
            self.said.seen_s = now.time_ns.div_euclid(1_000_000_000);
        } else {
            self.said.skipped = true;
        }
    }

    /// The group of a key exchange by elliptic curves (RFC 8422, 5.4).
    fn server_key(&mut self, from_a: bool, body: &[u8]) {
        const NAMED: u8 = 3;
        self.full = true;
        let Some(server) = self.said.server.as_mut().filter(|_| self.client_is_a != Some(from_a)) else {
            return;
        };
        if let [NAMED, group @ ..] = body
            && super::codes::is_by_curve(server.hello.cipher)
        {
            server.hello.group = words(group.get(..2).unwrap_or_default()).first().copied();
        }
    }

    fn is_modern(&self) -> bool {
        self.said.server.as_ref().is_some_and(|server| is_modern(server.hello.negotiated()))
    }

    /// Whether a side's messages are encrypted.
    fn is_hidden(&self, from_a: bool) -> bool {
        self.changed(from_a) && !self.is_modern()
    }

    fn changed(&self, from_a: bool) -> bool {
        self.changed.get(usize::from(!from_a)) == Some(&true)
    }

    fn established(&self) -> bool {
        self.data == [true; 2] || self.changed == [true; 2] && !self.is_modern()
    }

    fn resumed(&self, client_is_a: bool) -> Option<bool> {
        let hello = &self.said.server.as_ref()?.hello;
        if is_modern(hello.negotiated()) {
            return Some(hello.extensions.contains(&super::hello::extension::PRE_SHARED_KEY));
        }
        let asked = self.said.hello.as_ref().map(|asked| &asked.session);
        let echoed = !hello.session.is_empty() && asked == Some(&hello.session);
        match (self.full, echoed || self.changed(!client_is_a)) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }
}
