//! Links, images and code as pages write them.

use std::sync::Arc;

use url::Url;

use super::blocks::{Cell, Run};
use super::dom::Element;
use super::text::clean;

/// An image of the article, or a pictogram that stands for its alternative text (no address).
#[derive(Debug)]
pub(super) struct Image {
    /// Absolute `http` or `https` address.
    pub(super) src: Option<Arc<str>>,
    /// Alternative text, blanks collapsed.
    pub(super) alt: String,
}

/// Longest address kept; what is longer is data in disguise.
const LONGEST: usize = 4096;

/// The absolute target of a link; `None` for scripts, data, fragments of the same page and the like.
pub(super) fn link(base: &Url, href: &str) -> Option<Arc<str>> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') || href.len() > LONGEST {
        return None;
    }
    let url = base.join(href).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto" | "ftp").then(|| Arc::from(url.as_str()))
}

/// What an `<img>` shows; `None` for tracking pixels and decoration.
pub(super) fn image(base: &Url, element: &Element) -> Option<Image> {
    let alt = element.attr_or_empty("alt");
    let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
    let classes = element.attr_or_empty("class");
    if classes.contains("emoji") || classes.contains("wp-smiley") {
        return (!alt.is_empty()).then_some(Image { src: None, alt });
    }
    let size = |name| {
        element
            .attr_or_empty(name)
            .trim_end_matches("px")
            .parse::<u32>()
            .ok()
    };
    if matches!(
        (size("width"), size("height")),
        (Some(0..=2), _) | (_, Some(0..=2))
    ) {
        return None;
    }
    // Pages that load images late keep the true address elsewhere and a placeholder in `src`.
    let first = |set: &str| set.split_whitespace().next().unwrap_or_default().to_owned();
    let candidates = [
        element.attr_or_empty("data-src").to_owned(),
        element.attr_or_empty("data-lazy-src").to_owned(),
        element.attr_or_empty("data-original").to_owned(),
        element.attr_or_empty("data-orig-file").to_owned(),
        element.attr_or_empty("src").to_owned(),
        first(element.attr_or_empty("data-srcset")),
        first(element.attr_or_empty("srcset")),
    ];
    let src = candidates
        .iter()
        .find_map(|src| link(base, src).filter(|url| url.starts_with("http")))?;
    Some(Image {
        src: Some(src),
        alt,
    })
}

/// An e-mail address that Cloudflare scrambled: hexadecimal bytes, each XORed with the first.
pub(super) fn protected_address(element: &Element) -> Option<String> {
    let bytes = hex::decode(element.attr("data-cfemail")?).ok()?;
    let (key, rest) = bytes.split_first()?;
    let address = String::from_utf8(rest.iter().map(|byte| byte ^ key).collect()).ok()?;
    (address.contains('@') && !address.contains(char::is_control)).then(|| clean(&address))
}

/// Whether an element holds line numbers beside code.
pub(super) fn is_gutter(element: &Element) -> bool {
    const NAMES: &[&str] = &[
        "lnt",
        "ln",
        "lineno",
        "linenos",
        "line-number",
        "line-numbers",
        "line-numbers-rows",
        "gutter",
        "rouge-gutter",
        "blob-num",
        "hljs-ln-numbers",
        "linenodiv",
        "crayon-nums",
    ];
    NAMES.iter().any(|name| element.has_class(name))
}

/// The language a class names: `language-c`, `lang-c`, `highlight-source-c`, `brush: c`.
pub(super) fn language(element: &Element) -> Option<String> {
    let classes = element
        .attr_or_empty("class")
        .replace("brush:", "language-");
    let classes = classes.replace("language- ", "language-");
    let mut named = classes.split([' ', ';']).filter_map(|class| {
        ["language-", "lang-", "highlight-source-"]
            .iter()
            .find_map(|prefix| class.strip_prefix(prefix))
    });
    std::iter::once(element.attr_or_empty("data-lang"))
        .chain(named.by_ref())
        .find(|name| is_language(name))
        .map(str::to_ascii_lowercase)
}

fn is_language(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.');
    !name.is_empty()
        && name.len() <= 20
        && name.chars().all(plain)
        && !matches!(name, "none" | "plaintext" | "plain" | "text" | "fallback")
}

/// Drops empty lines at the start and blanks at the end of a code block.
pub(super) fn trim_code(cell: &mut Cell) {
    let is_break = |run: &Run| run.text.trim_start_matches(['\n', '\r']).is_empty();
    let empty = cell.runs.iter().take_while(|run| is_break(run)).count();
    cell.runs.drain(..empty);
    if let Some(first) = cell.runs.first_mut() {
        let start = first.text.len() - first.text.trim_start_matches(['\n', '\r']).len();
        first.text.drain(..start);
    }
    while let Some(last) = cell.runs.last_mut() {
        let end = last.text.trim_end().len();
        last.text.truncate(end);
        if !last.text.is_empty() {
            break;
        }
        cell.runs.pop();
    }
    for run in &mut cell.runs {
        if run.text.contains('\r') {
            run.text = run.text.replace("\r\n", "\n").replace('\r', "\n");
        }
    }
}
