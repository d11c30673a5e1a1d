//! What the macros say of a node and of an impl block, row by row. Of a row there is what every row has; the rest is said after it.
//!
//! A description is read when it is first asked for, and kept: once for each type. As constants the same rows cost whoever
//! compiles a deployment several times as much, since the compiler evaluates and keeps each.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::mem;
use std::panic::Location;
use std::sync::{PoisonError, RwLock};

use super::{
    ActionSpec, Block, BlockImpl, ChildSpec, Group, HookSpec, Impls, NodeKind, NodeSpec, ParamKind,
    ParamSpec, PropertyKind, PropertySpec, RoleSpec, Scope, Shape,
};
use crate::node::{NodeImpl, Roles};

/// What is said of a type of node, from the first time that it is asked for.
pub(crate) fn of<N: NodeImpl>() -> &'static NodeSpec {
    kept(TypeId::of::<N>, N::NAME, N::Roles::SPEC, N::describe)
}

fn kept(
    type_id: fn() -> TypeId,
    type_name: &'static str,
    roles: &'static [RoleSpec],
    describe: fn(&mut NodeRows),
) -> &'static NodeSpec {
    static KEPT: RwLock<BTreeMap<TypeId, &'static NodeSpec>> = RwLock::new(BTreeMap::new());
    let id = type_id();
    if let Some(spec) = KEPT.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return spec;
    }
    let spec = NodeRows::of(type_id, type_name, roles, describe);
    let mut kept = KEPT.write().unwrap_or_else(PoisonError::into_inner);
    kept.entry(id).or_insert_with(|| Box::leak(Box::new(spec)))
}

/// Takes what is said of a node.
#[derive(Debug)]
pub struct NodeRows {
    spec: NodeSpec,
    properties: Vec<PropertySpec>,
    children: Vec<ChildSpec>,
}

impl NodeRows {
    fn of(
        type_id: fn() -> TypeId,
        type_name: &'static str,
        roles: &'static [RoleSpec],
        describe: fn(&mut Self),
    ) -> NodeSpec {
        let spec = NodeSpec {
            type_name,
            doc: "",
            kind: NodeKind::Normal,
            roles,
            properties: &[],
            children: &[],
            file: "",
            line: 0,
            impls: Impls { own: Block::NONE, array: Block::NONE },
            type_id,
        };
        let mut rows = Self { spec, properties: Vec::new(), children: Vec::new() };
        describe(&mut rows);
        let (properties, children) = (rows.properties.leak(), rows.children.leak());
        NodeSpec { properties, children, ..rows.spec }
    }

    /// The node itself, which is written where this is called.
    #[track_caller]
    pub fn node(&mut self, doc: &'static str, kind: NodeKind, own: BlockImpl, array: BlockImpl) {
        let place = Location::caller();
        let own = BlockRows::of(Scope::Cell, own);
        let impls = Impls { own, array: BlockRows::of(Scope::Array, array) };
        self.spec =
            NodeSpec { doc, kind, impls, file: place.file(), line: place.line(), ..self.spec };
    }

    /// A property.
    pub fn property(
        &mut self,
        number: usize,
        name: &'static str,
        doc: &'static str,
        kind: PropertyKind,
        type_name: &'static str,
    ) {
        self.properties.push(PropertySpec { name, doc, kind, type_name, number });
    }

    /// A child.
    pub fn child(&mut self, name: &'static str, doc: &'static str, shape: Shape) -> &mut Self {
        self.children.push(ChildSpec { name, doc, inherited: false, group: None, shape });
        self
    }

    /// Of the last child: it has `#[inherit]`.
    pub fn inherited(&mut self) -> &mut Self {
        if let Some(child) = self.children.last_mut() {
            child.inherited = true;
        }
        self
    }

    /// Of the last child: it has `#[group(..)]`.
    pub fn group(&mut self, group: Group) -> &mut Self {
        if let Some(child) = self.children.last_mut() {
            child.group = Some(group);
        }
        self
    }
}

/// Takes what is said of an impl block.
#[derive(Debug)]
pub struct BlockRows {
    scope: Scope,
    actions: Vec<ActionSpec>,
    /// Of the last action.
    params: Vec<ParamSpec>,
    queries: Vec<PropertySpec>,
    hooks: Vec<HookSpec>,
}

impl BlockRows {
    fn of(scope: Scope, block: BlockImpl) -> Block {
        let (actions, params) = (Vec::new(), Vec::new());
        let mut rows = Self { scope, actions, params, queries: Vec::new(), hooks: Vec::new() };
        (block.describe)(&mut rows);
        rows.end_action();
        Block {
            actions: rows.actions.leak(),
            queries: rows.queries.leak(),
            hooks: rows.hooks.leak(),
            call: block.call,
            query: block.query,
        }
    }

    /// An action, which the block calls by its number.
    pub fn action(&mut self, number: usize, name: &'static str, doc: &'static str) -> &mut Self {
        self.end_action();
        self.actions.push(ActionSpec {
            name,
            aliases: &[],
            doc,
            params: &[],
            default: false,
            one_host: false,
            no_result: false,
            lock: false,
            confirm: None,
            scope: self.scope,
            number,
        });
        self
    }

    fn end_action(&mut self) {
        let params = mem::take(&mut self.params);
        self.of_action(|action| action.params = params.leak());
    }

    fn of_action(&mut self, change: impl FnOnce(&mut ActionSpec)) -> &mut Self {
        if let Some(action) = self.actions.last_mut() {
            change(action);
        }
        self
    }

    /// Other names of the last action.
    pub fn aliases(&mut self, aliases: &'static [&'static str]) -> &mut Self {
        self.of_action(|action| action.aliases = aliases)
    }

    /// The last action has `#[action(default)]`.
    pub fn default(&mut self) -> &mut Self {
        self.of_action(|action| action.default = true)
    }

    /// The last action has `#[action(one_host)]`.
    pub fn one_host(&mut self) -> &mut Self {
        self.of_action(|action| action.one_host = true)
    }

    /// The last action has `#[action(no_result)]`.
    pub fn no_result(&mut self) -> &mut Self {
        self.of_action(|action| action.no_result = true)
    }

    /// The last action has `#[action(lock)]`.
    pub fn lock(&mut self) -> &mut Self {
        self.of_action(|action| action.lock = true)
    }

    /// The last action has `#[action(confirm = ..)]`.
    pub fn confirm(&mut self, question: &'static str) -> &mut Self {
        self.of_action(|action| action.confirm = Some(question))
    }

    /// A parameter of the last action: one word that has to be given.
    pub fn param(
        &mut self,
        name: &'static str,
        doc: &'static str,
        type_name: &'static str,
        values: fn() -> Vec<String>,
        read: fn(&str) -> Result<Box<dyn Any>, String>,
    ) -> &mut Self {
        let kind = ParamKind::Required;
        self.params.push(ParamSpec { name, doc, kind, type_name, default: None, values, read });
        self
    }

    /// How the last parameter is given, and the source of its `#[default(..)]`.
    pub fn given(&mut self, kind: ParamKind, default: Option<&'static str>) -> &mut Self {
        if let Some(param) = self.params.last_mut() {
            (param.kind, param.default) = (kind, default);
        }
        self
    }

    /// A query, which the block shows by its number.
    pub fn query(
        &mut self,
        number: usize,
        name: &'static str,
        doc: &'static str,
        type_name: &'static str,
    ) {
        let kind = PropertyKind::Query;
        self.queries.push(PropertySpec { name, doc, kind, type_name, number });
    }

    /// A hook.
    pub fn hook(&mut self, hook: HookSpec) {
        self.hooks.push(hook);
    }
}
