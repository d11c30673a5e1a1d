//! The rows that the macros write: what every row has, the rest as if nothing were said of it.
//!
//! A row that says more is `ActionSpec { confirm: .., ..ActionSpec::new(..) }`.

use std::any::Any;

use super::{
    ActionFn, ActionSpec, HookSpec, Impls, ParamKind, ParamSpec, PropertyKind, PropertySpec, Scope,
};

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

impl ParamSpec {
    /// A parameter without a default.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        kind: ParamKind,
        type_name: &'static str,
        values: fn() -> Vec<String>,
        check: fn(&str) -> Result<(), String>,
    ) -> Self {
        Self { name, doc, kind, type_name, default: None, values, check }
    }
}

impl ActionSpec {
    /// An action without parameters that runs for each cell, and of which nothing else is said.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, doc: &'static str, run: ActionFn) -> Self {
        Self {
            name,
            aliases: &[],
            doc,
            params: &[],
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
