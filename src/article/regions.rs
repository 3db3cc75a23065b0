//! Deciding which blocks outside the main content belong to the article after all.
//!
//! An indicator table or appendix is never dropped: readability loses them in accordions, sibling sections,
//! behind share bars. In doubt a block is kept, unless it is plainly about the site.

use super::blocks::{Block, Kind, Region};
use super::marks::{self, Marks};
use super::walk::Draft;

/// A passage is an appendix when one block in so many looks like indicators.
const DENSE: usize = 5;

/// Settles every block's region and drops the site's furniture.
pub(super) fn settle(mut drafts: Vec<Draft>) -> Vec<Block> {
    reject_furniture(&mut drafts);
    fill_gaps(&mut drafts);
    find_appendices(&mut drafts);
    drafts
        .into_iter()
        .filter(|draft| draft.furniture.is_none() || draft.block.in_report())
        .map(|draft| draft.block)
        .collect()
}

/// What readability let through although it lies in furniture is not main content.
fn reject_furniture(drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|draft| draft.furniture.is_some()) {
        draft.block.region = Region::Elsewhere;
    }
}

/// Headings, tables, code and images between two passages of the main content belong to it: readability
/// drops them for their shape, not their place.
fn fill_gaps(drafts: &mut [Draft]) {
    let is_main = |draft: &Draft| draft.block.region == Region::Main;
    let (Some(first), Some(last)) = (
        drafts.iter().position(is_main),
        drafts.iter().rposition(is_main),
    ) else {
        return;
    };
    for draft in drafts.iter_mut().take(last).skip(first) {
        let fits = match draft.block.kind {
            Kind::Heading { .. } | Kind::TableRow { .. } | Kind::ListItem { .. } => {
                draft.linked < 50
            }
            Kind::Code { .. } | Kind::Image { .. } => true,
            Kind::Paragraph => false,
        };
        if fits && draft.furniture.is_none() && draft.block.region == Region::Elsewhere {
            draft.block.region = Region::Main;
        }
    }
}

/// Judges passages: neighbouring blocks outside the main content, of one part of the page.
fn find_appendices(drafts: &mut [Draft]) {
    let mut rest = drafts;
    while let Some(first) = rest.first() {
        let (furniture, main) = (first.furniture, first.block.region == Region::Main);
        let len = rest
            .iter()
            .take_while(|draft| {
                draft.furniture == furniture && (draft.block.region == Region::Main) == main
            })
            .count();
        let (passage, after) = rest.split_at_mut(len.max(1));
        if !main {
            judge(passage, furniture.is_some());
        }
        rest = after;
    }
}

fn judge(passage: &mut [Draft], furniture: bool) {
    let found: Vec<bool> = passage
        .iter()
        .map(|draft| reads_like_indicators(draft, furniture))
        .collect();
    let mut section = None;
    let mut kept = dense(&found);
    for (at, draft) in passage.iter().enumerate() {
        if let Some(level) = heading_level(draft) {
            if section.is_some_and(|open| level <= open) {
                section = None;
            }
            if draft.linked < 50 && !furniture && marks::announces(&draft.block.text()) {
                section = Some(section.map_or(level, |open: u8| open.min(level)));
            }
        }
        let hit = found.get(at).copied().unwrap_or_default();
        if let Some(slot) = kept.get_mut(at) {
            *slot |= hit || section.is_some();
        }
    }
    widen(passage, &mut kept);
    for (draft, kept) in passage.iter_mut().zip(kept) {
        if kept {
            keep(draft);
        }
    }
}

/// From the first hit to the last, when hits are dense there: what stands between them belongs to them.
fn dense(found: &[bool]) -> Vec<bool> {
    let hits = found.iter().filter(|hit| **hit).count();
    let first = found.iter().position(|hit| *hit).unwrap_or(found.len());
    let end = found
        .iter()
        .rposition(|hit| *hit)
        .map_or(first, |last| last + 1);
    let dense = hits * DENSE >= end - first;
    (0..found.len())
        .map(|at| dense && (first..end).contains(&at))
        .collect()
}

/// Whole tables and lists, and the heading right above: half of one helps nobody.
fn widen(passage: &[Draft], kept: &mut [bool]) {
    let together = |a: &Draft, b: &Draft| match (&a.block.kind, &b.block.kind) {
        (Kind::TableRow { table: a, .. }, Kind::TableRow { table: b, .. }) => a == b,
        (Kind::ListItem { .. }, Kind::ListItem { .. }) | (Kind::Heading { .. }, _) => true,
        _ => false,
    };
    for at in (1..passage.len()).rev() {
        let (Some(before), Some(here)) = (passage.get(at - 1), passage.get(at)) else {
            continue;
        };
        if kept.get(at) == Some(&true)
            && together(before, here)
            && let Some(slot) = kept.get_mut(at - 1)
        {
            *slot = true;
        }
    }
    for at in 1..passage.len() {
        let (Some(before), Some(here)) = (passage.get(at - 1), passage.get(at)) else {
            continue;
        };
        let heading = matches!(before.block.kind, Kind::Heading { .. });
        if kept.get(at - 1) == Some(&true)
            && !heading
            && together(before, here)
            && let Some(slot) = kept.get_mut(at)
        {
            *slot = true;
        }
    }
}

fn keep(draft: &mut Draft) {
    draft.block.region = Region::Appendix;
}

fn reads_like_indicators(draft: &Draft, furniture: bool) -> bool {
    let text = draft.block.text();
    let marks = Marks::of(&text);
    if marks.sure > 0 {
        return true;
    }
    let listed = matches!(
        draft.block.kind,
        Kind::TableRow { .. } | Kind::ListItem { .. } | Kind::Code { .. }
    );
    if marks.addresses > 0 && (listed || marks::is_bare_value(&text)) {
        return true;
    }
    if furniture || draft.linked >= 50 {
        return false;
    }
    match draft.block.kind {
        Kind::TableRow { .. } | Kind::Code { .. } => true,
        Kind::ListItem { .. } | Kind::Paragraph => marks::is_bare_value(&text),
        Kind::Heading { .. } | Kind::Image { .. } => false,
    }
}

/// Headings, and what is written as one: a short paragraph all in bold.
fn heading_level(draft: &Draft) -> Option<u8> {
    match draft.block.kind {
        Kind::Heading { level } => Some(level),
        Kind::Paragraph => {
            let mut runs = draft.block.cells.iter().flat_map(|cell| &cell.runs);
            let bold = runs.all(|run| run.style.strong || run.text.trim().is_empty());
            (bold && draft.block.text().len() < 100).then_some(7)
        }
        _ => None,
    }
}
