//! The instructions of a page, followed as far as they place text (ISO 32000-1, 8.3 and 9).

use std::rc::Rc;
use std::time::Instant;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId};

use super::font::{Font, Fonts};
use super::layout::{Layout, Piece};

/// How deep forms are followed within forms.
const DEPTH: u8 = 6;
/// Instructions between two looks at the clock.
const PER_LOOK: usize = 4096;

/// Reads the text of a page. Fails when the time is up.
pub(super) fn read<'a>(
    document: &'a Document,
    page: ObjectId,
    fonts: &mut Fonts<'a>,
    layout: &mut Layout,
    end: Instant,
) -> Result<(), ()> {
    let Ok(content) = document.get_page_content_with_limit(page, super::MAX_STREAM) else {
        return Ok(());
    };
    let mut resources = Vec::new();
    if let Ok((direct, ids)) = document.get_page_resources(page) {
        resources.extend(direct);
        resources.extend(
            ids.iter()
                .filter_map(|id| document.get_dictionary(*id).ok()),
        );
    }
    let mut reader = Reader {
        document,
        fonts,
        layout,
        end,
    };
    reader.run(&content, &resources, IDENTITY, 0)
}

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

struct Reader<'r, 'a> {
    document: &'a Document,
    fonts: &'r mut Fonts<'a>,
    layout: &'r mut Layout,
    end: Instant,
}

impl<'a> Reader<'_, 'a> {
    fn run(
        &mut self,
        content: &[u8],
        resources: &[&'a Dictionary],
        ctm: Matrix,
        depth: u8,
    ) -> Result<(), ()> {
        let Ok(content) = Content::decode(content) else {
            return Ok(());
        };
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
        for (number, operation) in content.operations.iter().enumerate() {
            if number % PER_LOOK == 0 && Instant::now() > self.end {
                return Err(());
            }
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
    ) -> Result<(), ()> {
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
        if !is_form || depth >= DEPTH || Instant::now() > self.end {
            return Ok(());
        }
        let Ok(content) = stream.decompressed_content_with_limit(super::MAX_STREAM) else {
            return Ok(());
        };
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
