//! What one side shows, line by line, without the control sequences of terminals.

use super::MOST_LINE;
use super::signs::{Asked, Kind, Prompt, asked, is_identity, may_end_prompt, phrase, prompt};

/// The text of one side.
#[derive(Debug, Default)]
pub(super) struct Screen {
    line: Vec<u8>,
    reading: Reading,
    escape: Escape,
    after_return: bool,
    has_text: bool,
    /// The command of the last line.
    asked: Option<Asked>,
    /// Lines that are not empty.
    pub(super) lines: u32,
    /// Prompts.
    pub(super) prompts: u32,
}

/// What is read of the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Reading {
    #[default]
    All,
    /// All, and its prompt was counted.
    Counted,
    /// Nothing more: it is longer than what is kept, or its beginning was lost.
    Broken,
    /// Nothing of any line: lines are only counted.
    Blind,
}

/// How far a control sequence has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Control,
    /// A title, up to the bell.
    Title,
}

impl Screen {
    /// Takes a byte; the answer is a sign of a shell. `answered` is what the other side asked for.
    pub(super) fn take(&mut self, byte: u8, answered: Option<Asked>) -> Option<Kind> {
        let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        match (self.escape, byte) {
            (_, b'\r' | b'\n') => {
                self.escape = Escape::None;
                if byte == b'\r' || !after_return {
                    return self.end_line(answered);
                }
            }
            (Escape::None | Escape::Title, 27) => self.escape = Escape::Begun,
            (Escape::None, _) => return self.show(byte),
            (Escape::Begun, b'[') => self.escape = Escape::Control,
            (Escape::Begun, b']') => self.escape = Escape::Title,
            (Escape::Begun, _) | (Escape::Control, 64..=126) | (Escape::Title, 7) => {
                self.escape = Escape::None;
            }
            (Escape::Control | Escape::Title, _) => {}
        }
        None
    }

    fn reads(&self) -> bool {
        matches!(self.reading, Reading::All | Reading::Counted)
    }

    fn show(&mut self, byte: u8) -> Option<Kind> {
        self.has_text |= byte > b' ';
        if !self.reads() {
            return None;
        }
        if matches!(byte, 8 | 127) {
            self.line.pop();
        } else if self.line.len() >= MOST_LINE {
            self.reading = Reading::Broken;
            self.line = Vec::new();
        } else if byte >= b' ' || byte == b'\t' {
            let before = self.line.last().copied();
            self.line.push(byte);
            if self.reading == Reading::All && may_end_prompt(before, byte) {
                return self.count_sure();
            }
        }
        None
    }

    fn count_sure(&mut self) -> Option<Kind> {
        let Some(Prompt::Sure(kind)) = prompt(&self.line) else { return None };
        self.reading = Reading::Counted;
        self.prompts = self.prompts.saturating_add(1);
        Some(kind)
    }

    fn end_line(&mut self, answered: Option<Asked>) -> Option<Kind> {
        let sign = if self.reads() { self.sign(answered) } else { None };
        if self.has_text {
            self.asked = if self.reads() { asked(&self.line) } else { None };
            self.lines = self.lines.saturating_add(1);
        }
        self.line.clear();
        self.has_text = false;
        if self.reading != Reading::Blind {
            self.reading = Reading::All;
        }
        sign
    }

    fn sign(&self, answered: Option<Asked>) -> Option<Kind> {
        let answers = answered.is_some_and(|asked| asked.is_answered_by(&self.line));
        if answers || is_identity(&self.line) { Some(Kind::Unix) } else { phrase(&self.line) }
    }

    /// The other side speaks, or the flow is over: a bare prompt was one. The answer is whether it was.
    pub(super) fn wait(&mut self) -> bool {
        let bare = self.reading == Reading::All && self.is_bare();
        if bare {
            self.reading = Reading::Counted;
            self.prompts = self.prompts.saturating_add(1);
        }
        bare
    }

    /// Whether it stands at a bare prompt.
    pub(super) fn is_bare(&self) -> bool {
        prompt(&self.line) == Some(Prompt::Bare)
    }

    /// The line that goes no further yet.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// What the last line asked for.
    pub(super) const fn asked(&self) -> Option<Asked> {
        self.asked
    }

    /// From now on only counts lines: what the other side types concerns nobody.
    pub(super) fn shut(&mut self) {
        (self.reading, self.asked) = (Reading::Blind, None);
        self.line = Vec::new();
    }

    /// Bytes were lost.
    pub(super) fn lose(&mut self) {
        self.line.clear();
        (self.asked, self.escape) = (None, Escape::None);
        if self.reading != Reading::Blind {
            self.reading = Reading::Broken;
        }
    }

    /// Bytes of memory.
    pub(super) const fn held(&self) -> usize {
        self.line.capacity()
    }
}
