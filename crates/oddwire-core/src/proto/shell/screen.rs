//! What one side shows, line by line, without the control sequences of terminals.

use super::MOST_LINE;
use super::signs::{Asked, Kind, Prompt, asked, is_identity, may_end_prompt, phrase, prompt};

/// The text of one side.
#[derive(Debug, Default)]
pub(super) struct Screen {
    line: Vec<u8>,
    /// Whether the line is longer than what is kept of it, or its beginning was lost.
    broken: bool,
    escape: Escape,
    after_return: bool,
    has_text: bool,
    /// Whether the line's prompt was counted.
    counted: bool,
    /// Whether lines are only counted and not read.
    blind: bool,
    /// The command of the last line.
    asked: Option<Asked>,
    /// Lines that are not empty.
    pub(super) lines: u32,
    /// Prompts.
    pub(super) prompts: u32,
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
            (Escape::Begun, _) | (Escape::Control, 64..=126) | (Escape::Title, 7) => self.escape = Escape::None,
            (Escape::Control | Escape::Title, _) => {}
        }
        None
    }

    fn show(&mut self, byte: u8) -> Option<Kind> {
        self.has_text |= byte > b' ';
        if self.blind || self.broken {
            return None;
        }
        if matches!(byte, 8 | 127) {
            self.line.pop();
        } else if self.line.len() >= MOST_LINE {
            self.broken = true;
            self.line = Vec::new();
        } else if byte >= b' ' || byte == b'\t' {
            let before = self.line.last().copied();
            self.line.push(byte);
            if !self.counted && may_end_prompt(before, byte) {
                return self.count_sure();
            }
        }
        None
    }

    fn count_sure(&mut self) -> Option<Kind> {
        let Some(Prompt::Sure(kind)) = prompt(&self.line) else { return None };
        self.counted = true;
        self.prompts = self.prompts.saturating_add(1);
        Some(kind)
    }

    fn end_line(&mut self, answered: Option<Asked>) -> Option<Kind> {
        let sign = if self.blind || self.broken { None } else { self.sign(answered) };
        if self.has_text {
            self.asked = if self.blind { None } else { asked(&self.line) };
            self.lines = self.lines.saturating_add(1);
        }
        self.line.clear();
        (self.broken, self.has_text, self.counted) = (false, false, false);
        sign
    }

    fn sign(&self, answered: Option<Asked>) -> Option<Kind> {
        let answers = answered.is_some_and(|asked| asked.is_answered_by(&self.line));
        if answers || is_identity(&self.line) { Some(Kind::Unix) } else { phrase(&self.line) }
    }

    /// The other side speaks, or the flow is over: a bare prompt was one. The answer is whether it was.
    pub(super) fn wait(&mut self) -> bool {
        let bare = !self.counted && self.is_bare();
        if bare {
            self.counted = true;
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
        (self.blind, self.asked) = (true, None);
        self.line = Vec::new();
    }

    /// Bytes were lost.
    pub(super) fn lose(&mut self) {
        self.line.clear();
        (self.broken, self.asked, self.escape) = (true, None, Escape::None);
    }

    /// Bytes of memory.
    pub(super) const fn held(&self) -> usize {
        self.line.capacity()
    }
}
