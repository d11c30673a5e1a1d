//! [`Call`]: an action with checked arguments, ready to run.

use std::any::Any;
use std::fmt;
use std::time::Instant;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::around;
use super::node::{NodeRef, Target, base_of};
use crate::batch::{Batch, BatchPause, Rollout};
use crate::error::ErrorKind;
use crate::event::EventKind;
use crate::gates::Batch as Waiting;
use crate::node::run::Called;
use crate::node::{CheckedArgs, DynNode, Value, rollout};
use crate::spec::{ActionSpec, CallFn, NodeSpec, Scope};
use crate::{Env, Error, Result};

/// An action of a node with its arguments, which have been checked.
#[derive(Clone)]
pub struct Call {
    node: NodeRef,
    action: &'static ActionSpec,
    args: CheckedArgs,
    words: Vec<String>,
    rollout: Rollout,
    locks: bool,
    gate: Gate,
}

/// What the cells of a batch have to pass before the next begins.
#[derive(Clone)]
enum Gate {
    /// Nothing.
    None,
    /// This action on each; the call itself goes over cells.
    Here(Box<Call>),
    /// The action of this name, in every fan-out that the call starts over cells that have it.
    Below(String),
}

impl Call {
    pub(super) fn new(node: &NodeRef, name: &str, words: &[&str]) -> Result<Self> {
        let action = node.action(name).ok_or_else(|| node.unknown(name))?;
        Ok(Self {
            node: node.clone(),
            action,
            args: CheckedArgs::parse(action, words)?,
            words: words.iter().map(|&word| word.to_owned()).collect(),
            rollout: Rollout::default(),
            locks: action.lock,
            gate: Gate::None,
        })
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &NodeRef {
        &self.node
    }

    /// The action.
    #[must_use]
    pub fn action(&self) -> &'static ActionSpec {
        self.action
    }

    /// The arguments as given.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The arguments for a log: without the values of secrets.
    pub(crate) fn shown_words(&self) -> Vec<String> {
        self.args.shown(self.action)
    }

    /// The path and the action, such as `production database start`.
    #[must_use]
    pub fn path(&self) -> String {
        let path = self.node.path();
        let name = self.action.name;
        if path.is_empty() { name.to_owned() } else { format!("{path} {name}") }
    }

    /// Works through cells in batches of this size.
    #[must_use]
    pub fn batch(mut self, size: impl Into<Batch>) -> Self {
        self.rollout.batch = Some(size.into());
        self
    }

    /// Begins no further cell once this many have failed, and ends what the others do if that takes longer than a second more: their commands
    /// are cancelled, with all that these have started.
    #[must_use]
    pub fn max_fail(mut self, limit: impl Into<Batch>) -> Self {
        self.rollout.max_fail = Some(limit.into());
        self
    }

    /// Waits between batches, canaries included.
    #[must_use]
    pub fn pause(mut self, pause: impl Into<BatchPause>) -> Self {
        self.rollout.pause = Some(pause.into());
        self
    }

    /// Begins with this many cells, and goes on only if none of them failed.
    #[must_use]
    pub fn canary(mut self, cells: usize) -> Self {
        self.rollout.canary = Some(cells);
        self
    }

    /// Runs another action of the cells on those of a batch that did not fail, before the next batch begins; when it fails,
    /// the rollout ends. Where this action is not one of each cell, that holds for every fan-out that it starts over cells that have an
    /// action of that name, unless the code says something of its own; not for arrays within a cell.
    ///
    /// # Errors
    /// A usage error when there are no cells that could be gone over, when none have an action of that name that runs on one
    /// by one, and when it needs arguments.
    pub fn gate(mut self, action: &str) -> Result<Self> {
        if self.goes_over_cells() {
            let gate = Self::new(&self.node, action, &[])?;
            if gate.action.scope == Scope::Array {
                return Err(Error::usage(format!(
                    "`{action}` is an action of all cells at once; a gate is one of each cell"
                )));
            }
            self.gate = Gate::Here(Box::new(gate));
            return Ok(self);
        }
        let arrays: Vec<NodeRef> =
            Iterator::filter(self.node.walk(), NodeRef::is_outer_array).collect();
        if arrays.is_empty() {
            return Err(Error::usage(format!(
                "`{}` does not run on several cells: there are no batches after which `{action}` could be run",
                self.path()
            )));
        }
        let gates = arrays.iter().map(|array| gate_of(array, action));
        let gates = gates.collect::<Result<Vec<Option<Self>>>>()?;
        if gates.iter().all(Option::is_none) {
            // Says which there are, and what was meant.
            let unknown = arrays[0].unknown(action);
            return Err(match arrays[0].action(action) {
                Some(_) => {
                    Error::usage(format!("`{action}` is no action of each cell, as a gate is"))
                }
                None => unknown,
            });
        }
        self.gate = Gate::Below(action.to_owned());
        Ok(self)
    }

