//! What an article points to rather than names: pages of ATT&CK, tags of Sigma's rules, and run keys of the registry.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use super::names::is_attack_id;
use crate::article::blocks::Block;

/// Links of a block to pages of techniques, groups and software: where the text of each stands, and the id.
pub(super) fn attack(block: &Block) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for piece in block.pieces() {
        let Some(id) = piece.value.link.as_deref().and_then(id) else {
            continue;
        };
        match found.last_mut() {
            // One link in several styles.
            Some((range, last)) if range.end == piece.range.start && *last == id => {
                range.end = piece.range.end;
            }
            _ => found.push((piece.range, id)),
        }
    }
    found
}

/// The id of the page that a link leads to: `https://attack.mitre.org/techniques/T1566/001/` is `T1566.001`.
fn id(link: &str) -> Option<String> {
    let rest = link
        .strip_prefix("https://")
        .or_else(|| link.strip_prefix("http://"))?;
    let path = rest
        .strip_prefix("attack.mitre.org/")
        .or_else(|| rest.strip_prefix("www.attack.mitre.org/"))?;
    let mut parts = path.split(['/', '?', '#']).peekable();
    if parts.next_if_eq(&"versions").is_some() {
        parts.next();
    }
    let kind = parts.next()?;
    let page = parts.next()?;
    let letter = match kind {
        "techniques" => 'T',
        "groups" => 'G',
        "software" => 'S',
        _ => return None,
    };
    if page.len() != 5 || !page.starts_with(letter) || !is_attack_id(page) {
        return None;
    }
    let is_sub = |part: &&str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let sub = parts.next().filter(|part| letter == 'T' && is_sub(part));
    Some(sub.map_or_else(|| page.to_owned(), |sub| format!("{page}.{sub}")))
}

/// Where run keys of the registry stand in a text: `CurrentVersion\Run`, `CurrentVersion\RunOnce`.
pub(super) fn run_keys(text: &str) -> Vec<Range<usize>> {
    const PARENT: &[u8] = b"currentversion";
    let bytes = text.as_bytes();
    let is = |range: Range<usize>, expected: &[u8]| {
        let part = bytes.get(range).unwrap_or_default();
        part.eq_ignore_ascii_case(expected)
    };
    let key = |at: usize| {
        let start = at.checked_sub(PARENT.len())?;
        // In code a backslash is often written twice.
        let name = at
            + bytes
                .get(at..)?
                .iter()
                .take_while(|byte| **byte == b'\\')
                .count();
        let end = if is(name..name + 7, b"runonce") {
            name + 7
        } else if is(name..name + 3, b"run") {
            name + 3
        } else {
            return None;
        };
        let is_whole = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        (is(start..at, PARENT) && is_whole).then_some(start..end)
    };
    memchr::memchr_iter(b'\\', bytes)
        .filter_map(key)
        .take(MAX_KEYS)
        .collect()
}

/// Most run keys of one text.
const MAX_KEYS: usize = 20;

/// Techniques that the rules of Sigma in a text have as tags, and where: `attack.t1059.001` is `T1059.001`.
/// <https://github.com/SigmaHQ/sigma-specification>, on tags
pub(super) fn sigma_tags(text: &str) -> Vec<(Range<usize>, String)> {
    const NAMESPACE: &[u8] = b"attack.";
    let bytes = text.as_bytes();
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/@".contains(byte);
    let tag = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        if before.is_some_and(goes_on) {
            return None;
        }
        let start = at + NAMESPACE.len();
        let rest = text.get(start..)?;
        let length = rest.bytes().take_while(|byte| goes_on(byte)).count();
        let id = rest.get(..length)?.trim_end_matches('.');
        let span = start..start + id.len();
        let id = id.to_ascii_uppercase();
        let is_technique = id.starts_with('T') && !id.starts_with("TA") && is_attack_id(&id);
        is_technique.then_some((span, id))
    };
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut tags: Vec<_> = memmem::find_iter(bytes, NAMESPACE)
        .filter_map(tag)
        .collect();
    tags.retain(|(_, id)| {
        let times = seen.entry(id.clone()).or_default();
        *times += 1;
        *times <= MAX_SIGMA_TAGS
    });
    tags
}

