//! Help at every level, and what can be seen of a tree without touching a host.

use crate::support::run;

#[test]
fn the_root_shows_its_nodes_and_the_options() {
    run("--help")
        .code(0)
        .prints("Everything that the tests need.")
        .prints("Usage: cli_tree [options] <node>… <action> [arguments]")
        .prints("  local  This machine.")
        .prints("  web    One of several servers.")
        .prints("--dry-run")
        .prints("--ssh-config <FILE>");
}

#[test]
fn a_node_shows_its_actions_and_cells() {
    run("local --help")
        .code(0)
        .prints("This machine.")
        .prints("hello")
        .prints("Print a greeting on every host.")
        .prints("add <first> [more...] [--double]");
    run("--help web").code(0).prints("web1, web2, web3").prints("restart");
    run("-h web:web1").code(0).prints("Usage: cli_tree [options] web:web1 <action>");
}

#[test]
fn an_action_shows_its_parameters() {
    run("local add --help")
        .code(0)
        .prints("Add numbers.")
        .prints("Usage: cli_tree [options] local add <first> [more...] [--double]")
        .prints("The first number.")
        .prints("The other numbers.")
        .prints("Twice as much.");
    let ran = run("local add --help").code(0).prints("Flags:\n      --double  Twice as much.");
    assert!(!ran.out.contains("--complete-words"), "what only completion scripts use: {ran:#?}");
    run("local hello --help").code(0).prints("It goes to both streams.");
}

#[test]
fn nothing_to_do_is_a_mistake_that_shows_what_there_is() {
    run("").code(2).prints_nothing().says("say what to do").says("This machine.");
    run("local").code(2).prints_nothing().says("`local` is a node").says("hello");
}

#[test]
fn the_tree_can_be_listed() {
    let ran = run("--list").code(0).prints("  local  This machine.").prints(". restart");
    assert_eq!(ran.err, "");
    run("web --list").code(0).prints("web:[web1, web2, web3]");
    let ran = run("--list --output json").code(0);
    let tree: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(tree["nodes"][0]["name"], "local");
}

#[test]
fn a_node_can_be_inspected() {
    run("three --inspect")
        .code(0)
        .prints("path: three")
        .prints("type: Things")
        .prints("group: staging")
        .prints("web1, web2, web3")
        .prints("greeted: String  = three");
    let ran = run("three --inspect --output json").code(0);
    let node: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(node["roles"]["host"][2], "web3");
    assert_eq!(node["properties"]["greeted"]["value"], "three");
}

#[test]
fn the_source_of_a_node_can_be_seen() {
    run("web --source-code").code(0).prints("cli_tree.rs:").prints("struct Server");
}

#[test]
fn the_version_is_told() {
    run("--version").code(0).prints("cli_tree").prints(env!("CARGO_PKG_VERSION"));
}
