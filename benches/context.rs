//! Finding names and making tags of them, beside the scan for indicators of the same text: MB/s on one core, and the same
//! on hostile text.
//!
//! `GLEANER_TEXTS` names a file with report text; without it, the text is made up.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gleaner::article::blocks::Block;
use gleaner::article::read_text;
use gleaner::context::{Document, Matcher, Settings};
use gleaner::indicators::scan_blocks;
use gleaner::knowledge::Knowledge;

/// Reports as vendors write them, of about 8 KB each.
fn reports() -> Vec<String> {
    let report = |n: u32| {
        let mut text = format!("APT{} returns with new loader\n\n", n % 40);
        while text.len() < 8_000 {
            let _ = writeln!(
                text,
                "In the first stage the loader, which we described earlier this year, checks the language of the system and the \
                 number of processors before it goes on. It writes C:\\Users\\Public\\stage{n}.dll and starts it with rundll32.exe, \
                 a technique known as System Binary Proxy Execution (T1218.011). The operators have changed little since then.\n\n\
                 According to our telemetry most victims are in the energy sector of Norway; a phishing email was used for access. \
                 The payload asks hxxps://cdn{n}.evil-update[.]top/gate.php?id={n} for its orders and brings Cobalt Strike.\n\n\
                 SHA256: {n:064x}\n"
            );
        }
        text
    };
    (0..100).map(report).collect()
}

fn texts() -> Vec<String> {
    match std::env::var_os("GLEANER_TEXTS") {
        Some(path) => vec![std::fs::read_to_string(path).unwrap_or_default()],
        None => reports(),
    }
}

fn document(blocks: &[Block]) -> Document<'_> {
    Document {
        url: None,
        title: "",
        labels: &[],
        feed: &[],
        blocks,
    }
}

fn matching(criterion: &mut Criterion) {
    let texts = texts();
    let articles: Vec<Vec<Block>> = texts.iter().map(|text| read_text(text)).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let matcher = Matcher::new(Knowledge::builtin(), Settings::default());
    let mut group = criterion.benchmark_group("context");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("scan for indicators", |bencher| {
        bencher.iter(|| {
            articles
                .iter()
                .map(|blocks| scan_blocks(black_box(blocks)).len())
                .sum::<usize>()
        });
    });
    group.bench_function("find names", |bencher| {
        bencher.iter(|| {
            let texts = articles.iter().flatten().map(Block::text);
            texts
                .map(|text| matcher.names(black_box(&text)))
                .sum::<usize>()
        });
    });
    group.bench_function("tags, with all their evidence", |bencher| {
        bencher.iter(|| {
            articles
                .iter()
                .map(|blocks| matcher.tags(&document(black_box(blocks))).len())
                .sum::<usize>()
        });
    });
    group.finish();
    criterion.bench_function("index of all names", |bencher| {
        bencher.iter(|| Matcher::new(Knowledge::builtin(), Settings::default()));
    });
}

/// Texts made to be slow. Each must take about as long per byte at ten times the size.
fn hostile(criterion: &mut Criterion) {
    let matcher = Matcher::new(Knowledge::builtin(), Settings::default());
    let mut group = criterion.benchmark_group("hostile names");
    group.sample_size(10);
    for part in [
        "Emotet ",
        "a-a-a-a-",
        "such as Royal ransomware ",
        "APT 28, ",
    ] {
        for size in [1_000_000, 10_000_000] {
            let blocks = read_text(&part.repeat(size / part.len()));
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(format!("{part:?} x {size}"), |bencher| {
                bencher.iter(|| matcher.tags(&document(black_box(&blocks))));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, matching, hostile);
criterion_main!(benches);
