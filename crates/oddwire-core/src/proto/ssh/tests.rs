use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const CLIENT: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
const SERVER: &[u8] = b"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3\r\n";
const CHACHA: &str = "chacha20-poly1305@openssh.com";
const GCM: &str = "aes128-gcm@openssh.com";

type Talk = Vec<(bool, Vec<u8>)>;

/// A binary packet in the clear.
fn packet(payload: &[u8]) -> Vec<u8> {
    let padding = 16 - (payload.len() + 5) % 8;
    let length = (payload.len() + padding + 1) as u32;
    [&length.to_be_bytes()[..], &[padding as u8], payload, &vec![0; padding]].concat()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

fn offer(kex: &str, ciphers: &str) -> Vec<u8> {
    let mut payload = vec![20];
    payload.extend([7; 16]);
    let macs = "hmac-sha2-256,hmac-sha1";
    for list in [kex, "ssh-ed25519,ssh-rsa", ciphers, ciphers, macs, macs, "none,zlib", "none", "", ""] {
        payload.extend(string(list.as_bytes()));
    }
    payload.extend([0; 5]);
    packet(&payload)
}

/// Both sides up to the keys, in turn.
fn begun(cipher: &str) -> Talk {
    let key = [string(b"ssh-ed25519"), string(&[5; 32])].concat();
    let reply = [vec![31], string(&key), string(&[1; 32]), string(&[2; 83])].concat();
    vec![
        (true, CLIENT.to_vec()),
        (false, SERVER.to_vec()),
        (true, offer("curve25519-sha256,ecdh-sha2-nistp256,ext-info-c", &format!("{cipher},3des-cbc"))),
        (false, offer("ecdh-sha2-nistp256,curve25519-sha256", &format!("3des-cbc,{cipher}"))),
        (true, packet(&[vec![30], string(&[1; 32])].concat())),
        (false, [packet(&reply), packet(&[21])].concat()),
        (true, packet(&[21])),
    ]
}

/// Sealed packets of these sizes on the wire; the client's and the server's in turn.
fn sealed(cipher: &str, turns: &[&[u32]]) -> Talk {
    let mut talk = begun(cipher);
    for (index, sizes) in turns.iter().enumerate() {
        let one = |&size: &u32| {
            let mut bytes = vec![0xa5; size as usize];
            bytes[..4].copy_from_slice(&(size - 20).to_be_bytes());
            bytes
        };
        talk.push((index % 2 == 0, sizes.iter().flat_map(one).collect()));
    }
    talk
}

fn lines(talk: &Talk) -> Vec<Line<'_>> {
    talk.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect()
}

fn told(cipher: &str, turns: &[&[u32]]) -> String {
    let talk = sealed(cipher, turns);
    let rows = rows::<Ssh>(TCP, 2_222, &lines(&talk));
    assert_eq!(rows.len(), 1);
    assert!(rows[0].client_is_a);
    said::<Ssh>(&rows[0]).join(" ") + " "
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(&format!("{part} ")), "{part} in {said}");
    }
}

#[test]
fn a_connection_says_what_both_sides_agreed_on() {
    let said = told(CHACHA, &[&[44], &[44], &[60], &[52], &[148], &[28], &[112]]);
    assert_says(
        &said,
        &[
            "login=success",
            "login_sign=accept",
            "login_tries=1",
            "client_banner=SSH-2.0-OpenSSH_9.2p1 Debian-2",
            "server_banner=SSH-2.0-OpenSSH_8.9p1 Ubuntu-3",
            "version=2",
            "kex=curve25519-sha256",
            "host_key=ssh-ed25519",
            "cipher=chacha20-poly1305@openssh.com",
            "mac=implicit",
            "compression=none",
            "client_first=true",
            "hassh=b03ed8c09c6cf953ab416212c5ee1a9e",
            "hassh_server=f6668beb0c1c85fa1395844d4a46dfe9",
            "host_key_sha256=251a7bb48ecc7aad540242fdf477967706067dea2a786cde0e36a956336f2a40",
            "requests_judged=2",
            "refusal_bytes=52",
        ],
    );
    assert!(said.contains(
        "hassh_server_text=ecdh-sha2-nistp256,curve25519-sha256;3des-cbc,chacha20-poly1305@openssh.com;hmac-sha2-256,hmac-sha1;none "
    ));
}

