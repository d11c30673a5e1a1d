//! Everything at once: a generic parallel node with further roles, overrides through two levels, bases of bases.

use deploy_core::Value;
use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

pub trait Kind: Send + Sync + 'static {
    const PORT: u16;
}

pub struct Fast;

impl Kind for Fast {
    const PORT: u16 = 3;
}

#[node(parallel, roles(queue: One, caches: AtLeastOne, rest))]
pub struct Worker<K: Kind> {
    #[default(K::PORT)]
    port: u16,
    #[default("worker")]
    name: String,
    /// The same cell.
    #[node(name = self.name.clone())]
    inner: Inner<K>,
    #[node]
    #[map_roles(host = [queue, caches])]
    both: Group2,
    #[node]
    #[map_roles(host = ALL)]
    every: Group2,
    #[node]
    #[map_roles(host = rest)]
    leaves: Array<Leaf>,
    #[node]
    #[map_roles(host = queue)]
    leaf: JustOne<Leaf>,
}

#[node]
impl<K: Kind> Worker<K> {
    pub async fn add(&self, n: u16) -> Result<u16> {
        Ok(self.port + n)
    }

    pub async fn count(&self) -> Result {
        self.add(1).await?;
        Ok(())
    }
}

#[node]
impl<K: Kind> Array<Worker<K>> {
    /// A method of the array that uses fan-outs.
    pub async fn sum(&self) -> Result<u16> {
        Ok(self.add(2).await?.values().sum())
    }

    /// Wins over the fan-out of the same name.
    pub async fn count(&self) -> Result<usize> {
        Ok(self.len())
    }
}

#[node(parallel)]
pub struct Inner<K: Kind> {
    name: String,
    #[default(K::PORT)]
    port: u16,
}

#[node]
impl<K: Kind> Inner<K> {
    pub async fn tell(&self) -> Result<String> {
        Ok(format!("{} {} {}", self.host(), self.name, self.port))
    }
}

/// Called so that it cannot be mistaken for the prelude's.
#[node]
pub struct Group2 {}

#[node]
impl Group2 {
    pub async fn size(&self) -> Result<usize> {
        Ok(self.hosts().run("true").await?.len())
    }
}

#[node(parallel)]
pub struct Leaf {}

#[node]
impl Leaf {
    pub async fn host_name(&self) -> Result<String> {
        Ok(self.host().name().to_owned())
    }
}

#[node(roles(workers, queue: One, caches: AtLeastOne, rest))]
pub struct System {
    #[node(port = 7u16, inner.port = 5u16)]
    #[map_roles(host = workers, queue = queue, caches = caches, rest = rest)]
    workers: Array<Worker<Fast>>,
}

#[node]
struct Root {
    #[node(workers.port = 9u16, workers.inner.name = "deep")]
    #[hosts(workers = ["w[1-2]"], queue = "q", caches = ["c1", "c2"], rest = [])]
    system: System,
}

#[tokio::test]
async fn a_generic_parallel_node_with_roles() -> Result {
    let root = Root::builder().build().bind(&Recorder::new().env())?;
    let workers = &root.system.workers;
    assert_eq!(workers.sum().await?, 22, "what is set further out wins");
    assert_eq!(workers.count().await?, 2);
    let worker = workers.get("w1").unwrap();
    assert_eq!(worker.inner.tell().await?, "w1 deep 5");
    assert_eq!(worker.both.size().await?, 3);
    assert_eq!(worker.every.size().await?, 4);
    assert!(worker.leaves.host_name().await?.is_empty());
    assert_eq!(worker.leaf.host_name().await?, "q");

    let tree = Tree::of(&root);
    let leaves = tree.resolve("system workers leaf")?.call("host_name", &[]).await?;
    let q = |cell: &str| (cell.to_owned(), Value::Text("q".to_owned()));
    assert_eq!(leaves, Value::PerHost(vec![q("w1"), q("w2")]));
    assert_eq!(tree.resolve("system workers:w[1-2]")?.call("sum", &[]).await?.to_json(), 22);
    Ok(())
}

#[node(parallel)]
pub struct Base {
    #[required]
    name: String,
    #[default("base")]
    text: String,
    #[node]
    leaf: Leaf,
}

#[node]
impl Base {
    #[action(name = "2to3", alias = "manage.py")]
    pub async fn migrate(&self) -> Result<String> {
        Ok(format!("{} {}", self.name, self.text))
    }

    #[action(default)]
    pub async fn count(&self, words: Vec<String>) -> Result<usize> {
        Ok(words.len())
    }
}

#[node(parallel)]
pub struct Middle {
    #[default("middle")]
    text: String,
    #[inherit]
    #[node(name = self.text.clone(), text = "from the middle")]
    base: Base,
}

#[node]
impl Middle {
    pub async fn count(&self, words: Vec<String>) -> Result<usize> {
        Ok(self.base.count(words).await? + 100)
    }
}

#[node(parallel)]
pub struct Top {
    #[inherit]
    #[node]
    middle: Middle,
}

#[node]
struct Heirs {
    #[node(middle.text = "set", middle.base.text = "deeper")]
    #[hosts(host = ["t[1-2]"])]
    tops: Array<Top>,
    #[node]
    #[hosts(host = "one")]
    one: JustOne<Top>,
}

#[tokio::test]
async fn a_base_of_a_base_in_an_array() -> Result {
    let root = Heirs::builder().build().bind(&Recorder::new().env())?;
    assert_eq!(root.one.migrate().await?, "middle from the middle");
    let top = root.tops.get("t1").unwrap();
    assert_eq!(top.migrate().await?, "set deeper");
    assert_eq!(top.count(vec!["a".to_owned()]).await?, 101);
    assert_eq!((top.text.as_str(), top.leaf.host_name().await?.as_str()), ("set", "t1"));
    let all = root.tops.each(async |top| top.migrate().await).await.all_ok()?;
    assert_eq!(all.len(), 2);

    let tree = Tree::of(&root);
    let per_host = |t1, t2| serde_json::json!({"t1": t1, "t2": t2});
    let both = tree.resolve("tops")?.call("manage.py", &[]).await?;
    assert_eq!(both.to_json(), per_host("set deeper", "set deeper"));
    let both = tree.resolve("tops leaf")?.call("host_name", &[]).await?;
    assert_eq!(both.to_json(), per_host("t1", "t2"));
    assert_eq!(tree.resolve("one")?.call("count", &["a", "b"]).await?.to_json(), 102);
    assert_eq!(tree.walk().filter(is::<Base>()).count(), 2);
    Ok(())
}
