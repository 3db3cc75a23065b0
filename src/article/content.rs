//! Finding the main content.
//!
//! The page is parsed once and copied into a flat list ([`Dom`]). Readability then cuts the parser's own tree
//! down to what it takes for the article; nodes keep their identity, so what survived is known node by node
//! and marked in the list. Nothing is lost by a wrong guess: the list still holds the whole body, and blocks
//! outside the main content are judged one by one ([`super::regions`]).

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_query::{Document, NodeData, NodeId, NodeRef};
use dom_smoothie::Readability;

use super::areas::{self, Area};
use super::dom::Dom;
use super::parse::Shape;

/// Nodes above which finding the main content is not tried: it takes time quadratic in some shapes.
const MAX_NODES_TO_JUDGE: usize = 60_000;
/// A main content of fewer characters, when the page has five times as many, is a wrong guess.
const TOO_LITTLE: usize = 250;

/// Copies a page into a list and marks its main content.
pub(super) fn find(document: Document, max_depth: usize) -> Result<Dom, Shape> {
    let mut dom = Dom::new(&document, max_depth)?;
    if dom.len() <= MAX_NODES_TO_JUDGE {
        uncover(&dom, &document);
        defuse(&document);
        if let Some(survivors) = readable(document) {
            dom.mark_main(&survivors);
        }
    }
    let total = dom.total();
    if total.main < TOO_LITTLE && total.main * 5 < total.text {
        take_body(&mut dom);
    }
    Ok(dom)
}

/// Shows what readability would throw away unread: accordions, parts for readers without scripts, text boxes.
fn uncover(dom: &Dom, document: &Document) {
    for (at, element) in dom.elements(0) {
        let Some(id) = dom.get(at).and_then(|node| node.id) else {
            continue;
        };
        let node = NodeRef::new(id, &document.tree);
        match element.name() {
            "textarea" => node.rename("pre"),
            "noscript" if areas::holds_data(dom, at) => node.rename("div"),
            _ => {}
        }
        if areas::is_hidden(element) && areas::holds_data(dom, at) {
            node.remove_attrs(&["hidden", "aria-hidden", "style"]);
        }
    }
}

/// Values longer than this, or with more characters that HTML escapes, are made harmless.
const LONG_VALUE: usize = 8 * 1024;
const MANY_ESCAPES: usize = 256;

/// Takes the sting out of long texts: readability writes its result as HTML, and that writer takes time quadratic
/// in the `&` and `<` of one text. Its result is not used, only which nodes it kept, so the text may change.
fn defuse(document: &Document) {
    for node in document.root().descendants() {
        node.update(|inner| match &mut inner.data {
            NodeData::Text { contents } => {
                let escapes = contents.chars().filter(|&c| is_escaped(c)).count();
                if escapes > MANY_ESCAPES {
                    let harmless = contents.replace(is_escaped, "+");
                    contents.clear();
                    contents.push_slice(&harmless);
                }
            }
            NodeData::Element(element) => {
                element.attrs.retain(|attr| attr.value.len() <= LONG_VALUE);
            }
            _ => {}
        });
    }
    for head in document
        .select("head script, head style, head title")
        .nodes()
    {
        if head.text().len() > LONG_VALUE {
            head.remove_from_parent();
        }
    }
}

fn is_escaped(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '\u{a0}')
}

/// The nodes that readability takes for the article; `None` when it finds none.
fn readable(document: Document) -> Option<HashSet<NodeId>> {
    let config = dom_smoothie::Config {
        disable_json_ld: true,
        ..dom_smoothie::Config::default()
    };
    // A page that trips a bug there costs the guess, not the article.
    let document = catch_unwind(AssertUnwindSafe(|| {
        let mut readability = Readability::with_document(document, None, Some(config)).ok()?;
        readability.parse().ok()?;
        Some(readability.doc)
    }))
    .ok()??;
    let root = document.select_single("#readability-page-1");
    let root = root.nodes().first()?;
    Some(root.descendants_it().map(|node| node.id).collect())
}

/// Takes the body, less its furniture, for the main content.
fn take_body(dom: &mut Dom) {
    // Without marks, judging an area by what survived in it would call everything furniture or nothing.
    dom.mark_main(&HashSet::new());
    let mut skipped = vec![false; dom.len()];
    for at in 0..dom.len() {
        let Some(node) = dom.get(at) else { break };
        let inherited = skipped.get(node.parent).copied().unwrap_or_default();
        let own = node.element().is_some_and(|element| {
            let wraps_all = node.sums.text * 2 > dom.total().text;
            !wraps_all && areas::area(dom, at, element) != Area::Content
        });
        if let Some(slot) = skipped.get_mut(at) {
            *slot = inherited || own;
        }
    }
    dom.mark_main_where(|_, at| !skipped.get(at).copied().unwrap_or_default());
}
