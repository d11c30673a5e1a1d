//! The command line from outside: a real process, its output, its exit code.

mod arguments;
mod completion;
mod help;
mod output;
mod run;
mod signals;
mod support;
mod terminal;
