//! Hellos and certificates written by hand, for the tests of TLS and QUIC.

/// A message or value behind its length in two bytes.
pub(in crate::proto) fn long(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

/// A message or value behind its length in one byte.
pub(in crate::proto) fn short(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8][..], bytes].concat()
}

/// A handshake message of TLS.
pub(in crate::proto) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

/// A record of TLS.
pub(in crate::proto) fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 1][..], &long(body)].concat()
}

/// An extension.
pub(in crate::proto) fn extension(number: u16, content: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes()[..], &long(content)].concat()
}

/// Numbers of two bytes.
pub(in crate::proto) fn words(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The hello that the description of JA4 takes as its example, without its GREASE and with `first` as protocol.
pub(in crate::proto) fn example_extensions(first: &[u8]) -> Vec<u8> {
    let name = [&[0][..], &long(b"www.example.org")].concat();
    let signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
    let mut all = vec![
        extension(0x2a2a, b""),
        extension(0x001b, &[2, 0, 2]),
        extension(0, &long(&name)),
        extension(0x0033, &[]),
        extension(0x0010, &long(&[short(first), short(b"http/1.1")].concat())),
        extension(0x4469, &[]),
        extension(0x0017, &[]),
        extension(0x002d, &[1, 1]),
        extension(0x000d, &long(&words(&signatures))),
        extension(0x0005, &[1, 0, 0, 0, 0]),
        extension(0x0023, &[]),
        extension(0x0012, &[]),
        extension(0x002b, &short(&words(&[0x6a6a, 0x0304, 0x0303]))),
        extension(0xff01, &[0]),
        extension(0x000b, &short(&[0])),
        extension(0x000a, &long(&words(&[0x3a3a, 29, 23, 24]))),
        extension(0x0015, &[0; 9]),
    ];
    all.push(extension(0x1a1a, &[0]));
    all.concat()
}

/// The ciphers of that example, with a GREASE among them.
pub(in crate::proto) const EXAMPLE_CIPHERS: [u16; 16] = [
    0x4a4a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
    0x009d, 0x002f, 0x0035,
];

/// The body of a client's hello.
pub(in crate::proto) fn client_hello(session: &[u8], ciphers: &[u16], extensions: &[u8]) -> Vec<u8> {
    let head = [&[3, 3][..], &[7; 32], &short(session), &long(&words(ciphers)), &[1, 0]].concat();
    if extensions.is_empty() { head } else { [head, long(extensions)].concat() }
}

/// The body of a server's hello.
pub(in crate::proto) fn server_hello(session: &[u8], cipher: u16, extensions: &[u8]) -> Vec<u8> {
    [&[3, 3][..], &[9; 32], &short(session), &cipher.to_be_bytes(), &[0], &long(extensions)].concat()
}

/// A value of ASN.1.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = body.len();
    let head = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, body].concat()
}

/// A certificate for `subject`, signed with ECDSA by whoever is called `issuer`, valid in 2024.
pub(in crate::proto) fn certificate(subject: &str, issuer: &str, host: &str) -> Vec<u8> {
    let name = |text: &str| {
        let part = |oid: u8, text: &str| {
            let value = [der(6, &[&[0x55, 4, oid]]), der(12, &[text.as_bytes()])].concat();
            der(0x31, &[&der(0x30, &[&value])])
        };
        der(0x30, &[&part(6, "XX"), &part(10, "Org, Inc"), &part(3, text)])
    };
    let algorithm = der(0x30, &[&der(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]])]);
    let validity = der(0x30, &[&der(23, &[b"240101000000Z"]), &der(23, &[b"241231235959Z"])]);
    let curve = [
        der(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]]),
        der(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]]),
    ];
    let point = [&[0, 4][..], &[1; 64]].concat();
    let key = der(0x30, &[&der(0x30, &[&curve.concat()]), &der(3, &[&point])]);
    let names = der(0x30, &[&der(0x82, &[host.as_bytes()]), &der(0x87, &[&[192, 0, 2, 1]])]);
    let other = der(0x30, &[&der(6, &[&[0x55, 0x1d, 0x11]]), &der(4, &[&names])]);
    let extensions = der(0xa3, &[&der(0x30, &[&other])]);
    let version = der(0xa0, &[&der(2, &[&[2]])]);
    let serial = der(2, &[&[5]]);
    let parts = [&version, &serial, &algorithm, &name(issuer), &validity, &name(subject), &key, &extensions];
    let body = der(0x30, &parts.map(|part| &part[..]));
    der(0x30, &[&body, &algorithm, &der(3, &[&[0, 0x30, 0]])])
}
