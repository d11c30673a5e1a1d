//! [`Array`] and [`JustOne`]: how a parallel node stands in a normal one.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, Weak};

use futures_util::future::BoxFuture;

use super::ctx::{Core, Place};
use super::dynamic::{ChildRef, DynArray, DynNode};
use super::roles::{self, Roles};
use super::rollout;
use super::slot::Layers;
use super::{ArrayRolesOf, Child, Nested, NodeImpl, Value};
use crate::batch::{Batch, BatchPause, Rollout};
use crate::console::Console;
use crate::spec::Nesting;
use crate::{Env, Error, Host, Hosts, PerHost, Result};

/// The cells of a parallel node, one for each host of its role `host`.
///
/// Every action of `P` is a method here that runs it on all cells in parallel and returns
/// `Result<PerHost<T>>`, as is every method of `impl Array<P>`. The methods of [`Cells`] pick cells and say how a
/// fan-out goes.
pub struct Array<P> {
    /// `P::Array`, not named so that `Array<String>` is one error.
    target: Box<dyn Any + Send + Sync>,
    cells: Cells<P>,
}

/// What every array can do, whatever its cells are.
pub struct Cells<P> {
    set: Arc<CellSet<P>>,
    /// Which of them; all if not given.
    picked: Option<Arc<[String]>>,
    rollout: Rollout,
    gate: Gating<P>,
    /// Keeps the tree in which the cells stand, unless this is a part of it.
    tree: Option<Arc<dyn Any + Send + Sync>>,
}

/// What a batch has to pass before the next begins.
type Gate<P> = Arc<dyn Fn(Array<P>) -> BoxFuture<'static, Result> + Send + Sync>;

/// What stands between the batches of a fan-out.
enum Gating<P> {
    /// What the run as a whole has.
    OfRun,
    /// This.
    Own(Gate<P>),
    /// Nothing: it is within a gate.
    Within,
}

impl<P> Clone for Gating<P> {
    fn clone(&self) -> Self {
        match self {
            Self::OfRun => Self::OfRun,
            Self::Own(gate) => Self::Own(gate.clone()),
            Self::Within => Self::Within,
        }
    }
}

struct CellSet<P> {
    core: Core,
    cells: Vec<(Host, P)>,
    tree: OnceLock<Weak<dyn Any + Send + Sync>>,
}

impl<P: NodeImpl> Array<P> {
    fn of(cells: Cells<P>) -> Self {
        Self { target: (P::ERASE_ARRAY.target)(P::Array::from(cells.clone())), cells }
    }
}

/// A copy may leave the tree, and keeps it: its cells know their parents.
impl<P> Clone for Cells<P> {
    fn clone(&self) -> Self {
        let tree = || self.set.tree.get().and_then(Weak::upgrade);
        Self {
            set: self.set.clone(),
            picked: self.picked.clone(),
            rollout: self.rollout,
            gate: self.gate.clone(),
            tree: self.tree.clone().or_else(tree),
        }
    }
}

impl<P: NodeImpl> Cells<P> {
    /// The same cells, to be handed out of the tree.
    fn change(&self, change: impl FnOnce(&mut Self)) -> Array<P> {
        let mut cells = self.clone();
        change(&mut cells);
        Array::of(cells)
    }

    fn entries(&self) -> impl Iterator<Item = &(Host, P)> {
        self.set.cells.iter().filter(|(host, _)| {
            self.picked.as_ref().is_none_or(|names| names.iter().any(|name| name == host.name()))
        })
    }

    /// The cells in order.
    #[must_use]
    pub fn cells(&self) -> Vec<&P> {
        self.iter().collect()
    }

    /// The cells in order.
    pub fn iter(&self) -> impl Iterator<Item = &P> {
        self.entries().map(|(_, cell)| cell)
    }

