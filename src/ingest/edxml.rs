//! Envelopes of document exchange (QCVN 102:2016/BTTTT) into declared values and the documents inside.
//!
//! The header of the envelope says number, symbol, day, subject, signer and recipients of the document
//! that it carries. They go with each attached document as what the sender declared, beside what is
//! read in it, and never in its place. Elements are known by their names without prefix, since the two
//! editions of the rule differ in it.

use super::archive::{Inside, Take, Unpacked};
use super::too_large;
use super::xml::{self, Element};
use crate::document::{Declared, Limits};
use crate::error::{Error, Result};

/// Whether XML text begins like an envelope.
pub(super) fn is_envelope(start: &str) -> bool {
    let mut rest = start.trim_start_matches('\u{feff}').trim_start();
    // Behind declarations and comments stands the root.
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let end =
            if rest.starts_with("<!--") { rest.find("-->").map(|at| at + 3) } else { rest.find('>').map(|at| at + 1) };
        let Some(end) = end else { return false };
        rest = rest[end..].trim_start();
    }
    let root = rest.split('>').next().unwrap_or_default();
    root.starts_with('<') && root.to_ascii_lowercase().contains("edxml")
}

/// What the header declares.
fn declared(root: &Element) -> Vec<Declared> {
    let all = root.descendants();
    let find = |name: &str| all.iter().find(|element| element.local().eq_ignore_ascii_case(name)).copied();
    let within = |outer: &str, inner: &str| {
        let outer = find(outer)?;
        outer.descendants().into_iter().find(|element| element.local().eq_ignore_ascii_case(inner))
    };
    let mut values = Vec::new();
    let mut say = |field: &str, element: Option<&Element>| {
        let raw = element.map(Element::text).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        if raw.is_empty() {
            return;
        }
        let value =
            if matches!(field, "date" | "due") { date(&raw).unwrap_or_else(|| raw.clone()) } else { raw.clone() };
        values.push(Declared { field: field.into(), value, raw, source: "edxml".into() });
    };
    say("number", within("Code", "CodeNumber"));
    say("symbol", within("Code", "CodeNotation"));
    say("place", within("PromulgationInfo", "Place"));
    say("date", within("PromulgationInfo", "PromulgationDate"));
    say("type", within("DocumentType", "TypeName").or_else(|| find("TypeName")));
    say("subject", find("Subject"));
    say("issuer", within("From", "OrganName"));
    say("signer", within("SignerInfo", "FullName").or_else(|| within("Author", "FullName")));
    say("position", within("SignerInfo", "Position"));
    say("authority", within("SignerInfo", "Competence"));
    say("due", find("DueDate"));
    let recipients = |element: &&&Element| element.local().eq_ignore_ascii_case("To");
    for to in all.iter().filter(recipients) {
        say("recipient", to.descendants().into_iter().find(|element| element.local() == "OrganName"));
    }
    if let Some(places) = find("ToPlaces") {
        places.elements().filter(|element| element.local() == "Place").for_each(|place| say("recipient", Some(place)));
    }
    values
}

/// `2016/04/01`, `2016-04-01T…`, `01/04/2016` as ISO 8601; none for what is no date.
fn date(raw: &str) -> Option<String> {
    let numbers: Vec<&str> = raw.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (year, month, day) = match numbers[..] {
        [year, month, day, ..] if year.len() == 4 => (year, month, day),
        [day, month, year, ..] if year.len() == 4 => (year, month, day),
        _ => return None,
    };
    let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
    let date = jiff::civil::Date::new(year.parse().ok()?, month, day).ok()?;
    Some(date.to_string())
}

/// Hands on the documents inside, each with what the envelope declares.
pub(super) fn attachments(bytes: &[u8], inside: &mut Inside<'_>, take: &mut Take<'_>) -> Result<()> {
    // The documents stand in it as text, half as large again.
    let limits = Limits { text_bytes: inside.limits.file_bytes as usize / 8, ..*inside.limits };
    let root = xml::parse(bytes, "edXML", &limits)?;
    let declared = declared(&root);
    let all = root.descendants();
    // The manifest names each part by its content's name.
    let references: Vec<(&str, String)> = all
        .iter()
        .filter(|element| element.local().eq_ignore_ascii_case("Reference"))
        .filter_map(|element| {
            let inside = element.descendants();
            let text = |name: &str| inside.iter().find(|e| e.local().eq_ignore_ascii_case(name)).map(|e| e.text());
            let id = ["xlink:href", "href", "edXML:href"].iter().find_map(|name| element.attr(name))?;
            Some((id.trim_start_matches("cid:"), text("AttachmentName").or_else(|| text("Description"))?))
        })
        .collect();
    let mut found = false;
    for attachment in all.iter().filter(|element| element.local().eq_ignore_ascii_case("Attachment")) {
        let parts = attachment.descendants();
        let text = |name: &str| parts.iter().find(|e| e.local().eq_ignore_ascii_case(name)).map(|e| e.text());
        let Some(data) = text("ContentTransferEncoded").or_else(|| text("AttachmentContent")) else { continue };
        found = true;
        let id = text("ContentId").unwrap_or_default();
        let id = id.trim().trim_start_matches("cid:");
        let name = text("AttachmentName")
            .or_else(|| references.iter().find(|(reference, _)| *reference == id).map(|(_, name)| name.clone()));
        let name = name.unwrap_or_else(|| id.to_owned()).trim().to_owned();
        match decode(&data) {
            None => take(
                Err(Error::Damaged { format: "edXML", reason: format!("the attachment `{name}` is not valid Base64") }),
                inside,
            ),
            Some(bytes) if bytes.len() as u64 > *inside.left => {
                let limit = inside.limits.unpacked_bytes;
                return Err(too_large("unpacked file", limit + 1, limit));
            }
            Some(bytes) => {
                *inside.left -= bytes.len() as u64;
                take(Ok(Unpacked { name, bytes, declared: declared.clone() }), inside);
            }
        }
    }
    if found {
        return Ok(());
    }
    let number = declared.iter().filter(|said| matches!(said.field.as_str(), "number" | "symbol"));
    let number = number.map(|said| said.value.as_str()).collect::<Vec<_>>().join("/");
    let reason = if number.is_empty() {
        "an envelope without a document in it".to_owned()
    } else {
        format!("the envelope of {number}, without the document itself")
    };
    Err(Error::NotADocument(reason))
}

/// Base64 (RFC 4648), white space left out; none if a character does not belong.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_dates_are_read() {
        assert_eq!(decode("S+G6vw==\n").as_deref(), Some("Kế".as_bytes()));
        assert_eq!((decode("S+*"), decode("")), (None, None));
        for raw in ["2016/04/01", "2016-04-01T00:00:00", "01/04/2016"] {
            assert_eq!(date(raw).as_deref(), Some("2016-04-01"));
        }
        assert_eq!(date("2016/13/45"), None);
    }
}
