//! [`NodeRef`]: a node of the tree by its path, isolated or not.

use std::fmt;

use super::{Call, Tree, Walk};
use crate::node::{ChildRef, DynArray, DynNode, Value};
use crate::spec::{
    ActionSpec, ChildSpec, Group, Nesting, NodeKind, NodeSpec, PropertyKind, PropertySpec,
};
use crate::{Hosts, Result, words};

/// A node of a [`Tree`]. Below an array that no cell was picked of, it stands for that node in every cell.
#[derive(Clone)]
pub struct NodeRef {
    pub(super) tree: Tree,
    pub(super) spec: &'static NodeSpec,
    child: Option<&'static ChildSpec>,
    parent: Option<Box<NodeRef>>,
    path: Vec<String>,
    group: Option<Group>,
    private: bool,
    pub(super) steps: Vec<Step>,
}

/// One step of the way from the root.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// To the child of this index.
    Child(usize),
    /// From an array to its cells.
    Cells(Select),
}

/// Which cells of an array.
#[derive(Clone, Debug)]
pub(super) enum Select {
    All,
    /// One, by its exact name.
    One(String),
    Some(Vec<String>),
}

impl Select {
    fn takes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one == name,
            Self::Some(names) => names.iter().any(|known| known == name),
        }
    }
}

/// A node that a [`NodeRef`] stands for.
pub(super) struct Target<'a> {
    /// The host of the innermost cell that was not picked by its name.
    pub(super) cell: Option<String>,
    pub(super) node: &'a dyn DynNode,
}

/// A property with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// Its type as written.
    pub type_name: &'static str,
    /// Its value as text; `<secret>` for a secret. Empty if there is no cell that could have one.
    pub value: String,
}

impl NodeRef {
    pub(super) fn root(tree: Tree) -> Self {
        let spec = tree.dyn_root().spec();
        Self {
            tree,
            spec,
            child: None,
            parent: None,
            path: Vec::new(),
            group: None,
            private: false,
            steps: Vec::new(),
        }
    }

    /// Its path as on the command line; empty for the root.
    #[must_use]
    pub fn path(&self) -> String {
        words::join(&self.path)
    }

