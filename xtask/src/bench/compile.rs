//! What the macros cost whoever compiles a deployment, as a whole and after an edit: a generated tree of components against the
//! same program written without them, and against its structs and functions alone.
//!
//! All are crates of their own below `target/bench/compile` that share their dependencies' build. None is ever run.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::plan::{Case, Goal, Group, Quantity, Side};
use super::process::Invocation;
use crate::command;
use crate::error::{Context, Result};

/// How many modules there are; each has one node that nests the others of its module.
const MODULES: usize = 50;

/// How many nodes a module has.
const NODES: usize = 10;

/// How many actions a node has.
const ACTIONS: usize = 4;

/// What functions say, and what one of each module says: that one is changed before each measurement, in one module.
const STEADY: &str = "steady";
const EDITED: &str = "edited 0";

/// Writes both programs, builds their dependencies, and says how they are measured.
pub(super) fn group(bench: &Path, workspace: &Path) -> Result<Group> {
    let dir = bench.join("compile");
    let programs =
        [("macros", with_macros as fn(usize) -> _), ("plain", without as fn(usize) -> _)];
    // Those that are compiled as a whole are copies, so that the others keep what incremental compilation knows.
    let copies = programs.map(|(name, module)| (format!("whole-{name}"), module));
    let named = programs.map(|(name, module)| (name.to_owned(), module));
    let bare = [("whole-bare".to_owned(), bare as fn(usize) -> _)];
    for (name, module) in named.into_iter().chain(copies).chain(bare) {
        let name = name.as_str();
        write(&dir.join(name), name, workspace, module)?;
        println!("Building the dependencies of {} nodes, {name}", MODULES * NODES);
        for task in ["build", "check"] {
            let mut cargo = Command::new("cargo");
            cargo.args([task, "--quiet", "--manifest-path"]).arg(manifest(&dir, name));
            command::output(cargo.arg("--target-dir").arg(dir.join("target")))?;
        }
    }
    let cargo = |program, task: &str| {
        Invocation::new(["cargo", task, "--quiet", "--offline", "--manifest-path"])
            .arg(manifest(&dir, program))
            .arg("--target-dir")
            .arg(dir.join("target"))
    };
    let case = |side, name, program, task: &str| {
        Case::new(side, name, Ok(cargo(program, task))).before(edit(&dir, program))
    };
    let whole = |side, name, program, task: &str| {
        Case::new(side, name, Ok(cargo(program, task))).before(forget(&dir, program))
    };
    Ok(Group {
        key: "compile",
        title: format!(
            "Compiling {} nodes and {} actions",
            MODULES * NODES,
            MODULES * NODES * ACTIONS
        ),
        note: "One function of one of 50 modules is changed, then cargo runs; or, as a whole, everything of the crate is compiled. \
               `clap` is the same structs and functions, a clap command for each and a `match` that calls them (what nobody calls is \
               not compiled to the end), all without our macros. `alone` has no command line either, so that nothing calls its functions: it is \
               checked and never built.",
        quantity: Quantity::Time,
        floor: "clap, cargo build",
        cases: vec![
            case(Side::Floor, "clap, cargo build", "plain", "build"),
            case(Side::Ours, "deploy, cargo build", "macros", "build"),
            case(Side::Floor, "clap, cargo check", "plain", "check"),
            case(Side::Ours, "deploy, cargo check", "macros", "check"),
            whole(Side::Floor, "clap, whole, cargo build", "whole-plain", "build"),
            whole(Side::Ours, "deploy, whole, cargo build", "whole-macros", "build"),
            whole(Side::Floor, "clap, whole, cargo check", "whole-plain", "check"),
            whole(Side::Ours, "deploy, whole, cargo check", "whole-macros", "check"),
            whole(Side::Floor, "alone, whole, cargo check", "whole-bare", "check"),
        ],
        goals: vec![
            Goal::ratio(
                "after an edit ≤ 1.5 × a bare clap program",
                "deploy, cargo build",
                "clap, cargo build",
                1.5,
            ),
            Goal::ratio(
                "after an edit, checked, ≤ 2 × the program without macros",
                "deploy, cargo check",
                "clap, cargo check",
                2.0,
            ),
            Goal::ratio(
                "built as a whole ≤ 2 × the program without macros",
                "deploy, whole, cargo build",
                "clap, whole, cargo build",
                2.0,
            ),
            Goal::ratio(
                "checked as a whole ≤ 2 × the program without macros",
                "deploy, whole, cargo check",
                "clap, whole, cargo check",
                2.0,
            ),
            Goal::ratio(
                "checked as a whole ≤ 2 × the structs and functions alone",
                "deploy, whole, cargo check",
                "alone, whole, cargo check",
                2.0,
            ),
        ],
    })
}

fn manifest(dir: &Path, program: &str) -> PathBuf {
    dir.join(program).join("Cargo.toml")
}

/// Changes what a function says, so that it really has to be compiled again.
fn edit(dir: &Path, program: &str) -> Invocation {
    let script = "sed -i \"s/edited [0-9]*/edited $(date +%s%N)/\" \"$1\"";
    Invocation::new(["sh", "-c", script, "sh"]).arg(dir.join(program).join("src/area25.rs"))
}

