//! [`Env`]: what a run needs beside the tree: reporter, connections, limits, mode, cancellation.
//!
//! No global state: several environments may exist side by side. Reads neither arguments nor the process
//! environment; that is the command line's business. Long because every setting has its documented setter here and what reads it: one
//! list to look through.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::batch::Rollout;
use crate::changed::Changed;
use crate::command::Secrets;
use crate::console::{Console, Pause};
use crate::event::{Event, EventKind, Failure, Reporter, Silent};
use crate::fact::FactCache;
use crate::failures::{Failures, OnError};
use crate::gates::Gates;
use crate::host::{Elevation, Selection};
use crate::lock::Locks;
use crate::opaque::Opaque;
use crate::privilege::{PasswordSource, Privileges};
use crate::transport::{ConnectSettings, Connector, Pool};

/// How many hosts work at once unless told otherwise.
pub const DEFAULT_PARALLEL: usize = 32;

tokio::task_local! {
    /// Ends what a cell of a fan-out does, of whose work the current future is a part.
    static CELL: CancellationToken;
}

/// Lets a cell's work end when `end` fires, which must fire when what is around it ends.
pub(crate) async fn ended_by<F: Future>(end: CancellationToken, work: F) -> F::Output {
    CELL.scope(end, work).await
}

/// What commands do to hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// They run.
    #[default]
    Apply,
    /// Only those that read run; changes are shown.
    DryRun,
    /// Each is only checked for syntax by the host's shell.
    Sandbox,
}

/// The surroundings of a run. Cheap to clone; clones share connections and cancellation.
///
/// ```
/// use deploy_core::Env;
/// let env = Env::quiet().parallel(8).dry_run();
/// assert_eq!(env.parallelism(), 8);
/// ```
#[derive(Clone, Debug)]
pub struct Env {
    parts: Opaque<Parts>,
}

#[derive(Clone, Debug)]
struct Parts {
    settings: Arc<Settings>,
    shared: Arc<Shared>,
    pool: Arc<Pool>,
    /// The node in which commands run, for events; empty outside a tree.
    node: Arc<str>,
    /// For commands around an action, which no failure of the action stops: what ends them.
    around: Option<CancellationToken>,
}

#[derive(Clone)]
struct Settings {
    reporter: Arc<dyn Reporter>,
    console: Console,
    mode: Mode,
    on_error: OnError,
    rollout: Rollout,
    timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    run_timeout: Option<Duration>,
    parallel: usize,
    slots: Arc<Semaphore>,
    selection: Arc<Selection>,
    elevation: Elevation,
    password: PasswordSource,
    lock_wait: Duration,
    audit: Audit,
}

/// What all clones and settings of one environment share.
#[derive(Debug, Default)]
struct Shared {
    cancel: CancellationToken,
    commands: AtomicU64,
    would_change: AtomicBool,
    facts: FactCache,
    privileges: Privileges,
    secrets: Secrets,
    /// When the run began, if it has a time limit.
    clock: OnceLock<Instant>,
    failures: Failures,
    locks: Locks,
    /// Whether anything was asked of a host for an action.
    begun: AtomicBool,
    /// Whom fan-outs ask between batches.
    gates: Gates,
    /// Hosts that calls may have changed.
    changed: Changed,
    /// Held by whoever has the user's terminal to itself.
    terminal: tokio::sync::Mutex<()>,
}

impl Env {
    /// Shows nothing, asks nothing.
    #[must_use]
    pub fn quiet() -> Self {
        let parts = Parts {
            settings: Arc::new(Settings {
                reporter: Arc::new(Silent),
                console: Console::non_interactive(),
                mode: Mode::Apply,
                on_error: OnError::Fail,
                rollout: Rollout::default(),
                timeout: None,
                idle_timeout: None,
                run_timeout: None,
                parallel: DEFAULT_PARALLEL,
                slots: Arc::new(Semaphore::new(DEFAULT_PARALLEL)),
                selection: Arc::default(),
                elevation: Elevation::Sudo,
                password: PasswordSource::Ask,
                lock_wait: Duration::ZERO,
                audit: Audit::Off,
            }),
            shared: Arc::default(),
            pool: Arc::new(Pool::new(ConnectSettings::default())),
            node: "".into(),
            around: None,
        };
        Self { parts: Opaque::new(parts) }
    }

