//! Typed deployment components: trees of nodes with roles, properties and actions, run over many
//! hosts at once.
//!
//! `use deploy_core::prelude::*;` is all a deployment file needs.

// Macros name this crate as `::deploy_core`, also in its own tests.
extern crate self as deploy_core;

mod error;
mod name;
mod opaque;
mod words;

pub mod command;
pub mod host;

pub mod event;
pub mod fact;
pub mod operation;
pub mod transport;

mod audit;
mod batch;
mod changed;
mod console;
mod env;
mod failures;
mod gates;
mod hosts;
mod lock;
mod operator;
mod privilege;

pub mod node;
pub mod spec;

pub mod tree;

mod cli;
pub mod report;
pub mod testing;

pub use audit::Audit;
pub use batch::{Batch, BatchPause};
pub use command::{
    Answer, Cmd, IntoCmd, OnDisconnect, Output, Prompt, RemotePath, Retry, Secret, Status, Stdin,
};
pub use console::Console;
pub use env::{DEFAULT_PARALLEL, Env, Mode};
pub use error::{Error, ErrorKind, ExitCode, Result, Unreachable};
pub use fact::Fact;
pub use failures::OnError;
pub use host::Elevation;
pub use hosts::{
    AsHosts, Compare, Delete, DirEntry, FileKind, FileStat, Host, Hosts, Modes, PerHost,
    SyncOptions, WriteOptions,
};
pub use lock::{Holder, Lock};
pub use node::{Array, Bound, JustOne, Node, Value};
pub use operation::{Change, Op, Operation, Plan};
pub use privilege::PasswordSource;
pub use spec::{Color, Group, NodeKind};
pub use tree::{Call, NodeRef, Tree};

/// A command in which every interpolated value is quoted.
///
/// `{name}` and `{self.field}` stand for values of this program: text, paths, numbers, [`RemotePath`] (a leading `~` still
/// expands), [`Secret`] (never shown), and lists and iterators of these, which become several words. Whatever a value holds, it
/// reaches the program as it is. `{name:raw}` puts text in unquoted, visibly. Braces that the shell needs are written `{{ }}`.
///
/// ```
/// use deploy_core::prelude::*;
/// let (url, dirs) = ("https://example.com/a b.git", ["one", "two words"]);
/// assert_eq!(cmd!("git clone {url}").to_string(), "git clone 'https://example.com/a b.git'");
/// assert_eq!(cmd!("mkdir -p -- {dirs}").to_string(), "mkdir -p -- one 'two words'");
/// assert_eq!(cmd!("awk '{{print $1}}' /etc/passwd").to_string(), "awk '{print $1}' /etc/passwd");
/// ```
///
/// # Errors
/// At compile time: a literal whose quotes, parentheses or braces are not closed; a name that is not known; a value of
/// another type; and a value where quoting cannot protect it: inside quotes, backticks, `$(( ))`, a here-document or a comment,
/// and after `$` or a backslash. Such a command takes its value as an argument:
///
/// ```
/// # use deploy_core::prelude::*;
/// # let x = "a";
/// let script = cmd!("echo \"$1\"");
/// assert_eq!(cmd!("sh -c {script} _ {x}").to_string(), "sh -c 'echo \"$1\"' _ a");
/// ```
///
/// The expansion is `Cmd::new().lit("git clone ").words(&url)` and the like.
pub use deploy_macros::cmd;

/// Makes a struct a node, and an impl block its actions.
///
/// On a struct, fields with `#[node]` are child nodes, all others are properties. `#[node]` takes
/// `roles(a, b: One, c: AtLeastOne)`, `parallel`, `hosts = expr`, `parent = Type` and `main`. On an impl block of the node,
/// or of `Array` of it, every `pub async fn` is an action and every `pub fn(&self)` a property that is evaluated
/// when read.
///
/// ```
/// use deploy_core::prelude::*;
/// use deploy_core::testing::Recorder;
///
/// /// A service of the init system.
/// #[node]
/// struct Service {
///     /// The unit's name.
///     #[required]
///     name: String,
/// }
///
/// #[node]
/// impl Service {
///     /// Start it.
///     pub async fn start(&self) -> Result {
///         self.hosts().sudo().run(cmd!("systemctl start {self.name}")).await?;
///         Ok(())
///     }
/// }
///
/// #[node]
/// struct Root {
///     #[node(name = "redis")]
///     #[hosts(host = ["cache[1-2]"])]
///     cache: Service,
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let recorder = Recorder::new();
/// let root = Root::builder().build().bind(&recorder.env())?;
/// root.cache.start().await?;
/// assert_eq!(recorder.commands("cache2"), ["sudo: systemctl start redis"]);
///
/// Tree::of(&root).resolve("cache")?.call("start", &[]).await?;
/// # Ok::<_, Error>(()) }).unwrap();
/// ```
///
/// # Errors
/// Everything that can be is a compile error at the tokens that are wrong: a required property that is not set, an unknown
/// one or one of another type, a role that is left out or misspelt on either side, a parallel node that
/// stands bare in a normal one, an action with a wrong signature.
pub use deploy_macros::node;

