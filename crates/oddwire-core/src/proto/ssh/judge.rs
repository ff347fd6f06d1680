//! Judges a log-in from outside: by sizes and order of the packets that nobody can read.
//!
//! What makes that possible is that the protocol leaves no choice. The client asks for the service of log-ins; the
//! server grants it by 17 bytes. Each request of the client is then answered: by a refusal, whose list of methods
//! hardly ever changes, so that all refusals have one size; by a question or the consent to a key; or by one byte that says
//! success, the smallest packet that a server can send. The sizes on the wire follow from cipher and integrity code, which
//! both sides agreed on in the clear.

use super::ruler::Ruler;
use super::sizes::Shape;

/// Requests of a session that are kept for the judgement.
pub const MOST_EXCHANGES: usize = 64;
/// Sealed bytes after which a session must be a logged-in one, or is never judged.
const MOST_BYTES: u64 = 64 << 10;
/// Exchanges, none of them a refusal, after which somebody must be in.
const BUSY_EXCHANGES: usize = 8;
/// What a server may pad to, whatever its cipher asks for; the least size of a packet besides.
const WIDE_BLOCK: u32 = 16;

/// Payload bytes of messages: success, "service accepted", a refusal (least and most).
const SUCCESS: u32 = 1;
const SERVICE_ACCEPT: u32 = 17;
const REFUSAL: [u32; 2] = [13, 128];
/// The longest payload of a request without any proof (method "none") that is taken for one: a name of 8 bytes.
const BARE_REQUEST: u32 = 39;
/// The same when the next request is longer by more than such bytes.
const BARE_AT_MOST: u32 = 70;
const PROOF: u32 = 16;
/// Bytes that the consent to a key lacks of the offer: least and most.
const CONSENT_LACKS: [u32; 2] = [24, 60];

/// One request, as far as it can be seen: what the client said, and all that the server said then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Exchange {
    asked: u32,
    first: u32,
    last: u32,
    total: u32,
}

impl Exchange {
    fn has(&self, size: u32) -> bool {
        [self.total, self.first, self.last].contains(&size)
    }
}

/// What a judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A packet of the size of "success".
    Success,
    /// Traffic as only a logged-in session has.
    Traffic,
    /// Refusals and nothing else.
    Refusals,
}

/// A judgement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) login: Option<bool>,
    pub(super) sign: Option<Sign>,
    pub(super) tries: Option<u32>,
    /// Bytes of a refusal on the wire.
    pub(super) refusal_bytes: Option<u32>,
    pub(super) exchanges: u32,
}

/// Gathers exchanges.
#[derive(Debug, Default)]
pub(super) struct Judge {
    /// Of client and server.
    shapes: [Option<Shape>; 2],
    compressed: bool,
    rulers: [Ruler; 2],
    served: bool,
    now: Exchange,
    exchanges: Vec<Exchange>,
    bytes: u64,
    gaps: bool,
}

impl Judge {
    pub(super) fn new(shapes: [Option<Shape>; 2], compressed: bool) -> Self {
        Self { shapes, compressed, ..Self::default() }
    }

    /// Hears sealed bytes; `true` when the judgement stands.
    pub(super) fn hear(&mut self, server: bool, bytes: &[u8], wire: u32, gap: bool) -> bool {
        let side = usize::from(server);
        self.bytes += u64::from(wire);
        self.gaps |= gap;
        let shape = self.shapes.get(side).copied().flatten().filter(|shape| shape.clear_length);
        let whole = wire as usize == bytes.len() && !gap;
        let measured = match (shape, self.rulers.get_mut(side)) {
            (Some(shape), Some(ruler)) if whole && !ruler.lost => Some((shape, *ruler)),
            (_, Some(ruler)) => {
                ruler.lost = true;
                None
            }
            _ => None,
        };
        let Some((shape, mut ruler)) = measured else { return self.packet(server, wire) };
        let mut rest = bytes;
        let mut stands = false;
        while !rest.is_empty() && !stands {
            match ruler.take(&mut rest, shape.behind()) {
                Some(length) => stands = self.packet(server, length),
                None if ruler.lost => stands = self.packet(server, rest.len() as u32),
                None => {}
            }
            if ruler.lost {
                break;
            }
        }
        if let Some(place) = self.rulers.get_mut(side) {
            *place = ruler;
        }
        stands
    }

    /// Takes a packet, or what must be taken for one.
    fn packet(&mut self, server: bool, size: u32) -> bool {
        if server {
            if self.now.asked > 0 {
                if self.now.total == 0 {
                    self.now.first = size;
                }
                self.now.last = size;
                self.now.total = self.now.total.saturating_add(size);
            }
            return self.bytes > MOST_BYTES;
        }
        let stands = self.now.total > 0 && self.close();
        self.now.asked = self.now.asked.saturating_add(size);
        stands || self.bytes > MOST_BYTES
    }

    /// Ends an exchange: the client goes on. `true` when that was the one that let it in.
    fn close(&mut self) -> bool {
        let now = std::mem::take(&mut self.now);
        let now = if self.served { Some(now) } else { self.serve(now) };
        self.served = true;
        let Some(now) = now else { return false };
        self.exchanges.push(now);
        self.accepts(&now) || self.exchanges.len() >= MOST_EXCHANGES
    }

