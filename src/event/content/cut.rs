//! What does not become part of an event, and saying so.

use std::fmt::Write as _;

use super::Unit;
use crate::indicators::Verdict;

/// How many values of each verdict the limit cut.
#[derive(Debug, Default)]
pub(super) struct Cut {
    all: usize,
    detect: usize,
    notes: usize,
    references: usize,
}

impl Cut {
    /// What it cut, in one sentence without its full stop.
    pub(super) fn note(&self, limit: usize) -> Option<String> {
        let left = self.detect + self.notes + self.references;
        (left > 0).then(|| {
            format!(
                "{left} of {} values left out, over the limit of {limit} (indicators.limit): {} for detection, {} \
                 for context, {} references",
                self.all, self.detect, self.notes, self.references
            )
        })
    }
}

/// The units within the limit, in order of appearance: those for detection go first, then what is part of the
/// story, then references.
pub(super) fn limited(units: Vec<Unit>, limit: usize) -> (Vec<Unit>, Cut) {
    let mut cut = Cut {
        all: units.iter().map(|unit| unit.size).sum(),
        ..Cut::default()
    };
    if cut.all <= limit {
        return (units, cut);
    }
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|at| units.get(*at).map(|unit| std::cmp::Reverse(unit.verdict)));
    let mut keep = vec![false; units.len()];
    let mut room = limit;
    for at in order {
        let Some(unit) = units.get(at) else {
            continue;
        };
        // Whole, or not: and what comes later does not go before what is cut.
        if unit.size <= room {
            room -= unit.size;
            if let Some(keep) = keep.get_mut(at) {
                *keep = true;
            }
            continue;
        }
        room = 0;
        match unit.verdict {
            Verdict::Detect => cut.detect += unit.size,
            Verdict::Note => cut.notes += unit.size,
            _ => cut.references += unit.size,
        }
    }
    let mut keep = keep.into_iter();
    let kept = units.into_iter().filter(|_| keep.next() == Some(true));
    (kept.collect(), cut)
}

pub(super) fn refused_note(refused: &[String]) -> Option<String> {
    const NAMED: usize = 5;
    if refused.is_empty() {
        return None;
    }
    let named: Vec<&str> = refused.iter().take(NAMED).map(String::as_str).collect();
    let more = refused.len() - named.len();
    let mut note = format!(
        "{} that MISP would not keep left out: {}",
        counted(refused.len()),
        named.join(", ")
    );
    if more > 0 {
        let _ = write!(note, " and {more} more");
    }
    Some(note)
}

fn counted(values: usize) -> String {
    let plural = if values == 1 { "" } else { "s" };
    format!("{values} value{plural}")
}

/// What was left out, at the end of the report: in our words only, nothing of the page's.
pub(super) fn closing_lines(refused: usize, cut: Option<&str>) -> String {
    let refused = (refused > 0).then(|| {
        format!(
            "{} of a form that MISP would not keep left out",
            counted(refused)
        )
    });
    let notes = refused.iter().map(String::as_str).chain(cut);
    notes.map(|note| format!("\n*{note}.*\n")).collect()
}
