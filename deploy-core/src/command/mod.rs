//! Commands as data: what is to run, not where or how.
//!
//! Owns [`Cmd`], quoting, secrets, remote paths and [`Output`]. Knows no hosts and runs nothing.
//! A command is kept as pieces of shell source and quoted values, so that a secret stays
//! recognisable until the moment the script is handed to a transport.

mod cmd;
mod interpolate;
mod output;
mod path;
mod prompt;
pub(crate) mod quote;
mod redact;
mod retry;
mod secret;
mod source;
mod stdin;
mod word;

pub use cmd::{Cmd, IntoCmd, OnDisconnect};
#[doc(hidden)]
pub use interpolate::{Interpolated, Items, Itself};
pub use output::{Output, Status};
pub use path::RemotePath;
pub use prompt::{Answer, Prompt};
pub use retry::Retry;
pub use secret::Secret;
pub use stdin::{Part, Stdin};
pub use word::{ToRaw, ToWords, Words};

pub(crate) use cmd::{Echo, Effect, OnStdout, Surroundings};
pub(crate) use prompt::{OnTerminal, Responder};
pub(crate) use redact::{Redactor, Secrets};
