//! The digital signatures of a PDF: who signed, when, and whether the bytes are still those.
//!
//! A signature names two ranges of bytes of the file, and holds in the gap between them a CMS
//! message (RFC 5652) with the digest of those bytes, signed with the key of the signer's
//! certificate, which it carries. Both are checked here. Whether that certificate is one to trust,
//! and was not withdrawn, is not: that needs the root certificates and the network.

#![allow(clippy::similar_names, reason = "signed data and signers: the words of RFC 5652")]

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Any, Decode, Encode, SliceReader, Tag, Tagged};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, Name, String as PdfString};
use jiff::Timestamp;
use jiff::civil::DateTime;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePublicKey;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::name::Name as Subject;

use crate::document::{Signature, TimeSource};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// Most signatures that are looked at.
const MOST: usize = 64;

/// Lists the signatures, in the order of the parts of the file that they cover.
pub(super) fn list(pdf: &Pdf, bytes: &[u8]) -> Vec<Signature> {
    // Searching every object of a large file for what it does not have would take a while.
    if !bytes.windows(10).any(|window| window == b"/ByteRange") && !bytes.windows(7).any(|window| window == b"/ObjStm")
    {
        return Vec::new();
    }
    let mut fields = Vec::new();
    let mut found = Vec::new();
    for object in pdf.objects() {
        let Some(dict) = object.into_dict() else { continue };
        if dict.get::<Name<'_>>(b"FT").is_some_and(|name| name.as_ref() == b"Sig")
            && let (Some(value), Some(name)) = (dict.get_ref(b"V"), dict.get::<PdfString<'_>>(b"T"))
        {
            fields.push((value, text(name.as_ref())));
        }
        if dict.contains_key(b"ByteRange") && dict.contains_key(b"Contents") && found.len() < MOST {
            found.push(dict);
        }
    }
    let mut signatures: Vec<(u64, Signature)> = found.iter().filter_map(|dict| read(dict, bytes)).collect();
    for (dict, (_, signature)) in found.iter().zip(&mut signatures) {
        let id = dict.obj_id();
        let own = fields.iter().find(|(value, _)| id.is_some_and(|id| id == (*value).into()));
        signature.field = own.map(|(_, name)| name.clone());
    }
    signatures.sort_by_key(|(end, _)| *end);
    signatures.into_iter().map(|(_, signature)| signature).collect()
}

/// Reads one signature; beside it, where the bytes that it covers end. A dictionary without ranges
/// is none.
fn read(dict: &Dict<'_>, bytes: &[u8]) -> Option<(u64, Signature)> {
    let ranges: Vec<u64> = dict
        .get::<Array<'_>>(b"ByteRange")?
        .iter::<i64>()
        .map(|number| u64::try_from(number).unwrap_or(u64::MAX))
        .collect();
    let mut signature = Signature { time: None, ..Signature::default() };
    if let Some(time) = dict.get::<PdfString<'_>>(b"M").and_then(|time| written_time(&text(time.as_ref()))) {
        (signature.time, signature.time_source) = (Some(time), Some(TimeSource::Claimed));
    }
    let length = bytes.len() as u64;
    let &[start, first, second, last] = ranges.as_slice() else {
        signature.problem = Some("its byte range is not two ranges".into());
        return Some((0, signature));
    };
    let (Some(gap), Some(end)) = (start.checked_add(first), second.checked_add(last)) else {
        signature.problem = Some("its byte range is not in the file".into());
        return Some((0, signature));
    };
    if gap > second || end > length {
        signature.problem = Some("its byte range is not in the file".into());
        return Some((0, signature));
    }
    let rest = &bytes[end as usize..];
    signature.added_later = rest.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at as u64 + 1);
    // What covers all but its own value leaves no other bytes out.
    let value = &bytes[gap as usize..second as usize];
    let bare = value.first() == Some(&b'<') && value.last() == Some(&b'>');
    signature.covers_whole_file = start == 0 && bare && signature.added_later == 0;
    let covered = [&bytes[start as usize..gap as usize], &bytes[second as usize..end as usize]];
    match unhex(value).ok_or("its value is no hexadecimal string").and_then(|der| check(&der, covered, &mut signature))
    {
        Ok(()) => {}
        Err(problem) => signature.problem = Some(problem.into()),
    }
    Some((end, signature))
}

