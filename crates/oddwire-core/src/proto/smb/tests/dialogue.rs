//! Messages that a client and a server could send, byte by byte.

use super::super::status::Status;

pub(super) fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_be_bytes()[..], message].concat()
}

pub(super) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// One SMB 2 message: command, answer or not, status, session, tree, identifier, body.
pub(super) fn two(command: u16, answers: bool, status: u32, ids: (u64, u32, u64), body: &[u8]) -> Vec<u8> {
    let (session, tree, id) = ids;
    let mut bytes = b"\xfeSMB\x40\0\x01\0".to_vec();
    bytes.extend(status.to_le_bytes());
    bytes.extend(command.to_le_bytes());
    bytes.extend([1, 0]);
    bytes.extend(u32::from(answers).to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(id.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(tree.to_le_bytes());
    bytes.extend(session.to_le_bytes());
    bytes.extend([0; 16]);
    bytes.extend(body);
    bytes
}

pub(super) fn setup(blob: &[u8]) -> Vec<u8> {
    let mut body = vec![25, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 88, 0];
    body.extend((blob.len() as u16).to_le_bytes());
    body.extend([0; 8]);
    body.extend(blob);
    body
}

pub(super) fn setup_answer(flags: u16, blob: &[u8]) -> Vec<u8> {
    let mut body = vec![9, 0];
    body.extend(flags.to_le_bytes());
    body.extend([72, 0]);
    body.extend((blob.len() as u16).to_le_bytes());
    body.extend(blob);
    body
}

pub(super) fn authenticate(domain: &str, user: &str, workstation: &str) -> Vec<u8> {
    let (domain, user, workstation) = (wide(domain), wide(user), wide(workstation));
    let mut bytes = b"NTLMSSP\0\x03\0\0\0".to_vec();
    let mut place = 64;
    let proof = vec![0xaa; 24];
    for part in [&proof, &proof, &domain, &user, &workstation, &Vec::new()] {
        let length = (part.len() as u16).to_le_bytes();
        bytes.extend(length);
        bytes.extend(length);
        bytes.extend((place as u32).to_le_bytes());
        place += part.len();
    }
    bytes.extend(1u32.to_le_bytes());
    [bytes, proof.clone(), proof, domain, user, workstation].concat()
}

pub(super) fn challenge() -> Vec<u8> {
    let mut names = Vec::new();
    for (kind, name) in [(1u16, "FILES"), (2, "CORP"), (3, "files.corp.example"), (4, "corp.example")] {
        names.extend(kind.to_le_bytes());
        names.extend((2 * name.len() as u16).to_le_bytes());
        names.extend(wide(name));
    }
    names.extend([0; 4]);
    let mut bytes = b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0".to_vec();
    bytes.extend(0x0200_0001u32.to_le_bytes());
    bytes.extend([7; 8]);
    bytes.extend([0; 8]);
    bytes.extend((names.len() as u16).to_le_bytes());
    bytes.extend((names.len() as u16).to_le_bytes());
    bytes.extend(56u32.to_le_bytes());
    bytes.extend([10, 0, 0x39, 0x38, 0, 0, 0, 15]);
    [bytes, names].concat()
}

pub(super) fn tree(path: &str) -> Vec<u8> {
    let path = wide(path);
    [&[9, 0, 0, 0, 72, 0][..], &(path.len() as u16).to_le_bytes(), &path].concat()
}

pub(super) fn create(name: &str) -> Vec<u8> {
    let name = wide(name);
    let mut body = vec![57, 0];
    body.resize(44, 0);
    body.extend([120, 0]);
    body.extend((name.len() as u16).to_le_bytes());
    body.resize(56, 0);
    [body, name].concat()
}

pub(super) fn created(action: u8) -> Vec<u8> {
    let mut body = vec![89, 0, 0, 0, action, 0, 0, 0];
    body.resize(88, 0);
    body
}

/// A negotiation, a wrong and a right password, a share of pipes, a pipe, a share and a program put on it.
pub(super) fn dialogue() -> Vec<(bool, Vec<u8>)> {
    let mut agreed = vec![65, 0, 3, 0, 2, 3];
    agreed.resize(64, 0);
    let mut offers = vec![36, 0, 2, 0];
    offers.resize(36, 0);
    offers.extend([0x10, 2, 2, 3]);
    let share = |kind: u8| [16, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let who = authenticate("CORP", "alice", "LAPTOP");
    let more = Status::MORE_PROCESSING;
    [
        (true, two(0, false, 0, (0, 0, 0), &offers)),
        (false, two(0, true, 0, (0, 0, 0), &agreed)),
        (true, two(1, false, 0, (0, 0, 1), &setup(b"NTLMSSP\0\x01\0\0\0"))),
        (false, two(1, true, more, (9, 0, 1), &setup_answer(0, &challenge()))),
        (true, two(1, false, 0, (9, 0, 2), &setup(&who))),
        (false, two(1, true, 0xc000_006d, (9, 0, 2), &setup_answer(0, b""))),
        (true, two(1, false, 0, (9, 0, 3), &setup(&who))),
        (false, two(1, true, 0, (9, 0, 3), &setup_answer(0, b""))),
        (true, two(3, false, 0, (9, 0, 4), &tree("\\\\files\\IPC$"))),
        (false, two(3, true, 0, (9, 1, 4), &share(2))),
        (true, two(5, false, 0, (9, 1, 5), &create("svcctl"))),
        (false, two(5, true, Status::PENDING, (9, 1, 5), &[9; 9])),
        (false, two(5, true, 0, (9, 1, 5), &created(1))),
        (true, two(3, false, 0, (9, 0, 6), &tree("\\\\files\\ADMIN$"))),
        (false, two(3, true, 0, (9, 2, 6), &share(1))),
        (true, two(5, false, 0, (9, 2, 7), &create("notes.txt"))),
        (false, two(5, true, 0, (9, 2, 7), &created(1))),
        (true, two(5, false, 0, (9, 2, 8), &create("temp\\run.exe"))),
        (false, two(5, true, 0, (9, 2, 8), &created(2))),
        (true, two(9, false, 0, (9, 2, 9), &[1; 9_000])),
        (true, two(5, false, 0, (9, 2, 10), &create("temp\\run.exe"))),
        (false, two(5, true, 0xc000_0022, (9, 2, 10), &[9; 9])),
    ]
    .into_iter()
    .map(|(from_a, message)| (from_a, framed(&message)))
    .collect()
}

/// One SMB 1 message with these command blocks: command, words behind the chain's own, bytes.
pub(super) fn one(
    command: u8,
    answers: bool,
    status: u32,
    flags: u16,
    words: &[u8],
    bytes: &[u8],
) -> Vec<u8> {
    let mut message = vec![0xff, b'S', b'M', b'B', command];
    message.extend(status.to_le_bytes());
    message.push(if answers { 0x80 } else { 0 });
    message.extend(flags.to_le_bytes());
    message.resize(24, 0);
    message.extend([1, 0, 2, 0, 3, 0, 4, 0]);
    message.push((words.len() / 2) as u8);
    message.extend(words);
    message.extend((bytes.len() as u16).to_le_bytes());
    message.extend(bytes);
    framed(&message)
}