/// Where the hosts of a child node come from; stands on a `#[node]` field.
///
/// `r = a` gives the child's role `r` the hosts of our role `a`, `r = [a, b]` those of both, each once, and `r = ALL` all
/// of ours. Every role of the child is named. Without it roles are mapped by name.
///
/// ```
/// use deploy_core::prelude::*;
///
/// #[node]
/// struct Service {}
///
/// #[node(roles(master: One, replica))]
/// struct Database {
///     #[node]
///     #[map_roles(host = [master, replica])]
///     service: Service,
/// }
/// ```
pub use deploy_macros::map_roles;

/// What is special about an action; stands on a method of an impl block with [`macro@node`].
///
/// It takes `name = "2to3"`, `alias = "manage.py"` (repeatable), `default` (runs when the node alone is named), `one_host` (of
/// several hosts it runs on one), `no_result`, `lock` (no other deployment works on its hosts meanwhile), and `confirm = "Really?"`.
///
/// ```
/// use deploy_core::prelude::*;
///
/// #[node]
/// struct Database {}
///
/// #[node]
/// impl Database {
///     #[action(alias = "purge", confirm = "Drop all data?")]
///     pub async fn drop_all(&self) -> Result {
///         self.hosts().run("dropdb app").await?;
///         Ok(())
///     }
/// }
/// ```
pub use deploy_macros::action;

/// A method of the root of a tree that is called around every action that is called by name: `before` it, `after` it when it succeeded,
/// or when it `failed`; stands on a private method of an impl block with [`macro@node`].
///
/// ```
/// use deploy_core::prelude::*;
/// use deploy_core::testing::Recorder;
///
/// #[node]
/// struct Root {}
///
/// #[node]
/// impl Root {
///     pub async fn deploy(&self) -> Result {
///         Ok(())
///     }
///
///     #[hook(before)]
///     async fn refuse(&self, call: &Call) -> Result {
///         bail!("not now: {}", call.path())
///     }
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let root = Root::builder().build().bind(&Recorder::new().env())?;
/// let error = Tree::of(&root).root().call("deploy", &[]).await.unwrap_err();
/// assert_eq!(error.to_string(), "not now: deploy");
/// # Ok::<_, Error>(()) }).unwrap();
/// ```
///
/// `after` is written `(&self, call: &Call, value: &Value)` and is told what the action returned, `failed` is written
/// `(&self, call: &Call, error: &Error)`.
///
/// # Errors
/// At compile time: another signature, no moment, a hook of an array.
pub use deploy_macros::hook;

/// An enum as the argument of an action: the command line knows its values, completes them and suggests the right one.
///
/// The trait is clap's. The derive implements it and `FromStr`: a variant is its name in small letters with dashes, or
/// what `#[value(name = "..", alias = "..")]` says, and its doc comment is help.
///
/// ```
/// use deploy_core::prelude::*;
///
/// #[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
/// enum Strategy {
///     /// One after the other.
///     Rolling,
///     #[value(alias = "bg")]
///     BlueGreen,
/// }
/// assert_eq!("blue-green".parse(), Ok(Strategy::BlueGreen));
/// ```
pub use value_enum::ValueEnum;

/// The trait of clap and the derive of ours, under one name. Where another crate of the build turns clap's derive on, clap has a
/// macro of that name too; a name hides what comes with a glob.
mod value_enum {
    pub use clap::*;
    pub use deploy_macros::ValueEnum;
}

/// What a deployment file needs.
pub mod prelude {
    // A node of the user's own that is called `Node` hides the name, and must not hide its methods.
    pub use crate::Node as _;
    pub use crate::tree::{has_action, in_group, is, private};
    pub use crate::{
        Array, Batch, Bound, Call, Change, Cmd, Color, Env, Error, Group, Host, Hosts, JustOne,
        Node, Output, PerHost, RemotePath, Result, Retry, Secret, Tree, Value, ValueEnum, action,
        bail, cmd, hook, map_roles, node,
    };
}

#[doc(hidden)]
pub mod __private;