/// Reads the CMS message and checks it.
fn check(message: &[u8], covered: [&[u8]; 2], signature: &mut Signature) -> Result<(), &'static str> {
    let unreadable = |_| "its message cannot be read";
    // The value is filled up with zeros.
    let mut reader = SliceReader::new(message).map_err(unreadable)?;
    let info = ContentInfo::decode(&mut reader).map_err(unreadable)?;
    if info.content_type != SIGNED_DATA {
        return Err("its message is not signed data");
    }
    let signed: SignedData = info.content.decode_as().map_err(unreadable)?;
    let signer = signed.signer_infos.0.iter().next().ok_or("its message has no signer")?;
    let certificate = certificate(&signed, signer);
    if let Some(certificate) = certificate {
        signature.signer = part(&certificate.tbs_certificate.subject, COMMON_NAME);
        signature.organisation = part(&certificate.tbs_certificate.subject, ORGANISATION);
        signature.issuer = part(&certificate.tbs_certificate.issuer, COMMON_NAME)
            .or_else(|| part(&certificate.tbs_certificate.issuer, ORGANISATION));
    }
    if let Some(time) = attribute(signer, SIGNING_TIME).and_then(|time| x509_cert::time::Time::from_der(&time).ok()) {
        let time = Timestamp::from_second(time.to_unix_duration().as_secs() as i64);
        if let Ok(time) = time {
            (signature.time, signature.time_source) = (Some(time.to_string()), Some(TimeSource::Signed));
        }
    }
    let algorithm = signer.digest_alg.oid;
    let digest = digest(algorithm, &covered).ok_or("its digest is of an unknown kind")?;
    let expected = attribute(signer, MESSAGE_DIGEST).and_then(|value| OctetString::from_der(&value).ok());
    // Older signatures (adbe.pkcs7.sha1) sign a digest that the message carries inside.
    let inside =
        signed.encap_content_info.econtent.as_ref().and_then(|content| content.decode_as::<OctetString>().ok());
    let unchanged = match (&inside, &expected) {
        (Some(inside), expected) => {
            let same = *inside.as_bytes() == Sha1::new_with_prefix([covered[0], covered[1]].concat()).finalize()[..];
            let whole = digest_of(algorithm, inside.as_bytes());
            same && expected.as_ref().is_none_or(|expected| whole.as_deref() == Some(expected.as_bytes()))
        }
        (None, Some(expected)) => expected.as_bytes() == digest,
        // The signature is of the bytes themselves.
        (None, None) => true,
    };
    signature.unchanged = Some(unchanged);
    let to_verify = match &signer.signed_attrs {
        Some(attributes) => digest_of(algorithm, &attributes.to_der().map_err(unreadable)?),
        None => Some(digest),
    };
    let key = certificate.and_then(|certificate| certificate.tbs_certificate.subject_public_key_info.to_der().ok());
    signature.signed_by_key = match (to_verify, key) {
        (Some(hash), Some(key)) => verify(signer, &key, &hash),
        _ => None,
    };
    if signer.signed_attrs.is_none() {
        signature.unchanged = signature.signed_by_key;
    }
    Ok(())
}

fn certificate<'a>(signed: &'a SignedData, signer: &SignerInfo) -> Option<&'a Certificate> {
    let all = signed.certificates.as_ref()?.0.iter().filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate),
        CertificateChoices::Other(_) => None,
    });
    let mut all = all.peekable();
    let first = *all.peek()?;
    match &signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => all.find(|certificate| {
            let own = &certificate.tbs_certificate;
            own.serial_number == id.serial_number && own.issuer == id.issuer
        }),
        SignerIdentifier::SubjectKeyIdentifier(_) => Some(first),
    }
}

/// The first value of a signed attribute, as DER.
fn attribute(signer: &SignerInfo, kind: ObjectIdentifier) -> Option<Vec<u8>> {
    let attribute = signer.signed_attrs.as_ref()?.iter().find(|attribute| attribute.oid == kind)?;
    attribute.values.iter().next()?.to_der().ok()
}

