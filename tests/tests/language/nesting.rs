//! Isolation, parents, inheritance and groups: where a node stands.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;
use deploy_core::{ExitCode, NodeKind, Value};

const CANARY: Group = Group::new("canary", Color::Magenta);

#[node]
struct Log {
    #[default("/var/log")]
    directory: RemotePath,
}

#[node]
impl Log {
    /// Show it.
    pub async fn tail(&self) -> Result {
        self.hosts().run(cmd!("tail {self.directory}")).await?;
        Ok(())
    }
}

#[node(parallel)]
struct Worker {
    #[node]
    log: Log,
}

#[node]
impl Worker {
    /// Its host.
    pub async fn where_am_i(&self) -> Result<String> {
        Ok(self.host().name().to_owned())
    }
}

/// A cell that knows a host outside of it, and holds a second dimension.
#[node(parallel, roles(queue: One, workers))]
struct Front {
    #[node]
    #[map_roles(host = workers)]
    workers: Array<Worker>,
    #[node]
    #[map_roles(host = queue)]
    queue_log: Log,
    #[node]
    log: Log,
    #[node]
    #[map_roles(host = queue)]
    on_the_queue: Worker,
    #[node]
    all: Shared,
}

#[node(parent = Front)]
struct Shared {}

#[node]
impl Shared {
    /// The host of the cell above.
    pub async fn above(&self) -> Result<String> {
        Ok(self.parent().host().name().to_owned())
    }

    /// The parent's own path.
    pub fn place(&self) -> String {
        let parent: &Front = self.parent();
        parent.path().to_owned()
    }
}

#[node(roles(front, queue, workers))]
struct System {
    #[node(log.directory = "/srv/log")]
    #[map_roles(host = front, queue = queue, workers = workers)]
    front: Array<Front>,
    #[node]
    #[map_roles(host = ALL)]
    everywhere: Array<Worker>,
    /// Has no `host` to take from us: takes all.
    #[node]
    by_default: Array<Worker>,
    #[node]
    #[map_roles(host = queue)]
    one: JustOne<Worker>,
    #[node]
    #[map_roles(host = front)]
    _hidden: Log,
}

#[node]
struct Root {
    #[group(CANARY)]
    #[node]
    #[hosts(front = ["f[1-2]"], queue = ["q"], workers = ["w1", Host::ssh("w2")])]
    system: System,
}

fn bound(recorder: &Recorder) -> Result<Bound<Root>> {
    Root::builder().build().bind(&recorder.env())
}

#[tokio::test]
async fn arrays_in_cells_add_a_dimension() -> Result {
    let recorder = Recorder::new();
    let root = bound(&recorder)?;
    let front = &root.system.front;
    assert_eq!(front.len(), 2);
    let cell = front.get("f2").unwrap();
    assert_eq!(cell.roles().queue.name(), "q");
    assert_eq!(cell.roles().workers.names(), ["w1", "w2"]);
    assert_eq!(cell.workers.cells()[1].path(), "system front:f2 workers:w2");
    assert_eq!(cell.on_the_queue.host().name(), "q");
    assert_eq!(cell.hosts().names(), ["f2", "q", "w1", "w2"]);

    let found = cell.workers.where_am_i().await?;
    assert_eq!(found.values().collect::<Vec<_>>(), ["w1", "w2"]);
    front.each(async |front| front.log.tail().await).await.all_ok()?;
    assert_eq!(recorder.commands("f1"), ["tail /srv/log"]);
    cell.queue_log.tail().await?;
    assert_eq!(recorder.commands("q"), ["tail /var/log"]);

    let tree = Tree::of(&root);
    assert_eq!(tree.resolve("system front:f1")?.kind(), NodeKind::Parallel);
    assert_eq!(tree.resolve("system")?.kind(), NodeKind::Normal);
    let all = tree.resolve("system front workers")?.call("where_am_i", &[]).await?;
    let Value::PerHost(all) = all else { panic!("{all:?}") };
    assert_eq!(all.len(), 4, "two fronts with two workers each");
    let one = tree.resolve("system front:f1 workers:w2")?.call("where_am_i", &[]).await?;
    assert_eq!(one, Value::Text("w2".to_owned()));
    Ok(())
}

#[test]
fn all_is_every_host_once() -> Result {
    let root = bound(&Recorder::new())?;
    let names = |array: &Array<Worker>| array.hosts().names().join(" ");
    assert_eq!(names(&root.system.everywhere), "f1 f2 q w1 w2");
    assert_eq!(names(&root.system.by_default), "f1 f2 q w1 w2");
    assert_eq!(root.system.one.host().name(), "q");
    assert_eq!(root.system.one.path(), "system one");
    Ok(())
}

#[tokio::test]
async fn a_parent_is_that_very_parent() -> Result {
    let root = bound(&Recorder::new())?;
    let cell = root.system.front.get("f2").unwrap();
    assert!(std::ptr::eq(cell.all.parent(), cell));
    assert_eq!(cell.all.above().await?, "f2");
    assert_eq!(cell.all.place(), "system front:f2");

    // An array that was taken out of the tree keeps the tree, and so the parents of its cells.
    let serial = root.system.front.serial();
    drop(root);
    let above = serial.each(async |front| front.all.above().await).await.all_ok()?;
    assert_eq!(above.get("f1").map(String::as_str), Some("f1"));
    Ok(())
}

