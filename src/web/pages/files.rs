//! Style, script and icon. Their addresses hold their hash, so that browsers may keep them.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use crate::web::Shared;

const STYLE: &str = include_str!("../static/style.css");
const SCRIPT: &str = include_str!("../static/script.js");
const FORM_SCRIPT: &str = include_str!("../static/form.js");
const ICON: &str = include_str!("../static/icon.svg");

static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| address("style.css", STYLE));
static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("script.js", SCRIPT));

static FORM_SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("form.js", FORM_SCRIPT));

fn address(name: &str, text: &str) -> String {
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    format!("/static/{name}?v={}", hash.get(..12).unwrap_or_default())
}

pub(super) fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

pub(super) fn script_address() -> &'static str {
    &SCRIPT_ADDRESS
}

pub(super) fn form_script_address() -> &'static str {
    &FORM_SCRIPT_ADDRESS
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/static/style.css", get(async || file("text/css", STYLE)))
        .route(
            "/static/script.js",
            get(async || file("text/javascript", SCRIPT)),
        )
        .route(
            "/static/form.js",
            get(async || file("text/javascript", FORM_SCRIPT)),
        )
        .route(
            "/static/icon.svg",
            get(async || file("image/svg+xml", ICON)),
        )
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, text)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// What is written in which colour.
    const WRITTEN: [&str; 7] = ["text", "soft", "accent", "good", "bad", "warn", "calm"];

    /// The colours of each scheme: light, dark.
    fn schemes() -> Vec<HashMap<&'static str, [f64; 3]>> {
        let blocks = STYLE.split(":root {").skip(1);
        let blocks = blocks.filter_map(|block| block.split_once('}'));
        let colour = |line: &'static str| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            Some((name, channels(value.strip_suffix(';')?)))
        };
        let colours = |(block, _): (&'static str, _)| block.lines().filter_map(colour).collect();
        blocks.map(colours).collect()
    }

    /// Red, green and blue, from 0 to 1, of three digits or six.
    fn channels(hex: &str) -> [f64; 3] {
        let digits: Vec<u32> = hex.chars().map(|one| one.to_digit(16).unwrap()).collect();
        let channels: Vec<u32> = match digits.len() {
            3 => digits.iter().map(|digit| digit * 17).collect(),
            _ => digits
                .chunks(2)
                .map(|pair| pair[0] * 16 + pair[1])
                .collect(),
        };
        let channels: [u32; 3] = channels.try_into().unwrap();
        channels.map(|channel| f64::from(channel) / 255.0)
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: [f64; 3]) -> f64 {
        let [red, green, blue] = colour.map(|channel| {
            if channel <= 0.04045 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let (black, white) = (channels("000"), channels("ffffff"));
        assert!((contrast(black, white) - 21.0).abs() < 1e-9);
        assert!((contrast(channels("777777"), white) - 4.48).abs() < 0.01);
    }

    /// Success criterion 1.4.3, level AA: 4.5 to 1.
    #[test]
    fn text_can_be_read_in_light_and_dark() {
        let schemes = schemes();
        assert_eq!(schemes.len(), 2, "light and dark");
        for colours in schemes {
            let written = WRITTEN
                .iter()
                .flat_map(|name| [(*name, "back"), (*name, "card")]);
            for (name, ground) in written.chain([("on-accent", "accent")]) {
                let ratio = contrast(colours[name], colours[ground]);
                assert!(ratio >= 4.5, "--{name} on --{ground}: {ratio:.2}");
            }
        }
    }
}
