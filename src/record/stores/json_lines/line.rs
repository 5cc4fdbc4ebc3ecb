//! What does one line say?

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::id::hex;
use crate::record::artefact::Artefact;
use crate::record::head::Head;
use crate::record::row::Row;

/// A line of the file. What stands before a head counts only with that head.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line {
    Row(RowLine),
    Artefact(ArtefactLine),
    Hold {
        receipt: String,
        reason: String,
    },
    Release {
        receipt: String,
    },
    /// The position that the next row gets, where rows were taken out.
    Next(u64),
    /// Without its sketch, which stands beside the file.
    Head(String),
}

/// A row; identifiers and tag in hexadecimal.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RowLine {
    pub(super) position: u64,
    id: String,
    receipt: String,
    at: i64,
    text: String,
    tag: String,
}

/// An artefact; its bytes in base64.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ArtefactLine {
    pub(super) id: String,
    r#type: String,
    bytes: String,
}

impl Line {
    /// Reads a line; `None` where it is none of ours.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    pub(super) fn row(position: u64, row: &Row) -> Self {
        Self::Row(RowLine {
            position,
            id: row.id.to_hex(),
            receipt: row.receipt.to_hex(),
            at: i64::try_from(row.at.unix_seconds()).unwrap_or(i64::MAX),
            text: row.text.clone(),
            tag: hex(&row.tag),
        })
    }

    pub(super) fn artefact(artefact: &Artefact) -> Self {
        Self::Artefact(ArtefactLine {
            id: artefact.id().to_hex(),
            r#type: artefact.content_type().to_owned(),
            bytes: STANDARD.encode(artefact.bytes()),
        })
    }

    pub(super) fn head(head: &Head) -> Self {
        Self::Head(hex(&head.to_brief_bytes()))
    }

    /// Adds the line with its end to what is to be written.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        // Plain values always serialise.
        let _ = serde_json::to_writer(&mut *out, self);
        out.push(b'\n');
    }
}

impl RowLine {
    pub(super) fn into_row(self) -> Row {
        Row::from_columns(
            &from_hex(&self.id),
            &from_hex(&self.receipt),
            self.at,
            self.text.as_bytes(),
            &from_hex(&self.tag),
        )
    }
}

impl ArtefactLine {
    pub(super) fn into_artefact(self) -> Artefact {
        Artefact::new(
            self.r#type,
            STANDARD.decode(self.bytes.as_bytes()).unwrap_or_default(),
        )
    }
}

/// A row that holds what stands in a line that is none of ours, so that it can be named.
pub(super) fn damaged(line: &[u8]) -> Row {
    Row::from_columns(&[], &[], 0, line, &[])
}

/// The bytes as far as they can be read.
pub(super) fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks_exact(2)
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
