//! Passes over messages without keeping them: up to the line of one dot, or by their stated length.

/// How far a line has come that could be the end of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    LineStart,
    Dot,
    Return,
    Inside,
}

/// A message that is being passed over.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Body(Place);

impl Body {
    /// Takes bytes off the front up to the end of the message: how many belong to it, and whether it ended.
    pub(super) fn take(&mut self, rest: &mut &[u8]) -> (usize, bool) {
        let mut taken = 0;
        while let Some((&byte, behind)) = rest.split_first() {
            self.0 = match (self.0, byte) {
                (Place::Dot | Place::Return, b'\n') => {
                    *rest = behind;
                    return (taken + 1, true);
                }
                (Place::LineStart, b'.') => Place::Dot,
                (Place::Dot, b'\r') => Place::Return,
                (_, b'\n') => Place::LineStart,
                _ => {
                    let count = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()).max(1);
                    taken += count;
                    *rest = rest.get(count..).unwrap_or(&[]);
                    self.0 = Place::Inside;
                    continue;
                }
            };
            taken += 1;
            *rest = behind;
        }
        (taken, false)
    }

    /// Bytes were lost.
    pub(super) const fn lose(&mut self) {
        self.0 = Place::Inside;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_at_a_line_of_one_dot() {
        let message = b"From: x\r\n\r\n..\r\n.x\r\nlast.\r\n.\r\nQUIT\r\n";
        for most in 1..message.len() {
            let mut body = Body::default();
            let (mut total, mut left) = (0, Vec::new());
            let mut over = false;
            for part in message.chunks(most) {
                let mut rest = part;
                if !over {
                    let (count, end) = body.take(&mut rest);
                    total += count;
                    over = end;
                }
                left.extend_from_slice(rest);
            }
            assert_eq!((total, &left[..]), (message.len() - 6, &b"QUIT\r\n"[..]), "{most}");
        }
    }
}