/// Forgets what incremental compilation knows of a program, and lets cargo compile it.
fn forget(dir: &Path, program: &str) -> Invocation {
    let script = "rm -rf \"$1\"/target/debug/incremental/bench_\"$2\"-* && touch \"$3\"";
    Invocation::new(["sh", "-c", script, "sh"])
        .arg(dir)
        .arg(program.replace('-', "_"))
        .arg(dir.join(program).join("src/main.rs"))
}

fn write(dir: &Path, name: &str, workspace: &Path, module: fn(usize) -> String) -> Result<()> {
    let source = dir.join("src");
    fs::create_dir_all(&source).context(format_args!("create {source:?}"))?;
    let put = |path: PathBuf, text: &str| {
        // Untouched if it is the same, so that cargo does not build it again.
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        fs::write(&path, text).context(format_args!("write {path:?}"))
    };
    put(dir.join("Cargo.toml"), &cargo_toml(name, workspace))?;
    let lock = workspace.join("Cargo.lock");
    fs::copy(&lock, dir.join("Cargo.lock")).context(format_args!("copy {lock:?}"))?;
    let main = match name.rsplit('-').next() {
        Some("macros") => main_with_macros(),
        Some("bare") => main_bare(),
        _ => main_without(),
    };
    put(source.join("main.rs"), &main)?;
    for area in 0..MODULES {
        put(source.join(format!("area{area}.rs")), &module(area))?;
    }
    Ok(())
}

fn cargo_toml(name: &str, workspace: &Path) -> String {
    format!(
        "[package]\nname = \"bench-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ndeploy-core = {{ path = {:?} }}\n\
         clap = {{ version = \"4\", default-features = false, features = [\"std\", \"help\", \"usage\"] }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"rt\"] }}\n\n\
         [workspace]\n\n\
         # As the workspace builds its examples.\n\
         [profile.dev]\ndebug = \"line-tables-only\"\nsplit-debuginfo = \"unpacked\"\n\n\
         [profile.dev.package.\"*\"]\ndebug = false\n",
        workspace.join("deploy-core"),
    )
}

fn modules() -> String {
    (0..MODULES).map(|area| format!("mod area{area};\n")).collect()
}

fn main_with_macros() -> String {
    let mut text =
        format!("{}\nuse deploy_core::prelude::*;\n\n#[node(main)]\nstruct Root {{\n", modules());
    for area in 0..MODULES {
        let _ = writeln!(
            text,
            "    /// Area {area}.\n    #[node]\n    #[hosts(host = [\"host{area}-[1-3]\"])]\n    \
             area{area}: area{area}::Area{area},"
        );
    }
    text + "}\n"
}

fn with_macros(area: usize) -> String {
    let mut text = String::from("use deploy_core::prelude::*;\n");
    for node in 0..NODES {
        let name = type_name(area, node);
        let _ = write!(
            text,
            "\n/// Component {node} of area {area}.\n#[node]\npub struct {name} {{\n    \
             /// Where it is.\n    #[default(\"/srv/app\")]\n    directory: String,\n    \
             /// How many there are.\n    #[default(3)]\n    count: u16,\n",
        );
        for child in children(node) {
            let _ = write!(text, "    #[node]\n    node{child}: {},\n", type_name(area, child));
        }
        let _ = write!(text, "}}\n\n#[node]\nimpl {name} {{\n");
        for action in 0..ACTIONS {
            let words = words(node, action);
            let _ = write!(
                text,
                "    /// Does step {action} of component {node}.\n    \
                 pub async fn step{action}(&self, what: String) -> Result<String> {{\n        \
                 let words = \"{words}\";\n        \
                 let out = self.hosts().run(cmd!(\"echo {{words}} {{self.directory}} {{self.count}} {{what}}\")).await?;\n        \
                 Ok(format!(\"{{}} hosts\", out.len()))\n    }}\n",
            );
        }
        text.push_str("}\n");
    }
    text
}

fn main_bare() -> String {
    format!(
        "#![allow(dead_code)]\n\n{}\nfn main() -> Result {{\n    Root::new().map(drop)\n}}\n",
        root()
    )
}

/// The modules, and a struct with the first node of each.
fn root() -> String {
    let mut text = format!("{}\nuse deploy_core::prelude::*;\n\nstruct Root {{\n", modules());
    for area in 0..MODULES {
        let _ = writeln!(text, "    area{area}: area{area}::Area{area},");
    }
    text.push_str("}\n\nimpl Root {\n    fn new() -> Result<Self> {\n        Ok(Self {\n");
    for area in 0..MODULES {
        let _ = writeln!(
            text,
            "            area{area}: area{area}::Area{area}::new(&Hosts::parse(\"host{area}-[1-3]\")?),"
        );
    }
    text + "        })\n    }\n}\n"
}

