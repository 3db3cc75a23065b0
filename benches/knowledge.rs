//! What the built-in knowledge costs at start, and a lookup later: `cargo bench --bench knowledge`.
//!
//! Before the timings it prints the size of the pack and what the memory of the process grew by when all of it was made
//! ready and asked (Linux; pages of the program that were touched included).
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement, not the program"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use gleaner::indicators::Kind;
use gleaner::indicators::warninglists::packed::Packed;
use gleaner::indicators::warninglists::{Action, Warninglists};
use gleaner::knowledge::{Knowledge, builtin, words};
use gleaner::pack::{Bytes, Pack};

/// Kilobytes of memory the process holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
    number.unwrap_or(0)
}

fn ready(packed: &Arc<Packed>) -> Warninglists {
    Warninglists::builder()
        .packed(packed, |_| Some(Action::Flag))
        .build()
}

fn ask(lists: &Warninglists) -> usize {
    let values = [
        (Kind::Hostname, "www.nobody-knows-this.example-host.top"),
        (Kind::Url, "https://www.wikipedia.org/wiki/Heron"),
        (Kind::IpDst, "45.9.148.108"),
        (
            Kind::Sha256,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
    ];
    let hits = values
        .iter()
        .map(|(kind, value)| lists.hits(*kind, value).len());
    hits.sum()
}

/// How often hosts that nobody has are taken for listed ones.
fn wrong(lists: &Warninglists) -> String {
    const HOSTS: usize = 200_000;
    let host = |n: usize| format!("made-up-{n}.no-such-site-{n}.top");
    let hits = (0..HOSTS).map(|n| lists.hits(Kind::Hostname, &host(n)).len());
    let hits: usize = hits.sum();
    format!("{hits} wrong hits for {HOSTS} made-up hosts")
}

fn knowledge(c: &mut Criterion) {
    let before = resident();
    let started = std::time::Instant::now();
    let all = (
        Knowledge::builtin(),
        ready(&builtin::warninglists().unwrap()),
        words::is_word("heron"),
    );
    let first = started.elapsed();
    ask(&all.1);
    let grown = resident().saturating_sub(before);
    println!(
        "pack: {} bytes; first load of all: {first:?}; memory: {grown} kB",
        builtin::size()
    );

    println!("{}", wrong(&all.1));

    let bytes = Bytes::from(
        std::fs::read(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/knowledge/pack/knowledge.bin"
        ))
        .unwrap(),
    );
    let pack = Pack::read(bytes.clone()).unwrap();
    let section = |name| pack.required(name).unwrap();
    let mut group = c.benchmark_group("knowledge");
    group.bench_function("check sums of a file", |b| {
        b.iter(|| Pack::read(black_box(bytes.clone())));
    });
    group.bench_function("galaxies", |b| {
        b.iter(|| Knowledge::read(section(*b"gala").get()));
    });
    group.bench_function("warninglists", |b| {
        b.iter(|| ready(&Arc::new(Packed::read(section(*b"list")).unwrap())));
    });
    group.bench_function("four values on all lists", |b| {
        b.iter(|| ask(black_box(&all.1)));
    });
    group.bench_function("a word", |b| {
        b.iter(|| words::is_word(black_box("raccoon")));
    });
    group.bench_function("a name", |b| {
        b.iter(|| all.0.called(black_box("Fancy Bear")).len());
    });
    group.finish();
}

criterion_group!(benches, knowledge);
criterion_main!(benches);
