//! Values at their places, by block and line.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::attributes::Form;
use crate::indicators::{Indicator, Origin};

/// An indicator at a place in a block's text.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    /// Its index.
    pub(super) number: usize,
    pub(super) indicator: &'a Indicator,
    pub(super) form: &'a Form,
    pub(super) block: usize,
    /// In the block's text.
    pub(super) span: Range<usize>,
}

/// What was found in each block's text, in order.
pub(super) struct Places<'a> {
    blocks: BTreeMap<usize, Vec<Found<'a>>>,
}

impl<'a> Places<'a> {
    /// Only of indicators, not of references: those are nothing an object is made of.
    pub(super) fn of(indicators: &'a [Indicator], forms: &'a [Option<Form>]) -> Self {
        let mut blocks: BTreeMap<usize, Vec<Found<'a>>> = BTreeMap::new();
        for (number, (indicator, form)) in indicators.iter().zip(forms).enumerate() {
            let Some(form) = form.as_ref().filter(|_| indicator.verdict.is_indicator()) else {
                continue;
            };
            for place in &indicator.places {
                if place.origin == Origin::Text {
                    blocks.entry(place.block).or_default().push(Found {
                        number,
                        indicator,
                        form,
                        block: place.block,
                        span: place.span.clone(),
                    });
                }
            }
        }
        for found in blocks.values_mut() {
            found.sort_by_key(|found| (found.span.start, found.number));
        }
        Self { blocks }
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = (usize, &[Found<'a>])> {
        self.blocks
            .iter()
            .map(|(block, found)| (*block, found.as_slice()))
    }

    pub(super) fn block(&self, number: usize) -> &[Found<'a>] {
        self.blocks.get(&number).map_or(&[], Vec::as_slice)
    }
}

/// The lines of a text in which something was found, with what was found in each.
pub(super) fn by_line<'f, 'a>(
    text: &str,
    found: &'f [Found<'a>],
) -> Vec<(Range<usize>, &'f [Found<'a>])> {
    let mut lines = Vec::new();
    let mut rest = found;
    while let Some(first) = rest.first() {
        let start = text
            .get(..first.span.start)
            .and_then(|head| head.rfind('\n'))
            .map_or(0, |at| at + 1);
        let end = text
            .get(first.span.end..)
            .and_then(|tail| tail.find('\n'))
            .map_or(text.len(), |at| first.span.end + at);
        let within = rest
            .iter()
            .take_while(|found| found.span.start < end)
            .count();
        let (line, after) = rest.split_at(within.max(1));
        lines.push((start..end, line));
        rest = after;
    }
    lines
}