    /// The words of its path, as they are: [`path`](Self::path) quotes them where it has to.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.path
    }

    /// Its name, with its cells if some were picked; of the root, its type's.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.last().map_or(self.spec.type_name, String::as_str)
    }

    /// The name without cells.
    #[must_use]
    pub fn bare_name(&self) -> &'static str {
        self.child.map_or(self.spec.type_name, |child| child.name)
    }

    /// Whether it is parallel.
    #[must_use]
    pub fn kind(&self) -> NodeKind {
        self.spec.kind
    }

    /// Its type.
    #[must_use]
    pub fn spec(&self) -> &'static NodeSpec {
        self.spec
    }

    /// The name of its type, such as `WebSystem`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.spec.type_name
    }

    /// What its field says of it, or else its type.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.child.map(|child| child.doc).filter(|doc| !doc.is_empty()).unwrap_or(self.spec.doc)
    }

    /// The file and line of its type.
    #[must_use]
    pub fn source(&self) -> (&'static str, u32) {
        (self.spec.file, self.spec.line)
    }

    /// Its group: its own, or that of the nearest parent that has one.
    #[must_use]
    pub fn group(&self) -> Option<Group> {
        self.group
    }

    /// Whether it or a parent is private: its field begins with an underscore.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// The node above; none for the root.
    #[must_use]
    pub fn parent(&self) -> Option<&Self> {
        self.parent.as_deref()
    }

    /// The tree that it belongs to.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Whether it is an array whose cells have not been told apart.
    #[must_use]
    pub fn is_array(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Cells(Select::All | Select::Some(_))))
    }

    /// Whether it, or an array above it, stands for several cells.
    #[must_use]
    pub fn fans_out(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Cells(Select::All | Select::Some(_))))
    }

    /// Whether it is an array that is within no cell.
    pub(super) fn is_outer_array(&self) -> bool {
        let above = self.steps.iter().filter(|step| matches!(step, Step::Cells(_))).count();
        self.is_array() && above == 1
    }

    /// Whether it is a cell, or has cells, itself or below it.
    pub(crate) fn has_cells(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Cells(_)))
            || self.children().iter().any(Self::has_cells)
    }

    /// Its actions: of the array, of the node, then what it has inherited and not replaced.
    #[must_use]
    pub fn actions(&self) -> Vec<&'static ActionSpec> {
        let mut actions: Vec<&'static ActionSpec> = Vec::new();
        let mut add = |more: &'static [ActionSpec]| {
            for action in more {
                if actions.iter().all(|known| !known.is_called(action.name)) {
                    actions.push(action);
                }
            }
        };
        if self.is_array() {
            add(self.spec.array_actions());
        }
        let mut spec = Some(self.spec);
        while let Some(node) = spec {
            add(node.actions());
            spec = node.base();
        }
        actions
    }

    /// The action of this name or alias.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&'static ActionSpec> {
        let actions = self.actions();
        let exact = actions.iter().find(|action| action.name == name);
        exact.or_else(|| actions.iter().find(|action| action.is_called(name))).copied()
    }

    /// The action that runs when the node alone is named.
    #[must_use]
    pub fn default_action(&self) -> Option<&'static ActionSpec> {
        self.actions().into_iter().find(|action| action.default)
    }

    /// Its children, those it has inherited included. An array is one child.
    #[must_use]
    pub fn children(&self) -> Vec<Self> {
        let mut children: Vec<Self> = Vec::new();
        let (mut spec, mut steps) = (self.spec, self.steps.clone());
        loop {
            for (index, child) in spec.children.iter().enumerate().filter(|(_, c)| !c.inherited) {
                if children.iter().all(|known| known.bare_name() != child.name) {
                    children.push(self.below(child, &steps, index));
                }
            }
            let Some(base) = spec.children.iter().position(|child| child.inherited) else {
                return children;
            };
            steps.push(Step::Child(base));
            spec = spec.children[base].node();
        }
    }

    fn below(&self, child: &'static ChildSpec, steps: &[Step], index: usize) -> Self {
        let mut node = Self {
            tree: self.tree.clone(),
            spec: child.node(),
            child: Some(child),
            parent: Some(Box::new(self.clone())),
            path: self.path.clone(),
            group: child.group.or(self.group),
            private: self.private || child.private(),
            steps: steps.to_vec(),
        };
        node.path.push(child.name.to_owned());
        node.steps.push(Step::Child(index));
        if child.nesting() == Nesting::Array {
            node.steps.push(Step::Cells(Select::All));
        }
        node
    }

    /// This array with some of its cells.
    pub(super) fn with_cells(&self, text: &str, select: Select) -> Self {
        let mut node = self.clone();
        node.steps.pop();
        node.steps.push(Step::Cells(select));
        if let Some(name) = node.path.last_mut() {
            *name = format!("{}:{text}", self.bare_name());
        }
        node
    }

    /// The hosts of its cells, if it is an array or stands below one.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        let mut names = Vec::new();
        for array in self.arrays() {
            for (name, _) in array.cells() {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        match self.steps.last() {
            Some(Step::Cells(select)) => names.into_iter().filter(|n| select.takes(n)).collect(),
            _ => Vec::new(),
        }
    }

    /// The names of all cells of the array, picked or not.
    pub(super) fn all_cells(&self) -> Vec<String> {
        let mut all = self.clone();
        if let Some(step @ Step::Cells(_)) = all.steps.last_mut() {
            *step = Step::Cells(Select::All);
        }
        all.cells()
    }

    /// The arrays that it stands for, if it is one.
    pub(super) fn arrays(&self) -> Vec<&dyn DynArray> {
        let Some((Step::Cells(_), above)) = self.steps.split_last() else { return Vec::new() };
        let Some((Step::Child(index), above)) = above.split_last() else { return Vec::new() };
        walk(self.tree.dyn_root(), above)
            .into_iter()
            .filter_map(|target| match target.node.children().get(*index) {
                Some(ChildRef::Array(array)) => Some(*array),
                _ => None,
            })
            .collect()
    }

    /// The nodes that it stands for.
    pub(super) fn targets(&self) -> Vec<Target<'_>> {
        walk(self.tree.dyn_root(), &self.steps)
    }

    /// All hosts of the node, or of all of its cells.
    #[must_use]
    pub fn hosts(&self) -> Hosts {
        let env = self.tree.env().in_node(&self.path());
        let targets = self.targets();
        let hosts = targets.iter().flat_map(|target| target.node.core().hosts().clone());
        hosts.collect::<Hosts>().in_env(&env)
    }

    /// The hosts that its actions may come to: its own, and those of everything below it.
    pub(crate) fn with_all_below(&self) -> Hosts {
        self.walk().fold(Hosts::default(), |all, node| all.union(&node.hosts()))
    }

    /// The hosts of each role, of all cells together.
    #[must_use]
    pub fn roles(&self) -> Vec<(&'static str, Hosts)> {
        let mut roles: Vec<(&'static str, Hosts)> =
            self.spec.roles.iter().map(|role| (role.name, Hosts::default())).collect();
        for target in self.targets() {
            for ((_, all), (_, more)) in roles.iter_mut().zip(target.node.role_hosts()) {
                *all = all.union(&more);
            }
        }
        roles
    }

    /// Its properties with their values, queries included; of several cells, those of the first.
    #[must_use]
    pub fn properties(&self) -> Vec<Property> {
        let targets = self.targets();
        let mut node = targets.first().map(|target| target.node);
        let mut spec = self.spec;
        let mut properties: Vec<Property> = Vec::new();
        loop {
            for property in spec.properties.iter().chain(spec.queries()) {
                if properties.iter().all(|known| known.name != property.name) {
                    properties.push(shown(property, node));
                }
            }
            let Some(base) = spec.children.iter().position(|child| child.inherited) else {
                return properties;
            };
            spec = spec.children[base].node();
            node = node.and_then(|node| base_of(node, base));
        }
    }

    /// This node and everything below it, in declaration order.
    #[must_use]
    pub fn walk(&self) -> Walk {
        let mut nodes = Vec::new();
        collect(self, &mut nodes);
        Walk::new(nodes)
    }

    /// Checks an action and its arguments; no host is touched.
    ///
    /// # Errors
    /// A usage error: no such action, or a wrong, missing or superfluous argument.
    pub fn prepare<W: AsRef<str>>(&self, action: &str, words: &[W]) -> Result<Call> {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        Call::new(self, action, &words)
    }

    /// Runs an action. Of an array it runs on every cell, unless it is one of the array's own.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare), and whatever the action fails with.
    pub async fn call(&self, action: &str, words: &[&str]) -> Result<Value> {
        self.prepare(action, words)?.run().await
    }
}