/// Most places of one tag in a text.
const MAX_SIGMA_TAGS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::blocks::{Cell, Kind, Run, Style};

    #[test]
    fn pages_of_attack_have_ids() {
        for (link, expected) in [
            (
                "https://attack.mitre.org/techniques/T1566/001/",
                Some("T1566.001"),
            ),
            ("https://attack.mitre.org/techniques/T1190", Some("T1190")),
            (
                "http://attack.mitre.org/versions/v15/techniques/T1059/001",
                Some("T1059.001"),
            ),
            (
                "https://attack.mitre.org/groups/G0007/#software",
                Some("G0007"),
            ),
            ("https://attack.mitre.org/software/S0154/?x", Some("S0154")),
            ("https://attack.mitre.org/tactics/TA0001/", None),
            ("https://attack.mitre.org/techniques/G0007/", None),
            ("https://attack.mitre.org/techniques/enterprise/", None),
            (
                "https://attack.mitre.org.example.net/techniques/T1190/",
                None,
            ),
            (
                "https://example.net/attack.mitre.org/techniques/T1190/",
                None,
            ),
            ("https://attack.mitre.org/", None),
            ("mailto:attack@mitre.org", None),
        ] {
            assert_eq!(id(link).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn a_link_in_several_styles_is_one() {
        let run = |text: &str, link: Option<&str>, strong| Run {
            text: text.into(),
            style: Style {
                strong,
                ..Style::default()
            },
            link: link.map(Into::into),
        };
        let page = Some("https://attack.mitre.org/techniques/T1566/");
        let block = Block {
            cells: vec![Cell {
                runs: vec![
                    run("by ", None, false),
                    run("phi", page, true),
                    run("shing", page, false),
                    run(" mails", None, false),
                ],
            }],
            ..Block::plain(Kind::Paragraph, "")
        };
        assert_eq!(attack(&block), [(3..11, "T1566".to_owned())]);
    }

    #[test]
    fn run_keys_are_found_however_they_are_written() {
        for (text, expected) in [
            (
                r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run",
                &[r"CurrentVersion\Run"][..],
            ),
            (
                r"hkcu\\software\\currentversion\\run\\x",
                &[r"currentversion\\run"],
            ),
            (
                r"CurrentVersion\RunOnce and CurrentVersion\Run.",
                &[r"CurrentVersion\RunOnce", r"CurrentVersion\Run"],
            ),
            (r"CurrentVersion\Runner, CurrentVersion\Explorer", &[]),
            (r"Version\Run \ é\", &[]),
        ] {
            let found: Vec<_> = run_keys(text)
                .into_iter()
                .filter_map(|range| text.get(range))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn tags_of_sigma_rules_are_read() {
        for (text, expected) in [
            (
                "tags:\n    - attack.execution\n    - attack.t1059.001\n",
                &["T1059.001"][..],
            ),
            (
                "tags: [attack.t1105, attack.T1547.001]",
                &["T1105", "T1547.001"],
            ),
            ("It is attack.t1105.", &["T1105"]),
            (
                "attack.ta0002 attack.g0007 attack.s0154 attack.t15 attack.t1059.1",
                &[],
            ),
            (
                "the attack.t1059x counter.attack.t1105 my-attack.t1105",
                &[],
            ),
            ("https://attack.t1059.example/ attack.t1059.example", &[]),
            ("attack.", &[]),
            ("attack.\u{e9}", &[]),
        ] {
            let found = sigma_tags(text);
            let ids: Vec<_> = found.iter().map(|(_, id)| &**id).collect();
            assert_eq!(ids, expected, "{text}");
            for (span, id) in &found {
                let tag = text.get(span.clone()).unwrap_or_default();
                assert!(tag.eq_ignore_ascii_case(id), "{text}");
            }
        }
    }
}