    /// The cell of the host of this name.
    #[must_use]
    pub fn get(&self, host: &str) -> Option<&P> {
        self.entries().find(|(known, _)| known.name() == host).map(|(_, cell)| cell)
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says that there is none: an array has many.
    #[doc(hidden)]
    #[must_use]
    pub fn host(&self) -> &Host
    where
        Array<P>: OneCell,
    {
        unreachable!("no array is one cell")
    }

    /// The hosts of the cells.
    #[must_use]
    pub fn hosts(&self) -> Hosts {
        self.entries().map(|(host, _)| host.clone()).collect::<Hosts>().in_env(self.env())
    }

    /// Where questions are asked.
    #[must_use]
    pub fn console(&self) -> &Console {
        self.env().console()
    }

    /// The environment of the tree.
    #[must_use]
    pub fn env(&self) -> &Env {
        self.set.core.env()
    }

    /// The node in which the array stands.
    ///
    /// # Panics
    /// While its tree is being dropped, and in a node that is no `T`, which does not compile.
    #[doc(hidden)]
    #[must_use]
    pub fn stands_in<T: 'static>(&self) -> &T {
        self.set.core.stands_in()
    }

    /// The path on the command line.
    #[must_use]
    pub fn path(&self) -> &str {
        self.set.core.path()
    }

    /// Works through the cells in batches: the next begins when the one before is over.
    #[must_use]
    pub fn batch(&self, size: impl Into<Batch>) -> Array<P> {
        let size = size.into();
        self.change(|cells| cells.rollout.batch = Some(size))
    }

    /// Works on at most `n` cells at once.
    #[must_use]
    pub fn parallel(&self, n: usize) -> Array<P> {
        self.change(|cells| cells.rollout.parallel = Some(n.max(1)))
    }

    /// Begins no further cell once this many have failed, and ends what the others do if that takes longer than a second more: their commands
    /// are cancelled, with all that these have started.
    #[must_use]
    pub fn max_fail(&self, limit: impl Into<Batch>) -> Array<P> {
        let limit = limit.into();
        self.change(|cells| cells.rollout.max_fail = Some(limit))
    }

    /// One cell after the other.
    #[must_use]
    pub fn serial(&self) -> Array<P> {
        self.parallel(1)
    }

    /// This many cells first, and the others only if none of them failed.
    #[must_use]
    pub fn canary(&self, n: usize) -> Array<P> {
        self.change(|cells| cells.rollout.canary = Some(n))
    }

    /// Waits between batches, canaries included: for some time, or for somebody's yes.
    #[must_use]
    pub fn pause(&self, pause: impl Into<BatchPause>) -> Array<P> {
        let pause = pause.into();
        self.change(|cells| cells.rollout.pause = Some(pause))
    }

    /// Lets the cells of a batch that did not fail pass a check before the next batch begins. When it fails, the rollout ends: the
    /// cells that it names have failed, and those that are left are not attempted.
    ///
    /// ```
    /// # use deploy_core::prelude::*;
    /// # #[node(parallel)]
    /// # struct Web;
    /// # #[node]
    /// # impl Web {
    /// #     /// Deploy.
    /// #     pub async fn deploy(&self, commit: String) -> Result { Ok(()) }
    /// #     /// Check.
    /// #     pub async fn health(&self) -> Result { Ok(()) }
    /// # }
    /// # #[node]
    /// # impl Array<Web> {
    /// /// A quarter of the hosts at a time, as long as they are well afterwards.
    /// pub async fn roll(&self, commit: String) -> Result {
    ///     let careful = self.canary(1).batch(Batch::percent(25)).max_fail(1);
    ///     careful.gate(async |batch| batch.health().await).deploy(commit).await?;
    ///     Ok(())
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn gate<F, R>(&self, gate: F) -> Array<P>
    where
        F: Fn(Array<P>) -> R + Send + Sync + 'static,
        R: Future<Output: Returned> + Send + 'static,
    {
        let gate: Gate<P> = Arc::new(move |batch| {
            let passing = gate(batch);
            Box::pin(async move { passing.await.returned().map(drop) })
        });
        self.change(|cells| cells.gate = Gating::Own(gate))
    }

