//! Pages that are handed in: pasted, as a file, or over the API.

use std::fmt;
use std::sync::Arc;

use super::{Field, Flaw};
use crate::article::MediaType;
use crate::plain;
use crate::queue::Body;

/// Longest name of a file that is kept, in characters.
const MAX_NAME: usize = 200;

/// A page as it was handed in, not yet looked at.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::web) struct Page {
    /// Where it came.
    field: Field,
    /// How its sender says that it is to be read.
    media_type: Option<MediaType>,
    name: String,
    bytes: Arc<[u8]>,
    /// Why there are no bytes.
    fault: Option<String>,
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("field", &self.field)
            .field("name", &self.name)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl Page {
    /// A page as HTML.
    pub(in crate::web) fn html(text: String) -> Self {
        Self::of_text(Field::Html, MediaType::Html, text)
    }

    /// A page as text, or Markdown.
    pub(in crate::web) fn text(text: String) -> Self {
        Self::of_text(Field::Text, MediaType::Text, text)
    }

    /// What somebody pasted: HTML if it begins like that, else text.
    pub(in crate::web) fn pasted(text: String) -> Self {
        let media_type = if is_markup(&text) {
            MediaType::Html
        } else {
            MediaType::Text
        };
        Self::of_text(Field::Text, media_type, text)
    }

    fn of_text(field: Field, media_type: MediaType, text: String) -> Self {
        Self {
            field,
            media_type: Some(media_type),
            name: String::new(),
            bytes: text.into_bytes().into(),
            fault: None,
        }
    }

    /// A file of this name, which may be empty.
    pub(in crate::web) fn file(name: &str, media_type: Option<MediaType>, bytes: Vec<u8>) -> Self {
        // Some browsers tell the whole path.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        Self {
            field: Field::File,
            media_type,
            name: plain::short(name, MAX_NAME),
            bytes: bytes.into(),
            fault: None,
        }
    }

    /// One that could not be read from the request.
    pub(in crate::web) fn broken(field: Field, why: String) -> Self {
        Self {
            field,
            media_type: None,
            name: String::new(),
            bytes: Arc::default(),
            fault: Some(why),
        }
    }

    /// What a job carries of it, or what is wrong with it.
    pub(super) fn body(&self, max: usize) -> Result<Body, Flaw> {
        let flaw = |detail: String| Err(Flaw::new(self.field, detail));
        if let Some(why) = &self.fault {
            return flaw(why.clone());
        }
        let what = self.in_words();
        let blank = |c: &u8| c.is_ascii_whitespace() || c.is_ascii_control();
        if self.bytes.iter().all(blank) {
            return flaw(format!("{what} is empty"));
        }
        let size = self.bytes.len();
        if size > max {
            return flaw(format!(
                "{what} has {size} bytes; at most {max} are taken (`article.max_size`)"
            ));
        }
        let media_type = match self.media_type {
            Some(media_type) if self.field != Field::File => media_type,
            declared => match self.file_type(declared) {
                Ok(media_type) => media_type,
                Err(why) => return flaw(format!("{what} {why}")),
            },
        };
        Ok(Body {
            charset: (self.field != Field::File).then(|| "utf-8".to_owned()),
            file_name: Some(self.name.clone()).filter(|name| !name.is_empty()),
            ..Body::new(media_type, Arc::clone(&self.bytes))
        })
    }

    /// What begins like a PDF is one, whatever it is called.
    fn file_type(&self, declared: Option<MediaType>) -> Result<MediaType, &'static str> {
        let found = MediaType::of_file(&self.name, &self.bytes)
            .ok_or("is neither text nor PDF; send HTML, PDF, plain text or Markdown")?;
        match declared {
            Some(MediaType::Pdf) if found != MediaType::Pdf => {
                Err("is said to be a PDF, and does not begin like one")
            }
            Some(declared) if found != MediaType::Pdf => Ok(declared),
            _ => Ok(found),
        }
    }

    fn in_words(&self) -> String {
        match self.field {
            Field::File if self.name.is_empty() => "the file".into(),
            Field::File => format!("the file `{}`", self.name),
            _ => "the page".into(),
        }
    }
}

/// Whether a text begins with an element or a declaration, and closes some: parts of pages are pasted, too.
fn is_markup(text: &str) -> bool {
    let inside = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let mut start = inside.chars();
    start.next() == Some('<')
        && start
            .next()
            .is_some_and(|c| c == '!' || c == '?' || c.is_ascii_alphabetic())
        && inside.contains("</")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &Page) -> Result<MediaType, String> {
        let body = page.body(64).map_err(|flaw| flaw.detail)?;
        Ok(body.media_type)
    }

    #[test]
    fn pages_are_known_by_what_they_are() {
        use MediaType::{Html, Markdown, Pdf, Text};
        let file = |name, declared, bytes: &[u8]| Page::file(name, declared, bytes.to_vec());
        for (page, expected) in [
            (Page::pasted("<!doctype html><p>x</p>".into()), Html),
            (Page::pasted(" \n<div class=a>x</div>".into()), Html),
            (Page::pasted("<APT29> was seen".into()), Text),
            (Page::pasted("a < b </p>".into()), Text),
            (Page::text("<p>x</p>".into()), Text),
            (Page::html("x".into()), Html),
            (file("a.html", None, b"<p>x"), Html),
            (file("C:\\x\\a.MD", None, b"# x"), Markdown),
            (file("", None, b"x"), Text),
            (file("a.txt", None, b"%PDF-1.7"), Pdf),
            (file("a.txt", Some(Html), b"x"), Html),
            (file("", Some(Text), b"<html>"), Text),
            (file("", Some(Text), b"%PDF-1.7"), Pdf),
            (file("", Some(Pdf), b"%PDF-1.7"), Pdf),
        ] {
            assert_eq!(read(&page), Ok(expected), "{page:?}");
        }
    }

    #[test]
    fn what_is_no_page_is_refused_in_words() {
        let file = |name, declared, bytes: &[u8]| Page::file(name, declared, bytes.to_vec());
        for (page, says) in [
            (Page::pasted(" \n\0".into()), "the page is empty"),
            (file("a.pdf", None, b""), "`a.pdf` is empty"),
            (
                file("a/b.exe", None, b"MZ\0\x01"),
                "`b.exe` is neither text nor PDF",
            ),
            (
                file("", Some(MediaType::Pdf), b"x"),
                "does not begin like one",
            ),
            (Page::text("x".repeat(65)), "has 65 bytes; at most 64"),
        ] {
            let why = read(&page).unwrap_err();
            assert!(why.contains(says), "{page:?}: {why}");
        }
    }

    #[test]
    fn names_and_encodings_go_along() {
        let body = Page::file("..\\a\n/b\u{202e}.txt", None, b"x".to_vec())
            .body(9)
            .unwrap();
        assert_eq!(body.file_name.as_deref(), Some("b\u{fffd}.txt"));
        assert_eq!(body.charset, None);
        let body = Page::text("x".into()).body(9).unwrap();
        assert_eq!(
            (body.file_name, body.charset.as_deref()),
            (None, Some("utf-8"))
        );
    }
}