fn collect(node: &NodeRef, nodes: &mut Vec<NodeRef>) {
    nodes.push(node.clone());
    for child in node.children() {
        collect(&child, nodes);
    }
}

fn shown(property: &'static PropertySpec, node: Option<&dyn DynNode>) -> Property {
    Property {
        name: property.name,
        doc: property.doc,
        type_name: property.type_name,
        value: node.map_or_else(String::new, |node| match property.kind {
            PropertyKind::Query => (node.spec().query())(node.as_any(), property.number),
            _ => node.show(property.number),
        }),
    }
}

/// The node whose child of index `base` it has inherited.
pub(super) fn base_of(node: &dyn DynNode, base: usize) -> Option<&dyn DynNode> {
    match node.children().get(base) {
        Some(ChildRef::Node(node)) => Some(*node),
        _ => None,
    }
}

/// Goes all ways that `steps` stand for.
fn walk<'a>(root: &'a dyn DynNode, steps: &[Step]) -> Vec<Target<'a>> {
    let mut targets = vec![Target { cell: None, node: root }];
    let mut arrays: Vec<(Option<String>, &dyn DynArray)> = Vec::new();
    for step in steps {
        match step {
            Step::Child(index) => {
                let children = targets.iter().filter_map(|target| {
                    Some((target.cell.clone(), *target.node.children().get(*index)?))
                });
                let mut nodes = Vec::new();
                arrays.clear();
                for (cell, child) in children {
                    match child {
                        ChildRef::Node(node) => nodes.push(Target { cell, node }),
                        ChildRef::Array(array) => arrays.push((cell, array)),
                    }
                }
                targets = nodes;
            }
            Step::Cells(select) => {
                let picked = |outer: Option<String>, name: &str| match select {
                    Select::One(_) => outer,
                    _ => Some(name.to_owned()),
                };
                targets = Vec::new();
                for (outer, array) in &arrays {
                    for (name, node) in array.cells() {
                        if select.takes(name) {
                            targets.push(Target { cell: picked(outer.clone(), name), node });
                        }
                    }
                }
            }
        }
    }
    targets
}

impl fmt::Debug for NodeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeRef({:?}, {})", self.path(), self.spec.type_name)
    }
}

impl fmt::Display for NodeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}
