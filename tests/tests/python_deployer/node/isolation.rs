//! Parallel nodes: cells, arrays, what stands in them, and the way from one to another.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

use crate::{hosts, named};

/// A leaf that is in its parent's cell.
#[node(parallel, parent = B)]
struct X {}

#[node]
impl X {
    /// Its host.
    pub async fn own_name(&self) -> Result<String> {
        self.host().run("leaf").await?;
        Ok(self.host().name().to_owned())
    }

    /// The hosts of its parent, of its sibling, and of the array that all of them are in.
    pub async fn around(&self) -> Result<(Vec<String>, String, usize)> {
        let parent = self.parent().hosts().names().iter().map(ToString::to_string).collect();
        let sibling = self.parent().y.host().name().to_owned();
        Ok((parent, sibling, self.parent().parent().b.len()))
    }
}

#[node(parallel)]
struct Y {}

#[node]
impl Y {
    /// Its host.
    pub async fn own_name(&self) -> Result<String> {
        Ok(self.host().name().to_owned())
    }
}

#[node(parallel, parent = Root)]
struct B {
    #[node]
    x: X,
    #[node]
    y: Y,
}

#[node]
impl B {
    /// Its host and that of the same cell in the other array.
    pub async fn both(&self) -> Result<(String, String)> {
        let name = self.host().name();
        let there = self.parent().c.get(name).ok_or_else(|| self.host().error("no such cell"))?;
        Ok((name.to_owned(), there.own_name().await?))
    }

    /// Its host.
    pub async fn own_name(&self) -> Result<String> {
        self.x.own_name().await
    }

    /// From a cell to the root and down again, which is the whole array.
    pub async fn all_again(&self) -> Result<usize> {
        Ok(self.parent().b.own_name().await?.len())
    }

    /// The hosts of a sibling that has hosts of its own.
    pub async fn own_of_the_sibling(&self) -> Result<Vec<String>> {
        Ok(self.parent().own.hosts().names().iter().map(ToString::to_string).collect())
    }

    /// A property of a cell.
    pub fn shout(&self) -> String {
        self.host().name().to_uppercase()
    }
}

#[node]
impl Array<B> {
    /// Once before isolation, then on every cell.
    pub async fn once(&self) -> Result<usize> {
        let names = self.own_name().await?;
        self.hosts().run("once").await?;
        Ok(names.len())
    }

    /// Instead of what each cell would do.
    pub async fn both(&self) -> Result<String> {
        Ok(format!("{} cells", self.len()))
    }
}

#[node]
struct Normal {}

#[node]
impl Normal {
    /// The number of its hosts.
    pub async fn count(&self) -> Result<usize> {
        Ok(self.hosts().run("count").await?.len())
    }
}

#[node(roles(host, others))]
struct Root {
    #[node]
    b: Array<B>,

    #[node]
    c: Array<Y>,

    #[node]
    #[map_roles(host = others)]
    normal: Normal,

    #[node]
    #[hosts(host = ["own"])]
    own: Normal,

    #[node]
    empty: JustOnes,
}

#[node(roles(host, others))]
struct JustOnes {
    #[node]
    #[map_roles(host = others)]
    one: JustOne<Y>,
}

fn root(recorder: &Recorder) -> Bound<Root> {
    let roles = RootRoles { host: hosts("h1,h2"), others: hosts("o1") };
    Root::builder().build().bind_to(roles, &recorder.env()).unwrap()
}