    /// Whether the action runs on each of several cells.
    fn goes_over_cells(&self) -> bool {
        self.action.scope != Scope::Array && self.node.fans_out()
    }

    /// Locks the hosts against other deployments while it runs, whether the action says `lock` or not.
    #[must_use]
    pub fn lock(mut self) -> Self {
        self.locks = true;
        self
    }

    /// Asks what the action wants asked, locks its hosts if it says `lock`, calls the hooks of the root around it, runs it, and tells
    /// the reporter.
    ///
    /// Hosts are locked for the whole call: those of the node and of everything below it. What the action calls in turn is
    /// within the same lock, and no hook is called for it.
    ///
    /// # Errors
    /// What the action fails with, with its path in it; of several cells, all that failed. A usage error when
    /// `one_host` needs a cell to be named. When another deployment holds one of the hosts: who that is; the action has not begun then.
    pub async fn run(&self) -> Result<Value> {
        let env = self.node.tree().env().in_node(&self.node.path());
        if let Some(question) = self.action.confirm
            && !env.console().confirm(question)?
        {
            let detail = format!("`{}` was not confirmed", self.path());
            return Err(Error::new(ErrorKind::Cancelled { host: None, detail }));
        }
        let chosen = self.one_host()?;
        let node = chosen.as_ref().unwrap_or(&self.node);
        around::run(self, node, &env).await.map_err(|error| error.in_action(self.path()))
    }

    /// Whether its hosts are to be locked.
    pub(super) fn locks(&self) -> bool {
        self.locks
    }

    /// Runs the action itself, and tells the reporter.
    pub(super) async fn act(&self, env: &Env, node: &NodeRef) -> Result<Value> {
        let work = told(env, self.action, self.run_on(node));
        match &self.gate {
            Gate::Below(gate) => self.kept(gate, env, work).await,
            Gate::None | Gate::Here(_) => work.await,
        }
    }

