//! What a URL itself tells of the page behind it.

/// Links that hand the article on.
pub(super) fn is_share_button(url: &str) -> bool {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.strip_prefix("www.").unwrap_or(url);
    [
        "twitter.com/intent",
        "twitter.com/share",
        "twitter.com/home?status",
        "x.com/intent",
        "x.com/share",
        "facebook.com/sharer",
        "facebook.com/share.php",
        "facebook.com/dialog",
        "linkedin.com/share",
        "linkedin.com/sharing",
        "linkedin.com/cws/share",
        "reddit.com/submit",
        "pinterest.com/pin/create",
        "api.whatsapp.com/send",
        "wa.me/?text",
        "t.me/share",
        "telegram.me/share",
        "news.ycombinator.com/submitlink",
        "tumblr.com/share",
        "getpocket.com/save",
        "b.hatena.ne.jp/entry",
        "social-plugins.line.me",
        "addtoany.com/share",
        "mailto:?",
    ]
    .iter()
    .any(|button| url.starts_with(button))
}

/// Addresses that take what is sent to a bot or a channel: none is ever to be read.
const DROPS: &[&str] = &[
    "api.telegram.org/bot",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "canary.discord.com/api/webhooks/",
    "ptb.discord.com/api/webhooks/",
    "hooks.slack.com/services/",
];

/// Whether a URL is where a bot or a webhook takes data: with its token, not the mere path.
pub(super) fn is_drop(url: &str) -> bool {
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    DROPS.iter().any(|start| {
        url.strip_prefix(start)
            .is_some_and(|rest| rest.len() > 8 && !rest.contains(['<', '>', '{', '}', '…']))
    })
}

/// Words that a slug has at least: attackers' paths have two or three (`wp-content`, `some-error`).
const SLUG_WORDS: usize = 5;

/// Endings of pictures and of what pages are made of.
const PICTURES: &[&str] = &[
    ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".css",
];

/// Whether a URL is that of an article, by its title or date in the path, or of a picture. Titles of articles
/// are long; what malware loads has short names.
pub(super) fn is_reading(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let Some((_, path)) = rest.split_once('/') else {
        return false;
    };
    if !scheme.starts_with("http") {
        return false;
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let lower = last.to_ascii_lowercase();
    if PICTURES.iter().any(|ending| lower.ends_with(ending)) {
        return true;
    }
    // A page has no ending, or that of a page.
    let stem = [".html", ".htm", ".php", ".aspx", ".pdf"]
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))
        .unwrap_or(&lower);
    !stem.contains('.') && (is_dated(path) || path.split('/').any(is_slug))
}

/// `turkey-buys-third-drilling-ship`.
fn is_slug(segment: &str) -> bool {
    let words = segment
        .split(['-', '_'])
        .filter(|word| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic()));
    words.count() >= SLUG_WORDS
}

/// `2020/02/19/…`.
fn is_dated(path: &str) -> bool {
    let number = |part: &str, digits: usize, from: u32, to: u32| {
        part.len() == digits && part.parse().is_ok_and(|n: u32| (from..=to).contains(&n))
    };
    let parts: Vec<&str> = path.split('/').take(8).collect();
    parts.windows(3).any(|parts| {
        matches!(parts, [year, month, title] if number(year, 4, 1995, 2100)
            && number(month, 2, 1, 12)
            && !title.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_and_pictures_are_told_by_their_urls() {
        for url in [
            "https://news.good-people.top/2020/02/19/ship-sails/",
            "https://good-people.top/world/turkey-buys-third-drilling-ship-for-gas",
            "https://good-people.top/a/Das_ist_unser_neues_Problem_heute.html?x=1",
            "https://good-people.top/wp-content/uploads/2021/01/banner.PNG",
        ] {
            assert!(is_reading(url), "{url}");
        }
        for url in [
            "http://evil-update.top/voluptas-quidem/documents.zip",
            "http://evil-update.top/wp-content/uploads/2021/01/a.exe",
            "http://evil-update.top/2021/01",
            "http://evil-update.top/gate.php",
            "http://evil-update.top",
            "evil-update.top/a-b-c-d-e-f",
            "ftp://evil-update.top/one-two-three-four-five",
        ] {
            assert!(!is_reading(url), "{url}");
        }
    }

    #[test]
    fn bots_and_webhooks_take_data() {
        for (url, expected) in [
            (
                "https://api.telegram.org/bot6012345678:AAHx/sendMessage",
                true,
            ),
            ("https://discord.com/api/webhooks/1012345678/abc", true),
            ("https://api.telegram.org/bot", false),
            ("https://api.telegram.org/bot<token>/sendMessage", false),
            (
                "https://discord.com/developers/docs/resources/webhook",
                false,
            ),
        ] {
            assert_eq!(is_drop(url), expected, "{url}");
        }
    }

    #[test]
    fn share_buttons_hand_the_article_on() {
        for (url, expected) in [
            ("https://twitter.com/intent/tweet?text=x", true),
            ("https://www.linkedin.com/shareArticle?url=x", true),
            ("mailto:?subject=x", true),
            ("https://twitter.com/someone", false),
            ("https://evil-update.top/?u=twitter.com/intent", false),
        ] {
            assert_eq!(is_share_button(url), expected, "{url}");
        }
    }
}
