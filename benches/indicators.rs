//! Scanning and judging report text: MB/s on one core, and the same on hostile input.
//!
//! `GLEANER_TEXTS` names a file with report text; without it, the text is made up.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gleaner::article::blocks::{Block, Kind};
use gleaner::indicators::{Document, Judge, scan, scan_blocks};

/// A report as vendors write them: prose, some code, a list of indicators at the end. About 1 MB.
fn report() -> String {
    let mut text = String::new();
    let mut n = 0_u32;
    while text.len() < 1_000_000 {
        n += 1;
        let _ = writeln!(
            text,
            "In the first stage the loader, which we described earlier this year, checks the language of the system \
             and the number of processors before it goes on. It writes C:\\Users\\Public\\Libraries\\stage{n}.dll \
             and starts it with rundll32.exe, a technique known as System Binary Proxy Execution (T1218.011). The \
             operators have changed little since version 2.{n}.1: strings are still encrypted with RC4, and the \
             configuration lies in the overlay of the file.\n\nThe payload then asks \
             hxxps://cdn{n}.evil-update[.]top/gate.php?id={n} for its orders and falls back to 45.{}.{}[.]17:8443. \
             According to our telemetry most victims are in the energy sector; CVE-2024-{} was used for access.\n\n\
             SHA256: {n:064x}\n{:040x}  invoice_{n}.docm\n",
            n % 256,
            n / 7 % 256,
            1000 + n,
            u128::from(n) * 7_919,
        );
    }
    text
}

fn text() -> String {
    match std::env::var_os("GLEANER_TEXTS") {
        Some(path) => std::fs::read_to_string(path).unwrap_or_default(),
        None => report(),
    }
}

fn reports(criterion: &mut Criterion) {
    let text = text();
    let blocks: Vec<Block> = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| Block::plain(Kind::Paragraph, line))
        .collect();
    let mut group = criterion.benchmark_group("indicators");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("scan a text", |bencher| {
        bencher.iter(|| scan(black_box(&text)));
    });
    group.bench_function("scan blocks", |bencher| {
        bencher.iter(|| scan_blocks(black_box(&blocks)));
    });
    let judge = Judge::default();
    let document = Document {
        url: None,
        blocks: &blocks,
    };
    group.bench_function("scan and judge", |bencher| {
        bencher.iter(|| judge.judge(document, scan_blocks(black_box(&blocks))));
    });
    group.finish();
}

/// Texts made to be slow. Each must scan about as fast per byte at ten times the size.
fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(10);
    let parts = [
        "a.", "[.]", "deadbeef", "@", "[({", "a", "hxxp://", "1.1.1.1.", "\\a ", "%41", "a@", ":",
    ];
    for part in parts {
        for size in [1_000_000, 10_000_000] {
            let text = part.repeat(size / part.len());
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(format!("{part:?} x {size}"), |bencher| {
                bencher.iter(|| scan(black_box(&text)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, reports, hostile);
criterion_main!(benches);
