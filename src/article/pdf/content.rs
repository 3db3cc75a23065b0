//! The instructions of a page, followed as far as they place text (ISO 32000-1, 8.3 and 9).

use std::rc::Rc;
use std::time::Instant;

use lopdf::content::{Content, Operation};
use lopdf::{DecompressError, Dictionary, Document, Object, ObjectId, Stream};

use super::Fault;
use super::font::{Font, Fonts};
use super::layout::{Layout, Piece};

/// How deep forms are followed within forms.
const DEPTH: u8 = 6;
/// Instructions between two looks at the clock.
const PER_LOOK: usize = 4096;
/// What the contents of all pages may decompress to, a form counted each time that it is drawn.
const MAX_CONTENT: usize = 64 << 20;
/// What the objects of a page's content may take in memory, those of the forms being drawn included (see [`room`]).
const MAX_ROOM: usize = 128 << 20;

/// `[a b c d e f]`
type Matrix = [f64; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First one, then the other.
fn times(first: Matrix, then: Matrix) -> Matrix {
    let [xx, xy, yx, yy, x, y] = first;
    let mapped = |x: f64, y: f64| (x * then[0] + y * then[2], x * then[1] + y * then[3]);
    let (across, down, moved) = (mapped(xx, xy), mapped(yx, yy), mapped(x, y));
    [
        across.0,
        across.1,
        down.0,
        down.1,
        moved.0 + then[4],
        moved.1 + then[5],
    ]
}

/// What of the graphics state matters for text.
#[derive(Clone)]
struct State<'a> {
    ctm: Matrix,
    text: Matrix,
    line: Matrix,
    font: Option<Rc<Font<'a>>>,
    size: f64,
    leading: f64,
    glyph_gap: f64,
    word_gap: f64,
    /// Horizontal scale.
    stretch: f64,
}

