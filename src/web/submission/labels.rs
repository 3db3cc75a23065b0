//! Tags and TLP that somebody gives an article.

use super::{Field, Flaw};
use crate::context::tlp;
use crate::event::text;
use crate::plain;

/// Most tags of one article.
pub(in crate::web) const MAX_TAGS: usize = 50;

/// The colours of the Traffic Light Protocol 2.0, as they stand in tags.
pub(in crate::web) const TLP: [&str; 5] = ["clear", "green", "amber", "amber+strict", "red"];

/// The tags that a job's source gets: like those of a feed, they stand over `event.tags`. A marking in the article
/// replaces the TLP only if it is the more restrictive one.
pub(super) fn tags(given: &[String], colour: Option<&str>) -> Result<Vec<String>, Vec<Flaw>> {
    let mut flaws = Vec::new();
    if given.len() > MAX_TAGS {
        let detail = format!(
            "there are {} tags; at most {MAX_TAGS} are taken",
            given.len()
        );
        flaws.push(Flaw::new(Field::Tags, detail));
    }
    for (number, tag) in given.iter().enumerate().take(MAX_TAGS) {
        if let Some(why) = tag_fault(tag) {
            flaws.push(Flaw {
                at: Some(number),
                ..Flaw::new(Field::Tags, why)
            });
        }
    }
    let mut tags = Vec::new();
    match colour.map(marking) {
        Some(Ok(tag)) => tags.push(tag),
        Some(Err(flaw)) => flaws.push(flaw),
        None => {}
    }
    for tag in given {
        if !tags.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
            tags.push(tag.clone());
        }
    }
    let mut markings = tags.iter().filter(|tag| tlp::is_marking(tag));
    if let (Some(one), Some(other)) = (markings.next(), markings.next()) {
        let detail = format!(
            "`{}` and `{}`: an article has one TLP; choose one",
            plain::short(one, 40),
            plain::short(other, 40)
        );
        flaws.push(Flaw::new(Field::Tlp, detail));
    }
    if flaws.is_empty() {
        Ok(tags)
    } else {
        Err(flaws)
    }
}

/// What keeps a tag from being taken: what keeps one from the configuration, and what nobody would see.
pub(in crate::web) fn tag_fault(tag: &str) -> Option<String> {
    let hidden = tag.chars().any(plain::steers);
    let why = text::tag_fault(tag).or_else(|| {
        let shown = plain::short(tag, 60);
        hidden.then(|| format!("`{shown}` holds characters that are not seen; write it anew"))
    })?;
    Some(format!("this is no tag: {why}"))
}

/// The tag of a colour.
fn marking(colour: &str) -> Result<String, Flaw> {
    if TLP.contains(&colour) {
        return Ok(format!("{}{colour}", tlp::PREFIX));
    }
    let detail = format!(
        "`{}` is no TLP; use one of {}",
        plain::short(colour, 40),
        TLP.join(", ")
    );
    Err(Flaw::new(Field::Tlp, detail))
}

/// The tags of a text, one a line or with commas between them. A comma between quotes belongs to its tag
/// (`misp-galaxy:target-information="Korea, Republic of"`).
pub(in crate::web) fn split_tags(text: &str) -> Vec<String> {
    let mut quoted = false;
    let pieces = text.split(|c: char| match c {
        '"' => {
            quoted = !quoted;
            false
        }
        '\n' => {
            quoted = false;
            true
        }
        ',' => !quoted,
        _ => false,
    });
    let tags = pieces.map(str::trim).filter(|tag| !tag.is_empty());
    tags.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn tags_are_split_at_lines_and_commas() {
        for (text, expected) in [
            ("", &[][..]),
            (" , \n\r\n,", &[]),
            ("a, b\nc:d=\"e\"\r\n", &["a", "b", "c:d=\"e\""]),
            (
                "t=\"Korea, Republic of\", b",
                &["t=\"Korea, Republic of\"", "b"],
            ),
            ("t=\"open, end\nb,c", &["t=\"open, end", "b", "c"]),
        ] {
            assert_eq!(split_tags(text), strings(expected), "{text:?}");
        }
    }

    #[test]
    fn tags_and_colour_become_tags() {
        for (given, colour, expected) in [
            (&[][..], "", Ok(&[][..])),
            (&["a", "A", "b"], "", Ok(&["a", "b"])),
            (&["a"], "clear", Ok(&["tlp:clear", "a"])),
            (&["TLP:Red"], "red", Ok(&["tlp:red"])),
            (&["tlp:amber"], "", Ok(&["tlp:amber"])),
            (&["tlp:amber"], "red", Err(Field::Tlp)),
            (&["tlp:amber", "tlp:red"], "", Err(Field::Tlp)),
            (&[], "white", Err(Field::Tlp)),
            (&[], "tlp:red", Err(Field::Tlp)),
            (&[""], "", Err(Field::Tags)),
            (&[" a"], "", Err(Field::Tags)),
            (&["a\nb"], "", Err(Field::Tags)),
            (&["a\u{200b}b"], "", Err(Field::Tags)),
            (&["\u{1f525}"], "", Err(Field::Tags)),
        ] {
            let colour = Some(colour).filter(|colour| !colour.is_empty());
            let found = tags(&strings(given), colour).map_err(|flaws| flaws[0].field);
            assert_eq!(found, expected.map(strings), "{given:?} {colour:?}");
        }
        assert!(tags(&vec!["x".into(); MAX_TAGS + 1], None).is_err());
        assert!(tags(&[], Some("")).is_err());
        assert!(tags(&["x".repeat(256)], None).is_err());
        assert!(tags(&["x".repeat(255)], None).is_ok());
    }

    #[test]
    fn every_colour_has_its_rank() {
        for pair in TLP.windows(2) {
            let [less, more] = [0, 1].map(|n| format!("tlp:{}", pair[n]));
            assert!(tlp::outranks(&more, &less), "{more} {less}");
        }
    }
}
