//! A page's tree, counted as it is built.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use dom_query::{Document, NodeId};
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName};

use super::{MAX_ATTRIBUTES, MAX_ELEMENTS, MAX_OF_TAG, Shape};

/// Children moved from one parent to another; each tag may cause that for all of an element's.
const MAX_MOVED: usize = 4 * MAX_ELEMENTS;

/// A document that says when it has become too much.
pub(super) struct Bounded {
    document: Document,
    max_depth: usize,
    elements: Cell<usize>,
    attributes: Cell<usize>,
    /// Attributes that further `<html>` and `<body>` tags bring.
    added: Cell<usize>,
    moved: Cell<usize>,
    /// Depth of each template, by the root of its contents, which is a tree of its own.
    templates: RefCell<HashMap<NodeId, usize>>,
    verdict: Cell<Option<Shape>>,
}

impl Bounded {
    pub(super) fn new(max_depth: usize) -> Self {
        Self {
            document: Document::default(),
            max_depth,
            elements: Cell::new(0),
            attributes: Cell::new(0),
            added: Cell::new(0),
            moved: Cell::new(0),
            templates: RefCell::default(),
            verdict: Cell::new(None),
        }
    }

    /// Whether parsing may go on.
    pub(super) fn verdict(&self) -> Result<(), Shape> {
        self.verdict.get().map_or(Ok(()), Err)
    }

    fn count(&self, counter: &Cell<usize>, more: usize, max: usize, shape: Shape) {
        counter.set(counter.get().saturating_add(more));
        if counter.get() > max {
            self.verdict.set(Some(shape));
        }
    }

    fn count_element(&self, attributes: usize) {
        self.count(&self.elements, 1, MAX_ELEMENTS, Shape::Elements);
        let too_many = Shape::Attributes;
        self.count(&self.attributes, attributes, MAX_ATTRIBUTES, too_many);
    }

    /// How many nodes a node lies in.
    fn depth(&self, node: NodeId) -> usize {
        let mut root = node;
        let mut depth = 0;
        for ancestor in self.document.tree.ancestor_ids_of_it(&node, None) {
            root = ancestor;
            depth += 1;
        }
        depth + self.templates.borrow().get(&root).copied().unwrap_or(0)
    }

    fn measure(&self, node: Option<NodeId>) {
        // The document itself, `<html>` and `<body>` are not the page's nesting.
        if node.is_some_and(|node| self.depth(node) > self.max_depth + 3) {
            self.verdict.set(Some(Shape::Depth(self.max_depth)));
        }
    }
}

fn node(child: &NodeOrText<NodeId>) -> Option<NodeId> {
    match child {
        NodeOrText::AppendNode(node) => Some(*node),
        NodeOrText::AppendText(_) => None,
    }
}

impl TreeSink for Bounded {
    type Handle = NodeId;
    type Output = Document;
    type ElemName<'a> = <Document as TreeSink>::ElemName<'a>;

    fn finish(self) -> Document {
        self.document
    }

    /// Nobody asks for them, and a page may have millions.
    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        self.document.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Self::ElemName<'a> {
        self.document.elem_name(target)
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        self.count_element(attrs.len());
        self.document.create_element(name, attrs, flags)
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.count_element(0);
        self.document.create_comment(text)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.count_element(0);
        self.document.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let appended = node(&child);
        self.document.append(parent, child);
        self.measure(appended);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        let appended = node(&child);
        self.document
            .append_based_on_parent_node(element, previous, child);
        self.measure(appended);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        self.document
            .append_doctype_to_document(name, public, system);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        let contents = self.document.get_template_contents(target);
        let depth = self.depth(*target);
        self.templates.borrow_mut().insert(contents, depth);
        contents
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        self.document.same_node(x, y)
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.document.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let appended = node(&child);
        self.document.append_before_sibling(sibling, child);
        self.measure(appended);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<Attribute>) {
        let too_many = Shape::Attributes;
        self.count(&self.added, attrs.len(), 4 * MAX_OF_TAG, too_many);
        self.document.add_attrs_if_missing(target, attrs);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.document.remove_from_parent(target);
    }

    fn reparent_children(&self, old: &NodeId, new: &NodeId) {
        let children = self.document.tree.child_ids_of_it(old, false).count();
        self.count(&self.moved, children, MAX_MOVED, Shape::Elements);
        self.document.reparent_children(old, new);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &NodeId) -> bool {
        self.document
            .is_mathml_annotation_xml_integration_point(handle)
    }
}
