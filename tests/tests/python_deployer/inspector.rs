//! `inspector_test.py`: the untyped view of a tree.

use deploy_core::prelude::*;
use deploy_core::spec::{NodeKind, PropertyKind};
use deploy_core::testing::Recorder;
use deploy_core::tree::Walk;
use deploy_core::{ExitCode, NodeRef, Value};

use crate::hosts;

/// A base that others inherit from.
#[node]
struct Base {}

#[node]
impl Base {
    /// Say what this is.
    pub async fn what(&self) -> Result<&'static str> {
        Ok("base")
    }
}

/// Inherits.
#[node]
struct A {
    #[inherit]
    #[node]
    base: Base,
}

#[node]
impl A {
    /// Of `A` alone.
    pub async fn only_a(&self) -> Result<&'static str> {
        Ok("a")
    }
}

/// Inherits, and holds an array.
#[node]
struct B {
    #[inherit]
    #[node]
    base: Base,

    #[node]
    c: Array<C>,
}

#[node(parallel)]
struct C {
    #[node]
    e: E,
}

#[node]
impl C {
    /// Say what this is.
    pub async fn what(&self) -> Result<&'static str> {
        Ok("cell")
    }
}

/// In each cell.
#[node]
struct E {
    #[inherit]
    #[node]
    base: Base,
}

/// Private, and of another group.
#[node]
struct Rest {}

#[node]
impl Rest {
    /// Not shown.
    #[action(no_result)]
    pub async fn quiet(&self) -> Result<NotShown> {
        Ok(NotShown)
    }
}

/// Cannot be printed.
struct NotShown;

/// A child, its doc comment, and the things that can be asked of it.
#[node]
struct Root {
    /// A word.
    #[default("value")]
    word: String,
    #[default(Secret::new("hidden".to_owned()))]
    secret: Secret,

    /// The first child.
    #[group(production)]
    #[node]
    a: A,

    #[node]
    b: B,

    #[group(staging)]
    #[node(name = "d")]
    d: Named,

    #[node]
    _p: Rest,
}

#[node]
impl Root {
    /// Twice the word.
    pub fn twice(&self) -> String {
        format!("{0}{0}", self.word)
    }

    /// First.
    pub async fn second(&self) -> Result<&'static str> {
        Ok("second")
    }

    /// Another.
    #[action(name = "first", default)]
    pub async fn first_in_rust(&self) -> Result<&'static str> {
        Ok("first")
    }
}

#[node]
struct Named {
    #[required]
    name: String,
}

fn tree() -> Tree {
    let roles = RootRoles { host: hosts("h[1-4]") };
    Tree::of(&Root::builder().build().bind_to(roles, &Recorder::new().env()).unwrap())
}

fn names(nodes: &[NodeRef]) -> Vec<&str> {
    nodes.iter().map(NodeRef::name).collect()
}

fn paths(walk: Walk) -> Vec<String> {
    walk.map(|node| node.path()).collect()
}

async fn called(walk: Walk, action: &str) -> Result<Vec<String>> {
    let mut results = Vec::new();
    for node in walk {
        match node.call(action, &[]).await? {
            Value::PerHost(cells) => results.extend(cells.iter().map(|(_, v)| v.to_string())),
            value => results.push(value.to_string()),
        }
    }
    Ok(results)
}

#[test]
fn children_are_listed_in_their_order() {
    let children = tree().root().children();
    assert_eq!(names(&children), ["a", "b", "d", "_p"]);
    let kinds: Vec<&str> = children.iter().map(NodeRef::type_name).collect();
    assert_eq!(kinds, ["A", "B", "Named", "Rest"]);
}

#[test]
fn a_child_is_found_by_its_name() {
    let root = tree().root();
    assert_eq!(root.child("a").unwrap().path(), "a");
    let error = root.child("aa").unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("did you mean `a`"), "{error}");
}

#[test]
fn a_grandchild_is_no_child() {
    let root = tree().root();
    assert!(root.child("c").is_err());
    assert!(root.child("b").unwrap().child("c").is_ok());
}

#[test]
fn actions_are_listed_without_properties() {
    let root = tree().root();
    let names: Vec<&str> = root.actions().iter().map(|action| action.name).collect();
    assert_eq!(names, ["second", "first"]);
    let docs: Vec<&str> = root.actions().iter().map(|action| action.doc).collect();
    assert_eq!(docs, ["First.", "Another."]);
}

#[test]
fn an_action_is_found_by_the_name_that_it_was_given() {
    let root = tree().root();
    assert_eq!(root.action("first").map(|action| action.name), Some("first"));
    assert!(root.action("first_in_rust").is_none());
    assert!(root.action("word").is_none());
}

