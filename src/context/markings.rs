//! The Traffic Light Protocol: how far an article may be passed on (<https://www.first.org/tlp/>).

use std::borrow::Cow;
use std::ops::Range;

use crate::article::blocks::{Block, Kind};

/// Markings as MISP's `tlp` taxonomy writes them, the most restrictive first.
pub(super) const MARKINGS: &[&str] = &[
    "tlp:red",
    "tlp:amber+strict",
    "tlp:amber",
    "tlp:green",
    "tlp:clear",
    "tlp:white",
];

/// A marking: the tag, the block (`None` for the title), where it stands, and the whole text.
pub(super) type Found<'a> = (&'static str, Option<usize>, Range<usize>, &'a str);

/// Words besides a marking in a line that says nothing else.
const AROUND: &[&str] = &[
    "classification",
    "marking",
    "distribution",
    "sharing",
    "report",
    "document",
    "advisory",
    "this",
    "is",
    "the",
    "marked",
    "as",
    "article",
    "publication",
    "classified",
    "tlp",
    "under",
    "released",
    "version",
    "disclosure",
    "limited",
    "not",
    "for",
    "public",
    "unlimited",
    "recipients",
    "only",
    "analysis",
    "bulletin",
    "alert",
    "of",
    "information",
    "contents",
    "content",
    "rated",
    "published",
    "shared",
    "may",
    "be",
    "and",
];

/// A marking in a text: the tag, and where it stands.
fn find(text: &str) -> impl Iterator<Item = (&'static str, Range<usize>)> {
    text.match_indices(['T', 't']).filter_map(|(start, _)| {
        let rest = text.get(start..)?;
        let head = rest
            .get(..3)
            .filter(|head| head.eq_ignore_ascii_case("tlp"))?;
        if text.get(..start)?.ends_with(|c: char| c.is_alphanumeric()) {
            return None;
        }
        let after = rest.get(head.len()..)?;
        let colour = after.trim_start_matches([':', ' ', '-', '\u{a0}']);
        let gap = after.len() - colour.len();
        if gap == 0 || gap > 4 {
            return None;
        }
        let length = MARKINGS.iter().filter_map(|tag| {
            let name = tag.get(4..)?;
            let found = colour.get(..name.len())?;
            let is_whole = !colour
                .get(name.len()..)?
                .starts_with(|c: char| c.is_alphanumeric() || c == '+');
            (found.eq_ignore_ascii_case(name) && is_whole)
                .then_some((*tag, start..start + head.len() + gap + name.len()))
        });
        length.into_iter().next()
    })
}

/// The most restrictive marking that an article carries itself: in a line or heading of its own, or in a sentence that
/// says so. One that is only spoken of is none. `texts` are the title and the texts of the blocks, `marked` the indices of
/// those with `TLP` in them.
pub(super) fn marking<'a>(
    texts: &'a [Cow<'a, str>],
    marked: &[usize],
    blocks: &[Block],
) -> Option<Found<'a>> {
    let texts = marked.iter().filter_map(|at| {
        let block = at.checked_sub(1);
        let is_prose = block.is_none_or(|block| blocks.get(block).is_some_and(is_prose));
        Some((block, texts.get(*at)?)).filter(|_| is_prose)
    });
    let mut best: Option<(usize, _)> = None;
    for (block, text) in texts {
        let mut marks = find(text).collect::<Vec<_>>();
        // A table of what the colours mean.
        if marks.len() != 1 {
            continue;
        }
        let Some((tag, span)) = marks.pop() else {
            continue;
        };
        let rank = MARKINGS
            .iter()
            .position(|one| *one == tag)
            .unwrap_or(MARKINGS.len());
        if marks_itself(text, &span) && best.as_ref().is_none_or(|(other, _)| rank < *other) {
            best = Some((rank, (tag, block, span, text.as_ref())));
        }
    }
    best.map(|(_, found)| found)
}

fn is_prose(block: &Block) -> bool {
    block.in_report()
        && !matches!(
            block.kind,
            Kind::Code { .. } | Kind::TableRow { header: true, .. }
        )
}

/// Whether what stands around a marking says that it is the article's own.
fn marks_itself(text: &str, span: &Range<usize>) -> bool {
    let range = super::sentences::sentence(text, span);
    let rest = [
        text.get(range.start..span.start),
        text.get(span.end..range.end),
    ];
    let words: Vec<String> = rest
        .into_iter()
        .flatten()
        .flat_map(super::names::words)
        .map(|(_, word)| word.to_lowercase())
        .collect();
    let others = words
        .iter()
        .filter(|word| {
            !AROUND.contains(&word.as_str()) && !word.bytes().all(|byte| byte.is_ascii_digit())
        })
        .count();
    if text.len() <= 120 && others <= 2 {
        return true;
    }
    let before = text
        .get(range.start..span.start)
        .unwrap_or_default()
        .to_lowercase();
    others <= 6
        && [
            "this report",
            "this document",
            "this advisory",
            "this article",
            "this publication",
            "this analysis",
            "this bulletin",
            "this alert",
            "this information",
            "document is",
            "report is",
            "classification",
            "marked as",
            "marked",
        ]
        .iter()
        .any(|phrase| before.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_articles_own_marking_counts() {
        for (lines, want) in [
            (&["TLP:CLEAR"][..], Some("tlp:clear")),
            (&["Report", "TLP: AMBER+STRICT"], Some("tlp:amber+strict")),
            (&["This report is TLP:GREEN."], Some("tlp:green")),
            (
                &["Classification: TLP:WHITE", "TLP:AMBER"],
                Some("tlp:amber"),
            ),
            (&["tlp white"], Some("tlp:white")),
            (
                &[
                    "The feed of the vendor, to which many of our customers subscribe, is shared as TLP:AMBER with partners in Europe.",
                ],
                None,
            ),
            (
                &["TLP:RED means not for disclosure, TLP:GREEN that the community may have it."],
                None,
            ),
            (&["TLP:REDDISH", "XTLP:RED", "TLPRED"], None),
        ] {
            let blocks: Vec<Block> = lines
                .iter()
                .map(|line| Block::plain(Kind::Paragraph, *line))
                .collect();
            let texts: Vec<Cow<'_, str>> = std::iter::once(Cow::Borrowed(""))
                .chain(blocks.iter().map(Block::text))
                .collect();
            let marked: Vec<usize> = (0..texts.len()).collect();
            assert_eq!(
                marking(&texts, &marked, &blocks).map(|found| found.0),
                want,
                "{lines:?}"
            );
        }
    }
}