#[test]
fn refusals_are_a_failure_and_the_bare_request_is_no_try() {
    let said = told(CHACHA, &[&[44], &[44], &[60], &[52], &[148], &[52], &[148], &[52], &[148], &[52]]);
    assert_says(&said, &["login=failure", "login_sign=refusals", "login_tries=3"]);
    let scan = told(CHACHA, &[&[44], &[44], &[60], &[52]]);
    assert_says(&scan, &["login=unknown", "login_tries=0"]);
    let thrown_out = told(CHACHA, &[&[44], &[44], &[60], &[52], &[148], &[52], &[148], &[76]]);
    assert_says(&thrown_out, &["login=failure", "login_tries=2"]);
    let nothing = told(CHACHA, &[&[44], &[44]]);
    assert_says(&nothing, &["login=unknown"]);
    assert!(!nothing.contains("login_tries"));
}

#[test]
fn keys_that_are_offered_and_questions_that_are_asked_are_followed() {
    let key = told(CHACHA, &[&[44], &[44], &[60], &[52], &[372], &[332], &[628], &[28], &[112]]);
    assert_says(&key, &["login=success", "login_tries=1"]);
    let second = told(CHACHA, &[&[44], &[44], &[60], &[52], &[140], &[52], &[372], &[332], &[628], &[28]]);
    assert_says(&second, &["login=success", "login_tries=2"]);
    let asked = told(
        CHACHA,
        &[&[44], &[44], &[60], &[52], &[84], &[60], &[84], &[52], &[84], &[60], &[84], &[36], &[36], &[28]],
    );
    assert_says(&asked, &["login=success", "login_tries=2"]);
}

#[test]
fn each_cipher_has_its_own_sizes() {
    let gcm = told(GCM, &[&[52], &[52], &[68], &[52], &[148], &[36], &[112]]);
    assert_says(&gcm, &["login=success", "login_tries=1", "mac=implicit"]);
    let plain = told("aes128-ctr", &[&[64], &[64], &[80], &[64], &[144], &[48], &[112]]);
    assert_says(&plain, &["login=success", "login_tries=1", "mac=hmac-sha2-256"]);
    let wide = told(CHACHA, &[&[52], &[52], &[68], &[52], &[84], &[36], &[112]]);
    assert_says(&wide, &["login=success", "login_tries=1"]);
}

#[test]
fn a_greeting_and_a_hasty_client_do_not_disturb() {
    let greeted = told(CHACHA, &[&[44], &[44], &[60], &[140], &[148], &[52], &[148], &[28]]);
    assert_says(&greeted, &["login=success", "login_tries=2"]);
    let hasty = told(CHACHA, &[&[104], &[96], &[148], &[52], &[148], &[28]]);
    assert_says(&hasty, &["login=success"]);
}

#[test]
fn a_busy_session_is_a_logged_in_one() {
    let mut turns: Vec<&[u32]> = vec![&[44], &[44], &[60], &[52], &[372], &[332], &[628], &[428]];
    for _ in 0..8 {
        turns.extend([&[100][..], &[200]]);
    }
    assert_says(&told(CHACHA, &turns), &["login=success", "login_sign=traffic"]);
}

#[test]
fn a_connection_is_the_same_however_it_is_cut() {
    let turns: [&[u32]; 8] = [&[52], &[52], &[68], &[52], &[148], &[52], &[148], &[36, 340]];
    for cipher in [GCM, CHACHA] {
        let talk = sealed(cipher, &turns);
        let whole: Vec<Said> = rows::<Ssh>(TCP, 22, &lines(&talk)).into_iter().map(|row| row.said).collect();
        for most in [1, 2, 3, 7, 40] {
            let cut: Vec<Said> =
                rows_cut::<Ssh>(22, &lines(&talk), most).into_iter().map(|row| row.said).collect();
            assert!(cipher == CHACHA || cut == whole, "{cut:?} {whole:?} {most}");
            assert_eq!(cut[0].banners, whole[0].banners);
            assert_eq!(cut[0].offers, whole[0].offers);
        }
    }
    let talk = sealed(CHACHA, &[&[44], &[44], &[60], &[52], &[148], &[52], &[148], &[28], &[112]]);
    let whole = rows::<Ssh>(TCP, 22, &lines(&talk)).remove(0).said;
    for most in [1, 2, 3, 7, 11] {
        assert_eq!(rows_cut::<Ssh>(22, &lines(&talk), most).remove(0).said, whole, "{most}");
    }
}

