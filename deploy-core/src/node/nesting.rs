//! Rules of nesting that types show: assertions which the macros write at the user's tokens.

use super::{Array, Child, JustOne, NodeImpl, Roles};
use crate::spec::Nesting;

/// The inside of a normal node.
#[derive(Debug)]
pub struct InNormal;

/// The inside of a parallel node: one cell.
#[derive(Debug)]
pub struct InParallel;

/// What may stand bare in a `K`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a parallel node and stands bare in a normal one",
    label = "a parallel node needs one cell for each host here",
    note = "write `Array<{Self}>` for a cell on each host, or `JustOne<{Self}>` for exactly one"
)]
pub trait NestIn<K> {}

/// A parallel node.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a normal node and cannot be in an `Array`",
    label = "not a parallel node",
    note = "nest it as itself, or make it `#[node(parallel)]`"
)]
pub trait Parallel: NodeImpl {}

impl<K, P: Parallel> NestIn<K> for Array<P> {}
impl<K, P: Parallel> NestIn<K> for JustOne<P> {}

/// Does not compile unless the child may stand in a `K` that is a `P`.
pub const fn may_stand<F: Child, K, P>()
where
    F::Me: NestIn<K> + super::ChildOf<P>,
{
}

/// The roles of `F` that have no counterpart in `P`, as a message of at most so many bytes.
#[derive(Debug)]
pub struct Missing {
    text: [u8; 512],
    len: usize,
}

impl Missing {
    const fn push(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut index = 0;
        while index < bytes.len() && self.len < self.text.len() {
            self.text[self.len] = bytes[index];
            self.len += 1;
            index += 1;
        }
        self
    }

    /// The message.
    #[must_use]
    pub const fn text(&self) -> &str {
        match std::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "roles have no counterpart",
        }
    }
}

/// Checks the default mapping at compile time: what is wrong with it, if anything.
#[must_use]
pub const fn missing_roles<F: Child, P: Roles>(field: &str, parent: &str) -> Option<Missing> {
    if <F::N as NodeImpl>::OWN_HOSTS {
        return None;
    }
    let roles = F::Roles::SPEC;
    let mut missing = Missing { text: [0; 512], len: 0 };
    let mut count = 0;
    let mut index = 0;
    while index < roles.len() {
        let name = roles[index].name;
        let all = !matches!(F::NESTING, Nesting::Bare) && same(name, "host");
        if !all && !has::<P>(name) {
            missing = missing.push(if count == 0 { "role `" } else { "`, `" }).push(name);
            count += 1;
        }
        index += 1;
    }
    if count == 0 {
        return None;
    }
    missing =
        missing.push("` of `").push(<F::N as NodeImpl>::NAME).push("` has no counterpart in `");
    missing = missing
        .push(parent)
        .push("`: say where its hosts come from with `#[map_roles(..)]` or `#[hosts(..)]` on `");
    Some(missing.push(field).push("`"))
}

const fn has<P: Roles>(name: &str) -> bool {
    let mut index = 0;
    while index < P::SPEC.len() {
        if same(P::SPEC[index].name, name) {
            return true;
        }
        index += 1;
    }
    false
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}
