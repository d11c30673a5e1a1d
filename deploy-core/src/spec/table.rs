//! The rows that the macros write: what every row has, the rest as if nothing were said of it.
//!
//! A row that says more is `ActionSpec { confirm: .., ..ActionSpec::new(..) }`.

use std::any::Any;

use super::{
    ActionFn, ActionSpec, Cardinality, ChildSpec, HookSpec, Impls, Nesting, NodeSpec, ParamKind,
    ParamSpec, PropertyKind, PropertySpec, RoleSpec, Scope,
};
use crate::node::Role;

/// Actions, queries and hooks.
type Block = (&'static [ActionSpec], &'static [PropertySpec], &'static [HookSpec]);

impl PropertySpec {
    /// A property.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        kind: PropertyKind,
        type_name: &'static str,
        show: fn(&dyn Any) -> String,
    ) -> Self {
        Self { name, doc, kind, type_name, show }
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
        run: ActionFn,
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
            run,
        }
    }
}

impl Impls {
    /// What the impl blocks of a node and of its array say.
    #[must_use]
    pub const fn new((actions, queries, hooks): Block, (array, ..): Block) -> Self {
        Self { actions, queries, hooks, array }
    }
}
