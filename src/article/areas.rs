//! Parts of a page that are about the site and not the article: navigation, share buttons, related posts,
//! comments, forms, banners.
//!
//! Told by element, role and the words in class and id. Words alone lie both ways (a page builder calls every
//! paragraph a widget, `social-engineering` is a heading's id), so what the finding of the main content
//! says, and how much of a part is links, weighs in.

use super::dom::{Dom, Element};

/// How an element's subtree is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    /// As part of the page's content.
    Content,
    /// As furniture: only what reads like indicators is kept.
    Furniture,
    /// Not at all.
    Skip,
}

/// Words that name a part on their own.
const WORDS: &[&str] = &[
    "share",
    "sharing",
    "sharer",
    "sharedaddy",
    "shareaholic",
    "addtoany",
    "addthis",
    "social",
    "socials",
    "related",
    "relatedposts",
    "recommended",
    "recommendations",
    "yarpp",
    "readnext",
    "outbrain",
    "taboola",
    "trending",
    "recentposts",
    "morefrom",
    "breadcrumb",
    "breadcrumbs",
    "sidebar",
    "newsletter",
    "subscribe",
    "subscription",
    "signup",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "popup",
    "modal",
    "overlay",
    "promo",
    "sponsor",
    "sponsored",
    "advert",
    "advertisement",
    "ads",
    "banner",
    "menu",
    "navbar",
    "nav",
    "navigation",
    "pagination",
    "pager",
    "footer",
    "copyright",
    "masthead",
    "topbar",
    "toolbar",
    "cta",
    "tagcloud",
    "login",
    "signin",
    "search",
    "skip",
    "widget",
    "bio",
    "backlinks",
    "paginate",
];

/// Words that name a part when they come together with one of [`PARTNERS`].
const HALVES: &[&str] = &[
    "recent",
    "latest",
    "popular",
    "more",
    "similar",
    "next",
    "prev",
    "previous",
    "other",
    "featured",
    "also",
    "read",
    "author",
    "you",
    "suggested",
    "top",
];
const PARTNERS: &[&str] = &[
    "post", "posts", "article", "articles", "story", "stories", "reads", "news", "entries", "blog",
    "blogs", "box", "card", "about", "like", "content", "reading",
];

/// Classes and ids of comment sections, whole.
const COMMENTS: &[&str] = &[
    "comments",
    "comment-list",
    "commentlist",
    "comments-area",
    "comments-section",
    "comment-section",
    "post-comments",
    "disqus_thread",
    "disqus-thread",
    "respond",
    "comment-respond",
    "comment-form",
    "commentform",
    "giscus",
    "utterances",
    "fb-comments",
    "cusdis_thread",
    "isso-thread",
    "hyvor-talk-view",
];

const SKIP_ROLES: &[&str] = &[
    "navigation",
    "search",
    "menu",
    "menubar",
    "toolbar",
    "tablist",
];
const FURNITURE_ROLES: &[&str] = &[
    "banner",
    "contentinfo",
    "complementary",
    "dialog",
    "alertdialog",
    "alert",
    "form",
];

/// Judges an element.
pub(super) fn area(dom: &Dom, at: usize, element: &Element) -> Area {
    let guess = by_name(dom, at, element).max(by_words(element));
    if guess == Area::Content {
        return guess;
    }
    let (sums, total) = (
        dom.get(at).map(|node| node.sums).unwrap_or_default(),
        dom.total(),
    );
    // A wrapper of the article itself, whatever it is called.
    if sums.main > 0 && sums.main * 2 >= total.main {
        return Area::Content;
    }
    // A passage of the article in an element with an unlucky name; share bars and link lists are not that.
    let prose = sums.main * 2 >= sums.text && sums.linked * 2 < sums.text && sums.text >= 150;
    if guess == Area::Furniture && prose {
        return Area::Content;
    }
    guess
}

fn by_name(dom: &Dom, at: usize, element: &Element) -> Area {
    let role = element.attr_or_empty("role");
    if SKIP_ROLES.contains(&role) {
        return Area::Skip;
    }
    if FURNITURE_ROLES.contains(&role) || is_hidden(element) {
        return Area::Furniture;
    }
    match element.name() {
        "nav" | "menu" => Area::Skip,
        "footer" | "aside" | "form" | "dialog" => Area::Furniture,
        "header" if !within_article(dom, at) => Area::Furniture,
        _ => Area::Content,
    }
}

fn within_article(dom: &Dom, at: usize) -> bool {
    dom.ancestors(at)
        .filter_map(|at| dom.get(at))
        .any(|node| matches!(node.name(), "article" | "main"))
}

fn by_words(element: &Element) -> Area {
    // Not on headings, paragraphs and the like: their ids are made of the words of the article.
    let container = matches!(
        element.name(),
        "div" | "section" | "ul" | "ol" | "dl" | "article" | "figure" | "center" | "header"
    ) || element.name().contains('-');
    if !container {
        return Area::Content;
    }
    let names = [element.attr_or_empty("class"), element.attr_or_empty("id")];
    let is_comments = |name: &str| COMMENTS.contains(&name.to_ascii_lowercase().as_str());
    if names
        .iter()
        .any(|names| names.split_ascii_whitespace().any(is_comments))
    {
        return Area::Skip;
    }
    let words: Vec<String> = names.iter().flat_map(|names| words(names)).collect();
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if any(WORDS) || (any(HALVES) && any(PARTNERS)) {
        return Area::Furniture;
    }
    Area::Content
}

/// The words of class names: `relatedPosts`, `related-posts` and `related_posts` alike.
fn words(names: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = ' ';
    for c in names.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && last.is_lowercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        last = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether an element is not shown at first.
pub(super) fn is_hidden(element: &Element) -> bool {
    let style = element.attr_or_empty("style");
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    element.attr("hidden").is_some()
        || element
            .attr_or_empty("aria-hidden")
            .eq_ignore_ascii_case("true")
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

/// Whether a hidden or script-less part holds data rather than a menu: tables, lists, code or indicators,
/// and not mostly links.
pub(super) fn holds_data(dom: &Dom, at: usize) -> bool {
    let sums = dom.get(at).map(|node| node.sums).unwrap_or_default();
    let itself = dom.get(at).map_or("", |node| node.name());
    let structured = sums.structures > 0 || matches!(itself, "table" | "ul" | "ol" | "pre" | "dl");
    (structured || sums.marks > 0) && sums.text > 0 && sums.linked * 2 < sums.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names_are_split_into_words() {
        assert_eq!(
            words("relatedPosts post__share-bar  X"),
            ["related", "posts", "post", "share", "bar", "x"]
        );
        assert_eq!(words(""), Vec::<String>::new());
        assert_eq!(words("ADS"), ["ads"]);
    }
}