#[test]
fn whether_there_is_an_action() {
    let root = tree().root();
    assert!(has_action("second").keeps(&root));
    assert!(!has_action("twice").keeps(&root));
    assert!(!has_action("none").keeps(&root));
}

#[test]
fn properties_are_listed_with_their_values() {
    let shown: Vec<(&str, &str, String)> =
        tree().root().properties().into_iter().map(|p| (p.name, p.doc, p.value)).collect();
    assert_eq!(
        shown,
        [
            ("word", "A word.", "value".to_owned()),
            ("secret", "", "<secret>".to_owned()),
            ("twice", "Twice the word.", "valuevalue".to_owned()),
        ]
    );
}

#[test]
fn a_property_is_found_by_its_name() {
    let properties = tree().root().properties();
    assert!(properties.iter().any(|p| p.name == "word" && p.type_name == "String"));
    assert!(!properties.iter().any(|p| p.name == "second"));
}

#[test]
fn queries_are_told_from_fields() {
    let root = tree().root();
    let queries: Vec<&str> = root.spec().queries().iter().map(|query| query.name).collect();
    assert_eq!(queries, ["twice"]);
    assert!(root.spec().queries().iter().all(|query| query.kind == PropertyKind::Query));
    assert!(root.spec().properties.iter().all(|field| field.kind == PropertyKind::Default));
}

#[test]
fn a_path_is_read_whole_by_words_or_by_types() {
    let e = tree().resolve("b c e").unwrap();
    assert_eq!(e.path(), "b c e");
    assert_eq!(e.tokens(), ["b", "c", "e"]);
    let types: Vec<&str> =
        std::iter::successors(Some(&e), |node| node.parent()).map(NodeRef::type_name).collect();
    assert_eq!(types, ["E", "C", "B", "Root"]);
    assert_eq!(tree().resolve(["b", "c:h1", "e"]).unwrap().path(), "b c:h1 e");
}

#[test]
fn a_name_is_the_last_word_of_a_path() {
    let c = tree().resolve("b c:h2").unwrap();
    assert_eq!((c.name(), c.bare_name(), c.path().as_str()), ("c:h2", "c", "b c:h2"));
    assert_eq!(tree().root().name(), "Root");
}

#[tokio::test]
async fn a_default_action_makes_a_node_callable() -> Result {
    let root = tree().root();
    assert_eq!(root.default_action().map(|action| action.name), Some("first"));
    assert_eq!(root.call("first", &[]).await?.to_string(), "first");
    assert!(tree().resolve("a")?.default_action().is_none());
    Ok(())
}

#[test]
fn a_node_shows_its_path_and_type() {
    let node = tree().resolve("b c").unwrap();
    assert_eq!(format!("{node:?}"), "NodeRef(\"b c\", C)");
    assert_eq!(node.to_string(), "b c");
}

#[test]
fn a_group_is_its_own_or_that_of_its_parent() {
    let group = |path: &str| tree().resolve(path).unwrap().group().map(|group| group.name());
    assert_eq!(group("a"), Some("production"));
    assert_eq!(group("d"), Some("staging"));
    assert_eq!(group("b"), None);
    assert_eq!(group("b c"), None);
}

#[test]
fn a_walk_is_everything_below() {
    assert_eq!(paths(tree().walk()), ["", "a", "b", "b c", "b c e", "d", "_p"]);
    assert_eq!(tree().walk().len(), 7);
}

#[test]
fn a_walk_can_begin_anywhere() {
    let b = tree().resolve("b").unwrap();
    assert_eq!(paths(b.walk()), ["b", "b c", "b c e"]);
    let cell = tree().resolve("b c:h1").unwrap();
    assert_eq!(paths(cell.walk()), ["b c:h1", "b c:h1 e"]);
}

#[tokio::test]
async fn what_is_found_can_be_run() -> Result {
    for child in ["a", "b"] {
        let child = tree().root().child(child)?;
        assert_eq!(child.call("what", &[]).await?, Value::Text("base".to_owned()));
    }
    Ok(())
}

#[tokio::test]
async fn what_is_walked_can_be_run() -> Result {
    let walk = tree().walk().filter(has_action("what"));
    assert_eq!(called(walk, "what").await?.len(), 2 + 4 + 4);
    Ok(())
}

/// A second dimension: a cell of the first holds an array over other hosts.
#[node(roles(outer, inner))]
struct Square {
    #[node]
    #[map_roles(host = outer, inner = inner)]
    b: Array<Row>,
}

#[node(parallel, roles(inner))]
struct Row {
    #[node]
    #[map_roles(host = inner)]
    c: Column,
}

#[node]
struct Column {
    #[node]
    d: Array<C>,
}

