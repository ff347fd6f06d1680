//! What executable content begins with.

/// Kinds of executable content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Pe,
    Elf,
    MachO,
    Script,
    PowerShell,
}

/// What first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    No,
    /// More bytes will tell.
    More,
    /// Of that kind, behind so many bytes.
    Found(What, u8),
}

/// Bytes that are waited for.
pub(super) const MOST_WAIT: usize = 1_024;
/// A stager's length: at least and at most.
const LENGTHS: std::ops::RangeInclusive<u32> = 256..=64 << 20;
/// Where the PE header may stand.
const PE_PLACES: std::ops::RangeInclusive<usize> = 0x40..=0x1000;
/// The longest first line of a script.
const MOST_LINE: usize = 128;
/// The greatest number of machines in one Mach-O file; what is more is the version of a Java class.
const MOST_MACHINES: u32 = 20;
/// Beginnings of scripts of `PowerShell`, in lower case.
const POWERSHELL: [&[u8]; 14] = [
    b"#requires -",
    b"iex (",
    b"iex(",
    b"invoke-expression ",
    b"[ref].assembly",
    b"set-strictmode -",
    b"$erroractionpreference",
    b"[reflection.assembly]",
    b"[system.reflection.assembly]",
    b"[system.net.",
    b"[net.servicepointmanager]",
    b"powershell -",
    b"powershell.exe -",
    b"function invoke-",
];

/// Judges one kind: `None` while that is open.
type Judge = fn(&[u8], bool) -> Option<bool>;

impl What {
    /// Its word.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pe => "pe",
            Self::Elf => "elf",
            Self::MachO => "macho",
            Self::Script => "script",
            Self::PowerShell => "powershell",
        }
    }
}

/// Judges the first bytes of a direction; `whole` says that no more will come.
pub(super) fn judge(bytes: &[u8], whole: bool) -> Verdict {
    let whole = whole || bytes.len() >= MOST_WAIT;
    let bare = judge_bare(bytes, 0, whole);
    if bare != Verdict::No {
        return bare;
    }
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return if whole { Verdict::No } else { Verdict::More };
    };
    if !LENGTHS.contains(&u32::from_le_bytes(*length)) {
        return Verdict::No;
    }
    match judge_bare(rest, 4, whole) {
        // Behind a length stands what is run, not what is read.
        Verdict::Found(What::Script | What::PowerShell, _) => Verdict::No,
        verdict => verdict,
    }
}

fn judge_bare(bytes: &[u8], offset: u8, whole: bool) -> Verdict {
    let judges: [(What, Judge); 5] = [
        (What::Pe, is_pe),
        (What::Elf, is_elf),
        (What::MachO, is_macho),
        (What::Script, is_script),
        (What::PowerShell, is_powershell),
    ];
    let mut verdict = Verdict::No;
    for (what, is) in judges {
        match is(bytes, whole) {
            Some(true) => return Verdict::Found(what, offset),
            Some(false) => {}
            None if whole => {}
            None => verdict = Verdict::More,
        }
    }
    verdict
}

/// Whether bytes begin so; `None` while that is open.
fn begins(bytes: &[u8], start: &[u8]) -> Option<bool> {
    let count = bytes.len().min(start.len());
    let alike = bytes.get(..count) == start.get(..count);
    if alike && count < start.len() { None } else { Some(alike) }
}

fn word(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// `MZ`, and the header at the place that it names. Where that lies beyond what is seen, the place must be usual.
fn is_pe(bytes: &[u8], whole: bool) -> Option<bool> {
    if !begins(bytes, b"MZ")? {
        return Some(false);
    }
    let place = u32::from_le_bytes(word(bytes, 0x3c)?) as usize;
    if !PE_PLACES.contains(&place) || !place.is_multiple_of(4) {
        return Some(false);
    }
    match bytes.get(place..) {
        Some(header) if header.len() >= 4 => begins(header, b"PE\0\0"),
        _ if whole => Some(bytes.windows(12).any(|part| part == b"This program")),
        _ => None,
    }
}

/// The mark, class, order of bytes, version and type.
fn is_elf(bytes: &[u8], _: bool) -> Option<bool> {
    if !begins(bytes, b"\x7fELF")? {
        return Some(false);
    }
    let [.., class, order, version] = *bytes.first_chunk::<7>()?;
    let kind: [u8; 2] = bytes.get(16..)?.first_chunk().copied()?;
    let kind = if order == 1 { u16::from_le_bytes(kind) } else { u16::from_be_bytes(kind) };
    Some(matches!(class, 1 | 2) && matches!(order, 1 | 2) && version == 1 && (1..=4).contains(&kind))
}

/// The mark with a known type, or that of several machines with their number.
fn is_macho(bytes: &[u8], _: bool) -> Option<bool> {
    if begins(bytes, &[0xca, 0xfe, 0xba, 0xbe])? {
        return Some((1..=MOST_MACHINES).contains(&u32::from_be_bytes(word(bytes, 4)?)));
    }
    let mark = word(bytes, 0)?;
    if !matches!(mark, [0xce | 0xcf, 0xfa, 0xed, 0xfe]) {
        return Some(false);
    }
    let kind = u32::from_le_bytes(word(bytes, 12)?);
    let commands = u32::from_le_bytes(word(bytes, 16)?);
    Some((1..=12).contains(&kind) && (1..=1_000).contains(&commands))
}

/// `#!/`, a path, and the end of the line.
fn is_script(bytes: &[u8], _: bool) -> Option<bool> {
    if !begins(bytes, b"#!/")? {
        return Some(false);
    }
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or(bytes);
    let printable = line.iter().all(|&byte| byte == b'\r' || (b' '..127).contains(&byte));
    if !printable || line.len() > MOST_LINE || line.get(3).is_some_and(|byte| !byte.is_ascii_alphanumeric()) {
        return Some(false);
    }
    if line.len() < bytes.len() { Some(line.len() > 3) } else { None }
}

fn is_powershell(bytes: &[u8], _: bool) -> Option<bool> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = text.get(..32).unwrap_or(text).to_ascii_lowercase();
    let mut open = false;
    for begin in POWERSHELL {
        match begins(&start, begin) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => open = true,
        }
    }
    if open && !text.is_empty() { None } else { Some(false) }
}
