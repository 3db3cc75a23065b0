//! The page as a flat list of nodes in document order.
//!
//! A node's subtree is a range of the list, so every question about the page is a loop over a range: no
//! recursion, nothing superlinear. What is never text (scripts, styles, pictures drawn in markup) is not in it.

use std::collections::HashSet;

use dom_query::{Document, LocalName, NodeData, NodeId, NodeRef};

use super::marks::Marks;
use super::parse::Shape;
use super::text::clean;

/// A page's nodes; the first is the root.
pub(super) struct Dom {
    nodes: Vec<Node>,
}

/// One node.
pub(super) struct Node {
    /// What it is.
    pub(super) data: Data,
    /// The node in the parser's own tree.
    pub(super) id: Option<NodeId>,
    /// Index of the parent; the root's is its own.
    pub(super) parent: usize,
    /// Index after its last descendant.
    pub(super) end: usize,
    /// Whether it is part of the main content.
    pub(super) main: bool,
    /// Sums over its subtree.
    pub(super) sums: Sums,
    /// What it adds to them itself, apart from `main`.
    own: Sums,
}

/// Element or text.
pub(super) enum Data {
    /// An element.
    Element(Element),
    /// Text as it stands, blanks not collapsed.
    Text(String),
}

/// An element.
pub(super) struct Element {
    name: LocalName,
    attrs: Vec<(LocalName, String)>,
}

/// What a subtree holds, in characters that are not blanks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// All text.
    pub(super) text: usize,
    /// Text inside links.
    pub(super) linked: usize,
    /// Text of the main content.
    pub(super) main: usize,
    /// Values that look like indicators.
    pub(super) marks: usize,
    /// Tables, lists and preformatted texts.
    pub(super) structures: usize,
}

impl Element {
    /// Its name in lower case.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// An attribute's value.
    pub(super) fn attr(&self, name: &str) -> Option<&str> {
        let found = self.attrs.iter().find(|(own, _)| **own == *name);
        found.map(|(_, value)| value.as_str())
    }

    /// An attribute's value, trimmed, or nothing.
    pub(super) fn attr_or_empty(&self, name: &str) -> &str {
        self.attr(name).unwrap_or_default().trim()
    }

    /// Whether one of its classes is this.
    pub(super) fn has_class(&self, class: &str) -> bool {
        self.attr_or_empty("class")
            .split_ascii_whitespace()
            .any(|own| own == class)
    }
}

impl Node {
    /// The element, if it is one.
    pub(super) fn element(&self) -> Option<&Element> {
        match &self.data {
            Data::Element(element) => Some(element),
            Data::Text(_) => None,
        }
    }

    /// The element's name; empty for text.
    pub(super) fn name(&self) -> &str {
        self.element().map_or("", Element::name)
    }
}

/// Elements that hold no text for readers, or draw it.
fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "svg"
            | "iframe"
            | "object"
            | "embed"
            | "canvas"
            | "video"
            | "audio"
            | "map"
            | "input"
            | "select"
            | "datalist"
            | "progress"
            | "meter"
            | "head"
            | "link"
            | "meta"
            | "title"
            | "noframes"
    )
}

impl Dom {
    /// Copies the body out of the parser's tree; refuses nesting deeper than `max_depth`.
    pub(super) fn new(document: &Document, max_depth: usize) -> Result<Self, Shape> {
        let mut dom = Self { nodes: Vec::new() };
        // Nodes still open, by index.
        let mut open: Vec<usize> = Vec::new();
        let root = document.root();
        let mut next = Some(root);
        while let Some(node) = next {
            let entered = dom.enter(&node, open.last().copied());
            if let Some(index) = entered {
                open.push(index);
                if open.len() > max_depth + 8 {
                    return Err(Shape::Depth(max_depth));
                }
            }
            let child = entered.and_then(|_| node.first_child());
            next = if child.is_some() {
                child
            } else {
                if entered.is_some() {
                    dom.leave(&mut open);
                }
                dom.onwards(node, root.id, &mut open)
            };
        }
        while !open.is_empty() {
            dom.leave(&mut open);
        }
        dom.measure();
        dom.sum();
        Ok(dom)
    }