    fn pick(&self, names: &[String]) -> Array<P> {
        self.change(|cells| cells.picked = Some(names.into()))
    }

    /// The cells of a batch, all at once: what a gate calls on them is no rollout of its own.
    fn as_one(&self, names: &[String]) -> Array<P> {
        self.change(|cells| {
            cells.picked = Some(names.into());
            cells.rollout = Rollout { parallel: cells.rollout.parallel, ..Rollout::whole() };
            cells.gate = Gating::Within;
        })
    }

    /// Calls any async function for every cell and gives each one's result.
    #[must_use = "what failed is in it, host by host: `.all_ok()?` makes it an error"]
    pub async fn each<'a, F, R, T>(&'a self, call: F) -> PerHost<Result<T>>
    where
        F: Fn(&'a P) -> R,
        R: Future<Output = Result<T>>,
    {
        let env = self.env();
        let (hosts, cells): (Vec<Host>, Vec<_>) = self
            .entries()
            .filter(|(host, _)| env.selects(host.name()))
            .map(|(host, cell)| (host.in_env(env), (host.name().to_owned(), cell)))
            .unzip();
        let rollout = self.rollout.or(env.current_rollout());
        let names: Vec<String> = cells.iter().map(|(name, _)| name.clone()).collect();
        let gate = |batch: Vec<usize>| {
            let batch: Vec<String> = batch.into_iter().map(|index| names[index].clone()).collect();
            let passing: BoxFuture<'_, Result> = match &self.gate {
                Gating::Own(gate) => gate(self.as_one(&batch)),
                Gating::OfRun => Box::pin(env.gates().pass(self.path(), batch)),
                Gating::Within => Box::pin(std::future::ready(Ok(()))),
            };
            passing
        };
        let results = rollout::run(rollout, env, cells, call, gate).await;
        hosts.into_iter().zip(results).collect()
    }

    /// The fan-out of an action.
    #[doc(hidden)]
    pub async fn fan<'a, F, R>(&'a self, call: F) -> Result<PerHost<<R::Output as Returned>::Value>>
    where
        F: Fn(&'a P) -> R,
        R: Future<Output: Returned>,
    {
        let call = &call;
        self.each(move |cell| {
            let work = call(cell);
            async move { work.await.returned() }
        })
        .await
        .all_ok()
    }
}

/// What has a single host among arrays: none.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has a host for each cell and no single `host()`",
    label = "an array is many cells",
    note = "use `hosts()`, one cell with `get(\"web1\")`, or each with `each(async |cell| ..)`"
)]
pub trait OneCell {}

/// What an action returns: a `Result` with any error that turns into ours.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an action returns a `Result` with an error that turns into `Error`, not `{Self}`",
    label = "expected `Result` or `Result<T>`",
    note = "whatever implements `std::error::Error` turns into `Error`; a text does with `Error::msg(text)`"
)]
pub trait Returned {
    type Value;
    fn returned(self) -> Result<Self::Value>;

    /// What is shown of it if nothing is to be.
    #[doc(hidden)]
    fn silently(self) -> Result<Value>
    where
        Self: Sized,
    {
        self.returned().map(|_| Value::None)
    }
}

/// What the fan-out of an action gives that returns `R`.
#[doc(hidden)]
pub type Fanned<R> = Result<PerHost<<R as Returned>::Value>>;

#[diagnostic::do_not_recommend]
impl<T, E: Into<Error>> Returned for Result<T, E> {
    type Value = T;

    fn returned(self) -> Result<T> {
        self.map_err(Into::into)
    }
}

impl<P: NodeImpl> Deref for Array<P> {
    type Target = P::Array;

    fn deref(&self) -> &P::Array {
        self.target.downcast_ref().unwrap_or_else(|| unreachable!("`of` is its only maker"))
    }
}

impl<'a, P: NodeImpl> IntoIterator for &'a Array<P> {
    type Item = &'a P;
    type IntoIter = std::vec::IntoIter<&'a P>;