    /// Does the work, and runs the gate for every fan-out in it that asks.
    async fn kept<T>(
        &self,
        gate: &str,
        env: &Env,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut keeper = env.gates().keep();
        let mut passing = FuturesUnordered::new();
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                Some(batch) = keeper.next() => passing.push(async move {
                    let result = self.pass_below(gate, &batch).await;
                    // Who asked may have been given up.
                    let _ = batch.answer.send(result);
                }),
                Some(()) = passing.next() => {}
            }
        }
    }

    /// Runs the gate on the cells of a batch of some array, if they have it.
    async fn pass_below(&self, gate: &str, batch: &Waiting) -> Result {
        let array = self.node.tree().resolve(&*batch.path)?;
        if !array.is_outer_array() {
            return Ok(());
        }
        let Some(gate) = gate_of(&array, gate)? else { return Ok(()) };
        let env = array.tree().env().in_node(&batch.path);
        let is_in = |cell: &str| batch.cells.iter().any(|name| name == cell);
        let targets = array.targets().into_iter();
        let cells = targets.filter_map(|target| Some((target.cell?, target.node)));
        gate.pass(&env, cells.filter(|(cell, _)| is_in(cell)).collect()).await
    }

    /// The cell that a `one_host` action runs on, if it is still open.
    fn one_host(&self) -> Result<Option<NodeRef>> {
        if !self.action.one_host || !self.node.is_array() {
            return Ok(None);
        }
        let cells = self.node.cells();
        let [first, _, ..] = cells.as_slice() else {
            return cells.first().map(|only| self.node.select(only)).transpose();
        };
        let console = self.node.tree().env().console();
        let list = cells.join(", ");
        if !console.is_interactive() {
            let one = self.node.select(first)?;
            return Err(Error::usage_with_hint(
                format!("`{}` runs on one host: say on which of {list}", self.path()),
                format!("such as `{} {}`", one.path(), self.action.name),
            ));
        }
        let answer: String =
            console.input(format!("On which host ({list})?")).default(first.clone()).ask()?;
        self.node.select(answer.trim()).map(Some)
    }

    async fn run_on(&self, node: &NodeRef) -> Result<Value> {
        if self.action.scope == Scope::Array {
            return self.run_on_arrays(node).await;
        }
        let targets = node.targets();
        if !node.fans_out() {
            return match targets.first() {
                Some(target) => self.start(target.node).await,
                None => Err(Error::msg(format!("`{}` is not there", node.path()))),
            };
        }
        let env = &node.tree().env().in_node(&node.path());
        let left_in =
            |target: &Target<'_>| target.cell.as_deref().is_none_or(|cell| env.selects(cell));
        let targets: Vec<Target<'_>> = targets.into_iter().filter(left_in).collect();
        if targets.is_empty() {
            let text = format!("`{}` has no hosts: nothing to do", node.path());
            env.emit(EventKind::Note { host: None, text });
        }
        let targets: Vec<(String, &dyn DynNode)> = targets
            .into_iter()
            .map(|Target { cell, node }| (cell.unwrap_or_default(), node))
            .collect();
        let names = keys(&targets);
        let rollout = self.rollout.or(env.current_rollout());
        let gate = |batch: Vec<usize>| {
            let batch = batch.into_iter().map(|index| targets[index].clone()).collect();
            async move {
                match &self.gate {
                    Gate::Here(gate) => gate.pass(env, batch).await,
                    Gate::None | Gate::Below(_) => Ok(()),
                }
            }
        };
        let start = |node| self.start(node);
        let results = rollout::run(rollout, env, targets.clone(), start, gate).await;
        let mut values = Vec::with_capacity(names.len());
        let mut errors = Vec::new();
        for (name, result) in names.into_iter().zip(results) {
            match result {
                Ok(value) => values.push((name, value)),
                Err(error) => errors.push(error),
            }
        }
        let left_out = !values.is_empty() && errors.iter().all(|error| env.failures().cover(error));
        match errors.is_empty() || left_out {
            true => Ok(Value::PerHost(values)),
            false => Err(Error::several(errors)),
        }
    }

    /// Runs this, a gate, on the cells of a batch, all at once.
    async fn pass(&self, env: &Env, batch: Vec<(String, &dyn DynNode)>) -> Result {
        let work = async {
            let start = |node| self.start(node);
            let open = |_| std::future::ready(Ok(()));
            let results = rollout::run(Rollout::whole(), env, batch, start, open).await;
            let errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
            if errors.is_empty() { Ok(()) } else { Err(Error::several(errors)) }
        };
        told(env, self.action, work).await.map_err(|error| error.in_action(self.path()))
    }

    /// Runs an action of the array, once for each array that the node stands for.
    async fn run_on_arrays(&self, node: &NodeRef) -> Result<Value> {
        let (cells, call) = (node.cells(), node.spec().array_call());
        let arrays: Vec<_> = node.arrays().into_iter().map(|array| array.subset(&cells)).collect();
        let mut values = Vec::new();
        for array in &arrays {
            let action = self.made(call, array.as_any())?;
            values.push((array.core().path().to_owned(), action.await?));
        }
        match values.len() {
            1 => Ok(values.remove(0).1),
            _ => Ok(Value::PerHost(values)),
        }
    }

    /// Runs the action on one node; an inherited one on the base that has it.
    async fn start(&self, node: &dyn DynNode) -> Result<Value> {
        let (spec, owner) = self.owner(node.spec(), node.as_any(), node)?;
        self.made(spec.call(), owner)?.await
    }

    /// The action's future, with values of its own for its arguments.
    fn made<'a>(&self, call: CallFn, node: &'a dyn Any) -> Result<Called<'a>> {
        Ok(call(node, self.action.number, &mut self.args.read(self.action)?))
    }

    fn owner<'a>(
        &self,
        mut spec: &'static NodeSpec,
        mut any: &'a dyn Any,
        mut node: &'a dyn DynNode,
    ) -> Result<(&'static NodeSpec, &'a dyn Any)> {
        while !spec.actions().iter().any(|action| std::ptr::eq(action, self.action)) {
            let base = spec.children.iter().position(|child| child.inherited);
            let next = base.and_then(|base| base_of(node, base)).ok_or_else(|| {
                Error::msg(format!("`{}` is no action of `{}`", self.action.name, spec.type_name))
            })?;
            (spec, any, node) = (next.spec(), next.as_any(), next);
        }
        Ok((spec, any))
    }
}

/// The action of this name of each cell of an array, if they have it.
fn gate_of(array: &NodeRef, action: &str) -> Result<Option<Call>> {
    match array.action(action) {
        Some(spec) if spec.scope == Scope::Cell => Call::new(array, action, &[]).map(Some),
        _ => Ok(None),
    }
}

/// Tells the reporter when an action begins and ends.
async fn told<T>(
    env: &Env,
    action: &ActionSpec,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let action = action.name.to_owned();
    env.emit(EventKind::ActionStarted { action: action.clone() });
    let started = Instant::now();
    let result = work.await;
    let (ok, elapsed) = (result.is_ok(), started.elapsed());
    env.emit(EventKind::ActionFinished { action, ok, elapsed });
    result
}

/// What the results are told apart by: the cells' hosts; where arrays stand in arrays and a host comes up again, the
/// nodes' paths.
fn keys(targets: &[(String, &dyn DynNode)]) -> Vec<String> {
    let again = |index: usize| targets[..index].iter().any(|(name, _)| *name == targets[index].0);
    if (0..targets.len()).any(again) {
        targets.iter().map(|(_, node)| node.core().path().to_owned()).collect()
    } else {
        targets.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({:?}, {:?})", self.path(), self.words)
    }
}
