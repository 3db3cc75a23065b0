//! Pages that stand in place of an article: challenges, consent, login, "enable JavaScript".
//!
//! On an error status the marks of a wall are enough. On success they are only asked when hardly any text
//! was found, because security blogs write about Cloudflare and captchas, and sites embed their scripts in
//! ordinary pages.

use reqwest::header::HeaderMap;

/// A kind of wall, and what gives it away.
struct Wall {
    /// Named so that it reads after "answers with".
    name: &'static str,
    /// Response header and part of its value (`""`: any).
    header: Option<(&'static str, &'static str)>,
    /// In the markup, lower case. Any of them, of things that only such a page has.
    marks: &'static [&'static str],
    /// In the title or the text, lower case. Any of them; these may stand in an article as well.
    words: &'static [&'static str],
}

const WALLS: &[Wall] = &[
    Wall {
        name: "a Cloudflare challenge",
        header: Some(("cf-mitigated", "challenge")),
        marks: &[
            "_cf_chl_opt",
            "cf-browser-verification",
            "cf_chl_",
            "cf-challenge-running",
            "id=\"challenge-form\"",
        ],
        words: &[
            "just a moment...",
            "checking your browser before accessing",
            "checking if the site connection is secure",
            "verify you are human by completing the action below",
        ],
    },
    Wall {
        name: "a Cloudflare block page",
        header: None,
        marks: &["cf-error-details", "id=\"cf-wrapper\""],
        words: &[
            "attention required! | cloudflare",
            "sorry, you have been blocked",
        ],
    },
    Wall {
        name: "an Akamai block page",
        header: None,
        marks: &[
            "errors.edgesuite.net",
            "errors&#46;edgesuite&#46;net",
            "/_sec/cp_challenge/",
            "sec-if-cpt-container",
        ],
        words: &["you don't have permission to access"],
    },
    Wall {
        name: "an Imperva Incapsula block page",
        header: None,
        marks: &[
            "_incapsula_resource",
            "incapsula incident id",
            "subject=waf block page",
        ],
        words: &["request unsuccessful. incapsula"],
    },
    Wall {
        name: "a DataDome challenge",
        header: Some(("x-datadome", "protected")),
        marks: &["captcha-delivery.com", "geo.captcha-delivery"],
        words: &[],
    },
    Wall {
        name: "a PerimeterX (HUMAN) challenge",
        header: None,
        marks: &["px-captcha", "_pxappid", "perimeterx", "captcha.px-cdn.net"],
        words: &["press & hold to confirm you are", "before we continue..."],
    },
    Wall {
        name: "an AWS WAF challenge",
        header: Some(("x-amzn-waf-action", "")),
        marks: &[
            "awswafcookiedomainlist",
            "gokuprops",
            ".token.awswaf.com",
            "window.awswaf",
        ],
        words: &["human verification"],
    },
    Wall {
        name: "a Sucuri firewall page",
        header: None,
        marks: &[
            "sucuri_cloudproxy",
            "sucuri website firewall - access denied",
            "cdn.sucuri.net/sucuri-firewall-block",
        ],
        words: &["access denied - sucuri website firewall"],
    },
    Wall {
        name: "a Vercel security checkpoint",
        header: Some(("x-vercel-mitigated", "challenge")),
        marks: &["vercel security checkpoint"],
        words: &["we're verifying your browser"],
    },
    Wall {
        name: "a DDoS-Guard challenge",
        header: None,
        marks: &["ddos-guard/js-challenge", "check.ddos-guard.net"],
        words: &["ddos protection by ddos-guard"],
    },
    Wall {
        name: "a captcha",
        header: None,
        marks: &[
            "g-recaptcha",
            "h-captcha",
            "cf-turnstile",
            "class=\"captcha",
        ],
        words: &[
            "complete the captcha",
            "solve the captcha",
            "are you a robot",
            "prove you are human",
            "unusual traffic from your",
        ],
    },
    Wall {
        name: "a consent wall",
        header: None,
        marks: &[
            "consent.google.com",
            "consent.yahoo.com",
            "guce.advertising.com",
            "privacy-mgmt.com/consent",
        ],
        words: &[
            "before you continue to",
            "we value your privacy",
            "we use cookies",
            "accept all cookies",
            "accept cookies to continue",
            "manage consent",
        ],
    },
    Wall {
        name: "a login wall",
        header: None,
        marks: &["type=\"password\"", "type='password'"],
        words: &[
            "sign in to continue",
            "log in to continue",
            "please log in",
            "please sign in",
            "login required",
            "you must be logged in",
            "create a free account to read",
            "subscribers only",
            "subscribe to continue reading",
            "to continue reading",
        ],
    },
    Wall {
        name: "a page that needs JavaScript",
        header: None,
        marks: &[],
        words: &[
            "enable javascript",
            "javascript is required",
            "javascript is disabled",
            "requires javascript",
            "turn on javascript",
            "javascript to run this app",
            "javascript must be enabled",
            "activate javascript",
        ],
    },
    Wall {
        name: "a page that refuses automatic readers",
        header: None,
        marks: &[],
        words: &[
            "access denied",
            "request blocked",
            "the request could not be satisfied",
            "request rejected",
            "your ip has been blocked",
            "pardon our interruption",
            "bot detection",
            "web application firewall",
        ],
    },
];

