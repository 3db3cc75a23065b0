//! What was found, for people and for programs.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};

use crate::article::Article;
use crate::article::blocks::Block;
use crate::cli;
use crate::commands::text::{clean, short, write_json};
use crate::context::{self, ContextTag, Standing};
use crate::indicators::judge::Place;
use crate::indicators::{Find, Indicator, Origin, Verdict};

/// Longest value shown in a table, in characters; rules are longer.
const MAX_VALUE: usize = 300;

/// What the judge and the matcher say.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) indicators: &'a [Indicator],
    pub(super) tags: &'a [ContextTag],
}

/// What the judge says, and the tags below.
pub(super) fn judged(
    source: &str,
    article: &Article,
    found: &Judged<'_>,
    args: &cli::Extract,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let Judged { indicators, tags } = *found;
    let wanted = |indicator: &&Indicator| args.all || indicator.verdict.is_indicator();
    let shown = indicators.iter().filter(wanted);
    if args.json {
        let texts = Texts::of(&article.blocks);
        let list: Vec<Value> = shown.map(|one| texts.indicator(one)).collect();
        let mut whole = document(source, article, "indicators", &list);
        if let Some(whole) = whole.as_object_mut() {
            let tags = tags.iter().map(|tag| texts.tag(tag)).collect();
            whole.insert("tags".into(), Value::Array(tags));
        }
        return write_json(out, &whole);
    }
    let rows: Vec<[String; 4]> = shown
        .map(|one| {
            [
                one.kind.to_string(),
                short(&one.value, MAX_VALUE),
                verdict(one),
                clean(&one.reason),
            ]
        })
        .collect();
    print_table(["type", "value", "verdict", "why"], rows, out)?;
    writeln!(out, "{}", summary(indicators, args.all))?;
    context(tags, args.mentions || args.all, out)
}

/// The tags, each with the sentence that earned it.
fn context(tags: &[ContextTag], mentions: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let wanted = |tag: &&ContextTag| mentions || tag.standing == Standing::Subject;
    let rows: Vec<[String; 5]> = tags
        .iter()
        .filter(wanted)
        .map(|tag| {
            [
                tag.topic.as_str().to_owned(),
                clean(&tag.tag),
                tag.standing.as_str().to_owned(),
                clean(&tag.reason),
                short(&tag.sentence, MAX_VALUE),
            ]
        })
        .collect();
    let (shown, all) = (rows.len(), tags.len());
    if all == 0 {
        return Ok(());
    }
    writeln!(out)?;
    print_table(["topic", "tag", "standing", "why", "sentence"], rows, out)?;
    let mut line = format!("{shown} tags");
    if all > shown {
        let _ = write!(line, "; {} mentions (--mentions shows them)", all - shown);
    }
    Ok(writeln!(out, "{line}")?)
}

/// Everything well-formed.
pub(super) fn finds(
    source: &str,
    article: &Article,
    finds: &[Find],
    args: &cli::Extract,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let texts = Texts::of(&article.blocks);
    if args.json {
        let list: Vec<Value> = finds.iter().map(|find| texts.find(find)).collect();
        return write_json(out, &document(source, article, "finds", &list));
    }
    let rows: Vec<[String; 3]> = finds
        .iter()
        .map(|find| {
            let written = match find.origin {
                Origin::Text => short(texts.written(find.block, find.span.clone()), MAX_VALUE),
                Origin::Link => "(link)".into(),
            };
            [
                find.kind.to_string(),
                short(&find.value, MAX_VALUE),
                written,
            ]
        })
        .collect();
    print_table(["type", "value", "as written"], rows, out)?;
    Ok(writeln!(out, "{} well-formed values", finds.len())?)
}

fn document(source: &str, article: &Article, key: &str, list: &[Value]) -> Value {
    json!({
        "source": source,
        "url": article.address().map(url::Url::as_str),
        "title": article.title,
        key: list,
    })
}

/// Texts of the blocks, each put together once.
struct Texts<'a>(Vec<Cow<'a, str>>);

impl<'a> Texts<'a> {
    fn of(blocks: &'a [Block]) -> Self {
        Self(blocks.iter().map(Block::text).collect())
    }

    fn written(&self, block: usize, span: std::ops::Range<usize>) -> &str {
        let text = self.0.get(block).and_then(|text| text.get(span));
        text.unwrap_or_default()
    }

    fn find(&self, find: &Find) -> Value {
        json!({
            "type": find.kind,
            "value": find.value,
            "written": self.written(find.block, find.span.clone()),
            "block": find.block,
            "offset": find.span.start,
            "defanged": find.defanged,
            "origin": origin(find.origin),
        })
    }

    fn indicator(&self, one: &Indicator) -> Value {
        let places: Vec<Value> = one.places.iter().map(|place| self.place(place)).collect();
        let decisive = one.places.get(one.decisive);
        json!({
            "type": one.kind,
            "value": one.value,
            "verdict": one.verdict,
            "to_ids": one.to_ids,
            "reason": one.reason,
            "written": decisive.map(|place| self.written(place.block, place.span.clone())),
            "block": decisive.map(|place| place.block),
            "offset": decisive.map(|place| place.span.start),
            "defanged": one.places.iter().any(|place| place.defanged),
            "places": places,
        })
    }

    fn tag(&self, tag: &ContextTag) -> Value {
        let place = |place: &context::Place| {
            let written = place
                .block
                .map(|block| self.written(block, place.span.clone()));
            json!({ "written": written, "block": place.block, "offset": place.span.start })
        };
        json!({
            "tag": tag.tag,
            "cluster": tag.cluster,
            "topic": tag.topic,
            "standing": tag.standing,
            "reason": tag.reason,
            "sentence": tag.sentence,
            "places": tag.places.iter().map(place).collect::<Vec<_>>(),
        })
    }

    fn place(&self, place: &Place) -> Value {
        json!({
            "written": self.written(place.block, place.span.clone()),
            "block": place.block,
            "offset": place.span.start,
            "defanged": place.defanged,
            "origin": origin(place.origin),
        })
    }
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Text => "text",
        Origin::Link => "link",
    }
}

fn verdict(one: &Indicator) -> String {
    let word = one.verdict.as_str();
    if one.verdict == Verdict::Detect && !one.to_ids {
        format!("{word}, no IDS")
    } else {
        word.to_owned()
    }
}

fn summary(indicators: &[Indicator], all: bool) -> String {
    let count = |wanted: &dyn Fn(&Indicator) -> bool| {
        let with = indicators.iter().filter(|one| wanted(one));
        with.count()
    };
    let taken = count(&|one| one.verdict.is_indicator());
    let detect = count(&|one| one.to_ids);
    let reference = count(&|one| one.verdict == Verdict::Reference);
    let drop = count(&|one| one.verdict == Verdict::Drop);
    let mut text = format!("{taken} indicators, {detect} for detection");
    if reference + drop > 0 {
        let _ = write!(text, "; {reference} references, {drop} dropped");
        if !all {
            text.push_str(" (--all shows them)");
        }
    }
    text
}

fn print_table<const N: usize>(
    header: [&str; N],
    rows: Vec<[String; N]>,
    out: &mut impl Write,
) -> std::io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // Values are not broken in what another program reads.
    table.set_content_arrangement(if std::io::stdout().is_terminal() {
        ContentArrangement::Dynamic
    } else {
        ContentArrangement::Disabled
    });
    table.set_header(header);
    table.add_rows(rows);
    writeln!(out, "{table}")
}
