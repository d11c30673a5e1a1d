//! Where the hosts of a node come from, and what it is called.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

use crate::hosts;

/// A leaf with two roles.
#[node(roles(role1, role2))]
struct Leaf {}

#[node]
impl Leaf {
    /// Say where it runs.
    pub async fn where_it_runs(&self) -> Result<Vec<String>> {
        let results = self.hosts().run("hostname").await?;
        Ok(results.iter().map(|(host, _)| host.name().to_owned()).collect())
    }
}

#[node(roles(role1, role2))]
struct Middle {
    #[node]
    leaf: Leaf,
}

/// A node of one role.
#[node]
struct Plain {}

#[node(hosts = PlainRoles { host: hosts("own[1-2]") })]
struct Own {}

// A node of its own name for its roles: the struct above and this one share `HostRoles`.
#[node(roles(role1, role2, role3))]
struct Mapped {
    #[node]
    #[map_roles(role1 = role2, role2 = role1)]
    swapped: Middle,

    #[node]
    #[map_roles(host = [role1, role2])]
    union: Plain,

    #[node]
    #[map_roles(host = ALL)]
    all: Plain,

    #[node]
    own: Own,

    #[node]
    #[map_roles(host = role3)]
    mapped_over_own: Own,

    #[node]
    #[hosts(role1 = ["given1", "given2"], ..)]
    given: Leaf,
}

fn mapped(recorder: &Recorder) -> Bound<Mapped> {
    let roles = MappedRoles { role1: hosts("a,b"), role2: hosts("b,c"), role3: hosts("d") };
    Mapped::builder().build().bind_to(roles, &recorder.env()).unwrap()
}

#[test]
fn a_node_has_its_roles_in_their_order() {
    let roles = LeafRoles { role1: hosts("a"), role2: hosts("b") };
    let leaf = Leaf::builder().build().bind_to(roles, &Recorder::new().env()).unwrap();
    let tree = Tree::of(&leaf);
    let names: Vec<&str> = tree.root().roles().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["role1", "role2"]);
    assert_eq!(leaf.roles().role2.names(), ["b"]);
}

#[test]
fn a_child_without_mapping_has_the_hosts_of_the_roles_of_the_same_name() {
    let roles = MiddleRoles { role1: hosts("a,b"), role2: hosts("c") };
    let middle = Middle::builder().build().bind_to(roles, &Recorder::new().env()).unwrap();
    let leaf = middle.leaf.roles();
    assert_eq!(leaf.role1.names(), middle.roles().role1.names());
    assert_eq!(leaf.role2.names(), ["c"]);
    assert_eq!(middle.leaf.hosts().names(), ["a", "b", "c"]);
}

#[test]
fn roles_are_mapped_alone_together_and_all() {
    let root = mapped(&Recorder::new());
    assert_eq!(root.swapped.roles().role1.names(), ["b", "c"]);
    assert_eq!(root.swapped.leaf.roles().role1.names(), ["b", "c"], "of the child's, not of ours");
    assert_eq!(root.swapped.leaf.roles().role2.names(), ["a", "b"]);
    assert_eq!(root.union.hosts().names(), ["a", "b", "c"], "no host twice");
    assert_eq!(root.all.hosts().names(), ["a", "b", "c", "d"]);
}

#[test]
fn own_hosts_win_over_names_and_lose_to_a_mapping() {
    let root = mapped(&Recorder::new());
    assert_eq!(root.own.hosts().names(), ["own1", "own2"]);
    assert_eq!(root.mapped_over_own.hosts().names(), ["d"]);
    assert_eq!(root.given.roles().role1.names(), ["given1", "given2"]);
    assert!(root.given.roles().role2.is_empty());
}

#[tokio::test]
async fn a_node_in_the_middle_keeps_what_it_has_from_its_parents() -> Result {
    let root = mapped(&Recorder::new());
    let middle = &root.swapped.leaf;
    assert_eq!(middle.where_it_runs().await?, ["b", "c", "a"]);
    let middle = Tree::of(&root).resolve("swapped leaf")?;
    assert_eq!(middle.hosts().names(), ["b", "c", "a"]);
    Ok(())
}

#[test]
fn a_path_is_made_of_the_names_of_fields() {
    let root = mapped(&Recorder::new());
    assert_eq!(root.path(), "");
    assert_eq!(root.swapped.leaf.path(), "swapped leaf");
    assert_eq!(root.mapped_over_own.path(), "mapped_over_own", "whatever the type is called");
    let leaf = Tree::of(&root).resolve("swapped leaf").unwrap();
    assert_eq!((leaf.type_name(), leaf.path().as_str()), ("Leaf", "swapped leaf"));
}

/// One host of several.
#[node(parallel)]
struct Cell {}

#[node]
impl Cell {
    /// Its host.
    pub async fn own_name(&self) -> Result<String> {
        Ok(self.host().name().to_owned())
    }
}

#[node(parallel, hosts = OwnCellRoles { host: Host::ssh("own") })]
struct OwnCell {}

#[node(roles(role1, role2))]
struct Automatic {
    #[node]
    array: Array<Cell>,

    #[node]
    own: Array<OwnCell>,

    #[node]
    #[map_roles(host = role2)]
    mapped: Array<Cell>,
}

#[node]
struct Single {
    #[node]
    one: JustOne<Cell>,
}

#[test]
fn an_array_takes_all_hosts_if_there_is_no_role_host() {
    let roles = AutomaticRoles { role1: hosts("a,b"), role2: hosts("c,d") };
    let root = Automatic::builder().build().bind_to(roles, &Recorder::new().env()).unwrap();
    assert_eq!(root.array.hosts().names(), ["a", "b", "c", "d"]);
    assert_eq!(root.own.hosts().names(), ["own"]);
    assert_eq!(root.mapped.hosts().names(), ["c", "d"]);
}

#[test]
fn just_one_takes_one_host_and_says_so_at_start() {
    let bind = |pattern: &str| {
        let roles = SingleRoles { host: hosts(pattern) };
        Single::builder().build().bind_to(roles, &Recorder::new().env())
    };
    let single = bind("a").unwrap();
    assert_eq!(single.one.host().name(), "a");
    let error = bind("a,b").unwrap_err().to_string();
    assert!(error.contains("`one`") && error.contains("exactly one"), "{error}");
}

/// A node that makes another one while it runs.
#[node(roles(role1, role2))]
struct Maker {}

#[node]
impl Maker {
    /// Run on the hosts of one role alone.
    pub async fn make(&self) -> Result<Vec<String>> {
        let roles = LeafRoles { role1: Hosts::default(), role2: self.roles().role2.clone() };
        let made = Leaf::builder().build().bind_to(roles, self.env())?;
        made.where_it_runs().await
    }
}

#[tokio::test]
async fn an_action_can_make_a_node_of_its_own() -> Result {
    let recorder = Recorder::new();
    let roles = MakerRoles { role1: hosts("a"), role2: hosts("b,c") };
    let maker = Maker::builder().build().bind_to(roles, &recorder.env())?;
    assert_eq!(maker.make().await?, ["b", "c"]);
    assert_eq!(recorder.all_commands().len(), 2);
    Ok(())
}
