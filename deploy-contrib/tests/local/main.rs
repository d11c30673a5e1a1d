//! Every operation on this machine, in a directory of its own: it changes what it should, and a second run changes nothing.

mod files;
mod git;
mod process;
mod support;
