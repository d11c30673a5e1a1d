//! Rules of nesting that types show: assertions which the macros write at the user's tokens.

use super::{Array, JustOne};
use crate::spec::{Nesting, RoleSpec};

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
pub trait NestIn<K> {
    /// Names the bound in an expression.
    const OK: () = ();
}

/// A parallel node.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a normal node and cannot be in an `Array`",
    label = "not a parallel node",
    note = "nest it as itself, or make it `#[node(parallel)]`"
)]
pub trait Parallel {
    /// Names the bound in an expression.
    const OK: () = ();
}

/// Stands for the parallel node of a child that is no array.
#[derive(Debug)]
pub struct NoArray;

#[diagnostic::do_not_recommend]
impl Parallel for NoArray {}

impl<K, P> NestIn<K> for Array<P> {}
impl<K, P> NestIn<K> for JustOne<P> {}

/// The mark of a required property that is not set yet.
#[derive(Debug)]
pub struct Missing;

/// The mark of a required property that is set.
#[derive(Debug)]
pub struct Given;

/// A text that is put together at compile time; what does not fit is cut off.
struct Message {
    text: [u8; 512],
    len: usize,
}

impl Message {
    const fn new() -> Self {
        Self { text: [0; 512], len: 0 }
    }

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

    const fn text(&self) -> &str {
        match std::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "roles have no counterpart",
        }
    }
}

/// What the default mapping of a child is checked with.
#[derive(Clone, Copy, Debug)]
pub struct Wants {
    pub(super) node: &'static str,
    pub(super) roles: &'static [RoleSpec],
    pub(super) nesting: Nesting,
    pub(super) own_hosts: bool,
}

/// Checks the default mapping of a child at compile time, and says what is wrong with it at its caller's place.
///
/// # Panics
/// When a role has no counterpart.
#[track_caller]
pub const fn mapped_by_name(child: Wants, ours: &[RoleSpec], field: &str, parent: &str) {
    if child.own_hosts {
        return;
    }
    let mut names = Message::new();
    let mut count = 0;
    let mut index = 0;
    while index < child.roles.len() {
        let name = child.roles[index].name;
        let all = !matches!(child.nesting, Nesting::Bare) && same(name, "host");
        if !all && !has(ours, name) {
            names = names.push(if count == 0 { "`" } else { "`, `" }).push(name);
            count += 1;
        }
        index += 1;
    }
    if count == 0 {
        return;
    }
    let (what, verb) = if count == 1 { ("role ", "has") } else { ("roles ", "have") };
    let message = Message::new().push(what).push(names.text()).push("` of `").push(child.node);
    let message = message.push("` ").push(verb).push(" no counterpart in `").push(parent);
    let message = message
        .push("`: say where the hosts come from, with `#[map_roles(..)]` or `#[hosts(..)]` on `");
    let message = message.push(field).push("`");
    panic!("{}", message.text());
}

const fn has(roles: &[RoleSpec], name: &str) -> bool {
    let mut index = 0;
    while index < roles.len() {
        if same(roles[index].name, name) {
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