fn texts(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[tokio::test]
async fn an_array_runs_an_action_in_every_cell() -> Result {
    let recorder = Recorder::new();
    let root = root(&recorder);
    let names = root.b.own_name().await?;
    assert_eq!(named(&names), texts(&[("h1", "h1"), ("h2", "h2")]));
    assert_eq!(names.values().collect::<Vec<_>>(), ["h1", "h2"]);
    assert_eq!(names.get("h2").map(String::as_str), Some("h2"));
    assert_eq!(recorder.commands("h1"), ["leaf"]);
    Ok(())
}

#[tokio::test]
async fn a_cell_is_picked_by_its_host() -> Result {
    let root = root(&Recorder::new());
    let cell = root.b.get("h2").ok_or_else(|| Error::msg("no h2"))?;
    assert_eq!(cell.own_name().await?, "h2", "the value itself, not one for each host");
    assert_eq!(root.b.iter().nth(1).map(|cell| cell.host().name()), Some("h2"));
    assert!(root.b.get("h3").is_none());
    let tree = Tree::of(&root);
    assert_eq!(tree.resolve("b:h1")?.call("own_name", &[]).await?.to_string(), "h1");
    assert!(tree.resolve("b:h3").is_err());
    assert!(tree.resolve("b:h1 x")?.select("h1").is_err(), "a cell has no cells");
    Ok(())
}

#[test]
fn a_normal_node_has_no_cells_to_pick() {
    let root = root(&Recorder::new());
    let error = Tree::of(&root).resolve("normal:o1").unwrap_err();
    assert!(error.to_string().contains("no cells"), "{error}");
}

#[tokio::test]
async fn the_cell_of_the_same_host_is_found_in_another_array() -> Result {
    let root = root(&Recorder::new());
    let both = root.b.each(B::both).await.all_ok()?;
    for (host, (here, there)) in &both {
        assert_eq!((here.as_str(), there.as_str()), (host.name(), host.name()));
    }
    Ok(())
}

#[tokio::test]
async fn an_action_of_the_array_runs_once() -> Result {
    let recorder = Recorder::new();
    let root = root(&recorder);
    assert_eq!(root.b.once().await?, 2);
    assert_eq!(recorder.commands("h1"), ["leaf", "once"]);
    assert_eq!(root.b.both().await?, "2 cells", "and wins over a fan-out of its name");
    let tree = Tree::of(&root);
    assert_eq!(tree.resolve("b")?.call("once", &[]).await?.to_string(), "2");
    assert_eq!(tree.resolve("b")?.call("both", &[]).await?.to_string(), "2 cells");
    assert_eq!(tree.resolve("b:h1")?.call("both", &[]).await?.to_json()[0], "h1");
    let error = tree.resolve("b:h1")?.call("once", &[]).await.unwrap_err();
    assert!(error.to_string().contains("once"), "a cell has no such action: {error}");
    Ok(())
}

#[tokio::test]
async fn a_parallel_node_in_a_parallel_node_is_in_the_same_cell() -> Result {
    let root = root(&Recorder::new());
    let value = Tree::of(&root).resolve("b x")?.call("own_name", &[]).await?;
    assert_eq!(value.to_string(), "h1: h1\nh2: h2");
    assert_eq!(root.b.cells()[1].x.host().name(), "h2");
    Ok(())
}

#[tokio::test]
async fn a_cell_is_picked_before_or_after_going_down() -> Result {
    let root = root(&Recorder::new());
    let tree = Tree::of(&root);
    let value = tree.resolve("b:h2 x")?.call("own_name", &[]).await?;
    assert_eq!(value.to_string(), "h2");
    assert_eq!(root.b.get("h2").map(|cell| cell.x.path()), Some("b:h2 x"));
    let some = tree.resolve("b:h[1-2] x")?;
    assert_eq!(some.call("own_name", &[]).await?.to_string(), "h1: h1\nh2: h2");
    Ok(())
}

#[tokio::test]
async fn the_parent_of_what_is_in_a_cell_is_that_cell() -> Result {
    let root = root(&Recorder::new());
    let value = Tree::of(&root).resolve("b x")?.call("around", &[]).await?;
    let json = value.to_json();
    assert_eq!(json["h1"].to_string(), r#"[["h1"],"h1",2]"#);
    assert_eq!(json["h2"].to_string(), r#"[["h2"],"h2",2]"#, "siblings are in the same cell");
    let x = &root.b.cells()[1].x;
    assert_eq!(x.parent().hosts().names(), ["h2"]);
    assert_eq!(x.parent().parent().hosts().names(), ["h1", "h2", "o1"]);
    Ok(())
}

#[tokio::test]
async fn going_up_and_down_again_is_the_whole_array() -> Result {
    let root = root(&Recorder::new());
    let counts = root.b.all_again().await?;
    assert_eq!(counts.values().collect::<Vec<_>>(), [&2, &2]);
    Ok(())
}

#[tokio::test]
async fn calls_go_from_cells_to_normal_nodes_and_back() -> Result {
    let recorder = Recorder::new();
    let root = root(&recorder);
    assert_eq!(root.normal.count().await?, 1);
    let own = root.b.own_of_the_sibling().await?;
    assert!(own.values().all(|names| *names == ["own"]), "its own hosts stay its own");
    assert_eq!(root.own.count().await?, 1);
    assert_eq!(recorder.commands("own"), ["count"]);
    Ok(())
}

#[tokio::test]
async fn just_one_is_its_cell() -> Result {
    let root = root(&Recorder::new());
    assert_eq!(root.empty.one.own_name().await?, "o1");
    let value = Tree::of(&root).resolve("empty one")?.call("own_name", &[]).await?;
    assert_eq!(value.to_string(), "o1", "the value itself");
    Ok(())
}

#[tokio::test]
async fn a_property_of_an_array_is_one_of_each_cell() -> Result {
    let root = root(&Recorder::new());
    let shouted = root.b.each(async |cell| Ok(cell.shout())).await.all_ok()?;
    assert_eq!(named(&shouted), texts(&[("h1", "H1"), ("h2", "H2")]));
    let shown = Tree::of(&root).resolve("b:h2")?.properties();
    assert_eq!((shown[0].name, shown[0].value.as_str()), ("shout", "H2"));
    Ok(())
}

#[tokio::test]
async fn an_array_without_hosts_does_nothing_and_says_so() -> Result {
    let recorder = Recorder::new();
    let roles = RootRoles { host: Hosts::default(), others: hosts("o1") };
    let root = Root::builder().build().bind_to(roles, &recorder.env())?;
    assert!(root.b.is_empty());
    assert!(root.b.own_name().await?.is_empty());
    assert!(recorder.all_commands().is_empty());
    Ok(())
}

/// A parallel node with another role.
#[node(parallel, roles(extra))]
struct WithExtra {
    #[node]
    inner: InnerExtra,
}

#[node]
impl WithExtra {
    /// How many hosts each role has.
    pub async fn counts(&self) -> Result<(String, usize, usize)> {
        let extra = self.roles().extra.run("extra").await?.len();
        Ok((self.host().name().to_owned(), extra, self.inner.extra_again().await?))
    }
}

#[node(parallel, roles(extra))]
struct InnerExtra {}

#[node]
impl InnerExtra {
    /// How many hosts the other role has here.
    pub async fn extra_again(&self) -> Result<usize> {
        self.host().run("inner").await?;
        Ok(self.roles().extra.len())
    }
}

#[node(roles(r1, r2))]
struct ExtraRoot {
    #[node]
    #[map_roles(host = r1, extra = r2)]
    cells: Array<WithExtra>,
}

#[tokio::test]
async fn other_roles_are_whole_in_every_cell() -> Result {
    let recorder = Recorder::new();
    let roles = ExtraRootRoles { r1: hosts("a,b,c"), r2: hosts("x,y,z") };
    let root = ExtraRoot::builder().build().bind_to(roles, &recorder.env())?;
    for (host, (name, extra, inner)) in &root.cells.counts().await? {
        assert_eq!((host.name(), *extra, *inner), (name.as_str(), 3, 3));
    }
    assert_eq!(recorder.commands("b"), ["inner"]);
    assert_eq!(recorder.commands("y"), ["extra", "extra", "extra"]);
    Ok(())
}

// A ── b: Array ── c: normal ── d: Array ── e: parallel

#[node(roles(outer, inner))]
struct Dimensions {
    #[node]
    #[map_roles(host = outer, inner = inner)]
    b: Array<First>,
}

#[node(parallel, roles(inner))]
struct First {
    #[node]
    #[map_roles(above = host, inner = inner)]
    c: Between,
}

#[node(roles(above: One, inner))]
struct Between {
    #[node]
    #[map_roles(host = inner, above = above)]
    d: Array<Second>,

    #[node]
    #[map_roles(host = above, above = above)]
    same: Array<Second>,
}

#[node(parallel, roles(above: One))]
struct Second {
    #[node]
    e: Third,
}

#[node(parallel, roles(above: One))]
struct Third {}

#[node]
impl Third {
    /// Both indices.
    pub async fn index(&self) -> Result<String> {
        let path = self.path();
        self.host().run(cmd!("in {path}")).await?;
        Ok(format!("{}/{}", self.roles().above.name(), self.host().name()))
    }
}

#[tokio::test]
async fn an_array_in_an_array_is_a_dimension() -> Result {
    let roles = DimensionsRoles { outer: hosts("a[0-2]"), inner: hosts("b[0-2]") };
    let recorder = Recorder::new();
    let root = Dimensions::builder().build().bind_to(roles, &recorder.env())?;
    let tree = Tree::of(&root);
    let index = async |path: &str| -> Result<String> {
        Ok(tree.resolve(path)?.call("index", &[]).await?.to_json().to_string())
    };

    assert_eq!(index("b:a2 c d:b1 e").await?, r#""a2/b1""#);
    assert_eq!(index("b:a2 c d e").await?, r#"{"b0":"a2/b0","b1":"a2/b1","b2":"a2/b2"}"#);
    assert_eq!(index("b c d:b1 e").await?, r#"{"a0":"a0/b1","a1":"a1/b1","a2":"a2/b1"}"#);
    assert_eq!(index("b:a[0-1] c same e").await?, r#"{"a0":"a0/a0","a1":"a1/a1"}"#);

    recorder.clear();
    let all = tree.resolve("b c d e")?.call("index", &[]).await?.to_json();
    let values: Vec<&str> = all.as_object().unwrap().values().filter_map(|v| v.as_str()).collect();
    assert_eq!(values.len(), 9, "none hides another: {all}");
    assert_eq!(all["b:a1 c d:b2 e"], "a1/b2");
    let mut calls = recorder.all_commands();
    calls.sort();
    calls.dedup();
    assert_eq!(calls.len(), 9);

    for wrong in ["b:a3 c", "b:a0 c:a0", "b:a0 c d:a0 e", "b:a0 c d:b0 e:b0"] {
        assert!(tree.resolve(wrong).is_err(), "{wrong}");
    }
    let cell = root.b.get("a1").and_then(|b| b.c.d.get("b2")).ok_or_else(|| Error::msg("none"))?;
    assert_eq!(cell.e.path(), "b:a1 c d:b2 e");
    assert_eq!(cell.e.index().await?, "a1/b2");
    Ok(())
}

/// One host is enough.
#[node(parallel)]
struct OneOf {}

#[node]
impl OneOf {
    /// Its host.
    #[action(one_host)]
    pub async fn shell(&self) -> Result<String> {
        Ok(self.host().name().to_owned())
    }
}

#[node]
struct OneOfRoot {
    #[node]
    cells: Array<OneOf>,
}

#[tokio::test]
async fn one_host_must_be_named_when_nobody_can_be_asked() -> Result {
    let bind = |pattern: &str| {
        let roles = OneOfRootRoles { host: hosts(pattern) };
        OneOfRoot::builder().build().bind_to(roles, &Recorder::new().env())
    };
    let tree = Tree::of(&bind("a,b")?);
    let error = tree.resolve("cells")?.call("shell", &[]).await.unwrap_err();
    assert!(error.to_string().contains("cells:a shell"), "{error}");
    assert_eq!(tree.resolve("cells:b")?.call("shell", &[]).await?.to_string(), "b");
    let alone = Tree::of(&bind("a")?);
    assert_eq!(alone.resolve("cells")?.call("shell", &[]).await?.to_string(), "a");
    Ok(())
}