    /// The next node after a finished one: its sibling, or that of the nearest ancestor that has one.
    fn onwards<'a>(
        &mut self,
        node: NodeRef<'a>,
        root: NodeId,
        open: &mut Vec<usize>,
    ) -> Option<NodeRef<'a>> {
        let mut node = node;
        loop {
            if node.id == root {
                return None;
            }
            if let Some(sibling) = node.next_sibling() {
                return Some(sibling);
            }
            node = node.parent()?;
            self.leave(open);
        }
    }

    /// Adds a node unless it is of a kind that is left out.
    fn enter(&mut self, node: &NodeRef<'_>, parent: Option<usize>) -> Option<usize> {
        let data = node.query(|inner| match &inner.data {
            NodeData::Text { contents } => Some(Data::Text(clean(contents))),
            NodeData::Element(element) if !is_dropped(&element.name.local) => {
                Some(Data::Element(Element {
                    name: element.name.local.clone(),
                    attrs: element
                        .attrs
                        .iter()
                        .map(|attr| (attr.name.local.clone(), clean(&attr.value)))
                        .collect(),
                }))
            }
            NodeData::Document | NodeData::Fragment => Some(Data::Text(String::new())),
            _ => None,
        })??;
        let index = self.nodes.len();
        self.nodes.push(Node {
            data,
            id: Some(node.id),
            parent: parent.unwrap_or(index),
            end: index + 1,
            main: false,
            sums: Sums::default(),
            own: Sums::default(),
        });
        Some(index)
    }

    fn leave(&mut self, open: &mut Vec<usize>) {
        let end = self.nodes.len();
        if let Some(node) = open.pop().and_then(|index| self.nodes.get_mut(index)) {
            node.end = end;
        }
    }

    /// Marks the nodes that are part of the main content.
    pub(super) fn mark_main(&mut self, survivors: &HashSet<NodeId>) {
        for node in &mut self.nodes {
            node.main = node.id.is_some_and(|id| survivors.contains(&id));
        }
        self.sum();
    }

    /// Marks every text that `wanted` accepts, by index, as main content.
    pub(super) fn mark_main_where(&mut self, wanted: impl Fn(&Self, usize) -> bool) {
        let chosen: Vec<bool> = (0..self.nodes.len()).map(|at| wanted(self, at)).collect();
        for (node, main) in self.nodes.iter_mut().zip(chosen) {
            node.main = main;
        }
        self.sum();
    }

    /// Measures every node by itself.
    fn measure(&mut self) {
        let mut linked = vec![false; self.nodes.len()];
        for at in 0..self.nodes.len() {
            let Some(node) = self.nodes.get(at) else {
                break;
            };
            let own =
                node.name() == "a" && node.element().is_some_and(|a| a.attr("href").is_some());
            let inherited = linked.get(node.parent).copied().unwrap_or_default();
            if let Some(slot) = linked.get_mut(at) {
                *slot = own || inherited;
            }
        }
        for (node, linked) in self.nodes.iter_mut().zip(linked) {
            node.own = own_sums(node, linked);
        }
    }

    /// Computes the sums, children before parents.
    fn sum(&mut self) {
        for node in &mut self.nodes {
            node.sums = node.own;
            node.sums.main = if node.main { node.own.text } else { 0 };
        }
        for at in (1..self.nodes.len()).rev() {
            let Some(node) = self.nodes.get(at) else {
                continue;
            };
            let (sums, parent) = (node.sums, node.parent);
            if let Some(parent) = self.nodes.get_mut(parent) {
                parent.sums.text += sums.text;
                parent.sums.linked += sums.linked;
                parent.sums.main += sums.main;
                parent.sums.marks += sums.marks;
                parent.sums.structures += sums.structures;
            }
        }
    }

    /// Number of nodes.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A node, if there is one at that index.
    pub(super) fn get(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    /// Sums over the whole page.
    pub(super) fn total(&self) -> Sums {
        self.nodes.first().map(|root| root.sums).unwrap_or_default()
    }

    /// Index after a node's last descendant.
    pub(super) fn end(&self, at: usize) -> usize {
        self.nodes.get(at).map_or(at + 1, |node| node.end)
    }

    /// The elements of a subtree, itself excluded, with their indices.
    pub(super) fn elements(&self, at: usize) -> impl Iterator<Item = (usize, &Element)> {
        let range = at + 1..self.end(at);
        range.filter_map(|at| Some((at, self.nodes.get(at)?.element()?)))
    }

    /// The ancestors of a node, nearest first.
    pub(super) fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> {
        let mut here = at;
        std::iter::from_fn(move || {
            let parent = self.nodes.get(here)?.parent;
            (parent != here).then(|| {
                here = parent;
                parent
            })
        })
    }
}

fn own_sums(node: &Node, linked: bool) -> Sums {
    match &node.data {
        Data::Text(text) => {
            let count = text.chars().filter(|c| !c.is_whitespace()).count();
            Sums {
                text: count,
                linked: if linked { count } else { 0 },
                main: 0,
                marks: Marks::of(text).total(),
                structures: 0,
            }
        }
        Data::Element(element) => Sums {
            structures: usize::from(matches!(
                element.name(),
                "table" | "ul" | "ol" | "dl" | "pre" | "textarea"
            )),
            ..Sums::default()
        },
    }
}