fn digest(algorithm: ObjectIdentifier, parts: &[&[u8]]) -> Option<Vec<u8>> {
    fn of<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
        let mut digest = D::new();
        for part in parts {
            digest.update(part);
        }
        digest.finalize().to_vec()
    }
    match algorithm.to_string().as_str() {
        "1.3.14.3.2.26" => Some(of::<Sha1>(parts)),
        "2.16.840.1.101.3.4.2.1" => Some(of::<Sha256>(parts)),
        "2.16.840.1.101.3.4.2.2" => Some(of::<Sha384>(parts)),
        "2.16.840.1.101.3.4.2.3" => Some(of::<Sha512>(parts)),
        _ => None,
    }
}

fn digest_of(algorithm: ObjectIdentifier, bytes: &[u8]) -> Option<Vec<u8>> {
    digest(algorithm, &[bytes])
}

/// Whether the signature was made with the key of the certificate. None for kinds of key that are
/// not known here.
fn verify(signer: &SignerInfo, key: &[u8], hash: &[u8]) -> Option<bool> {
    let value = signer.signature.as_bytes();
    if signer.signature_algorithm.oid == RSA_PSS {
        return None;
    }
    if let Ok(key) = rsa::RsaPublicKey::from_public_key_der(key) {
        let scheme = match hash.len() {
            20 => Pkcs1v15Sign::new::<Sha1>(),
            32 => Pkcs1v15Sign::new::<Sha256>(),
            48 => Pkcs1v15Sign::new::<Sha384>(),
            _ => Pkcs1v15Sign::new::<Sha512>(),
        };
        return Some(key.verify(scheme, hash, value).is_ok());
    }
    let info = x509_cert::spki::SubjectPublicKeyInfoOwned::from_der(key).ok()?;
    if info.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()? != P256 {
        return None;
    }
    let key = p256::ecdsa::VerifyingKey::from_public_key_der(key).ok()?;
    let value = p256::ecdsa::Signature::from_der(value).ok()?;
    Some(key.verify_prehash(hash, &value).is_ok())
}

/// One part of a name, the last where there are several.
fn part(name: &Subject, kind: ObjectIdentifier) -> Option<String> {
    let parts = name.0.iter().flat_map(|set| set.0.iter());
    parts.filter(|part| part.oid == kind).filter_map(|part| shown(&part.value)).next_back()
}

fn shown(value: &Any) -> Option<String> {
    let bytes = value.value();
    let text = if value.tag() == Tag::BmpString {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// A text string of PDF: UTF-16 with a mark, UTF-8 with a mark, else Latin-1.
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).filter(|c| !c.is_control()).collect(),
    }
}

/// `D:20260310153322+07'00'` as an instant.
fn written_time(text: &str) -> Option<String> {
    let digits = text.strip_prefix("D:")?;
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize, to: usize| number(from, to).and_then(|number| i8::try_from(number).ok());
    let time = DateTime::new(
        number(0, 4)?,
        small(4, 6)?,
        small(6, 8)?,
        small(8, 10).unwrap_or(0),
        small(10, 12).unwrap_or(0),
        small(12, 14).unwrap_or(0),
        0,
    )
    .ok()?;
    let zone = digits.get(14..).unwrap_or_default();
    let part = |from: usize, to: usize| zone.get(from..to).and_then(|part| part.parse::<i8>().ok());
    let minutes = part(4, 6).map_or(0, i32::from);
    let seconds = (part(1, 3).map_or(0, i32::from) * 60 + minutes) * 60;
    let offset = match zone.as_bytes().first() {
        Some(b'+') => seconds,
        Some(b'-') => -seconds,
        Some(b'Z') => 0,
        // Without a zone it is not an instant: said as it stands.
        _ => return Some(time.to_string()),
    };
    let offset = jiff::tz::Offset::from_seconds(offset).ok()?;
    offset.to_timestamp(time).ok().map(|time| time.to_string())
}

fn unhex(value: &[u8]) -> Option<Vec<u8>> {
    let inner = value.strip_prefix(b"<")?.strip_suffix(b">")?;
    let digits: Vec<u8> = inner.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | pair.get(1).map_or(Some(0), |low| digit(*low))?)).collect()
}
