//! What an article's tags show in its report: references where techniques stand, and at the end what earned each
//! tag.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use super::build::{is_exclusive, tag_name};
use super::text;
use crate::article::{Article, Mark};
use crate::context::{self, ContextTag, Standing, Topic};

/// Longest sentence shown, in characters.
const MAX_SENTENCE: usize = 300;

/// Longest reason shown, in characters.
const MAX_REASON: usize = 200;

/// Largest list of tags, in bytes, however long the report may be.
const MAX_LIST: usize = 24 << 10;

/// The reference by which MISP's viewer shows a tag. `None` for names that its parser does not read: it takes
/// everything up to the first closing parenthesis, in a line. Those with characters that mean something to
/// Markdown around it (tables, code, escapes) are left alone too.
pub(super) fn reference(tag: &str) -> Option<String> {
    let name = tag_name(tag);
    let unread =
        |c: char| matches!(c, '(' | ')' | '[' | ']' | '|' | '`' | '\\' | '<') || c.is_control();
    let good = name == tag && !name.contains(unread);
    good.then(|| format!("@[tag]({name})"))
}

/// Marks for techniques where the report names them. A name or id takes the reference in its place, in each block
/// the first time only, so that `T1566.001 (Spearphishing Attachment)` is not shown twice. Any other words stay,
/// with the reference after them the first time they are there.
pub(super) fn marks(article: &Article, tags: &[ContextTag]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for tag in tags.iter().filter(|tag| tag.topic == Topic::Technique) {
        let Some(reference) = reference(&tag.tag) else {
            continue;
        };
        let spellings = spellings(context::name(&tag.tag));
        let (mut blocks, mut is_explained) = (HashSet::new(), false);
        for (number, span, named) in places(article, tag) {
            let replaces = spellings.contains(&folded(&named));
            let wanted = replaces || !is_explained;
            if wanted && blocks.insert(number) {
                is_explained |= !replaces;
                marks.push(Mark::tag(number, span, reference.clone(), replaces));
            }
        }
    }
    marks
}

/// Where the report names something, each with the block's number and what stands there.
fn places(
    article: &Article,
    tag: &ContextTag,
) -> impl Iterator<Item = (usize, Range<usize>, String)> {
    tag.places.iter().filter_map(|place| {
        let number = place.block?;
        let block = article.blocks.get(number).filter(|it| it.in_report())?;
        let named = block.text().get(place.span.clone())?.to_owned();
        Some((number, place.span.clone(), named))
    })
}

/// What says the same as `Phishing - T1566`: either part, or both, whichever comes first.
fn spellings(value: &str) -> Vec<String> {
    let mut all = vec![folded(value)];
    if let Some((name, id)) = value.rsplit_once(" - ") {
        all.extend([folded(name), folded(id), folded(&format!("{id} {name}"))]);
    }
    all
}

/// Letters and digits alone, in lower case.
fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The list of tags with what earned them, at most `max` bytes; empty without tags. What the page says is shown as
/// code: nothing in it can act as Markdown, become a link, or be taken for a find by the server. So are tags unless
/// the report has `references`.
pub(super) fn list(tags: &[ContextTag], references: bool, max: usize) -> String {
    const HEADING: &str = "\n---\n\n## Context\n\n";
    /// Room for the line that says how many are not shown.
    const MORE: usize = 64;
    let max = max.min(MAX_LIST);
    let mut out = String::new();
    for (number, tag) in tags.iter().enumerate() {
        let entry = entry(tag, references);
        let length = HEADING.len() + out.len() + entry.len() + MORE;
        if length > max {
            let left = tags.len() - number;
            if out.is_empty() {
                return out;
            }
            let _ = writeln!(out, "- {left} more, not shown here");
            break;
        }
        out.push_str(&entry);
    }
    if out.is_empty() {
        return out;
    }
    format!("{HEADING}{out}")
}

fn entry(tag: &ContextTag, references: bool) -> String {
    // Of an exclusive family the event may have another tag.
    let reference = reference(&tag.tag).filter(|_| references && !is_exclusive(&tag.tag));
    let shown = reference.unwrap_or_else(|| code(&tag_name(&tag.tag)));
    let mut line = format!("- {shown}");
    let standing = match (tag.topic, tag.standing) {
        (Topic::Rule | Topic::Marking, _) | (Topic::Technique, Standing::Subject) => None,
        (_, Standing::Subject) => Some("subject"),
        (_, Standing::Mention) => Some("mention"),
    };
    if let Some(standing) = standing {
        let _ = write!(line, " ({standing})");
    }
    let reason = text::bounded(&text::line(&tag.reason), MAX_REASON);
    if !reason.is_empty() {
        let _ = write!(line, ": {}", super::report::escaped(&reason, MAX_REASON));
    }
    let sentence = text::bounded(&text::line(&tag.sentence), MAX_SENTENCE);
    if !sentence.is_empty() {
        let _ = write!(line, "  \n  {}", code(&sentence));
    }
    line.push('\n');
    line
}