    fn alter(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(self.parts.make_mut());
        self
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        self.alter(|parts| {
            let settings = Arc::make_mut(&mut parts.settings);
            change(settings);
            settings.console.attach(settings.reporter.clone(), parts.shared.cancel.clone());
        })
    }

    /// Sends events to `reporter`.
    #[must_use]
    pub fn reporter(self, reporter: impl Reporter) -> Self {
        self.with(|settings| settings.reporter = Arc::new(reporter))
    }

    /// Asks questions on `console`.
    #[must_use]
    pub fn with_console(self, console: Console) -> Self {
        self.with(|settings| settings.console = console)
    }

    /// How many hosts work at once; at least one.
    #[must_use]
    pub fn parallel(self, hosts: usize) -> Self {
        let hosts = hosts.max(1);
        self.with(|settings| {
            settings.parallel = hosts;
            settings.slots = Arc::new(Semaphore::new(hosts));
        })
    }

    /// Shows changes instead of making them.
    #[must_use]
    pub fn dry_run(self) -> Self {
        self.mode(Mode::DryRun)
    }

    /// What commands do to hosts.
    #[must_use]
    pub fn mode(self, mode: Mode) -> Self {
        self.with(|settings| settings.mode = mode)
    }

    /// What a failed command leads to, beside its error.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use deploy_core::prelude::*;
    /// use deploy_core::OnError;
    /// # use deploy_core::testing::{Recorder, Reply};
    /// # let recorder = Recorder::new().on_host("web2", "make", Reply::status(2));
    /// # let env = recorder.env();
    /// let env = env.on_error(OnError::Continue);
    /// let hosts = Hosts::parse("web[1-3]")?.in_env(&env);
    /// hosts.run("make").await?;                          // fails on web2, and web2 is left out
    /// assert_eq!(hosts.run("make install").await?.len(), 2);
    /// assert_eq!(env.left_out()[0].host.as_deref(), Some("web2"));
    /// # Ok::<_, Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn on_error(self, on_error: OnError) -> Self {
        self.with(|settings| settings.on_error = on_error)
    }

    /// A time limit for each command that has none of its own.
    #[must_use]
    pub fn timeout(self, limit: Duration) -> Self {
        self.with(|settings| settings.timeout = Some(limit))
    }

    /// How long each command that says nothing else about it may print nothing before it is ended. Commands that are given
    /// input, uploads for example, are left alone.
    #[must_use]
    pub fn idle_timeout(self, limit: Duration) -> Self {
        self.with(|settings| settings.idle_timeout = Some(limit))
    }

    /// How long everything may take, from the first command on. What runs then is ended, and nothing more is begun.
    #[must_use]
    pub fn run_timeout(self, limit: Duration) -> Self {
        self.with(|settings| settings.run_timeout = Some(limit))
    }

    /// By what commands become another user's on hosts that say nothing else; by sudo unless told otherwise.
    ///
    /// ```
    /// use deploy_core::{Elevation, Env};
    /// let env = Env::quiet().elevation(Elevation::Doas);
    /// ```
    #[must_use]
    pub fn elevation(self, by: Elevation) -> Self {
        self.with(|settings| settings.elevation = by)
    }

    /// Where the password comes from that sudo, doas or su wants on some hosts; asked for on the console unless told otherwise.
    #[must_use]
    pub fn sudo_password(self, source: PasswordSource) -> Self {
        self.with(|settings| settings.password = source)
    }

    /// How long to wait for hosts that another deployment has locked; not at all unless told otherwise.
    #[must_use]
    pub fn lock_wait(self, limit: Duration) -> Self {
        self.with(|settings| settings.lock_wait = limit)
    }

    /// Whether calls by name leave a line on each host that they may have changed; they do not unless told to, here or on the command
    /// line.
    #[must_use]
    pub fn audit(self, audit: Audit) -> Self {
        self.with(|settings| settings.audit = audit)
    }

    /// Uses this ssh_config instead of the user's.
    #[must_use]
    pub fn ssh_config(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        self.connect_settings(|settings| settings.ssh_config = Some(path))
    }

    /// Changes how connections are made; begins with an empty pool.
    #[must_use]
    pub fn connect_settings(self, change: impl FnOnce(&mut ConnectSettings)) -> Self {
        self.alter(|parts| {
            let mut settings = parts.pool.settings().clone();
            change(&mut settings);
            parts.pool = Arc::new(match parts.pool.connector() {
                Some(only) => Pool::with_connector(settings, only.clone()),
                None => Pool::new(settings),
            });
        })
    }

    /// Reaches every host by this connector, whatever its scheme; for tests.
    #[must_use]
    pub fn connector(self, connector: Arc<dyn Connector>) -> Self {
        self.alter(|parts| {
            let settings = parts.pool.settings().clone();
            parts.pool = Arc::new(Pool::with_connector(settings, connector));
        })
    }

    /// This environment for the commands of a node.
    pub(crate) fn in_node(&self, path: &str) -> Self {
        self.clone().alter(|parts| parts.node = path.into())
    }

    /// This environment for what is done around an action: failures there lead to nothing but their errors, and what failed in the
    /// action does not stop it.
    pub(crate) fn around(&self) -> Self {
        let end = self.ending();
        self.clone().alter(|parts| parts.around = Some(end))
    }

    /// The same for what is to be done even when the run has been cancelled.
    pub(crate) fn to_the_end(&self) -> Self {
        self.clone().alter(|parts| parts.around = Some(CancellationToken::new()))
    }

    /// This environment, of which no reporter hears.
    pub(crate) fn unseen(&self) -> Self {
        self.clone().alter(|parts| Arc::make_mut(&mut parts.settings).reporter = Arc::new(Silent))
    }

    pub(crate) fn is_around(&self) -> bool {
        self.parts.around.is_some()
    }

    /// The path of the node in which commands run.
    pub(crate) fn node(&self) -> &str {
        &self.parts.node
    }

    /// How many hosts work at once.
    #[must_use]
    pub fn parallelism(&self) -> usize {
        self.parts.settings.parallel
    }

    /// What commands do to hosts.
    #[must_use]
    pub fn current_mode(&self) -> Mode {
        self.parts.settings.mode
    }

    /// What the hosts failed with that were left out of the rest of the run ([`OnError::Continue`], or somebody's answer). What
    /// goes on without them returns no error, so whoever wants to know asks here.
    #[must_use]
    pub fn left_out(&self) -> Vec<Failure> {
        self.parts.shared.failures.left_out()
    }

    /// Where questions are asked.
    #[must_use]
    pub fn console(&self) -> &Console {
        &self.parts.settings.console
    }

    /// Its connections.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.parts.pool
    }

    /// Fires when the run is to end; everything that runs is ended then.
    #[must_use]
    pub fn cancellation(&self) -> &CancellationToken {
        self.parts.around.as_ref().unwrap_or(&self.parts.shared.cancel)
    }

    /// Fires when what is asked of hosts just now is to end: with the run, or with the fan-out that it is a part of.
    pub(crate) fn ending(&self) -> CancellationToken {
        match &self.parts.around {
            Some(around) => around.clone(),
            None => {
                CELL.try_with(Clone::clone).unwrap_or_else(|_| self.parts.shared.cancel.clone())
            }
        }
    }

    /// Whether a dry run has found something that would change.
    #[must_use]
    pub fn would_change(&self) -> bool {
        self.parts.shared.would_change.load(Ordering::Relaxed)
    }

    /// Tells the reporter.
    pub fn emit(&self, kind: EventKind) {
        if matches!(
            kind,
            EventKind::WouldRun { .. }
                | EventKind::Operation { result: crate::event::OperationResult::WouldChange, .. }
        ) {
            self.parts.shared.would_change.store(true, Ordering::Relaxed);
        }
        if !self.is_around()
            && matches!(
                kind,
                EventKind::ActionStarted { .. }
                    | EventKind::CommandStarted { .. }
                    | EventKind::Unreachable { .. }
            )
        {
            self.parts.shared.begun.store(true, Ordering::Relaxed);
        }
        self.parts.settings.reporter.event(&Event::new(self.parts.node.clone(), kind));
    }

    /// The run is over: frees hosts that are still locked, gives connections back, and lets the reporter say what it held back.
    pub async fn finish(&self) {
        self.locks().free_all(self).await;
        self.parts.pool.close().await;
        self.parts.settings.reporter.finish();
    }

    /// Works on hosts of these names alone, or on all but them.
    #[must_use]
    pub(crate) fn selection(self, selection: Selection) -> Self {
        self.with(|settings| settings.selection = Arc::new(selection))
    }

    /// Works on hosts of these names alone, beside what else was said.
    #[must_use]
    pub(crate) fn only(self, names: Vec<String>) -> Self {
        self.with(|settings| Arc::make_mut(&mut settings.selection).names = Some(names))
    }

    /// Whether the user's `--hosts` and `--exclude` leave this host in.
    #[must_use]
    pub fn selects(&self, host: &str) -> bool {
        self.parts.settings.selection.contains(host)
    }

    /// How fan-outs over cells go that say nothing of it.
    #[must_use]
    pub(crate) fn rollout(self, rollout: Rollout) -> Self {
        self.with(|settings| settings.rollout = rollout)
    }

    pub(crate) fn current_rollout(&self) -> Rollout {
        self.parts.settings.rollout
    }

    /// Whether commands still go to this host: it is not left out by the user, nor because it failed.
    pub(crate) fn goes_to(&self, host: &str) -> bool {
        self.selects(host) && !self.parts.shared.failures.has_left_out(host)
    }

    pub(crate) fn current_on_error(&self) -> OnError {
        self.parts.settings.on_error
    }

    pub(crate) fn failures(&self) -> &Failures {
        &self.parts.shared.failures
    }

    pub(crate) fn default_idle_timeout(&self) -> Option<Duration> {
        self.parts.settings.idle_timeout
    }

    /// When the run's time is over, and how long it had. The first call starts the clock.
    pub(crate) fn run_deadline(&self) -> Option<(Instant, Duration)> {
        let limit = self.parts.settings.run_timeout?;
        Some((*self.parts.shared.clock.get_or_init(Instant::now) + limit, limit))
    }

    /// What the run must not show.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.parts.shared.secrets
    }

    pub(crate) fn default_timeout(&self) -> Option<Duration> {
        self.parts.settings.timeout
    }

    pub(crate) fn slots(&self) -> &Semaphore {
        &self.parts.settings.slots
    }

    pub(crate) fn default_elevation(&self) -> Elevation {
        self.parts.settings.elevation
    }

    pub(crate) fn password_source(&self) -> &PasswordSource {
        &self.parts.settings.password
    }

    pub(crate) fn privileges(&self) -> &Privileges {
        &self.parts.shared.privileges
    }

    /// Whether anything has been asked of a host, or an action has begun. What is around an action does not count.
    pub(crate) fn has_begun(&self) -> bool {
        self.parts.shared.begun.load(Ordering::Relaxed)
    }

    pub(crate) fn current_audit(&self) -> Audit {
        self.parts.settings.audit
    }

    /// Whom fan-outs ask between batches.
    pub(crate) fn gates(&self) -> &Gates {
        &self.parts.shared.gates
    }

    /// Which hosts calls may have changed.
    pub(crate) fn changed(&self) -> &Changed {
        &self.parts.shared.changed
    }

    pub(crate) fn locks(&self) -> &Locks {
        &self.parts.shared.locks
    }

    pub(crate) fn lock_patience(&self) -> Duration {
        self.parts.settings.lock_wait
    }

    /// Taken by whoever is to have the user's terminal alone.
    pub(crate) fn terminal(&self) -> &tokio::sync::Mutex<()> {
        &self.parts.shared.terminal
    }

    /// Lets the reporter show nothing for as long as the result lives.
    pub(crate) fn pause(&self) -> Pause<'_> {
        Pause::of(Some(&*self.parts.settings.reporter))
    }

    pub(crate) fn facts(&self) -> &FactCache {
        &self.parts.shared.facts
    }

    pub(crate) fn next_command(&self) -> u64 {
        self.parts.shared.commands.fetch_add(1, Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("mode", &self.mode)
            .field("parallel", &self.parallel)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
