//! Writes HTML from Markdown's events.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use super::harmless;
use super::references::{Hidden, Piece};
use crate::event::references::{Kind, Reference};
use crate::plain::steers;

/// Elements inside each other. Beyond, texts stand without theirs.
const DEEPEST: usize = 48;

/// Turns events into HTML.
pub(super) struct Writer<'a> {
    hidden: &'a Hidden<'a>,
    meanings: &'a BTreeMap<String, String>,
    hostile: &'a BTreeSet<&'a str>,
    html: String,
    most: usize,
    /// How each open element ends; empty when it was not begun.
    open: Vec<String>,
    /// Addresses of the pictures that are open, which may stand inside each other.
    pictures: Vec<String>,
    in_code: bool,
    in_head: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        hidden: &'a Hidden<'a>,
        meanings: &'a BTreeMap<String, String>,
        hostile: &'a BTreeSet<&'a str>,
        most: usize,
    ) -> Self {
        Self {
            hidden,
            meanings,
            hostile,
            html: String::with_capacity(hidden.text().len() * 2),
            most,
            open: Vec::new(),
            pictures: Vec::new(),
            in_code: false,
            in_head: false,
        }
    }

    /// Writes one event. `false`: there is no room for more.
    pub(super) fn write(&mut self, event: Event<'_>) -> bool {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => self.begin_picture(&dest_url),
            Event::Start(tag) => self.begin(&tag),
            Event::End(TagEnd::Image) => self.end_picture(),
            Event::End(end) => {
                self.in_code &= end != TagEnd::CodeBlock;
                self.in_head &= end != TagEnd::TableHead;
                self.end();
            }
            Event::Code(code) => self.code(&code),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>\n"),
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::TaskListMarker(done) => {
                self.html.push_str(if done { "[x] " } else { "[ ] " });
            }
        }
        self.html.len() <= self.most
    }

    /// All of it, whole: what is open is closed.
    pub(super) fn finish(mut self) -> String {
        while !self.pictures.is_empty() {
            self.end_picture();
        }
        while !self.open.is_empty() {
            self.end();
        }
        self.html
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        let (begin, end) = match tag {
            Tag::Paragraph | Tag::HtmlBlock => block("p"),
            Tag::Heading { level, .. } => block(heading(*level)),
            Tag::BlockQuote(_) => block("blockquote"),
            Tag::CodeBlock(_) => {
                self.in_code = true;
                ("<pre><code>".into(), "</code></pre>\n".into())
            }
            Tag::List(None) => block("ul"),
            Tag::List(Some(first)) => (format!("<ol start=\"{first}\">"), "</ol>\n".into()),
            Tag::Item => block("li"),
            Tag::Table(_) => block("table"),
            Tag::TableHead => {
                self.in_head = true;
                ("<thead><tr>".into(), "</tr></thead>\n".into())
            }
            Tag::TableRow => block("tr"),
            Tag::TableCell if self.in_head => ("<th scope=\"col\">".into(), "</th>".into()),
            Tag::TableCell => inline("td"),
            Tag::Emphasis => inline("em"),
            Tag::Strong => inline("strong"),
            Tag::Strikethrough => inline("del"),
            Tag::Link { dest_url, .. } => self.link(dest_url),
            // Not asked for; their texts come through.
            _ => Default::default(),
        };
        if self.open.len() < DEEPEST {
            self.html.push_str(&begin);
            self.open.push(end);
        } else {
            self.open.push(String::new());
        }
    }

    fn end(&mut self) {
        let end = self.open.pop().unwrap_or_default();
        self.html.push_str(&end);
    }

    /// One that is no link in the page says where it leads, unless that is what it says anyway.
    fn link(&self, address: &str) -> (String, String) {
        let address = self.hidden.written(address);
        if harmless(&address, self.hostile) {
            let begin = format!(
                "<a href=\"{}\" rel=\"noreferrer noopener nofollow\">",
                escaped(&address)
            );
            return (begin, "</a>".into());
        }
        let end = format!("</span> <code>{}</code>", escaped(&address));
        ("<span>".into(), end)
    }

    fn begin_picture(&mut self, address: &str) {
        let address = self.hidden.written(address);
        self.html.push_str("<span class=\"picture\">Picture: ");
        self.pictures.push(address);
    }

    fn end_picture(&mut self) {
        let Some(address) = self.pictures.pop() else {
            return;
        };
        let end = format!(" <code>{}</code></span>", escaped(&address));
        self.html.push_str(&end);
    }

    fn text(&mut self, text: &str) {
        if self.in_code {
            let written = self.hidden.written(text);
            self.html.push_str(&escaped(&written));
            return;
        }
        for piece in self.hidden.pieces(text) {
            match piece {
                Piece::Text(text) => self.html.push_str(&escaped(text)),
                Piece::Reference(reference, _) => {
                    let shown = meaning(reference, self.meanings);
                    self.html.push_str(&shown);
                }
            }
        }
    }

    fn code(&mut self, code: &str) {
        let written = self.hidden.written(code);
        self.html.push_str("<code>");
        self.html.push_str(&escaped(&written));
        self.html.push_str("</code>");
    }
}

/// What a reference stands for. Of one that is not known: what it is, and its name.
fn meaning(reference: &Reference<'_>, meanings: &BTreeMap<String, String>) -> String {
    let Reference { kind, target, .. } = *reference;
    match (kind, meanings.get(target)) {
        (Kind::Attribute | Kind::Object, Some(value)) => {
            format!("<code>{}</code>", escaped(value))
        }
        (Kind::Tag, _) => format!("<code class=\"tag\">{}</code>", escaped(target)),
        (kind, _) => format!("{} <code>{}</code>", kind.as_str(), escaped(target)),
    }
}

/// Below the headings of the page.
const fn heading(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h4",
        HeadingLevel::H2 => "h5",
        _ => "h6",
    }
}

fn block(name: &str) -> (String, String) {
    (format!("<{name}>"), format!("</{name}>\n"))
}

fn inline(name: &str) -> (String, String) {
    (format!("<{name}>"), format!("</{name}>"))
}

/// Text for a page, also within quotes, without what turns the direction of the text around it, or hides.
fn escaped(text: &str) -> String {
    let is_shown = |c: &char| matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}') || !steers(*c);
    let shown: String = text.chars().filter(is_shown).collect();
    html_escape::encode_quoted_attribute(&shown).into_owned()
}
