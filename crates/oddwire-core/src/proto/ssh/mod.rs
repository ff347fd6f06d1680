//! SSH: who talks to whom with what software and what ciphers, and whether somebody got in.
//!
//! Of each side a banner of [`MOST_BANNER`] bytes, one offer and at most one message of [`MOST_MESSAGE`]
//! bytes are held, and [`MOST_EXCHANGES`] sizes for the judgement; of what is sealed nothing but sizes. A
//! session is left alone as soon as the judgement on its log-in stands.

mod columns;
mod judge;
mod offer;
mod plain;
mod ruler;
mod sizes;

pub use judge::MOST_EXCHANGES;
pub use plain::{MOST_BANNER, MOST_MESSAGE};

use crate::column::Column;
use crate::flow::key::FlowKey;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use judge::{Judge, Verdict};
use offer::{CIPHER, COMPRESSION, HOST_KEY, KEX, MAC, Offer, agreed};
use plain::{Side, Stage};
use sizes::Shape;

const SSH_PORT: u16 = 22;
const MARK: &[u8] = b"SSH-";
/// Bytes before the server's banner that a probe waits for.
const MOST_PREFACE: usize = 512;

/// Listens to SSH.
#[derive(Debug, Default)]
pub struct Ssh {
    began: Option<Moment>,
    /// Of `a`, and of `b`.
    sides: [Side; 2],
    first_is_a: Option<bool>,
    client_is_a: Option<bool>,
    judge: Option<Box<Judge>>,
    /// Bytes that the capture cut from the packet before, of each side.
    cut: [u32; 2],
    key: FlowKey,
}

/// What a connection says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// Of the client, and of the server.
    banners: [Option<Box<str>>; 2],
    offers: [Option<Offer>; 2],
    version: Option<u8>,
    client_first: Option<bool>,
    host_key: Option<Box<str>>,
    sealed: bool,
    verdict: Verdict,
}

impl Parser for Ssh {
    type Said = Said;

