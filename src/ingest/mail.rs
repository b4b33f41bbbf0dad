//! A mail (RFC 5322) into its own text, and into the files that are attached to it.

use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};

use super::archive::{Inside, Take, Unpacked};
use super::{html, too_large};
use crate::document::{Digest, Document, Format, Limits, from_text};
use crate::error::{Error, Result};

fn parse(bytes: &[u8]) -> Result<Message<'_>> {
    MessageParser::default()
        .parse(bytes)
        .ok_or_else(|| Error::Damaged { format: "mail", reason: "it has no headers that can be read".into() })
}

/// Reads the mail itself: who writes to whom, when, about what, and the text.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document> {
    let message = parse(bytes)?;
    let mut text = String::new();
    let mut header = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            text.push_str(&format!("{name}: {}\n", value.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    };
    header("From", message.from().map(people));
    header("To", message.to().map(people));
    header("Cc", message.cc().map(people));
    header("Date", message.date().map(mail_parser::DateTime::to_rfc3339));
    header("Subject", message.subject().map(str::to_owned));
    text.push('\n');
    text.push_str(&body(&message, limits)?);
    if text.len() > limits.text_bytes {
        return Err(too_large("text", text.len() as u64, limits.text_bytes as u64));
    }
    Ok(from_text(Digest::of(bytes), Format::Eml, text.replace("\r\n", "\n").replace('\0', "")))
}

/// The text that the writer typed: as plain text if the mail has one, else what its page shows.
fn body(message: &Message<'_>, limits: &Limits) -> Result<String> {
    let part = |list: &[u32]| list.first().and_then(|id| message.parts.get(*id as usize)).map(|part| &part.body);
    match (part(&message.text_body), part(&message.html_body)) {
        (Some(PartType::Text(text)), _) => Ok(text.to_string()),
        (_, Some(PartType::Html(page))) => Ok(html::read(page.as_bytes(), limits)?.raw),
        _ => Ok(String::new()),
    }
}

fn people(address: &Address<'_>) -> String {
    let one = |person: &mail_parser::Addr<'_>| match (person.name(), person.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    };
    address.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Hands on what is attached. Pictures that the text itself shows (logos) are no documents.
pub(super) fn attachments(bytes: &[u8], inside: &mut Inside<'_>, take: &mut Take<'_>) -> Result<()> {
    let message = parse(bytes)?;
    if message.attachments.len() > inside.limits.members {
        return Err(too_large("member count", message.attachments.len() as u64, inside.limits.members as u64));
    }
    for part in message.attachments() {
        let shown = part.content_id().is_some()
            && part.content_type().is_some_and(|kind| kind.ctype() == "image")
            && part.content_disposition().is_none_or(|how| !how.is_attachment());
        if shown {
            continue;
        }
        let (name, bytes) = match &part.body {
            PartType::Message(inner) => (inner.subject().map(|subject| format!("{subject}.eml")), &*inner.raw_message),
            _ => (part.attachment_name().map(str::to_owned), part.contents()),
        };
        let size = bytes.len() as u64;
        if size == 0 {
            continue;
        }
        if size > *inside.left {
            return Err(too_large("unpacked file", inside.limits.unpacked_bytes + 1, inside.limits.unpacked_bytes));
        }
        *inside.left -= size;
        let unpacked = Unpacked { name: name.unwrap_or_default(), bytes: bytes.to_vec(), declared: Vec::new() };
        take(Ok(unpacked), inside);
    }
    Ok(())
}
