//! What a certificate says of its owner. Only the first of a chain is read.

use crate::proto::text::clean;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

/// Bytes of text of a name.
const MOST_NAME: usize = 512;
/// Bytes of text of all other names together.
const MOST_OTHER_NAMES: usize = 1_024;

/// The part of a certificate that the columns show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) sha256: [u8; 32],
    pub(super) content: Option<Content>,
}

/// What could be read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) subject: Box<str>,
    pub(super) issuer: Box<str>,
    pub(super) other_names: Option<Box<str>>,
    /// Seconds since the epoch.
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) self_signed: bool,
    pub(super) key_type: &'static str,
    pub(super) key_bits: Option<u32>,
    pub(super) signature: Box<str>,
}

impl Certificate {
    pub(super) fn read(der: &[u8]) -> Self {
        Self { sha256: Sha256::digest(der).into(), content: Content::read(der) }
    }

    /// Bytes of memory it takes beside its own size.
    pub(super) fn held(&self) -> usize {
        self.content.as_ref().map_or(0, |content| {
            let other = content.other_names.as_ref().map_or(0, |names| names.len());
            content.subject.len() + content.issuer.len() + content.signature.len() + other
        })
    }
}

impl Content {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let (key_type, key_bits) = key(&certificate);
        Some(Self {
            subject: name(certificate.subject()),
            issuer: name(certificate.issuer()),
            other_names: other_names(&certificate),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            key_type,
            key_bits,
            signature: signature(&certificate.signature_algorithm.algorithm.to_id_string()),
        })
    }
}

/// A name in the manner of RFC 4514: what is most special comes first.
fn name(name: &X509Name<'_>) -> Box<str> {
    let mut text = String::new();
    let parts: Vec<_> = name.iter_rdn().collect();
    for (place, part) in parts.iter().rev().enumerate() {
        for (inner, attribute) in part.iter().enumerate() {
            let sign = if inner > 0 { "+" } else { "," };
            if place + inner > 0 {
                text.push_str(sign);
            }
            let _ = write!(text, "{}=", attribute_name(&attribute.attr_type().to_id_string()));
            push_value(attribute.attr_value().data, attribute.attr_value().tag().0, &mut text);
        }
        if text.len() > MOST_NAME {
            let end = (0..=MOST_NAME).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            text.truncate(end);
            text.push_str("...");
            break;
        }
    }
    text.into_boxed_str()
}

/// A value without control characters; what has a meaning between values is escaped.
fn push_value(value: &[u8], tag: u32, text: &mut String) {
    const WIDE: u32 = 30;
    let wide = || char::decode_utf16(super::read::words(value)).filter_map(Result::ok).collect::<String>();
    let shown = if tag == WIDE { clean(wide().as_bytes(), MOST_NAME) } else { clean(value, MOST_NAME) };
    for one in shown.chars() {
        if matches!(one, ',' | '+' | '"' | '<' | '>' | ';') {
            text.push('\\');
        }
        text.push(one);
    }
}

fn attribute_name(oid: &str) -> &str {
    match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.13" => "description",
        "2.5.4.15" => "businessCategory",
        "2.5.4.17" => "postalCode",
        "2.5.4.42" => "givenName",
        "2.5.4.97" => "organizationIdentifier",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.3.6.1.4.1.311.60.2.1.1" => "jurisdictionL",
        "1.3.6.1.4.1.311.60.2.1.2" => "jurisdictionST",
        "1.3.6.1.4.1.311.60.2.1.3" => "jurisdictionC",
        _ => oid,
    }
}

/// The other names that it is valid for: hosts, addresses, mail, joined by commas.
fn other_names(certificate: &X509Certificate<'_>) -> Option<Box<str>> {
    let extension = certificate.subject_alternative_name().ok()??;
    let mut text = Vec::new();
    for one in &extension.value.general_names {
        let one = match one {
            GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
                (*name).into()
            }
            GeneralName::IPAddress(bytes) => match address(bytes) {
                Some(address) => address,
                None => continue,
            },
            _ => continue,
        };
        if !text.is_empty() {
            text.push(b',');
        }
        text.extend(one.bytes());
        if text.len() > MOST_OTHER_NAMES {
            break;
        }
    }
    (!text.is_empty()).then(|| clean(&text, MOST_OTHER_NAMES))
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| Ipv6Addr::from(sixteen).to_string())
}

/// Type of the key, and its length where that says something.
fn key(certificate: &X509Certificate<'_>) -> (&'static str, Option<u32>) {
    let key = certificate.public_key();
    let curve = || key.algorithm.parameters.as_ref()?.as_oid().ok().map(|oid| oid.to_id_string());
    match (&*key.algorithm.algorithm.to_id_string(), key.parsed()) {
        (_, Ok(PublicKey::RSA(rsa))) => ("rsa", bits(rsa.modulus)),
        ("1.2.840.10045.2.1", parsed) => {
            let known = match curve().as_deref() {
                Some("1.3.132.0.34") => Some(384),
                Some("1.3.132.0.35") => Some(521),
                Some("1.2.840.10045.3.1.7" | "1.3.132.0.10") => Some(256),
                _ => parsed.ok().and_then(|key| u32::try_from(key.key_size()).ok()).filter(|&bits| bits > 0),
            };
            ("ec", known)
        }
        ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10", _) => ("rsa", None),
        ("1.2.840.10040.4.1", _) => ("dsa", None),
        ("1.3.101.112", _) => ("ed25519", Some(256)),
        ("1.3.101.113", _) => ("ed448", Some(456)),
        (_, Ok(PublicKey::GostR3410(_) | PublicKey::GostR3410_2012(_))) => ("gost", None),
        _ => ("other", None),
    }
}

/// Bits of a number.
fn bits(number: &[u8]) -> Option<u32> {
    let start = number.iter().position(|&byte| byte != 0)?;
    let first = number.get(start)?;
    u32::try_from((number.len() - start) * 8).ok()?.checked_sub(first.leading_zeros())
}

/// The name of a signature algorithm, or its number.
fn signature(oid: &str) -> Box<str> {
    match oid {
        "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
        "1.2.840.10040.4.3" => "dsaWithSha1",
        "2.16.840.1.101.3.4.3.2" => "dsaWithSha256",
        "1.2.840.10045.4.1" => "ecdsaWithSha1",
        "1.2.840.10045.4.3.1" => "ecdsaWithSha224",
        "1.2.840.10045.4.3.2" => "ecdsaWithSha256",
        "1.2.840.10045.4.3.3" => "ecdsaWithSha384",
        "1.2.840.10045.4.3.4" => "ecdsaWithSha512",
        "1.3.101.112" => "ed25519",
        "1.3.101.113" => "ed448",
        _ => return clean(oid.as_bytes(), 64),
    }
    .into()
}
