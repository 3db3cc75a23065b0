//! Accounts on platforms: Telegram, Discord, GitHub.
//!
//! A handle alone says nothing: `@import` is CSS, `@name` mostly Twitter. It is an account of a platform only where
//! the text names the platform beside it. Links to accounts (`t.me/name`) are URLs.

use std::ops::Range;

use super::{Raw, Text};
use crate::indicators::Kind;

/// How far before a handle its platform is looked for, in bytes.
const BACK: usize = 64;

/// How far behind it.
const AHEAD: usize = 16;

/// Finds handles.
pub(super) fn find(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    let mut at = gap.start;
    while let Some(sign) = text.position(at..gap.end, b'@') {
        let handle = handle(text, sign);
        at = sign + 1 + handle.map_or(0, str::len);
        if handle.is_some_and(|handle| (5..=32).contains(&handle.len()))
            && is_telegram(text, sign..at)
        {
            raws.push(Raw::new(Kind::Telegram, text.slice(sign..at), sign..at));
        }
    }
}

/// The letters, digits and underscores behind the `@` at `sign`, if they begin with a letter and the `@` with them
/// stands alone.
fn handle<'a>(text: &'a Text<'_>, sign: usize) -> Option<&'a str> {
    let before = sign.checked_sub(1).map_or(0, |at| text.byte(at));
    if before.is_ascii_alphanumeric() || matches!(before, b'@' | b'.' | b'_' | b'/' | b'\\' | b'-')
    {
        return None;
    }
    let handle = word(text, sign + 1, b"_");
    let next = text.byte(sign + 1 + handle.len());
    let after = text.byte(sign + 2 + handle.len());
    let goes_on = matches!(next, b'@' | b'/' | b'(' | b'-')
        || (next == b'.' && after.is_ascii_alphanumeric());
    (handle.starts_with(|c: char| c.is_ascii_alphabetic()) && !goes_on).then_some(handle)
}

/// At most 64 letters, digits and `more` from `at` on.
fn word<'a>(text: &'a Text<'_>, at: usize, more: &[u8]) -> &'a str {
    let bytes = text.bytes().get(at..).unwrap_or_default();
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || more.contains(byte);
    text.slice(at..at + bytes.iter().take(64).take_while(is_word).count())
}

/// Whether the words around a handle, or its place in a table, say Telegram, and no other platform nearer.
fn is_telegram(text: &Text<'_>, span: Range<usize>) -> bool {
    const OTHERS: &[&str] = &[
        "twitter",
        "x.com",
        "instagram",
        "github",
        "mastodon",
        "discord",
        "tiktok",
        "linkedin",
    ];
    let before = text.line_before(span.start, BACK);
    let named = last(before, "telegram").max(last_word(before, "tg"));
    let other = OTHERS.iter().filter_map(|name| last(before, name)).max();
    let place = [text.place.header, text.place.before];
    named > other
        || is_named_behind(text.line_after(span.end, AHEAD))
        || place
            .iter()
            .flatten()
            .any(|words| last(words, "telegram").is_some())
}

/// `@name on Telegram`, `@name (Telegram)`
fn is_named_behind(after: &str) -> bool {
    let after = after.trim_start_matches([' ', ',', '(']);
    let after = after.strip_prefix("on ").unwrap_or(after);
    after
        .get(..8)
        .is_some_and(|name| name.eq_ignore_ascii_case("telegram"))
}

/// Where `name` (lower case) begins for the last time, in any case.
fn last(text: &str, name: &str) -> Option<usize> {
    let mut windows = text.as_bytes().windows(name.len());
    windows.rposition(|window| window.eq_ignore_ascii_case(name.as_bytes()))
}

/// The same for a word of its own.
fn last_word(text: &str, name: &str) -> Option<usize> {
    let at = last(text, name)?;
    let border = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
    (border(before) && border(text.as_bytes().get(at + name.len()))).then_some(at)
}

