//! What generated code names. Not public API: it may change in any version.

pub use std::boxed::Box;
pub use std::clone::Clone;
pub use std::result::Result::{Err, Ok};
pub use std::string::{String, ToString};
pub use std::vec::Vec;

pub use clap::ValueEnum;
pub use clap::builder::PossibleValue;
pub use deploy_macros::fan;
pub use inventory;

pub use crate::node::nesting::mapped_by_name;
pub use crate::node::probe::{AnyType, BlockOf, Made, MadeHere, Probe, field, show};
pub use crate::node::run::{Called, me, no_action, no_property};
pub use crate::node::{
    Answered, AnyNode, Args, Argument, Array, ArrayRolesOf, Bare, CellOf, CellRoles, Cells, Child,
    ChildOf, ChildRef, Ctx, Deep, Draft, Erase, EraseArray, GenericCtx, Given, Hooked, HostRoles,
    HostsOf, InNormal, InParallel, InnerOf, IntoHosts, IntoSlot, IsRoot, Layers, Missing, NestIn,
    NodeActions, NodeImpl, NodeOf, OneHost, Overrides, Parallel, Place, Plain, Property, Returned,
    Role, Roles, RolesOf, Sets, Settable, Shared, Slot, given, make_role, open, role, unset,
};
pub use crate::spec::{
    BlockImpl, BlockRows, Cardinality, HookSpec, NodeKind, NodeRows, NodeSpec, ParamKind,
    PropertyKind, PropertySpec, RoleSpec,
};

/// What `#[node(main)]` makes of `fn main`.
pub fn main<R: IsRoot>(draft: impl Fn() -> Draft<R> + 'static) -> std::process::ExitCode {
    crate::cli::main(Box::new(move |env| draft().bind(env).map(|root| crate::Tree::of(&root))))
}

/// What `FromStr` of a `#[derive(ValueEnum)]` does. A missing `Clone` is then an error of the derive alone.
pub fn read_value<T: ValueEnum>(word: &str) -> Result<T, String> {
    T::from_str(word, false)
}
