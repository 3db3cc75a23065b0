//! PDF: its text layer as plain text.
//!
//! A PDF places glyphs, it does not write text. [`content`] follows the page's instructions to where each piece of
//! text stands, and [`layout`] makes lines of the pieces: a gap is a blank, a wide gap a column, larger or bold
//! type a heading. The result is read like any plain text.

mod content;
mod font;
mod layout;
mod objects;

use std::time::{Duration, Instant};

use lopdf::{DecompressError, Document, Object};

/// Pages read of a document.
const MAX_PAGES: usize = 2_000;
/// Text read of a document, in bytes.
const MAX_TEXT: usize = 16 << 20;
/// What any stream of it may decompress to: a page's content, a form, a list of objects, a font's map.
const MAX_STREAM: usize = 4 << 20;

/// What a document holds.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// By its own metadata; empty if they name a file or nothing.
    pub(super) title: String,
    /// With `#` before headings and tabs between columns.
    pub(super) text: String,
}

/// Why a document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It wants a password.
    Encrypted,
    /// It is damaged, or larger than it may be: how.
    Damaged(String),
    /// It has pages but no text: scanned paper, or type turned into outlines.
    NoText,
    /// It takes longer than it may.
    Time,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Encrypted => f.write_str("is a PDF that wants a password; save it without one"),
            Self::Damaged(why) => write!(f, "is a PDF that cannot be read: {why}"),
            Self::NoText => f.write_str(
                "is a PDF without a text layer (scanned pages?); run it through text recognition first",
            ),
            Self::Time => f.write_str("is a PDF that takes longer than `article.parse_timeout`"),
        }
    }
}

/// Reads the text layer of a document.
pub(super) fn read(bytes: &[u8], limit: Duration) -> Result<Text, Fault> {
    let end = Instant::now() + limit;
    let mut document = load(bytes, false)?;
    // As a load without a filter would do by itself.
    if document.page_iter().next().is_none() {
        document = load(bytes, true)?;
    }
    if document.is_encrypted() && !document.was_encrypted() {
        return Err(Fault::Encrypted);
    }
    let mut reader = content::Reader::new(&document, end);
    let mut pages = document.page_iter().take(MAX_PAGES).peekable();
    if pages.peek().is_none() {
        return Err(Fault::Damaged("it has no pages".into()));
    }
    for page in pages {
        reader.read(page)?;
        if reader.len() > MAX_TEXT {
            break;
        }
    }
    let (text, damage) = reader.into_text();
    if text.trim().is_empty() {
        return Err(damage.map_or(Fault::NoText, Fault::Damaged));
    }
    Ok(Text {
        title: title(&document),
        text,
    })
}

/// Loads a document; `rebuild`: by looking for its objects, whatever its table of them says.
fn load(bytes: &[u8], rebuild: bool) -> Result<Document, Fault> {
    let too_many = || Fault::Damaged("it has more objects than a document can use".into());
    let mut options = objects::bounded(bytes).ok_or_else(too_many)?;
    options.force_reconstruct = rebuild;
    let document = Document::load_mem_with_options(bytes, options);
    if objects::were_too_many() {
        return Err(too_many());
    }
    document.map_err(|error| fault(&error))
}

fn fault(error: &lopdf::Error) -> Fault {
    match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => Fault::Encrypted,
        lopdf::Error::Decompress(DecompressError::MemoryLimitExceeded { limit }) => Fault::Damaged(
            format!("a stream of objects is larger than {}", mib(*limit)),
        ),
        error => Fault::Damaged(error.to_string()),
    }
}

/// A size, as it is told.
fn mib(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}

/// The title of the document's information dictionary. What word processors put there by themselves is none.
fn title(document: &Document) -> String {
    let info = document.trailer.get(b"Info").ok();
    let info = info.and_then(|info| document.dereference(info).ok());
    let title = info
        .and_then(|(_, info)| info.as_dict().ok())
        .and_then(|info| info.get(b"Title").ok())
        .and_then(|title| document.dereference(title).ok())
        .and_then(|(_, title): (_, &Object)| lopdf::decode_text_string(title).ok())
        .unwrap_or_default();
    let title = crate::event::text::line(&title);
    let lower = title.to_lowercase();
    let generated = [
        "microsoft word",
        "microsoft powerpoint",
        "untitled",
        "powerpoint",
    ];
    let files = [
        ".doc", ".docx", ".indd", ".pdf", ".pptx", ".odt", ".tex", ".html",
    ];
    let is_name = generated.iter().any(|start| lower.starts_with(start))
        || files.iter().any(|end| lower.ends_with(end));
    if is_name { String::new() } else { title }
}

#[cfg(test)]
mod tests;
