//! Operations: what a host should be like, and the commands that are missing until it is.
//!
//! Owns the model ([`Operation`], [`Plan`], [`Change`]) and the engine behind `ensure`. Knows hosts; no nodes, and no
//! particular operation: those are components' business (`deploy-contrib`).

mod change;
mod engine;
mod erased;
mod inspection;
mod plan;

pub use change::Change;
pub use erased::{IntoOps, Op};
pub(crate) use inspection::Seen;
pub use plan::{Plan, Step};

use crate::Result;
use crate::command::{Cmd, Output};

/// Something a host should be, which can be looked at and, where it is not so, made so.
///
/// `inspect` and `parse` read the state, `plan` compares it with what is wanted. All three are pure, so an operation is
/// tested by a table: state in, commands out. Running is the engine's business: it reads the states of many operations
/// in one round trip, applies what is missing, and in a dry run only shows it.
///
/// Two rules make that work. `inspect` changes nothing. And `plan` does not fail because something is missing that an
/// operation before it will bring: in a dry run it will not have brought it.
///
/// ```
/// use deploy_core::operation::{Operation, Plan};
/// use deploy_core::prelude::*;
///
/// /// A time zone.
/// struct TimeZone(&'static str);
///
/// impl Operation for TimeZone {
///     type State = String;
///
///     fn describe(&self) -> String {
///         format!("time zone {}", self.0)
///     }
///     fn inspect(&self) -> Cmd {
///         Cmd::raw("cat /etc/timezone")
///     }
///     fn parse(&self, output: &Output) -> Result<String> {
///         Ok(output.stdout_str()?.to_owned())
///     }
///     fn plan(&self, state: &String) -> Result<Plan> {
///         if state == self.0 {
///             return Ok(Plan::nothing());
///         }
///         let set = Cmd::argv(["timedatectl", "set-timezone", self.0]);
///         Ok(Plan::nothing().step(format!("time zone {state} becomes {}", self.0), set))
///     }
/// }
///
/// let zone = TimeZone("UTC");
/// assert!(zone.plan(&"UTC".to_owned()).unwrap().is_empty());
/// assert_eq!(
///     zone.plan(&"Europe/Paris".to_owned()).unwrap().commands(),
///     ["timedatectl set-timezone UTC"]
/// );
/// ```
pub trait Operation: Send + Sync + 'static {
    /// What `inspect` finds out.
    type State;

    /// What is wanted, in a few words: `file /etc/motd`.
    fn describe(&self) -> String;

    /// A POSIX shell script that reads the state and changes nothing. It runs in a subshell without input, maybe
    /// together with those of other operations.
    fn inspect(&self) -> Cmd;

    /// The state that the script's answer shows. Any exit status gets here.
    ///
    /// # Errors
    /// When the answer makes no sense.
    fn parse(&self, output: &Output) -> Result<Self::State>;

    /// What is missing; an empty plan when nothing is.
    ///
    /// # Errors
    /// When what is wanted cannot be had from this state, such as a file where there is a directory.
    fn plan(&self, state: &Self::State) -> Result<Plan>;
}
