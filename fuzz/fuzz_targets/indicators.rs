//! Any text: the scan must not panic, and every find must lie where it says.
//!
//! The first byte chooses how the text is cut into blocks, so that tables, code and links are met too.

#![no_main]

use std::sync::Arc;

use gleaner::article::blocks::{Block, Cell, Kind, Region, Run, Style};
use gleaner::indicators::{Document, Find, Judge, scan, scan_blocks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (shape, text) = input;
    let finds = scan(text);
    check(&finds, |_| Some(text.to_owned()));
    let blocks = blocks(shape, text);
    let finds = scan_blocks(&blocks);
    check(&finds, |number| blocks.get(number).map(Block::text));
    let document = Document {
        url: None,
        blocks: &blocks,
    };
    for indicator in Judge::default().judge(document, finds) {
        assert!(indicator.places.get(indicator.decisive).is_some());
    }
});

fn check(finds: &[Find], text: impl Fn(usize) -> Option<String>) {
    for find in finds {
        let text = text(find.block).expect("a block that exists");
        assert!(text.get(find.span.clone()).is_some(), "{find:?} lies outside of its block");
        assert!(!find.value.is_empty(), "{find:?} has no value");
    }
}

fn blocks(shape: u8, text: &str) -> Vec<Block> {
    text.split('\n')
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(number, line)| Block {
            kind: kind(shape, number),
            region: Region::Main,
            quote: 0,
            cells: line.split('\t').map(|cell| runs(shape, cell)).collect(),
        })
        .collect()
}

fn kind(shape: u8, number: usize) -> Kind {
    match shape & 3 {
        0 => Kind::Paragraph,
        1 => Kind::Code { language: None },
        2 => Kind::Heading { level: 2 },
        _ => Kind::TableRow {
            table: 0,
            header: number == 0,
            headers: Arc::from(["MD5".to_owned(), "Mutex".to_owned(), "Domain".to_owned()]),
        },
    }
}

fn runs(shape: u8, cell: &str) -> Cell {
    let linked = shape & 4 != 0;
    let runs = cell
        .split_inclusive(' ')
        .enumerate()
        .map(|(number, text)| Run {
            text: text.to_owned(),
            style: Style { code: shape & 8 != 0 && number % 2 == 0, ..Style::default() },
            link: (linked && number % 3 == 0).then(|| Arc::from("https://blog.evil-update.top/a")),
        })
        .collect();
    Cell { runs }
}