/// Finds what a label that begins the gap names; it may stand in the chunks behind.
pub(super) fn find_labelled(text: &Text<'_>, gap: Range<usize>, raws: &mut Vec<Raw>) {
    const PLATFORMS: &[&str] = &["github", "discord", "telegram"];
    let rest = text.bytes().get(gap.clone()).unwrap_or_default();
    let begins = |name: &&str| {
        rest.get(..name.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
    };
    if PLATFORMS.iter().any(begins) {
        raws.extend(labelled(text, gap.start));
    }
}

/// Reads `GitHub user: name`, `GitHub repository owner/name`, `Discord: name#1234`, `Telegram: name_1` at `start`.
fn labelled(text: &Text<'_>, start: usize) -> Option<Raw> {
    let platform = word(text, start, b"");
    let mut at = start + platform.len();
    let mut role = "";
    if text.byte(at) == b' ' {
        role = word(text, at + 1, b"");
        if is_role(role) {
            at += 1 + role.len();
        }
    }
    let (value, said) = value_start(text, at)?;
    if platform.eq_ignore_ascii_case("github") {
        return github(text, role, value, said);
    }
    if platform.eq_ignore_ascii_case("discord") {
        return discord(text, value);
    }
    (platform.eq_ignore_ascii_case("telegram") && said).then(|| telegram(text, value))?
}

fn is_role(word: &str) -> bool {
    const ROLES: &[&str] = &[
        "user",
        "username",
        "account",
        "profile",
        "handle",
        "id",
        "repository",
        "repo",
        "project",
        "channel",
        "bot",
        "contact",
        "tag",
    ];
    ROLES.iter().any(|role| role.eq_ignore_ascii_case(word))
}

/// Where the value behind a label begins, and whether a colon, an equals sign or a quote announces it.
fn value_start(text: &Text<'_>, at: usize) -> Option<(usize, bool)> {
    let rest = text.bytes().get(at..)?;
    let marks = rest
        .iter()
        .take(4)
        .take_while(|byte| matches!(byte, b':' | b'=' | b' ' | b'"' | b'`' | b'\'' | b'@'));
    let count = marks.count();
    let said = rest.iter().take(count).any(|byte| *byte != b' ');
    (count > 0).then_some((at + count, said))
}

fn github(text: &Text<'_>, role: &str, at: usize, said: bool) -> Option<Raw> {
    let owner = word(text, at, b"-");
    let end = at + owner.len();
    let valid = (1..=39).contains(&owner.len()) && !owner.starts_with('-') && !owner.ends_with('-');
    if !valid {
        return None;
    }
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(role));
    if is(&["repository", "repo", "project"]) && text.byte(end) == b'/' {
        let name = word(text, end + 1, b"-_.").trim_end_matches('.');
        let end = end + 1 + name.len();
        let whole = !name.is_empty() && text.byte(end) != b'/';
        return whole.then(|| Raw::new(Kind::GithubRepository, text.slice(at..end), at..end));
    }
    let user = is(&["user", "username", "account", "profile", "handle"]);
    let ends = !matches!(text.byte(end), b'/' | b'.' | b'_' | b'@') || text.byte(end + 1) <= b' ';
    (user && said && ends).then(|| Raw::new(Kind::GithubUsername, owner, at..end))
}

/// `name#1234`.
fn discord(text: &Text<'_>, at: usize) -> Option<Raw> {
    let name = word(text, at, b"_.");
    let number = at + name.len() + 1;
    let digits = word(text, number, b"");
    let valid = (2..=32).contains(&name.len())
        && text.byte(number - 1) == b'#'
        && digits.len() == 4
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| Raw::new(Kind::Discord, text.slice(at..number + 4), at..number + 4))
}

/// A name without `@`, which has a digit or an underscore: other words are prose.
fn telegram(text: &Text<'_>, at: usize) -> Option<Raw> {
    let name = word(text, at, b"_");
    let at_sign = text.byte(at - 1) == b'@';
    let end = at + name.len();
    let valid = (5..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && (at_sign
            || name
                .bytes()
                .any(|byte| byte == b'_' || byte.is_ascii_digit()))
        && !matches!(text.byte(end), b'/' | b':' | b'@' | b'-')
        && (text.byte(end) != b'.' || !text.byte(end + 1).is_ascii_alphanumeric());
    valid.then(|| {
        Raw::new(
            Kind::Telegram,
            format!("@{name}"),
            at - usize::from(at_sign)..end,
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::indicators::{Kind, scan};

    const KINDS: &[Kind] = &[
        Kind::Telegram,
        Kind::Discord,
        Kind::GithubUsername,
        Kind::GithubRepository,
    ];

    fn accounts(text: &str) -> Vec<(Kind, String)> {
        let finds = scan(text).into_iter();
        finds
            .filter(|find| KINDS.contains(&find.kind))
            .map(|find| (find.kind, find.value))
            .collect()
    }

    #[test]
    fn labelled_accounts() {
        let cases: &[(&str, Kind, &[&str])] = &[
            (
                "Telegram: @evil_seller, @evil_two",
                Kind::Telegram,
                &["@evil_seller", "@evil_two"],
            ),
            (
                "write to @evil_seller on Telegram",
                Kind::Telegram,
                &["@evil_seller"],
            ),
            ("Telegram bot: evil_bot1.", Kind::Telegram, &["@evil_bot1"]),
            ("TG @evil_seller", Kind::Telegram, &["@evil_seller"]),
            ("Discord: baddy#1234", Kind::Discord, &["baddy#1234"]),
            (
                "GitHub user: evil-dev.",
                Kind::GithubUsername,
                &["evil-dev"],
            ),
            (
                "GitHub repository evil-dev/loader.",
                Kind::GithubRepository,
                &["evil-dev/loader"],
            ),
        ];
        for (text, kind, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|value| (*kind, (*value).to_owned()))
                .collect();
            assert_eq!(accounts(text), expected, "{text}");
        }
    }

    #[test]
    fn other_handles() {
        for text in [
            "@import url(x) @media print @Override",
            "follow us: @research_team",
            "Telegram and Twitter: @research_team",
            "Telegram channel @abc",
            "GitHub user who published it",
            "GitHub: evil-update.top/x",
            "Discord servers#12",
            "Telegram: the messenger",
            "Telegram @name@mastodon.social",
        ] {
            assert_eq!(accounts(text), [], "{text}");
        }
    }
}
