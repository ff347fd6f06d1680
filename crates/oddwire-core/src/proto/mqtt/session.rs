//! One session: a client's CONNECT, its answer, and what followed at first.

use super::PORT;
use super::packet::{self, Connect, Header, Start, VERSION_5};
use crate::proto::{Moment, Out, Piece};

/// What is said of a session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    pub(super) connect: Option<Box<Connect>>,
    pub(super) answer: Option<Answer>,
    /// Messages that the client published, and that it was sent.
    pub(super) published: [u32; 2],
    pub(super) subscribed: u32,
    pub(super) published_topic: Option<Box<str>>,
    pub(super) subscribed_topic: Option<Box<str>>,
    pub(super) packets: u32,
}

/// The answer to a CONNECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) at: Moment,
    pub(super) code: u8,
    pub(super) session_present: bool,
    pub(super) latency_ns: Option<u64>,
}

/// A session under way.
#[derive(Debug, Default)]
pub(super) struct Session {
    said: Said,
    at: Option<Moment>,
    client_is_a: Option<bool>,
    /// Packets of the whole flow.
    pub(super) packets: u32,
}

impl Session {
    /// Takes a packet; `false` when the session is over.
    pub(super) fn take(
        &mut self,
        header: Header,
        body: &[u8],
        began: Moment,
        piece: &Piece<'_>,
        out: &mut Out<'_, Said>,
    ) -> bool {
        let from_a = piece.from_a;
        if header.kind == packet::CONNECT {
            self.say(out);
            self.connect(body, began, from_a);
        }
        self.packets += 1;
        self.said.packets += 1;
        self.at.get_or_insert(began);
        match header.kind {
            packet::CONNACK => self.answer(body, began, from_a),
            packet::PUBLISH => {
                let client = *self.client_is_a.get_or_insert((piece.to_port() == PORT) == from_a);
                let [sent, received] = &mut self.said.published;
                *(if client == from_a { sent } else { received }) += 1;
                if self.said.published_topic.is_none() {
                    self.said.published_topic = header.topic(body, self.version());
                }
            }
            packet::SUBSCRIBE => {
                self.client_is_a.get_or_insert(from_a);
                self.said.subscribed += 1;
                if self.said.subscribed_topic.is_none() {
                    self.said.subscribed_topic = header.topic(body, self.version());
                }
            }
            packet::DISCONNECT => {
                self.say(out);
                return false;
            }
            _ => {}
        }
        true
    }

    /// Takes what there is of a CONNECT packet whose rest the capture lacks. Its answer may have come
    /// already.
    pub(super) fn take_part(&mut self, bytes: &[u8], began: Moment, from_a: bool) {
        let Start::Header(header) = Header::read(bytes) else { return };
        if header.kind == packet::CONNECT && self.said.connect.is_none() {
            self.connect(bytes.get(header.length..).unwrap_or(&[]), began, from_a);
            self.said.packets += 1;
        }
    }

    fn connect(&mut self, body: &[u8], began: Moment, from_a: bool) {
        if let Some(connect) = Connect::read(body) {
            (self.at, self.client_is_a) = (Some(began), Some(from_a));
            self.said.connect = Some(Box::new(connect));
        }
    }

    fn answer(&mut self, body: &[u8], began: Moment, from_a: bool) {
        self.client_is_a.get_or_insert(!from_a);
        if let ([flags, code, ..], None) = (body, self.said.answer) {
            let asked = self.said.connect.is_some().then_some(self.at).flatten();
            let latency = asked.map(|asked| began.time_ns.saturating_sub(asked.time_ns));
            let latency_ns = latency.and_then(|latency| u64::try_from(latency).ok());
            self.said.answer =
                Some(Answer { at: began, code: *code, session_present: flags & 1 != 0, latency_ns });
        }
    }

    fn version(&self) -> u8 {
        self.said.connect.as_ref().map_or(0, |connect| connect.version)
    }

    /// Says the session as far as it came.
    pub(super) fn say(&mut self, out: &mut Out<'_, Said>) {
        if let Some(at) = self.at.take() {
            out.say(at, self.client_is_a.unwrap_or(true), std::mem::take(&mut self.said));
        }
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        let connect = self.said.connect.as_ref().map_or(0, |connect| size_of::<Connect>() + connect.held());
        let topics = [&self.said.published_topic, &self.said.subscribed_topic];
        connect + topics.into_iter().flatten().map(|topic| topic.len()).sum::<usize>()
    }
}

impl Said {
    /// The answer's code as a word.
    pub(super) fn code(&self) -> Option<&'static str> {
        Some(match self.answer?.code {
            0 => "accepted",
            1 | 0x84 => "unacceptable_version",
            2 | 0x85 => "bad_client_id",
            3 | 0x88 => "server_unavailable",
            4 | 0x86 => "bad_user_or_password",
            5 | 0x87 => "not_authorised",
            0x80 => "unspecified_error",
            0x81 => "malformed_packet",
            0x82 => "protocol_error",
            0x83 => "implementation_error",
            0x89 => "server_busy",
            0x8a => "banned",
            0x8c => "bad_authentication_method",
            0x90 => "bad_topic",
            0x95 => "packet_too_large",
            0x97 => "quota_exceeded",
            0x99 => "bad_payload_format",
            0x9a => "no_retain",
            0x9b => "no_such_quality",
            0x9c | 0x9d => "other_server",
            0x9f => "too_many_connections",
            _ => "other",
        })
    }

    /// The version as a word.
    pub(super) fn version(&self) -> Option<&'static str> {
        Some(match self.connect.as_ref()?.version {
            3 => "3.1",
            4 => "3.1.1",
            VERSION_5 => "5",
            _ => "other",
        })
    }

    /// Whether credentials were taken.
    pub(super) fn login(&self) -> Option<&'static str> {
        let connect = self.connect.as_ref()?;
        let credentials = connect.user.is_some() || connect.has_password;
        match self.code()? {
            "bad_user_or_password" | "not_authorised" => Some("failure"),
            "accepted" if credentials => Some("success"),
            _ => None,
        }
    }
}