    fn into_iter(self) -> Self::IntoIter {
        self.cells.cells().into_iter()
    }
}

impl<P> fmt::Debug for Array<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cells.fmt(f)
    }
}

impl<P> fmt::Debug for Cells<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.set.cells.iter().map(|(host, _)| host.name());
        f.write_str("Array")?;
        f.debug_list().entries(names).finish()
    }
}

impl<P: NodeImpl + Send + Sync> DynArray for Array<P> {
    fn as_any(&self) -> &dyn Any {
        &*self.target
    }

    fn core(&self) -> &Core {
        &self.cells.set.core
    }

    fn cells(&self) -> Vec<(&str, &dyn DynNode)> {
        self.cells.entries().map(|(host, cell)| (host.name(), cell as &dyn DynNode)).collect()
    }

    fn subset(&self, names: &[String]) -> Box<dyn DynArray> {
        (P::ERASE_ARRAY.boxed_array)(self.cells.pick(names))
    }

    fn set_root(&self, root: Weak<dyn Any + Send + Sync>) {
        // A tree is linked once; a second attempt would change nothing.
        let _ = self.cells.set.tree.set(root);
    }
}

#[diagnostic::do_not_recommend]
impl<P: NodeImpl> Child for Array<P> {
    type Me = Array<P::Me>;
    type As = InArray;
}

/// How [`Array`] holds a node.
#[derive(Debug)]
pub struct InArray;

impl<P: NodeImpl> Nested<Array<P>> for InArray {
    type Inner = P::Me;
    type Of = P::Me;
    type Node = P;
    type Roles = ArrayRolesOf<P>;

    const NESTING: Nesting = Nesting::Array;

    fn bind(layers: &Layers<'_>, roles: ArrayRolesOf<P>, at: &Place) -> Result<Array<P>> {
        let hosts = roles.hosts_of().into_iter().next().unwrap_or_default();
        let cells: Result<Vec<_>> = hosts
            .iter()
            .map(|host| {
                let cell = P::bind(layers, roles::isolated(&roles, host), &at.cell(host.name()))?;
                Ok((host.clone(), cell))
            })
            .collect();
        let set =
            CellSet { core: Core::new(at, roles.all()), cells: cells?, tree: OnceLock::new() };
        Ok(Array::of(Cells {
            set: Arc::new(set),
            picked: None,
            rollout: Rollout::default(),
            gate: Gating::OfRun,
            tree: None,
        }))
    }

    fn child_ref(field: &Array<P>) -> ChildRef<'_> {
        ChildRef::Array((P::ERASE_ARRAY.array)(field))
    }
}

/// Exactly one cell of a parallel node; dereferences to it.
#[derive(Debug)]
pub struct JustOne<P> {
    cell: Box<dyn Any + Send + Sync>,
    marker: PhantomData<fn() -> P>,
}

impl<P: NodeImpl> Deref for JustOne<P> {
    type Target = P;

    fn deref(&self) -> &P {
        self.cell.downcast_ref().unwrap_or_else(|| unreachable!("`bind` is its only maker"))
    }
}

#[diagnostic::do_not_recommend]
impl<P: NodeImpl> Child for JustOne<P> {
    type Me = JustOne<P::Me>;
    type As = AsOne;
}

/// How [`JustOne`] holds a node.
#[derive(Debug)]
pub struct AsOne;

impl<P: NodeImpl> Nested<JustOne<P>> for AsOne {
    type Inner = P::Me;
    type Of = P::Me;
    type Node = P;
    type Roles = P::Roles;

    const NESTING: Nesting = Nesting::JustOne;

    fn bind(layers: &Layers<'_>, roles: P::Roles, at: &Place) -> Result<JustOne<P>> {
        Ok(JustOne {
            cell: (P::ERASE_ARRAY.cell)(P::bind(layers, roles, at)?),
            marker: PhantomData,
        })
    }

    fn child_ref(field: &JustOne<P>) -> ChildRef<'_> {
        ChildRef::Node((P::ERASE.node)(field))
    }
}
