//! What generated code names. Not public API: it may change in any version.

pub use clap::ValueEnum;
pub use clap::builder::PossibleValue;
pub use inventory;

pub use crate::command::{AppendWords, Value};
pub use crate::node::nesting::missing_roles;
pub use crate::node::probe;
pub use crate::node::run::{hook, me, not_set, run, run_silently};
pub use crate::node::{
    Argument, Array, BuilderOf, CellRoles, Cells, Child, ChildOf, ChildRef, Ctx, Deep, Draft,
    Fanned, Given, HostRoles, InNormal, InParallel, IntoHosts, IntoSlot, IsRoot, Missing, NestIn,
    NoArray, NodeActions, NodeImpl, OneHost, Overrides, OverridesOf, Parallel, Place, Plain,
    Property, Returned, Role, Roles, RolesOf, Sets, Shown, Slot, given, make_role, open, role,
    value,
};
pub use crate::spec::{
    ActionSpec, Cardinality, ChildSpec, HookSpec, Impls, Nesting, NodeKind, NodeSpec, ParamKind,
    ParamSpec, PropertyKind, PropertySpec, RoleSpec, Scope,
};
pub use crate::{
    __deploy_block as block, __deploy_child_ref as child_ref, __deploy_shape as shape,
    __deploy_show as show, __deploy_values as values,
};

/// What `#[node(main)]` makes of `fn main`.
pub fn main<R: IsRoot>(draft: impl Fn() -> Draft<R> + 'static) -> std::process::ExitCode {
    crate::cli::main(Box::new(move |env| draft().bind(env).map(|root| crate::Tree::of(&root))))
}

/// What `FromStr` of a `#[derive(ValueEnum)]` does. A missing `Clone` is then an error of the derive alone.
pub fn read_value<T: ValueEnum>(word: &str) -> Result<T, String> {
    T::from_str(word, false)
}
