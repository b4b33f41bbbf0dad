//! JSON-LD 1.1 with the ELI ontology and schema.org's Legislation.
//!
//! Each node is an `eli:LegalResource`; each edge stands twice: as the property that ELI and
//! schema.org have for it, from document to document, and as a `vanban:citation` with what they
//! have no words for: our relation, the outcome, how sure it is, the sentences.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::store::{GraphView, NodeBrief};

use super::terms::{iri, term};

/// Base of the IRIs where none is given: a name of our own that leads nowhere.
pub const BASE: &str = "urn:vanban:";

/// Writes `view`, its IRIs under `base` (which ends in `/`, `#` or `:`).
pub(super) fn write(view: &GraphView, base: &str, out: &mut impl Write) -> io::Result<()> {
    let mut edges: BTreeMap<&str, Vec<&crate::store::GraphEdge>> = BTreeMap::new();
    for edge in &view.edges {
        edges.entry(&edge.source).or_default().push(edge);
    }
    let graph: Vec<Value> = view
        .nodes
        .iter()
        .map(|node| {
            let mut object = resource(node, base);
            let mut links: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            let mut proofs = Vec::new();
            for edge in edges.get(node.key.as_str()).into_iter().flatten() {
                let (term, target) = (term(&edge.relation), json!({ "@id": iri(base, &edge.target) }));
                for property in [format!("eli:{}", term.eli), format!("schema:{}", term.schema)] {
                    let list = links.entry(property).or_default();
                    if !list.contains(&target) {
                        list.push(target.clone());
                    }
                }
                let mut proof = json!({
                    "@type": "vanban:Citation",
                    "vanban:cites": target,
                    "vanban:relation": edge.relation,
                    "vanban:outcome": edge.outcome,
                    "vanban:score": edge.score,
                    "vanban:confidence": edge.confidence,
                    "vanban:sentence": edge.evidence,
                });
                if let (Some(number), Value::Object(proof)) = (term.vbpl, &mut proof) {
                    proof.insert("vanban:vbplReferenceType".into(), number.into());
                }
                if let (Some(locator), Value::Object(proof)) = (&edge.locator, &mut proof) {
                    proof.insert("vanban:locator".into(), locator.as_str().into());
                }
                proofs.push(proof);
            }
            object.extend(links.into_iter().map(|(property, list)| (property, Value::Array(list))));
            if !proofs.is_empty() {
                object.insert("vanban:citation".into(), proofs.into());
            }
            Value::Object(object)
        })
        .collect();
    let document = json!({
        "@context": {
            "eli": "http://data.europa.eu/eli/ontology#",
            "schema": "https://schema.org/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "vanban": format!("{base}ns/"),
        },
        "@graph": graph,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn resource(node: &NodeBrief, base: &str) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    let text = |text: &str| json!({ "@value": text, "@language": "vi" });
    put("@id", iri(base, &node.key).into());
    put("@type", json!(["eli:LegalResource", "schema:Legislation"]));
    put("eli:id_local", node.printed.as_str().into());
    put("schema:legislationIdentifier", node.printed.as_str().into());
    put("vanban:key", node.key.as_str().into());
    put("vanban:state", node.state.as_str().into());
    put("schema:legislationJurisdiction", "VN".into());
    if let Some(kind) = &node.kind {
        put("schema:legislationType", text(kind));
        // ELI's range is a concept of a list; ours has a name only.
        put(
            "eli:type_document",
            json!({ "@type": "http://www.w3.org/2004/02/skos/core#Concept", "schema:name": text(kind) }),
        );
    }
    if let Some(title) = &node.title {
        put("eli:title", text(title));
        put("schema:name", text(title));
    }
    if let Some(date) = &node.date {
        let day = json!({ "@type": "xsd:date", "@value": date });
        put("eli:date_document", day.clone());
        put("schema:legislationDate", day);
    }
    if let Some(issuer) = &node.issuer {
        let body = json!({ "@type": "schema:GovernmentOrganization", "schema:name": text(issuer) });
        put("eli:passed_by", body.clone());
        put("schema:legislationPassedBy", body);
    }
    object
}