/// Reads the pages of a document, one after the other.
pub(super) struct Reader<'a> {
    document: &'a Document,
    fonts: Fonts<'a>,
    layout: Layout,
    end: Instant,
    /// The page being read; the first is 1.
    page: usize,
    /// What further contents may decompress to.
    left: usize,
    /// What further objects may take.
    room: usize,
    damage: Option<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a Document, end: Instant) -> Self {
        Self {
            document,
            fonts: Fonts::new(document),
            layout: Layout::default(),
            end,
            page: 0,
            left: MAX_CONTENT,
            room: MAX_ROOM,
            damage: None,
        }
    }

    /// Reads the text of the next page. Fails when the time is up, or at a limit.
    pub(super) fn read(&mut self, page: ObjectId) -> Result<(), Fault> {
        self.page += 1;
        if self.document.get_dictionary(page).is_err() {
            self.damaged("is missing");
        }
        let mut content = Vec::new();
        for id in self.document.get_page_contents(page) {
            let stream = self.document.get_object(id).and_then(Object::as_stream);
            if let Ok(stream) = stream {
                content.extend(self.decoded(stream, super::MAX_STREAM - content.len())?);
                content.push(b'\n');
                content.truncate(super::MAX_STREAM);
            }
        }
        let mut resources = Vec::new();
        if let Ok((direct, ids)) = self.document.get_page_resources(page) {
            resources.extend(direct);
            let dictionary = |id: &ObjectId| self.document.get_dictionary(*id).ok();
            resources.extend(ids.iter().filter_map(dictionary));
        }
        self.run(&content, &resources, IDENTITY, 0)?;
        self.layout.end_page();
        Ok(())
    }

    /// Bytes of text so far.
    pub(super) fn len(&self) -> usize {
        self.layout.len()
    }

    /// The text, and what was damaged first.
    pub(super) fn into_text(self) -> (String, Option<String>) {
        (self.layout.into_text(), self.damage)
    }

    /// What a stream decompresses to, if that is within the limits; nothing if it is damaged.
    fn decoded(&mut self, stream: &Stream, max: usize) -> Result<Vec<u8>, Fault> {
        if Instant::now() > self.end {
            return Err(Fault::Time);
        }
        match stream.get_plain_content_with_limit(max.min(self.left)) {
            Ok(content) => {
                self.left = self.left.saturating_sub(content.len());
                Ok(content)
            }
            Err(lopdf::Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => {
                Err(Fault::Damaged(if self.left < max {
                    let max = super::mib(MAX_CONTENT);
                    format!("up to page {} its content is larger than {max}", self.page)
                } else {
                    let max = super::mib(super::MAX_STREAM);
                    format!("page {}'s content is larger than {max}", self.page)
                }))
            }
            Err(error) => {
                self.damaged(&format!("cannot be decoded: {error}"));
                Ok(Vec::new())
            }
        }
    }

    fn damaged(&mut self, how: &str) {
        let page = self.page;
        self.damage
            .get_or_insert_with(|| format!("page {page}'s content {how}"));
    }

    /// Follows the instructions of a page or form.
    fn run(
        &mut self,
        content: &[u8],
        resources: &[&'a Dictionary],
        ctm: Matrix,
        depth: u8,
    ) -> Result<(), Fault> {
        let taken = room(content);
        let Some(left) = self.room.checked_sub(taken) else {
            let max = super::mib(MAX_ROOM);
            let why = format!("page {}'s content takes more than {max} to read", self.page);
            return Err(Fault::Damaged(why));
        };
        self.room = left;
        self.follow(content, resources, ctm, depth)?;
        self.room += taken;
        Ok(())
    }

    fn follow(
        &mut self,
        content: &[u8],
        resources: &[&'a Dictionary],
        ctm: Matrix,
        depth: u8,
    ) -> Result<(), Fault> {
        let mut state = State {
            ctm,
            text: IDENTITY,
            line: IDENTITY,
            font: None,
            size: 1.0,
            leading: 0.0,
            glyph_gap: 0.0,
            word_gap: 0.0,
            stretch: 1.0,
        };
        let mut saved = Vec::new();
        let mut number = 0;
        // One at a time: together they take hundreds of times the room of the content.
        for operation in Content::decode_iter(content) {
            let Ok(operation) = &operation else {
                self.damaged("is damaged");
                break;
            };
            if number % PER_LOOK == 0 && Instant::now() > self.end {
                return Err(Fault::Time);
            }
            number += 1;
            match operation.operator.as_str() {
                "q" if saved.len() < 256 => saved.push(state.clone()),
                "Q" => state = saved.pop().unwrap_or(state),
                "Do" => self.form(operation, resources, state.ctm, depth)?,
                "Tf" => {
                    state.size = operand(operation, 1);
                    let name = operation
                        .operands
                        .first()
                        .and_then(|name| name.as_name().ok());
                    let font = name.and_then(|name| self.resource(resources, b"Font", name));
                    let font = font.and_then(|font| font.as_dict().ok());
                    state.font = font.map(|font| self.fonts.get(font));
                }
                "Tj" | "TJ" | "'" | "\"" => {
                    if matches!(operation.operator.as_str(), "'" | "\"") {
                        state.next_line();
                    }
                    for object in &operation.operands {
                        self.show(&mut state, object);
                    }
                }
                _ => state.set(operation),
            }
        }
        if number == 0 && !content.trim_ascii().is_empty() {
            self.damaged("is damaged");
        }
        Ok(())
    }

    /// An object of the resources, by the kind of it and its name there.
    fn resource(
        &self,
        resources: &[&'a Dictionary],
        kind: &[u8],
        name: &[u8],
    ) -> Option<&'a Object> {
        resources.iter().find_map(|resources| {
            let (_, named) = self.document.dereference(resources.get(kind).ok()?).ok()?;
            let object = named.as_dict().ok()?.get(name).ok()?;
            Some(self.document.dereference(object).ok()?.1)
        })
    }

    /// What a form holds that is drawn here.
    fn form(
        &mut self,
        operation: &Operation,
        resources: &[&'a Dictionary],
        ctm: Matrix,
        depth: u8,
    ) -> Result<(), Fault> {
        let name = operation
            .operands
            .first()
            .and_then(|name| name.as_name().ok());
        let object = name.and_then(|name| self.resource(resources, b"XObject", name));
        let Some(stream) = object.and_then(|object| object.as_stream().ok()) else {
            return Ok(());
        };
        let subtype = stream.dict.get(b"Subtype").and_then(Object::as_name);
        let is_form = subtype.is_ok_and(|name| name == b"Form");
        if !is_form || depth >= DEPTH {
            return Ok(());
        }
        let content = self.decoded(stream, super::MAX_STREAM)?;
        let matrix = stream.dict.get(b"Matrix").and_then(Object::as_array);
        let matrix = matrix.map_or(IDENTITY, |list| numbers(list));
        let own = stream.dict.get(b"Resources").ok();
        let own = own.and_then(|own| self.document.dereference(own).ok());
        let own = own.and_then(|(_, own)| own.as_dict().ok());
        let all: Vec<&Dictionary> = own.into_iter().chain(resources.iter().copied()).collect();
        self.run(&content, &all, times(matrix, ctm), depth + 1)
    }

    /// Places a text, or the texts and shifts of a list.
    fn show(&mut self, state: &mut State<'a>, object: &Object) {
        match object {
            Object::String(codes, _) => self.place(state, codes),
            Object::Array(list) => {
                for item in list {
                    if let Ok(shift) = item.as_float() {
                        state.advance(-f64::from(shift) / 1000.0 * state.size);
                    } else if let Ok(codes) = item.as_str() {
                        self.place(state, codes);
                    }
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, state: &mut State<'a>, codes: &[u8]) {
        let Some(font) = state.font.clone() else {
            return;
        };
        if self.layout.len() > super::MAX_TEXT {
            return;
        }
        let (width, glyphs, blanks) = font.measure(codes);
        let gaps = f64::from(glyphs) * state.glyph_gap + f64::from(blanks) * state.word_gap;
        let before = times(state.text, state.ctm);
        state.advance(width * state.size + gaps);
        let after = times(state.text, state.ctm);
        let text = font.text(codes);
        if text.is_empty() {
            return;
        }
        self.layout.push(&Piece {
            text: &text,
            start: (before[4], before[5]),
            end: (after[4], after[5]),
            size: state.size.abs() * before[2].hypot(before[3]),
            bold: font.bold,
        });
    }
}

impl State<'_> {
    /// Moves on along the line, by a length in text space.
    fn advance(&mut self, length: f64) {
        let shift = [1.0, 0.0, 0.0, 1.0, length * self.stretch, 0.0];
        self.text = times(shift, self.text);
    }

    fn move_line(&mut self, x: f64, y: f64) {
        self.line = times([1.0, 0.0, 0.0, 1.0, x, y], self.line);
        self.text = self.line;
    }

    fn next_line(&mut self) {
        self.move_line(0.0, -self.leading);
    }

    /// Instructions that place nothing themselves.
    fn set(&mut self, operation: &Operation) {
        let first = operand(operation, 0);
        match operation.operator.as_str() {
            "cm" => self.ctm = times(numbers(&operation.operands), self.ctm),
            "BT" => {
                self.text = IDENTITY;
                self.line = IDENTITY;
            }
            "Tm" => {
                self.line = numbers(&operation.operands);
                self.text = self.line;
            }
            "Td" => self.move_line(first, operand(operation, 1)),
            "TD" => {
                self.leading = -operand(operation, 1);
                self.move_line(first, operand(operation, 1));
            }
            "T*" => self.next_line(),
            "TL" => self.leading = first,
            "Tc" => self.glyph_gap = first,
            "Tw" => self.word_gap = first,
            "Tz" => self.stretch = first / 100.0,
            _ => {}
        }
    }
}

fn operand(operation: &Operation, at: usize) -> f64 {
    let operand = operation.operands.get(at);
    operand
        .and_then(|operand| operand.as_float().ok())
        .map(f64::from)
        .unwrap_or_default()
}

fn numbers(list: &[Object]) -> Matrix {
    let mut matrix = IDENTITY;
    for (slot, object) in matrix.iter_mut().zip(list) {
        *slot = object.as_float().map(f64::from).unwrap_or_default();
    }
    matrix
}

/// What the objects of a content take in memory, in bytes, if one instruction had all of them. Rather too much than
/// too little: what looks like an object within a string counts as one.
fn room(content: &[u8]) -> usize {
    let (mut slots, mut blank, mut fraction) = (0, true, false);
    for byte in content {
        let is_blank = matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0C' | b'\r' | b' ');
        slots += match byte {
            // Lists and dictionaries have slots to spare.
            b'[' => 6,
            b'<' => 4,
            b'(' | b'/' => 2,
            // Signs, second points, `true`, `false` and `null` begin an object with no blank before it.
            b'+' | b'-' | b't' | b'f' | b'n' => 1,
            b'.' if fraction => 1,
            _ => usize::from(blank && !is_blank),
        };
        fraction = !is_blank && (fraction || *byte == b'.');
        blank = is_blank;
    }
    slots * size_of::<Object>()
}
