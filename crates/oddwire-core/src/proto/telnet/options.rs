//! Takes the commands of Telnet (RFC 854) out of a direction's bytes: what is left is text.

/// Bytes of an option's words that are kept.
const MOST_KEPT: usize = 256;
/// Bytes after which words without an end count as text again.
const MOST_WORDS: usize = 4_096;

const IAC: u8 = 255;
const SUB: u8 = 250;
const SUB_END: u8 = 240;
const WILL: u8 = 251;
const DO: u8 = 253;
const LAST_VERB: u8 = 254;
/// The highest option that is in use.
const LAST_OPTION: u8 = 49;
const ECHO: u8 = 1;
const TERMINAL_TYPE: u8 = 24;
const ENVIRONMENT: u8 = 39;
/// Options that a server asks a client for: terminal type, window, speed, display, environments.
const OF_CLIENTS: [u8; 6] = [24, 31, 32, 35, 36, 39];

/// What a byte brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Nothing,
    Text(u8),
    /// The words of an option are whole.
    Words,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    Command,
    Option,
    Words,
    WordsCommand,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Options {
    place: Place,
    words: Vec<u8>,
    seen: usize,
}

impl Options {
    /// Takes a byte.
    pub(super) fn take(&mut self, byte: u8) -> Event {
        let (place, event) = match (self.place, byte) {
            (Place::Text, IAC) => (Place::Command, Event::Nothing),
            (Place::Command, SUB) => {
                self.words = Vec::new();
                self.seen = 0;
                (Place::Words, Event::Nothing)
            }
            (Place::Command, WILL..=LAST_VERB) => (Place::Option, Event::Nothing),
            (Place::Text, _) | (Place::Command, IAC) => (Place::Text, Event::Text(byte)),
            (Place::Command | Place::Option, _) => (Place::Text, Event::Nothing),
            (Place::Words, IAC) => (Place::WordsCommand, Event::Nothing),
            (Place::WordsCommand, SUB_END) => (Place::Text, Event::Words),
            (Place::Words | Place::WordsCommand, _) => (self.keep(byte), Event::Nothing),
        };
        self.place = place;
        event
    }

    fn keep(&mut self, byte: u8) -> Place {
        self.seen += 1;
        if self.words.len() < MOST_KEPT {
            self.words.push(byte);
        }
        if self.seen > MOST_WORDS { Place::Text } else { Place::Words }
    }

    /// Bytes were lost.
    pub(super) fn lose(&mut self) {
        self.place = Place::Text;
    }

    /// The type of terminal that was just said.
    pub(super) fn terminal_type(&self) -> Option<&[u8]> {
        self.words.strip_prefix(&[TERMINAL_TYPE, 0]).filter(|name| !name.is_empty())
    }

    /// The user in the environment that was just said.
    pub(super) fn user(&self) -> Option<&[u8]> {
        let [ENVIRONMENT, 0 | 2, variables @ ..] = &self.words[..] else { return None };
        let mut parts = variables.split(|&byte| byte <= 3);
        parts.find(|&part| part == b"USER")?;
        parts.next().filter(|name| !name.is_empty())
    }

    /// Bytes of memory.
    pub(super) const fn held(&self) -> usize {
        self.words.capacity()
    }
}

/// What the options at the beginning of a direction say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Opened {
    /// Options in a row that are whole.
    pub(super) count: usize,
    /// Whether something that is no option follows within the first three.
    pub(super) broken: bool,
    /// Whether the sender is the server, where that can be told.
    pub(super) by_server: Option<bool>,
}

/// Reads the options that a direction begins with.
pub(super) fn opened(bytes: &[u8]) -> Opened {
    let mut opened = Opened::default();
    let mut rest = bytes;
    while let [IAC, second, behind @ ..] = rest {
        rest = match (*second, behind) {
            (WILL..=LAST_VERB, [option, behind @ ..]) if *option <= LAST_OPTION => {
                let asks = *second == DO && OF_CLIENTS.contains(option) || *second == WILL && *option == ECHO;
                let offers =
                    *second == WILL && OF_CLIENTS.contains(option) || *second == DO && *option == ECHO;
                if asks || offers {
                    opened.by_server.get_or_insert(asks);
                }
                behind
            }
            (SUB, [option, behind @ ..]) if *option <= LAST_OPTION => {
                let end = behind.windows(2).position(|pair| pair == [IAC, SUB_END]);
                end.and_then(|end| behind.get(end + 2..)).unwrap_or(&[])
            }
            (WILL..=LAST_VERB | SUB, []) => return opened,
            _ => {
                opened.broken = true;
                return opened;
            }
        };
        opened.count += 1;
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_left_and_words_are_kept() {
        let mut options = Options::default();
        let mut text = Vec::new();
        let mut types = Vec::new();
        for &byte in b"\xff\xfd\x18a\xff\xfa\x18\x00XTERM\xff\xf0b\xff\xffc\xff\xf1" {
            match options.take(byte) {
                Event::Text(byte) => text.push(byte),
                Event::Words => types.push(options.terminal_type().unwrap().to_vec()),
                Event::Nothing => {}
            }
        }
        assert_eq!((&text[..], types), (&b"ab\xffc"[..], vec![b"XTERM".to_vec()]));
    }

    #[test]
    fn an_environment_tells_its_user() {
        let mut options = Options::default();
        for &byte in b"\xff\xfa\x27\x00\x00DISPLAY\x01x:0\x00USER\x01-froot\xff\xf0" {
            options.take(byte);
        }
        assert_eq!(options.user(), Some(&b"-froot"[..]));
    }
}
