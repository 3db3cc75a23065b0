//! Articles and judged values for tests.

use std::sync::Arc;

use crate::article::Article;
use crate::article::blocks::{Block, Cell, Kind as BlockKind, Marker, Region};
use crate::indicators::judge::Place;
use crate::indicators::{Indicator, Kind, Origin, Verdict};

pub(super) fn article(blocks: Vec<Block>) -> Article {
    Article {
        url: "https://blog.example.com/posts/loader".parse().unwrap(),
        title: "A new loader".into(),
        author: None,
        published: None,
        language: None,
        canonical: None,
        keywords: Vec::new(),
        blocks,
    }
}

pub(super) fn heading(text: &str) -> Block {
    Block::plain(BlockKind::Heading { level: 2 }, text)
}

pub(super) fn paragraph(text: &str) -> Block {
    Block::plain(BlockKind::Paragraph, text)
}

pub(super) fn item(text: &str) -> Block {
    let kind = BlockKind::ListItem {
        depth: 0,
        marker: Marker::Bullet,
    };
    Block::plain(kind, text)
}

/// A table: its header, and its rows.
pub(super) fn table(number: u32, rows: &[&[&str]]) -> Vec<Block> {
    let headers: Arc<[String]> = rows[0].iter().map(ToString::to_string).collect();
    rows.iter()
        .enumerate()
        .map(|(at, cells)| Block {
            kind: BlockKind::TableRow {
                table: number,
                header: at == 0 && !headers[0].is_empty(),
                headers: Arc::clone(&headers),
            },
            region: Region::Main,
            quote: 0,
            cells: cells.iter().map(|text| Cell::plain(*text)).collect(),
        })
        .filter(|block| !block.is_empty())
        .collect()
}

/// The value as an indicator for detection, at every place where it stands as written.
pub(crate) fn judged(blocks: &[Block], kind: Kind, written: &str, value: &str) -> Indicator {
    let places = blocks.iter().enumerate().flat_map(|(number, block)| {
        let text = block.text();
        let starts: Vec<usize> = text.match_indices(written).map(|(at, _)| at).collect();
        starts.into_iter().map(move |at| Place {
            block: number,
            span: at..at + written.len(),
            defanged: written != value,
            origin: Origin::Text,
        })
    });
    Indicator {
        kind,
        value: value.into(),
        verdict: Verdict::Detect,
        reason: "listed as an indicator".into(),
        to_ids: true,
        places: places.collect(),
        decisive: 0,
    }
}

/// Values in order of appearance, as they are written.
pub(super) fn all_judged(blocks: &[Block], values: &[(Kind, &str)]) -> Vec<Indicator> {
    let mut all: Vec<Indicator> = values
        .iter()
        .map(|(kind, written)| judged(blocks, *kind, written, &written.replace("[.]", ".")))
        .collect();
    all.sort_by_key(|indicator| {
        let first = indicator.places.first();
        first.map(|place| (place.block, place.span.start))
    });
    all
}

/// Hexadecimal digits that differ by their seed.
pub(super) fn hex(digits: usize, seed: u8) -> String {
    format!("{seed:02x}").repeat(digits / 2)
}
