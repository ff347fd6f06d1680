//! What is heard of a session, whether it comes by stream or by datagrams.

/// Kinds of records.
pub(super) mod content {
    pub(in crate::proto::tls) const CHANGE_CIPHER: u8 = 20;
    pub(in crate::proto::tls) const ALERT: u8 = 21;
    pub(in crate::proto::tls) const HANDSHAKE: u8 = 22;
    pub(in crate::proto::tls) const DATA: u8 = 23;
}

/// Kinds of handshake messages.
pub(in crate::proto) mod message {
    pub(in crate::proto) const CLIENT_HELLO: u8 = 1;
    pub(in crate::proto) const SERVER_HELLO: u8 = 2;
    pub(in crate::proto) const CERTIFICATE: u8 = 11;
    pub(in crate::proto) const SERVER_KEY: u8 = 12;
    pub(in crate::proto) const SERVER_DONE: u8 = 14;

    /// Whether anything but its kind is of interest.
    pub(in crate::proto) const fn is_read(kind: u8) -> bool {
        matches!(kind, CLIENT_HELLO | SERVER_HELLO | CERTIFICATE | SERVER_KEY)
    }
}

/// What is heard.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event<'a> {
    /// A record begins.
    Record { kind: u8, length: u16 },
    /// A handshake message without its head; it may lack its end.
    Message { kind: u8, body: &'a [u8] },
    /// The first message of a client that would also speak SSL 2, from its kind on.
    OldHello { body: &'a [u8] },
    /// A readable alert.
    Alert { level: u8, what: u8 },
}
