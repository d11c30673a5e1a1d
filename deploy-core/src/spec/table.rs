//! The rows that the macros write: what every row has, the rest as if nothing were said of it.
//!
//! A row that says more is `ActionSpec { confirm: .., ..ActionSpec::new(..) }`.

use std::any::TypeId;
use std::panic::Location;

use super::{
    ActionSpec, Block, Cardinality, ChildSpec, Impls, Nesting, NodeKind, NodeSpec, ParamKind,
    ParamSpec, PropertyKind, PropertySpec, RoleSpec, Scope,
};
use crate::node::run::{me, no_action, no_property};
use crate::node::{NodeActions, NodeImpl, Role, Roles};

impl PropertySpec {
    /// A property.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        kind: PropertyKind,
        type_name: &'static str,
        number: usize,
    ) -> Self {
        Self { name, doc, kind, type_name, number }
    }
}

impl RoleSpec {
    /// A role that takes as many hosts as its field holds.
    #[doc(hidden)]
    #[must_use]
    pub const fn of<R: Role>(name: &'static str) -> Self {
        Self { name, cardinality: R::CARDINALITY }
    }

    /// A role that takes one host or more.
    #[doc(hidden)]
    #[must_use]
    pub const fn at_least_one(name: &'static str) -> Self {
        Self { name, cardinality: Cardinality::AtLeastOne }
    }
}

impl ChildSpec {
    /// A child of which nothing else is said.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        shape: fn() -> (Nesting, &'static NodeSpec),
    ) -> Self {
        Self { name, doc, inherited: false, group: None, shape }
    }
}

impl ParamSpec {
    /// A parameter of one word that has to be given.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        type_name: &'static str,
        values: fn() -> Vec<String>,
        check: fn(&str) -> Result<(), String>,
    ) -> Self {
        let kind = ParamKind::Required;
        Self { name, doc, kind, type_name, default: None, values, check }
    }
}

impl ActionSpec {
    /// An action that runs for each cell, and of which nothing else is said.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        params: &'static [ParamSpec],
        number: usize,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            doc,
            params,
            default: false,
            one_host: false,
            no_result: false,
            lock: false,
            confirm: None,
            scope: Scope::Cell,
            number,
        }
    }
}

/// What is said of a node at the place of the caller, without its properties and children.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn spec<N: NodeImpl>(doc: &'static str, kind: NodeKind, impls: Impls) -> NodeSpec {
    let place = Location::caller();
    NodeSpec {
        type_name: N::NAME,
        doc,
        kind,
        roles: N::Roles::SPEC,
        properties: &[],
        children: &[],
        file: place.file(),
        line: place.line(),
        impls,
        type_id: TypeId::of::<N>,
    }
}

impl Block {
    /// That of a type without a `#[node]` impl block.
    pub const NONE: Self = Self {
        actions: &[],
        queries: &[],
        hooks: &[],
        call: |_, number, _| no_action(number),
        query: |_, number| no_property(number),
    };

    /// That of `T`.
    #[must_use]
    pub const fn of<T: NodeActions>() -> Self {
        Self {
            actions: T::ACTIONS,
            queries: T::QUERIES,
            hooks: T::HOOKS,
            call: |node, number, args| T::call(me(node), number, args),
            query: |node, number| T::query(me(node), number),
        }
    }
}
