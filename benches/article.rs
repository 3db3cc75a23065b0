//! Reading a page and rendering its report: real pages where there are some (`GLEANER_SITE`, or the folder beside
//! the project), and a synthetic one of 100 kB.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gleaner::article::{MediaType, Page, read};
use gleaner::config::ArticleSettings;
use url::Url;

fn page(text: String) -> Option<Page> {
    let url = Url::parse("https://blog.example/post").ok()?;
    Some(Page {
        requested: url.clone(),
        url,
        media_type: MediaType::Html,
        text,
        bytes: Vec::new(),
    })
}

/// Prose, code and a table of indicators, 100 kB in all.
fn synthetic() -> String {
    let mut html = String::from(
        "<html><head><title>Synthetic</title></head><body><nav><a href=/>Home</a></nav><article>",
    );
    let mut n = 0_u32;
    while html.len() < 100_000 {
        n += 1;
        let part = format!(
            "<h2>Part {n}</h2><p>The loader, which <b>we</b> saw before, calls <code>cmd.exe /c task{n}</code> and \
             then <a href=\"/p{n}\">reports</a> to hxxp://evil{n}[.]example/gate.php, as it did last time.</p>\
             <pre>$x = {n}\n$y = $x * 2</pre><table><tr><th>Type</th><th>Value</th></tr>\
             <tr><td>SHA-256</td><td>{n:064x}</td></tr><tr><td>IP</td><td>192.0.2[.]{}</td></tr></table>",
            n % 256
        );
        html.push_str(&part);
    }
    html + "</article></body></html>"
}

/// The real pages, by file name.
fn real() -> Vec<(String, String)> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/site");
    let site = std::env::var_os("GLEANER_SITE").map_or_else(beside, PathBuf::from);
    let Ok(files) = fs::read_dir(site.join("pages")) else {
        return Vec::new();
    };
    files
        .filter_map(|file| {
            let path = file.ok()?.path();
            let name = path.file_stem()?.to_string_lossy().into_owned();
            Some((name, fs::read_to_string(path).ok()?))
        })
        .collect()
}

fn articles(criterion: &mut Criterion) {
    let settings = ArticleSettings::default();
    let mut pages = real();
    pages.push(("synthetic-100kB".into(), synthetic()));
    let mut group = criterion.benchmark_group("article");
    for (name, html) in pages {
        group.throughput(Throughput::Bytes(html.len() as u64));
        let Some(page) = page(html) else { continue };
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                read(black_box(&page), &settings).map(|article| article.markdown(4 << 20).len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, articles);
criterion_main!(benches);