    const NAME: &'static str = "ssh";
    const ROW: &'static str =
        "a connection: both banners, the ciphers agreed on, and a judgement on the log-in";
    const CARRIED: bool = true;
    const BRIEF: &'static [&'static str] =
        &["client_banner", "server_banner", "hassh", "login", "login_tries"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if !opening.is_over(transport::TCP) {
            return Probe::No;
        }
        let Opening { bytes, other, .. } = *opening;
        if is_banner(bytes) || is_banner(other) {
            return Probe::Yes;
        }
        let short = bytes.len() < MARK.len() + 2 && starts_alike(bytes);
        let hint = opening.has_port(SSH_PORT) && bytes.len() + other.len() < MOST_PREFACE;
        if has_banner_behind(bytes) {
            Probe::Yes
        } else if short || hint && is_text(bytes) {
            Probe::More
        } else {
            Probe::No
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.began.get_or_insert(piece.at);
        self.first_is_a.get_or_insert(piece.from_a);
        self.key = *piece.key;
        let index = usize::from(!piece.from_a);
        let Some(cut) = self.cut.get_mut(index) else { return Next::More };
        let gap = piece.missing > *cut;
        *cut = piece.cut;
        let Some(side) = self.sides.get_mut(index) else { return Next::More };
        if side.stage != Stage::Sealed {
            let sealed = if piece.missing > 0 { 0 } else { side.take(piece.bytes) };
            if piece.missing > 0 || side.stage == Stage::Lost || piece.cut > 0 {
                return self.finish(out);
            }
            if self.is_first_version() {
                return self.finish(out);
            }
            self.learn_client();
            let rest = piece.bytes.len().saturating_sub(sealed);
            return self.hear(piece, piece.bytes.get(rest..).unwrap_or(&[]), false, out);
        }
        self.hear(piece, piece.bytes, gap, out)
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        self.finish(out);
    }

    fn held(&self) -> usize {
        let judge = self.judge.as_ref().map_or(0, |judge| size_of::<Judge>() + judge.held());
        judge + self.sides.iter().map(Side::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Whether bytes begin with a banner: `SSH-2.0-`, `SSH-1.99-`.
fn is_banner(bytes: &[u8]) -> bool {
    match bytes.strip_prefix(MARK) {
        Some([major, b'.', ..]) => major.is_ascii_digit(),
        _ => false,
    }
}

fn starts_alike(bytes: &[u8]) -> bool {
    MARK.starts_with(bytes) || bytes.starts_with(MARK)
}

/// A server may say other lines before its banner.
fn has_banner_behind(bytes: &[u8]) -> bool {
    let end = bytes.len().min(MOST_PREFACE * 2);
    let bytes = bytes.get(..end).unwrap_or(bytes);
    bytes.split_inclusive(|&byte| byte == b'\n').skip(1).any(is_banner) && is_text_until_banner(bytes)
}

fn is_text_until_banner(bytes: &[u8]) -> bool {
    bytes.split_inclusive(|&byte| byte == b'\n').take_while(|line| !is_banner(line)).all(is_text)
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == b'\t' || byte == b'\r' || byte == b'\n' || (32..127).contains(&byte))
}

impl Ssh {
    /// Sealed bytes of a side go to the judge, once the ciphers are known.
    fn hear(&mut self, piece: &Piece<'_>, sealed: &[u8], gap: bool, out: &mut Out<'_, Said>) -> Next {
        if sealed.is_empty() {
            return Next::More;
        }
        let client_is_a = self.client_is_a();
        if self.judge.is_none() {
            let [client, server] = self.offers(client_is_a);
            self.judge = Some(Box::new(judge_of(client, server)));
        }
        let Some(judge) = &mut self.judge else { return Next::More };
        let wire = sealed.len() as u32 + piece.cut;
        if judge.hear(piece.from_a != client_is_a, sealed, wire, gap) { self.finish(out) } else { Next::More }
    }

    const fn offers(&self, client_is_a: bool) -> [Option<&Offer>; 2] {
        let [a, b] = &self.sides;
        let (client, server) = if client_is_a { (a, b) } else { (b, a) };
        [client.offer.as_ref(), server.offer.as_ref()]
    }

    /// Who the client is shows in the exchange of keys: it begins that, and names what only clients name.
    fn learn_client(&mut self) {
        if self.client_is_a.is_some() {
            return;
        }
        let [a, b] = &self.sides;
        let by_kex =
            a.kex_number.map(|number| number % 2 == 0).or(b.kex_number.map(|number| number % 2 == 1));
        let mark = |side: &Side| side.offer.as_ref().and_then(Offer::is_by_server);
        self.client_is_a = by_kex.or_else(|| mark(a).map(|server| !server)).or_else(|| mark(b));
    }

    /// Whether `a` is the client; by ports while nothing else says so.
    fn client_is_a(&self) -> bool {
        let FlowKey { a_port, b_port, .. } = self.key;
        self.client_is_a.unwrap_or(match (a_port, b_port) {
            (SSH_PORT, other) if other != SSH_PORT => false,
            (other, SSH_PORT) if other != SSH_PORT => true,
            (a, b) if a != b => a > b,
            _ => self.first_is_a.unwrap_or(true),
        })
    }

    /// Both sides have said their version, and one of them is the first: nothing of that is read.
    fn is_first_version(&self) -> bool {
        let versions = self.sides.each_ref().map(Side::version);
        versions.iter().all(Option::is_some) && versions.contains(&Some(1))
    }

    /// Says the row.
    fn finish(&mut self, out: &mut Out<'_, Said>) -> Next {
        let Some(at) = self.began.take() else { return Next::Done };
        let client_is_a = self.client_is_a();
        self.sides.iter_mut().for_each(Side::end);
        let sealed = self.judge.is_some();
        let verdict = self.judge.take().map(|mut judge| judge.verdict()).unwrap_or_default();
        let [a, b] = std::mem::take(&mut self.sides);
        let [client, server] = if client_is_a { [a, b] } else { [b, a] };
        let version = match (client.version(), server.version()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let both = client.banner.is_some() && server.banner.is_some();
        let said = Said {
            version,
            client_first: both.then_some(self.first_is_a == Some(client_is_a)),
            host_key: server.host_key,
            banners: [client.banner, server.banner],
            offers: [client.offer, server.offer],
            sealed,
            verdict,
        };
        out.say(at, client_is_a, said);
        Next::Done
    }
}

/// The judge for what both sides agreed on.
fn judge_of(client: Option<&Offer>, server: Option<&Offer>) -> Judge {
    let (Some(client), Some(server)) = (client, server) else { return Judge::default() };
    let chosen = |place: usize| agreed(client.list(place), server.list(place)).unwrap_or("");
    let shape = |side: usize| Shape::of(chosen(CIPHER + side), chosen(MAC + side));
    Judge::new([shape(0), shape(1)], chosen(COMPRESSION + 1) == "zlib")
}

impl Said {
    /// What both sides agreed on from a pair of their lists.
    fn chosen(&self, place: usize) -> Option<&str> {
        let [client, server] = &self.offers;
        agreed(client.as_ref()?.list(place), server.as_ref()?.list(place))
    }

    /// The code for integrity; none is agreed on where the cipher does that itself.
    fn mac(&self) -> Option<&str> {
        let cipher = self.chosen(CIPHER)?;
        if sizes::is_whole(cipher) { Some("implicit") } else { self.chosen(MAC) }
    }
}

#[cfg(test)]
mod tests;
