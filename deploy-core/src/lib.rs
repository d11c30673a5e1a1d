//! Typed deployment components: trees of nodes with roles, properties and actions, run over many
//! hosts at once.
//!
//! `use deploy_core::prelude::*;` is all a deployment file needs.

// Macros name this crate as `::deploy_core`, also in its own tests.
extern crate self as deploy_core;

mod error;
mod name;

pub mod command;
pub mod host;

pub mod event;
pub mod fact;
pub mod operation;
pub mod transport;

mod console;
mod env;
mod hosts;

pub use command::{Cmd, IntoCmd, OnDisconnect, Output, RemotePath, Retry, Secret, Status, Stdin};
pub use console::Console;
pub use env::{DEFAULT_PARALLEL, Env, Mode};
pub use error::{Error, ErrorKind, ExitCode, Result, Unreachable};
pub use fact::Fact;
pub use hosts::{AsHosts, Host, Hosts, PerHost};
pub use operation::{Change, Op, Operation, Plan};

/// What a deployment file needs.
pub mod prelude {
    pub use crate::{
        Change, Cmd, Env, Error, Host, Hosts, Output, PerHost, RemotePath, Result, Retry, Secret,
        bail,
    };
}

/// What generated code names. Not public API.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
}