/// A page with more text than this (characters) is not a wall, whatever it mentions.
pub(super) const MOST_TEXT: usize = 1500;
/// A text shorter than this with a wall's marks in its markup alone is one.
const BARE: usize = 200;

/// A wall named by response headers alone, on any status.
pub(super) fn in_headers(headers: &HeaderMap) -> Option<&'static str> {
    let shows = |(name, value): (&str, &str)| {
        headers.get(name).is_some_and(|own| {
            own.to_str()
                .is_ok_and(|own| own.to_ascii_lowercase().contains(value))
        })
    };
    // DataDome adds its header to every answer of a protected site.
    let sure = WALLS
        .iter()
        .filter(|wall| wall.header.is_some_and(|(name, _)| name != "x-datadome"));
    sure.clone()
        .find(|wall| wall.header.is_some_and(shows))
        .map(|wall| wall.name)
}

/// A wall behind an error status.
pub(super) fn behind_status(status: u16, headers: &HeaderMap, html: &str) -> Option<&'static str> {
    if !matches!(status, 401 | 403 | 405 | 406 | 429 | 503) {
        return None;
    }
    let named = in_headers(headers);
    if named.is_some() {
        return named;
    }
    let html = html.to_lowercase();
    let found = WALLS
        .iter()
        .find(|wall| wall.marks.iter().any(|mark| html.contains(mark)));
    // Words alone are not enough for the vaguer kinds: a plain 403 also says "access denied".
    let by_words = || {
        let named = WALLS
            .iter()
            .filter(|wall| !wall.marks.is_empty() && wall.name != "a login wall");
        named
            .clone()
            .find(|wall| wall.words.iter().any(|words| html.contains(words)))
    };
    found.or_else(by_words).map(|wall| wall.name)
}

/// A wall that came with success: `text` is what was found to read, `title` the page's title.
pub(super) fn in_page(html: &str, title: &str, text: &str) -> Option<&'static str> {
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    if length > MOST_TEXT {
        return None;
    }
    let html = html.to_lowercase();
    let said = format!("{title}\n{text}").to_lowercase();
    let title = title.to_lowercase();
    WALLS
        .iter()
        .find(|wall| {
            let marked = wall.marks.iter().any(|mark| html.contains(mark));
            let says = |text: &str| wall.words.iter().any(|words| text.contains(words));
            let bare = length < BARE;
            (marked && says(&said))
                || (bare && (marked || says(&said)))
                || (says(&title) && length < BARE * 3)
        })
        .map(|wall| wall.name)
}

/// Whether only scripts would show anything: hardly any text, and the shell of an application.
pub(super) fn is_shell(html: &str, text: &str) -> bool {
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    if length >= 80 {
        return false;
    }
    let html = html.to_lowercase();
    let shells = [
        "id=\"root\"",
        "id=\"app\"",
        "id=\"__next\"",
        "id=\"__nuxt\"",
        "<app-root",
        "id=root",
        "id=app",
    ];
    html.contains("<script") && shells.iter().any(|shell| html.contains(shell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_lower_case() {
        for wall in WALLS {
            for text in wall.marks.iter().chain(wall.words) {
                assert_eq!(*text, text.to_lowercase(), "{}", wall.name);
            }
        }
    }

    #[test]
    fn walls_behind_error_statuses_are_named() {
        let mut challenged = HeaderMap::new();
        challenged.insert("cf-mitigated", "challenge".parse().unwrap());
        for (status, headers, html, name) in [
            (403, &challenged, "", Some("a Cloudflare challenge")),
            (
                503,
                &HeaderMap::new(),
                "<script>window._cf_chl_opt={}</script>",
                Some("a Cloudflare challenge"),
            ),
            (
                403,
                &HeaderMap::new(),
                "<title>Attention Required! | Cloudflare</title>",
                Some("a Cloudflare block page"),
            ),
            (
                403,
                &HeaderMap::new(),
                "Reference #18.2d https://errors.edgesuite.net/18",
                Some("an Akamai block page"),
            ),
            (
                403,
                &HeaderMap::new(),
                "<iframe src=\"/_Incapsula_Resource?x\">",
                Some("an Imperva Incapsula block page"),
            ),
            (
                403,
                &HeaderMap::new(),
                "<script src=https://ct.captcha-delivery.com/c.js>",
                Some("a DataDome challenge"),
            ),
            (
                429,
                &HeaderMap::new(),
                "<div id=px-captcha>",
                Some("a PerimeterX (HUMAN) challenge"),
            ),
            (
                405,
                &HeaderMap::new(),
                "<script>window.gokuProps = {}",
                Some("an AWS WAF challenge"),
            ),
            (
                403,
                &HeaderMap::new(),
                "<h1>403 Forbidden</h1><p>Access denied.</p>",
                None,
            ),
            (404, &challenged, "", None),
            (500, &HeaderMap::new(), "g-recaptcha", None),
        ] {
            assert_eq!(behind_status(status, headers, html), name, "{html}");
        }
    }
}
