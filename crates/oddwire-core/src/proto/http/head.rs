//! The head of a message, read laxly: what is odd or cut off is to be told as well.

/// A head: its first line, and the lines behind it.
#[derive(Debug, Clone, Copy)]
pub(in crate::proto) struct Head<'a> {
    /// The first line without its end.
    pub(in crate::proto) line: &'a [u8],
    fields: &'a [u8],
}

impl<'a> Head<'a> {
    /// Reads a head. Of one that was cut off the last line is not trusted, unless it is the first.
    pub(in crate::proto) fn read(bytes: &'a [u8], cut: bool) -> Self {
        let (line, mut fields) = match bytes.iter().position(|&byte| byte == b'\n') {
            Some(end) => (bytes.get(..end).unwrap_or(&[]), bytes.get(end + 1..).unwrap_or(&[])),
            None => (bytes, &[][..]),
        };
        if cut {
            let whole = fields.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
            fields = fields.get(..whole).unwrap_or(&[]);
        }
        Self { line: line.trim_ascii_end(), fields }
    }

    /// Its fields: name and value. Lines that go on with the one before, and lines without a name, are passed
    /// over.
    pub(in crate::proto) fn fields(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.fields.split(|&byte| byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            let folded = line.first().is_some_and(u8::is_ascii_whitespace);
            (colon > 0 && !folded)
                .then(|| (name.trim_ascii_end(), value.get(1..).unwrap_or(&[]).trim_ascii()))
        })
    }
}

/// A field's name in lower case, to be matched; empty where it is longer than any that is looked for.
pub(in crate::proto) fn lower<'b>(name: &[u8], buffer: &'b mut [u8; 24]) -> &'b [u8] {
    let Some(place) = buffer.get_mut(..name.len()) else { return &[] };
    place.copy_from_slice(name);
    place.make_ascii_lowercase();
    place
}

/// The value of a parameter in `word; name="value"; other=value`, its quotation marks taken off.
pub(super) fn parameter<'a>(text: &'a [u8], name: &[u8], between: u8) -> Option<&'a [u8]> {
    text.split(|&byte| byte == between).find_map(|part| {
        let part = part.trim_ascii_start();
        let (start, rest) = part.split_at_checked(name.len())?;
        let value = rest.trim_ascii().strip_prefix(b"=")?.trim_ascii();
        let value = value.strip_prefix(b"\"").unwrap_or(value);
        start.eq_ignore_ascii_case(name).then(|| value.strip_suffix(b"\"").unwrap_or(value))
    })
}

/// Where a head ends: finds the empty line, however the bytes are cut up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// Within a line.
    #[default]
    Inside,
    /// Right behind the end of a line.
    After,
    /// Behind the end of a line and a carriage return.
    AfterReturn,
}

impl LineEnd {
    /// The place behind the empty line, if it is among these bytes.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        for (place, &byte) in bytes.iter().enumerate() {
            *self = match (*self, byte) {
                (Self::After | Self::AfterReturn, b'\n') => {
                    *self = Self::Inside;
                    return Some(place + 1);
                }
                (_, b'\n') => Self::After,
                (Self::After, b'\r') => Self::AfterReturn,
                _ => Self::Inside,
            };
        }
        None
    }
}