fn main_without() -> String {
    let mut text = format!("use clap::Command;\n{}", root());
    text.push_str(
        "\nfn main() -> Result {\n    \
         let matches = Command::new(\"plain\").subcommand_required(true)\n",
    );
    for area in 0..MODULES {
        let _ = writeln!(text, "        .subcommand(area{area}::Area{area}::command())");
    }
    text.push_str(
        "        .get_matches();\n    let root = Root::new()?;\n    \
         let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();\n    \
         let said = runtime.block_on(async {\n        match matches.subcommand() {\n",
    );
    for area in 0..MODULES {
        let _ = writeln!(
            text,
            "            Some((\"area{area}\", rest)) => root.area{area}.call(rest).await,"
        );
    }
    text + "            _ => Ok(String::new()),\n        }\n    })?;\n    println!(\"{said}\");\n    Ok(())\n}\n"
}

fn bare(area: usize) -> String {
    let components = (0..NODES).map(|node| component(area, node) + "}\n");
    String::from("use deploy_core::prelude::*;\n") + &components.collect::<String>()
}

fn without(area: usize) -> String {
    let components =
        (0..NODES).map(|node| component(area, node) + &command_line(area, node) + "}\n");
    String::from("use clap::{Arg, ArgMatches, Command};\nuse deploy_core::prelude::*;\n")
        + &components.collect::<String>()
}

/// A struct and its functions; the `impl` is left open.
fn component(area: usize, node: usize) -> String {
    let mut text = String::new();
    let name = type_name(area, node);
    let fields: String = children(node)
        .map(|child| format!("    node{child}: {},\n", type_name(area, child)))
        .collect();
    let values: String = children(node)
        .map(|child| format!("            node{child}: {}::new(hosts),\n", type_name(area, child)))
        .collect();
    let _ = write!(
        text,
        "\n/// Component {node} of area {area}.\npub struct {name} {{\n    hosts: Hosts,\n    \
         /// Where it is.\n    directory: String,\n    /// How many there are.\n    count: u16,\n{fields}}}\n\n\
         impl {name} {{\n    pub fn new(hosts: &Hosts) -> Self {{\n        Self {{\n            \
         hosts: hosts.clone(),\n            directory: \"/srv/app\".into(),\n            count: 3,\n{values}        }}\n    }}\n",
    );
    for action in 0..ACTIONS {
        let words = words(node, action);
        let _ = write!(
            text,
            "    /// Does step {action} of component {node}.\n    \
             pub async fn step{action}(&self, what: String) -> Result<String> {{\n        \
             let words = \"{words}\";\n        \
             let cmd = Cmd::argv([\"echo\", words, &self.directory, &self.count.to_string(), &what]);\n        \
             let out = self.hosts.run(cmd).await?;\n        \
             Ok(format!(\"{{}} hosts\", out.len()))\n    }}\n",
        );
    }
    text
}

/// The same component's commands, and what calls its functions.
fn command_line(area: usize, node: usize) -> String {
    let mut text = String::new();
    let command_name = if node == 0 { format!("area{area}") } else { format!("node{node}") };
    let _ = write!(
        text,
        "    pub fn command() -> Command {{\n        \
         Command::new(\"{command_name}\").about(\"Component {node} of area {area}.\").subcommand_required(true)\n",
    );
    for child in children(node) {
        let _ = writeln!(text, "            .subcommand({}::command())", type_name(area, child));
    }
    for action in 0..ACTIONS {
        let _ = writeln!(
            text,
            "            .subcommand(Command::new(\"step{action}\").about(\"Does step {action} of component {node}.\")\
             .arg(Arg::new(\"what\").required(true)))",
        );
    }
    text.push_str(
        "    }\n    pub async fn call(&self, matches: &ArgMatches) -> Result<String> {\n        \
         match matches.subcommand() {\n",
    );
    for child in children(node) {
        let _ = writeln!(
            text,
            "            Some((\"node{child}\", rest)) => Box::pin(self.node{child}.call(rest)).await,"
        );
    }
    for action in 0..ACTIONS {
        let _ = writeln!(
            text,
            "            Some((\"step{action}\", rest)) => \
             self.step{action}(rest.get_one::<String>(\"what\").cloned().unwrap_or_default()).await,"
        );
    }
    text.push_str("            _ => Ok(String::new()),\n        }\n    }\n");
    text
}

fn words(node: usize, action: usize) -> &'static str {
    if (node, action) == (3, 1) { EDITED } else { STEADY }
}

/// The first node of a module nests the others.
fn children(node: usize) -> std::ops::Range<usize> {
    if node == 0 { 1..NODES } else { 0..0 }
}

fn type_name(area: usize, node: usize) -> String {
    if node == 0 { format!("Area{area}") } else { format!("Node{area}x{node}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_programs_have_every_node_and_action() {
        for module in [with_macros(25), without(25)] {
            assert_eq!(module.matches("pub struct ").count(), NODES);
            assert_eq!(module.matches("pub async fn step").count(), NODES * ACTIONS);
            assert_eq!(module.matches(EDITED).count(), 1);
        }
        assert_eq!(main_with_macros().matches("#[node]").count(), MODULES);
    }
}