#[tokio::test]
async fn cells_of_two_dimensions_are_told_apart() -> Result {
    let roles = SquareRoles { outer: hosts("x[0-2]"), inner: hosts("y[0-2]") };
    let tree = Tree::of(&Square::builder().build().bind_to(roles, &Recorder::new().env())?);
    let d = tree.resolve("b c d")?;
    assert_eq!(d.kind(), NodeKind::Parallel);
    let Value::PerHost(all) = d.call("what", &[]).await? else { panic!("not of several") };
    let mut names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 9);
    names.dedup();
    assert_eq!((names[0], names[8]), ("b:x0 c d:y0", "b:x2 c d:y2"));
    let one = tree.resolve("b:x2 c d:y2")?;
    assert_eq!((one.is_array(), one.path().as_str()), (false, "b:x2 c d:y2"));
    Ok(())
}

#[tokio::test]
async fn nodes_are_chosen_by_their_type() -> Result {
    let bases = tree().walk().filter(is::<Base>());
    assert_eq!(paths(bases.clone()), ["a", "b", "b c e"], "those that inherit from it");
    assert_eq!(called(bases, "what").await?, ["base"; 6], "of the array in every cell");
    assert_eq!(paths(tree().walk().filter(is::<C>())), ["b c"]);
    assert_eq!(paths(tree().find(is::<A>())), ["a"]);
    Ok(())
}

#[test]
fn private_nodes_are_told_from_others() {
    assert_eq!(paths(tree().walk().filter(private())), ["_p"]);
    assert_eq!(tree().walk().filter(!private()).len(), 6);
    assert_eq!(tree().find(!private()).len(), 6);
}

#[test]
fn filters_are_combined() {
    let or = is::<A>() | is::<C>() | private();
    assert_eq!(paths(tree().find(or)), ["a", "b c", "_p"]);
    let and = is::<Base>() & has_action("only_a");
    assert_eq!(paths(tree().find(and)), ["a"]);
    assert_eq!(tree().find(!is::<Base>()).len(), 4);
    assert_eq!(paths(tree().find("*")).len(), 7);
    assert_eq!(paths(tree().find("c")), ["b c"]);
}

#[tokio::test]
async fn nodes_are_chosen_by_an_action() -> Result {
    assert_eq!(called(tree().find(has_action("only_a")), "only_a").await?, ["a"]);
    assert_eq!(paths(tree().find(has_action("what"))), ["a", "b", "b c", "b c e"]);
    Ok(())
}

#[test]
fn nodes_are_chosen_by_their_group() {
    assert_eq!(paths(tree().find(in_group("production"))), ["a"]);
    assert_eq!(tree().find(in_group("staging") | in_group("production")).len(), 2);
    assert_eq!(tree().find(in_group("none")).len(), 0);
}

#[tokio::test]
async fn arrays_can_be_narrowed_to_a_cell() -> Result {
    let tree = tree();
    let mut results = Vec::new();
    for node in tree.find(has_action("what")) {
        let node = if node.is_array() { node.select("h2")? } else { node };
        results.push((node.path(), node.call("what", &[]).await?.to_string()));
    }
    let results: Vec<(&str, &str)> =
        results.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
    assert_eq!(results[2], ("b c:h2", "cell"));
    assert_eq!(results[0], ("a", "base"));
    Ok(())
}

#[test]
fn a_walk_can_be_walked_again() {
    let walk = tree().walk();
    assert_eq!(walk.clone().len(), walk.clone().count());
    assert_eq!(walk.clone().count(), walk.count());
}

#[tokio::test]
async fn an_unknown_action_is_a_usage_error() {
    let error = tree().resolve("a").unwrap().call("whta", &[]).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("did you mean `what`"), "{error}");
}

#[tokio::test]
async fn a_result_that_is_not_shown_is_known_as_such() -> Result {
    let p = tree().resolve("_p")?;
    assert!(p.action("quiet").is_some_and(|action| action.no_result));
    assert!(tree().root().action("second").is_some_and(|action| !action.no_result));
    assert!(p.call("quiet", &[]).await?.is_none());
    Ok(())
}

#[test]
fn documentation_and_source_are_known() {
    let a = tree().resolve("a").unwrap();
    assert_eq!(a.doc(), "The first child.", "what its field says");
    assert_eq!(tree().resolve("b").unwrap().doc(), "Inherits, and holds an array.");
    let (file, line) = a.source();
    assert!(file.ends_with("inspector.rs") && line > 0);
}

/// Names that stand for two things.
#[node]
struct Confused {
    #[node]
    start: Base,
}

#[node]
impl Confused {
    /// Hidden by the child.
    pub async fn start(&self) -> Result {
        Ok(())
    }
}

#[test]
fn a_tree_is_checked_without_connecting() -> Result {
    tree().check()?;
    let confused = Tree::of(&Confused::builder().build().bind(&Recorder::new().env())?);
    let error = confused.check().unwrap_err();
    assert!(error.to_string().contains("`start`"), "{error}");
    Ok(())
}