#[test]
fn who_the_client_is_shows_in_the_exchange_of_keys() {
    let talk: Talk =
        sealed(CHACHA, &[&[44], &[44]]).into_iter().map(|(from_a, bytes)| (!from_a, bytes)).collect();
    let rows = rows::<Ssh>(TCP, 22, &lines(&talk));
    assert!(!rows[0].client_is_a);
    assert!(said::<Ssh>(&rows[0]).contains(&"client_banner=SSH-2.0-OpenSSH_9.2p1 Debian-2".to_owned()));
}

#[test]
fn half_a_connection_says_what_it_has() {
    let one_sided: Vec<(bool, &[u8])> = vec![(false, b"SSH-2.0-x\r\n")];
    let only = said::<Ssh>(&rows::<Ssh>(TCP, 22, &one_sided)[0]);
    assert_eq!(only, ["server_banner=SSH-2.0-x", "version=2", "requests_judged=0"]);
    let old: Vec<(bool, &[u8])> = vec![(false, b"SSH-1.5-old\n"), (true, b"SSH-1.5-older"), (true, b"\n")];
    let first = said::<Ssh>(&rows::<Ssh>(TCP, 22, &old)[0]);
    assert!(first.contains(&"version=1".to_owned()) && first.contains(&"client_first=false".to_owned()));
}

#[test]
fn it_is_known_by_content_on_any_port() {
    assert_eq!(probed::<Ssh>(TCP, 4_444, CLIENT), Probe::Yes);
    assert_eq!(probed::<Ssh>(TCP, 4_444, b"SSH-"), Probe::More);
    assert_eq!(probed::<Ssh>(TCP, 22, b"Welcome.\r\nSSH-2.0-x\r\n"), Probe::Yes);
    assert_eq!(probed::<Ssh>(TCP, 22, b"GET / HTTP/1.1\r\n\r\n"), Probe::More);
    assert_eq!(probed::<Ssh>(TCP, 80, b"GET / HTTP/1.1\r\nX: SSH-2.0\r\n\r\n"), Probe::No);
    assert_eq!(probed::<Ssh>(TCP, 22, &[0x16, 3, 1, 2, 0, 1, 0]), Probe::No);
    assert_eq!(probed::<Ssh>(17, 22, CLIENT), Probe::No);
}

#[test]
fn hostile_sides_are_bounded() {
    let endless = vec![b'x'; 70_000];
    let mut talk = begun(CHACHA);
    talk.truncate(2);
    talk.push((true, [&0x0003_0000u32.to_be_bytes()[..], &[4, 20], &vec![9; 0x3_0000]].concat()));
    talk.push((false, [&u32::MAX.to_be_bytes()[..], &[4, 20], &[9; 99]].concat()));
    assert_eq!(rows::<Ssh>(TCP, 22, &lines(&talk)).len(), 1);
    let never: Vec<(bool, &[u8])> = vec![(false, b"SSH-2.0-x\r\n"), (true, &endless)];
    assert_eq!(rows::<Ssh>(TCP, 22, &never).len(), 1);
    let turns: Vec<&[u32]> = std::iter::repeat_n([&[148u32][..], &[52]], 500).flatten().collect();
    let many = told(CHACHA, &[&[&[44][..], &[44], &[60], &[52]], &turns[..]].concat());
    assert_says(&many, &["login=failure", "login_tries=63", "requests_judged=64"]);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Ssh>(&input, &[22, 9]);
    }

    #[test]
    fn spoilt_dialogues_are_heard(
        line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..9),
        gone in 0usize..9, most in 1usize..90,
    ) {
        let mut talk = sealed(GCM, &[&[52], &[52], &[68], &[52], &[148], &[36], &[112]]);
        let index = line.index(talk.len());
        let bytes = &mut talk[index].1;
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        drive::show::<Ssh>(&rows_cut::<Ssh>(22, &lines(&talk), most));
    }
}
