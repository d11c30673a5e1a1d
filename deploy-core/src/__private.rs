//! What generated code names. Not public API: it may change in any version.

pub use inventory;

pub use crate::command::{AppendWords, Value};
pub use crate::node::nesting::{InNormal, InParallel, NestIn, Parallel, may_stand, missing_roles};
pub use crate::node::probe::{self, NodeActions};
pub use crate::node::run::{check_word, me, not_set, run, run_silently};
pub use crate::node::{
    Array, BuilderOf, CellRoles, Cells, Child, ChildOf, ChildRef, Ctx, Deep, Draft, HostRoles,
    IntoHosts, IntoSlot, NodeImpl, OneHost, Overrides, OverridesOf, Place, Returned, Role, Roles,
    RolesOf, Slot, child, deeper, default_roles, given, into, make_role, open, role, value,
};
pub use crate::spec::{
    ActionSpec, Cardinality, ChildSpec, Impls, Nesting, NodeKind, NodeSpec, ParamKind, ParamSpec,
    PropertyKind, PropertySpec, RoleSpec, Scope,
};
pub use crate::{
    __deploy_block as block, __deploy_child_ref as child_ref, __deploy_shape as shape,
    __deploy_show as show, __deploy_values as values,
};

/// The mark of a required property that is not set yet.
#[derive(Debug)]
pub struct Missing;

/// The mark of a required property that is set.
#[derive(Debug)]
pub struct Given;

/// What `#[node(main)]` makes of `fn main`.
pub fn main<R: NodeImpl + ChildOf<crate::node::Top>>(
    draft: impl Fn() -> Draft<R> + 'static,
) -> std::process::ExitCode {
    crate::cli::main(Box::new(move |env| draft().bind(env).map(|root| crate::Tree::of(&root))))
}