/// One line as inline code.
pub(super) fn code(line: &str) -> String {
    let (mut run, mut longest) = (0_usize, 0_usize);
    for c in line.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    // Not even the raw text may look like one of MISP's references.
    let line = line.replace("@[", "@ [");
    format!("{fence}{pad}{line}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::blocks::{Block, Kind};
    use crate::article::render_with;
    use crate::context::samples::{at, cluster, tag};

    fn technique(name: &str) -> ContextTag {
        cluster(
            "mitre-attack-pattern",
            name,
            Topic::Technique,
            Standing::Subject,
        )
    }

    fn article(texts: &[&str]) -> Article {
        Article {
            url: "https://blog.example.com/a".parse().unwrap(),
            title: String::new(),
            author: None,
            published: None,
            language: None,
            canonical: None,
            keywords: Vec::new(),
            blocks: texts
                .iter()
                .map(|text| Block::plain(Kind::Paragraph, *text))
                .collect(),
        }
    }

    #[test]
    fn only_names_that_the_viewer_reads_are_referred_to() {
        for (tag, good) in [
            (
                "misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"",
                true,
            ),
            (
                "misp-galaxy:mitre-attack-pattern=\"LC_LOAD_DYLIB Addition - T1546.006\"",
                true,
            ),
            ("misp-galaxy:malpedia=\"Royal Ransom (ELF)\"", false),
            ("a|b", false),
            ("a`b", false),
            ("two\nlines", false),
            (" blank", false),
        ] {
            assert_eq!(reference(tag).is_some(), good, "{tag}");
        }
        assert_eq!(reference(&"x".repeat(300)), None);
    }

    #[test]
    fn a_name_or_id_becomes_a_reference_and_other_words_get_one_once() {
        let texts = [
            "They use T1566.001 (Spearphishing Attachment) a lot.",
            "A mail with a bad attachment, again and again.",
            "And again a mail with a bad attachment.",
            "An attachment in spearphishing attachment mails.",
        ];
        let article = article(&texts);
        let tag = technique("Spearphishing Attachment - T1566.001");
        let places = [
            (0, "T1566.001"),
            (0, "Spearphishing Attachment"),
            (1, "mail with a bad attachment"),
            (2, "mail with a bad attachment"),
            (3, "attachment"),
            (3, "spearphishing attachment"),
        ];
        let marks = marks(&article, &[at(tag, &places, &texts)]);
        let reference =
            "@[tag](misp-galaxy:mitre-attack-pattern=\"Spearphishing Attachment - T1566.001\")";
        assert_eq!(
            render_with(&article.blocks, &marks, 4096),
            format!(
                "They use {reference} (Spearphishing Attachment) a lot.\n\nA mail with a bad attachment ({reference}), again \
                 and again.\n\nAnd again a mail with a bad attachment.\n\nAn attachment in {reference} mails.\n"
            )
        );
    }

    #[test]
    fn other_marks_win_over_tags() {
        let texts = ["see T1566.example.com or T1059 now"];
        let article = article(&texts);
        let long = at(technique("A - T1566"), &[(0, "T1566")], &texts);
        let free = at(technique("B - T1059"), &[(0, "T1059")], &texts);
        let mut all = marks(&article, &[long, free]);
        all.push(Mark::value(0, 4..21, "@[attribute](x)"));
        assert_eq!(
            render_with(&article.blocks, &all, 4096),
            "see @[attribute](x) or @[tag](misp-galaxy:mitre-attack-pattern=\"B - T1059\") now\n"
        );
    }

    #[test]
    fn actors_stay_as_they_are_written() {
        let texts = ["APT28 did it"];
        let actor = cluster("threat-actor", "APT28", Topic::Actor, Standing::Subject);
        assert_eq!(
            marks(&article(&texts), &[at(actor, &[(0, "APT28")], &texts)]),
            []
        );
    }

    #[test]
    fn places_that_are_not_there_are_passed_over() {
        let mut tag = technique("A - T1566");
        for (block, span) in [(Some(7), 0..3), (Some(0), 2..900), (None, 0..2)] {
            tag.places.push(crate::context::Place { block, span });
        }
        assert_eq!(marks(&article(&["abc"]), &[tag]), []);
    }

    #[test]
    fn the_list_shows_what_earned_each_tag() {
        let mut hostile = cluster(
            "malpedia",
            "Royal Ransom (ELF)",
            Topic::Malware,
            Standing::Mention,
        );
        hostile.sentence = "See `http://evil.top` @[tag](x) <b>".into();
        hostile.reason = "next to [ransomware](x)".into();
        let actor = cluster("threat-actor", "APT28", Topic::Actor, Standing::Subject);
        let shown = list(&[actor, hostile], true, 4096);
        assert_eq!(
            shown,
            "\n---\n\n## Context\n\n- @[tag](misp-galaxy:threat-actor=\"APT28\") (subject): named in the title  \n  `It is \
             about APT28.`\n- `misp-galaxy:malpedia=\"Royal Ransom (ELF)\"` (mention): next to \
             \\[ransomware\\]\\(x\\)  \n  ``See `http://evil.top` @ [tag](x) <b>``\n"
        );
        assert_eq!(list(&[], true, 4096), "");
    }

    #[test]
    fn a_marking_is_quoted_because_the_event_may_have_another() {
        let marking = tag("tlp:amber", Topic::Marking, Standing::Subject);
        let shown = list(&[marking], true, 4096);
        assert!(shown.contains("- `tlp:amber`: named"), "{shown}");
        let actor = cluster("threat-actor", "APT28", Topic::Actor, Standing::Subject);
        let shown = list(&[actor], false, 4096);
        assert!(
            shown.contains("- `misp-galaxy:threat-actor=\"APT28\"` (subject)"),
            "{shown}"
        );
    }

    #[test]
    fn the_list_is_bounded() {
        let tags: Vec<ContextTag> = (0..100)
            .map(|n| technique(&format!("Technique {n} - T{n:04}")))
            .collect();
        let shown = list(&tags, true, 2_000);
        assert!(shown.len() <= 2_000, "{}", shown.len());
        assert!(shown.ends_with(" more, not shown here\n"), "{shown}");
        assert!(list(&tags, true, 1 << 30).len() <= MAX_LIST);
        assert_eq!(list(&tags, true, 10), "");
    }
}