    /// The first exchange: the service of log-ins. A client may ask for a
    /// log-in in the same breath: then the answer to that is left.
    fn serve(&self, now: Exchange) -> Option<Exchange> {
        let shape = self.shape()?;
        for block in [shape.block(), WIDE_BLOCK] {
            let accept = shape.sealed(SERVICE_ACCEPT, block);
            if now.total == accept || now.last == accept {
                return None;
            }
            let rest = now.total.saturating_sub(accept);
            let fits = rest == shape.sealed(SUCCESS, block) || is_refusal(shape, rest);
            if now.first == accept || fits && now.first == now.total {
                let first = if now.last == now.total { rest } else { now.last };
                return Some(Exchange { asked: 0, first, last: first, total: rest });
            }
        }
        None
    }

    /// The shape of the server's packets.
    fn shape(&self) -> Option<Shape> {
        let [_, server] = self.shapes;
        server.filter(|_| !self.compressed)
    }

    /// Whether the answer has the size of "success".
    fn accepts(&self, exchange: &Exchange) -> bool {
        let Some(shape) = self.shape() else { return false };
        [shape.block(), WIDE_BLOCK].iter().any(|&block| exchange.has(shape.sealed(SUCCESS, block)))
    }

    /// The judgement on all that was heard.
    pub(super) fn verdict(&mut self) -> Verdict {
        if self.served && self.now.total > 0 {
            self.exchanges.push(std::mem::take(&mut self.now));
        }
        let heard = &self.exchanges;
        let refusal = self.shape().and_then(|shape| refusal_size(shape, heard));
        let refused = |exchange: &Exchange| refusal.is_some_and(|size| exchange.has(size));
        let accepted = heard.iter().position(|exchange| self.accepts(exchange));
        let before = heard.get(..accepted.unwrap_or(heard.len())).unwrap_or(heard);
        let since = before.iter().rev().take_while(|exchange| !refused(exchange)).count();
        let busy = accepted.is_none()
            && (since >= BUSY_EXCHANGES || self.bytes > MOST_BYTES && since > 0 && !self.gaps);
        let mut refusals = before.iter().filter(|exchange| refused(exchange)).count();
        refusals += usize::from(accepted.is_none() && !busy && self.ends_in_refusal(refusal));
        let bare = heard.first().is_some_and(|first| refused(first) && self.is_bare(first, heard.get(1)));
        let tries = refusals.saturating_sub(usize::from(bare));
        let (login, sign) = match (accepted, busy) {
            (Some(_), _) => (Some(true), Some(Sign::Success)),
            (None, true) => (Some(true), Some(Sign::Traffic)),
            (None, false) if tries > 0 && !self.gaps => (Some(false), Some(Sign::Refusals)),
            _ => (None, None),
        };
        let tries = tries + usize::from(login == Some(true));
        Verdict {
            login,
            sign,
            tries: (!heard.is_empty() && (login.is_some() || !self.gaps && refusal.is_some()))
                .then_some(tries as u32),
            refusal_bytes: refusal.filter(|_| refusals > 0),
            exchanges: heard.len() as u32,
        }
    }

    /// Whether the first request had no proof in it: clients ask so for the methods that there are.
    fn is_bare(&self, first: &Exchange, next: Option<&Exchange>) -> bool {
        let [Some(shape), _] = self.shapes else { return false };
        let most = |payload| shape.sealed(payload, shape.block());
        first.asked <= most(BARE_REQUEST)
            || first.asked <= most(BARE_AT_MOST)
                && next.is_some_and(|next| next.asked > first.asked.saturating_add(PROOF))
    }

    /// Whether the server's last word is no answer of any known size, to a request that it refused before: it has enough.
    fn ends_in_refusal(&self, refusal: Option<u32>) -> bool {
        let Some((last, before)) = self.exchanges.split_last() else { return false };
        let Some(size) = refusal.filter(|&size| !last.has(size)) else { return false };
        before.iter().any(|earlier| earlier.has(size) && earlier.asked == last.asked)
            && !before.iter().any(|earlier| earlier.total == last.total)
    }

    pub(super) const fn held(&self) -> usize {
        self.exchanges.capacity() * size_of::<Exchange>()
    }
}

fn is_refusal(shape: Shape, size: u32) -> bool {
    let [least, most] = REFUSAL.map(|payload| shape.sealed(payload, shape.block()));
    (least..=most).contains(&size)
}

/// The size of a refusal: the one that answers most often; the first one, where none comes twice. A greeting may have
/// come with the first.
fn refusal_size(shape: Shape, heard: &[Exchange]) -> Option<u32> {
    let first = heard.first()?;
    let mut best: Option<(usize, u32)> = None;
    for (index, exchange) in heard.iter().enumerate() {
        if heard.get(index + 1).is_some_and(|next| is_consent(exchange, next)) {
            continue;
        }
        for size in [exchange.last, exchange.total] {
            let times = heard.iter().filter(|other| other.has(size)).count();
            if is_refusal(shape, size) && best.is_none_or(|(most, _)| times > most) {
                best = Some((times, size));
            }
        }
    }
    let (times, size) = best?;
    let greeted = heard.get(1).filter(|second| {
        let consents = heard.get(2).is_some_and(|third| is_consent(second, third));
        let greeting = first.total >= second.total + shape.sealed(SUCCESS, shape.block());
        is_refusal(shape, second.total) && greeting && !consents
    });
    match greeted {
        Some(second) if times == 1 && first.first == first.total => Some(second.total),
        _ => Some(size),
    }
}

/// Whether an answer is the consent to a key: it repeats the request but for about as much as a name and the words
/// around it, and what follows is longer by the signature.
const fn is_consent(offer: &Exchange, signed: &Exchange) -> bool {
    let less = offer.asked.saturating_sub(offer.total);
    less >= CONSENT_LACKS[0] && less <= CONSENT_LACKS[1] && signed.asked > offer.asked
}
