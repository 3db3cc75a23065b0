//! Fonts: what codes mean, and how wide their glyphs are.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::{Dictionary, Document, Encoding, Object};

/// A font of the document.
pub(super) struct Font<'a> {
    encoding: Option<Encoding<'a>>,
    widths: Widths,
    pub(super) bold: bool,
}

/// Advance widths in thousandths of the font size.
enum Widths {
    /// One byte a code, from the first code on.
    Simple { first: usize, widths: Vec<f64> },
    /// Two bytes a code.
    Composite {
        widths: HashMap<u16, f64>,
        default: f64,
    },
    /// None given: one of the standard fonts.
    Standard { monospaced: bool },
}

/// The fonts met so far; each is read once.
pub(super) struct Fonts<'a> {
    document: &'a Document,
    known: HashMap<*const Dictionary, Rc<Font<'a>>>,
}

impl<'a> Fonts<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            known: HashMap::new(),
        }
    }

    pub(super) fn get(&mut self, dictionary: &'a Dictionary) -> Rc<Font<'a>> {
        let document = self.document;
        let font = self
            .known
            .entry(std::ptr::from_ref(dictionary))
            .or_insert_with(|| Rc::new(read(document, dictionary)));
        Rc::clone(font)
    }
}

fn read<'a>(document: &'a Document, dictionary: &'a Dictionary) -> Font<'a> {
    let name = dictionary.get(b"BaseFont").and_then(Object::as_name);
    let name = String::from_utf8_lossy(name.unwrap_or_default()).to_lowercase();
    Font {
        encoding: dictionary
            .get_font_encoding_with_limit(document, super::MAX_STREAM)
            .ok(),
        widths: widths(document, dictionary, &name),
        bold: name.contains("bold") || name.contains("black") || name.contains("heavy"),
    }
}

fn widths(document: &Document, dictionary: &Dictionary, name: &str) -> Widths {
    if let Some(descendant) = descendant(document, dictionary) {
        let default = number(document, descendant.get(b"DW").ok()).unwrap_or(1000.0);
        let list = array(document, descendant.get(b"W").ok());
        return Widths::Composite {
            widths: composite(document, list),
            default,
        };
    }
    let list = array(document, dictionary.get(b"Widths").ok());
    if list.is_empty() {
        let monospaced = name.contains("courier") || name.contains("mono");
        return Widths::Standard { monospaced };
    }
    let first = number(document, dictionary.get(b"FirstChar").ok()).unwrap_or_default();
    let read = |width| number(document, Some(width)).unwrap_or_default();
    Widths::Simple {
        first: index(first),
        widths: list.iter().map(read).collect(),
    }
}

fn descendant<'a>(document: &'a Document, dictionary: &'a Dictionary) -> Option<&'a Dictionary> {
    let list = array(document, dictionary.get(b"DescendantFonts").ok());
    let (_, font) = document.dereference(list.first()?).ok()?;
    font.as_dict().ok()
}

/// Codes given a width, at most; a few lines may name all of them over and over.
const MAX_CODES: usize = 1 << 20;

/// `[code [w w w] first last w …]`
fn composite(document: &Document, entries: &[Object]) -> HashMap<u16, f64> {
    let mut widths = HashMap::new();
    let mut total = 0;
    let mut rest = entries.iter();
    while let (Some(first), Some(next)) = (rest.next(), rest.next()) {
        let first = index(number(document, Some(first)).unwrap_or_default());
        let single = array(document, Some(next));
        let given: Vec<(usize, Option<&Object>)> = if single.is_empty() {
            let last = index(number(document, Some(next)).unwrap_or_default());
            let width = rest.next();
            let codes = first..=last.min(usize::from(u16::MAX));
            codes.map(|code| (code, width)).collect()
        } else {
            (first..).zip(single.iter().map(Some)).collect()
        };
        total += given.len();
        if total > MAX_CODES {
            break;
        }
        for (code, object) in given {
            let wide = number(document, object).unwrap_or_default();
            widths.extend(u16::try_from(code).ok().map(|code| (code, wide)));
        }
    }
    widths
}

fn array<'a>(document: &'a Document, object: Option<&'a Object>) -> &'a [Object] {
    let found = object.and_then(|object| document.dereference(object).ok());
    let list = found.and_then(|(_, object)| object.as_array().ok());
    list.map(Vec::as_slice).unwrap_or_default()
}

/// A number, directly or by reference.
pub(super) fn number(document: &Document, object: Option<&Object>) -> Option<f64> {
    let (_, object) = document.dereference(object?).ok()?;
    object.as_float().ok().map(f64::from)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "codes are small; `as` saturates"
)]
fn index(number: f64) -> usize {
    number as usize
}

impl Font<'_> {
    /// What the codes stand for.
    pub(super) fn text(&self, codes: &[u8]) -> String {
        let encoding = self.encoding.as_ref();
        let text = encoding.and_then(|encoding| encoding.bytes_to_string(codes).ok());
        text.unwrap_or_default()
    }

    /// Length of the codes set in this font at size 1, number of glyphs, and how many of them are blanks to which
    /// word spacing applies.
    pub(super) fn measure(&self, codes: &[u8]) -> (f64, u32, u32) {
        let (mut width, mut glyphs, mut blanks) = (0.0, 0, 0);
        match &self.widths {
            Widths::Composite { widths, default } => {
                for code in codes.chunks(2) {
                    let code = code
                        .iter()
                        .fold(0, |code, byte| code << 8 | u16::from(*byte));
                    width += widths.get(&code).unwrap_or(default);
                    glyphs += 1;
                }
            }
            Widths::Simple { first, widths } => {
                for code in codes {
                    let at = usize::from(*code).checked_sub(*first);
                    width += at
                        .and_then(|at| widths.get(at))
                        .copied()
                        .unwrap_or_default();
                    glyphs += 1;
                    blanks += u32::from(*code == b' ');
                }
            }
            Widths::Standard { monospaced } => {
                for code in codes {
                    width += if *monospaced { 600.0 } else { standard(*code) };
                    glyphs += 1;
                    blanks += u32::from(*code == b' ');
                }
            }
        }
        (width / 1000.0, glyphs, blanks)
    }
}

/// Widths of Helvetica from the blank to the tilde (Adobe's font metrics), in thousandths.
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

fn standard(code: u8) -> f64 {
    let at = code.checked_sub(b' ').map(usize::from);
    at.and_then(|at| HELVETICA.get(at))
        .map_or(556.0, |width| f64::from(*width))
}
