//! What only real hosts can show. The lab's hosts come from `cargo xtask lab up`; `DEPLOY_LAB_SSH_CONFIG` says how they are
//! reached. Without it the tests that need them say that they are skipped, or fail where `DEPLOY_LAB=require`.

mod audit;
mod command_line;
mod conformance;
mod connect;
mod connectors;
mod containers;
mod ending;
mod faults;
mod files;
mod inventory;
mod lab;
mod lock;
mod operations;
mod quoting;
mod reboot;
mod rollout;
mod secrets;
mod shells;
mod sudo;
mod sync;
mod terminals;
mod watch;
mod web_system;
