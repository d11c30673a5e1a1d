//! The program that the tests of sudo run: one host of the lab, as a user whose sudo wants a password.

use deploy_core::prelude::*;

/// A host where commands can be run.
#[node]
struct Machine;

/// The host, by the name that the lab's ssh_config has for it.
#[node(main)]
struct Root {
    #[node]
    #[hosts(host = ["web1.sudoer"])]
    sudoer: Machine,
}
