//! The command line from outside: a real process, its output, its exit code.

mod arguments;
mod around;
mod completion;
mod failures;
mod gather;
mod help;
mod interactive;
mod output;
mod rollout;
mod run;
mod signals;
mod support;
mod terminal;