#[node(parallel, parent = Yard)]
struct Guard {}

#[node]
impl Array<Guard> {
    /// The array's own parent: there is no cell yet.
    pub async fn of(&self) -> Result<String> {
        let yard: &Yard = self.parent();
        Ok(format!("{} of {}", self.len(), yard.name))
    }
}

#[node]
struct Yard {
    name: String,
    #[node]
    guards: Array<Guard>,
}

#[tokio::test]
async fn an_array_knows_its_parent_as_its_cells_do() -> Result {
    let roles = YardRoles { host: Hosts::parse("y[1-2]")? };
    let yard = Yard::builder().name("north").build().bind_to(roles, &Env::quiet())?;
    assert_eq!(yard.guards.of().await?, "2 of north");
    let found = Tree::of(&yard).resolve("guards")?.call("of", &[]).await?;
    assert_eq!(found, Value::Text("2 of north".to_owned()));
    let cells = yard.guards.each(async |guard| Ok(guard.parent().name.clone())).await.all_ok()?;
    assert_eq!(cells.values().collect::<Vec<_>>(), ["north", "north"]);

    // A copy of the cells keeps the tree as well.
    let cells: node::Cells<Guard> = yard.guards.clone();
    drop(yard);
    assert_eq!(cells.get("y2").map(|guard| guard.parent().name.as_str()), Some("north"));
    Ok(())
}

#[test]
fn groups_and_privacy_are_inherited() -> Result {
    let root = bound(&Recorder::new())?;
    let tree = Tree::of(&root);
    let group = tree.resolve("system front:f1 log")?.group();
    assert_eq!(group.map(|group| group.name()), Some("canary"));
    assert_eq!(
        tree.walk().filter(private()).map(|node| node.path()).collect::<Vec<_>>(),
        ["system _hidden"]
    );
    assert_eq!(tree.root().group(), None);
    Ok(())
}

#[tokio::test]
async fn an_array_without_hosts_does_nothing() -> Result {
    let recorder = Recorder::new();
    let system = System::builder().build();
    let roles = SystemRoles {
        front: Hosts::default(),
        queue: Hosts::parse("q")?,
        workers: Hosts::default(),
    };
    let system = system.bind_to(roles, &recorder.env())?;
    assert_eq!(system.front.where_are_they().await?, 0);
    let value = Tree::of(&system).resolve("front workers")?.call("where_am_i", &[]).await?;
    assert!(value.is_none());
    Ok(())
}

#[node]
impl Array<Front> {
    /// How many workers there are.
    pub async fn where_are_they(&self) -> Result<usize> {
        Ok(self.iter().map(|front| front.workers.len()).sum())
    }
}

#[test]
fn a_role_of_one_takes_no_two() {
    let roles = SystemRoles {
        front: Hosts::parse("f1").unwrap(),
        queue: Hosts::parse("q[1-2]").unwrap(),
        workers: Hosts::default(),
    };
    let error = System::builder().build().bind_to(roles, &Env::quiet()).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("takes exactly one host and got q1, q2"), "{error}");
}

mod inheritance {
    use super::*;

    #[node]
    struct Base {
        #[default("base")]
        name: String,
        #[node]
        log: Log,
    }

    #[node]
    impl Base {
        /// Start it.
        pub async fn start(&self) -> Result<String> {
            Ok(format!("start {}", self.name))
        }

        /// Stop it.
        pub async fn stop(&self) -> Result<String> {
            Ok(format!("stop {}", self.name))
        }
    }

    #[node]
    struct Middle {
        #[inherit]
        #[node(name = "middle")]
        base: Base,
    }

    #[node]
    struct Top {
        #[inherit]
        #[node]
        middle: Middle,
    }

    #[node]
    impl Top {
        /// Stop it in another way.
        pub async fn stop(&self) -> Result<String> {
            Ok("stop top".to_owned())
        }
    }

    #[tokio::test]
    async fn what_is_inherited_is_our_own() -> Result {
        let env = Env::quiet();
        let top = Top::builder().build().bind(&env)?;
        assert_eq!(top.start().await?, "start middle");
        assert_eq!(top.stop().await?, "stop top");
        assert_eq!(top.name, "middle");

        let tree = Tree::of(&top);
        let root = tree.root();
        assert_eq!(root.call("start", &[]).await?, Value::Text("start middle".to_owned()));
        assert_eq!(root.call("stop", &[]).await?, Value::Text("stop top".to_owned()));
        let children: Vec<String> = root.children().iter().map(|node| node.path()).collect();
        assert_eq!(children, ["log"]);
        assert_eq!(root.properties()[0].value, "middle");
        assert_eq!(tree.walk().filter(is::<Base>()).count(), 1);
        Ok(())
    }
}
