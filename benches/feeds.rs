//! How fast feeds are read: a sound one, a broken one, and one with much content.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gleaner::feeds::parse::parse;

fn feed(items: usize, content: &str, title: &str) -> String {
    let mut out =
        String::from("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Blog</title>");
    for n in 0..items {
        let _ = write!(
            out,
            "<item><title>{title} {n}</title><link>https://blog.example/a{n}?utm_source=rss</link>\
             <guid isPermaLink=\"false\">{n}</guid><pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate>\
             <description>{content}</description></item>"
        );
    }
    out + "</channel></rss>"
}

fn reading(c: &mut Criterion) {
    let escaped = "&lt;p&gt;Some text with a &lt;b&gt;tag&lt;/b&gt; or two.&lt;/p&gt; ".repeat(20);
    let broken = "<p>Some text & a <b>tag<br> or < two &nbsp;</p> ".repeat(20);
    let cdata = format!(
        "<![CDATA[{}]]>",
        "<p>Some text with a <b>tag</b>.</p>\n".repeat(400)
    );
    let mut group = c.benchmark_group("feeds");
    for (name, text) in [
        ("sound", feed(500, &escaped, "Article")),
        ("broken", feed(500, &broken, "Q&A")),
        ("long", feed(100, &cdata, "Article")),
    ] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| parse(black_box(text.as_bytes()), None, None));
        });
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
