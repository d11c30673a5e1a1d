//! Nodes in modules with private fields, parents, bases, arrays in arrays, several trees beside each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deploy_core::Console;
use deploy_core::prelude::*;
use deploy_core::testing::Recorder;
use deploy_core::tree::{has_action, in_group, private};

mod services {
    //! A crate of its own, as it were.

    use deploy_core::prelude::*;

    /// A unit.
    #[node]
    #[derive(Debug)]
    pub struct Service {
        #[required]
        name: String,
        #[default(30u64)]
        timeout: u64,
    }

    #[node]
    impl Service {
        /// Start it.
        pub async fn start(&self) -> Result {
            self.systemctl("start").await
        }

        /// Stop it.
        #[action(confirm = "Really?")]
        pub async fn stop(&self) -> Result {
            self.systemctl("stop").await
        }

        /// How it is.
        #[action(default)]
        pub async fn status(&self) -> Result<usize> {
            Ok(self.hosts().probe(cmd!("systemctl status {self.name}")).await?.len())
        }

        /// Where it says it is.
        pub async fn place(&self) -> Result<String> {
            Ok(self.path().to_owned())
        }

        /// Its unit.
        pub fn unit(&self) -> String {
            format!("{}.service", self.name)
        }

        async fn systemctl(&self, verb: &str) -> Result {
            let command = cmd!("systemctl {verb} {self.name}");
            let limit = std::time::Duration::from_secs(self.timeout);
            self.hosts().sudo().run(command.timeout(limit)).await?;
            Ok(())
        }
    }

    pub mod databases {
        //! Deeper.

        use super::Service;
        use deploy_core::prelude::*;

        #[node(roles(master: One, replica))]
        pub struct Database {
            #[default("main")]
            pub(super) name: String,
            #[inherit]
            #[node(name = format!("postgresql@{}", self.name))]
            #[map_roles(host = [master, replica])]
            service: Service,
            #[node(name = "pgbouncer", timeout = 5)]
            #[map_roles(host = master)]
            _pool: Service,
            #[node]
            #[map_roles(host = ALL)]
            disks: Array<Disk>,
            #[node]
            #[map_roles(host = master)]
            backup: Backup,
        }

        #[node]
        impl Database {
            pub async fn restart(&self) -> Result {
                self.stop().await?;
                self.start().await
            }

            /// Ours wins.
            pub async fn status(&self) -> Result<String> {
                let hosts = self.service.status().await?;
                Ok(format!("{} on {hosts} hosts, unit {}", self.name, self.unit()))
            }
        }

        #[node(parallel)]
        pub struct Disk {
            #[default("/")]
            mount: RemotePath,
        }

        #[node]
        impl Disk {
            pub async fn free(&self) -> Result<String> {
                let out = self.host().probe(cmd!("df --output=avail {self.mount}")).await?;
                Ok(out.stdout_str()?.trim().to_owned())
            }
        }

        #[node(parent = Database)]
        pub struct Backup {}

        #[node]
        impl Backup {
            #[action(one_host)]
            pub async fn dump(&self) -> Result<String> {
                let database = self.parent();
                database.roles().master.run(cmd!("pg_dump {database.name}")).await?;
                Ok(format!("{} {}", database.path(), self.path()))
            }
        }
    }
}

use services::Service;
use services::databases::{self, Database, Disk};

#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

/// Each machine has its guests, and each guest its disks.
#[node(parallel, roles(guests, disks))]
struct Machine {
    counter: Counter,
    #[node]
    #[map_roles(host = guests, disks = disks)]
    guests: Array<Guest>,
    #[node]
    #[map_roles(host = host)]
    disk: JustOne<Disk>,
    #[node(name = "libvirtd")]
    service: Service,
}

#[node]
impl Machine {
    /// Count.
    #[action(default)]
    pub async fn count(&self) -> Result<usize> {
        self.guests.each(async |guest| guest.count().await).await.all_ok()?;
        self.counter.0.fetch_add(1, Ordering::Relaxed);
        Ok(self.guests.len())
    }

    #[action(one_host)]
    pub async fn one(&self) -> Result<String> {
        Ok(self.host().to_string())
    }
}

#[node]
impl Array<Machine> {
    /// Both dimensions.
    pub async fn census(&self) -> Result<Vec<String>> {
        let mut seen = Vec::new();
        for machine in self.iter() {
            for guest in &machine.guests {
                seen.push(format!("{}/{}", guest.parent().host(), guest.host()));
            }
        }
        Ok(seen)
    }
}

#[node(parallel, roles(disks), parent = Machine)]
struct Guest {
    #[node]
    #[map_roles(host = disks)]
    disks: Array<Disk>,
}

#[node]
impl Guest {
    pub async fn count(&self) -> Result {
        self.parent().counter.0.fetch_add(10, Ordering::Relaxed);
        Ok(())
    }
}

const CANARY: Group = Group::new("canary", Color::Magenta);

#[node(roles(front, back: One, rest))]
struct Town {
    #[required]
    name: String,
    counter: Counter,

    #[group(CANARY)]
    #[node(name = self.name.clone(), disks.mount = "~/data")]
    #[map_roles(master = back, replica = front)]
    database: Database,

    #[node(counter = self.counter.clone(), service.timeout = 7)]
    #[map_roles(host = [front, back], guests = rest, disks = back)]
    machines: Array<Machine>,
}

#[node]
impl Town {
    /// Everything.
    pub async fn all(&self) -> Result<usize> {
        let (database, machines) = (self.database.restart(), self.machines.serial());
        database.await?;
        Ok(machines.count().await?.values().sum())
    }
}

fn town(name: &str, env: &Env) -> Result<Bound<Town>> {
    let roles = TownRoles {
        front: Hosts::parse(&format!("{name}-f[1-2]"))?,
        back: Host::ssh(format!("{name}-b")),
        rest: Hosts::parse("guest1,guest2")?,
    };
    Town::builder().name(name).build().bind_to(roles, env)
}

#[tokio::test]
async fn two_towns_beside_each_other() -> Result {
    let (one, two) = (Recorder::new(), Recorder::new().on("df *", "Avail\n5\n"));
    let (aix, ulm) = (town("aix", &one.env())?, town("ulm", &two.env())?);
    let (a, u) = (aix.clone(), ulm.clone());
    let both = tokio::join!(
        tokio::spawn(async move { a.all().await }),
        tokio::spawn(async move { u.all().await })
    );
    assert_eq!((both.0??, both.1??), (6, 6));
    assert_eq!(aix.counter.0.load(Ordering::Relaxed), 3 + 60);
    assert_eq!(ulm.counter.0.load(Ordering::Relaxed), 3 + 60);
    assert_eq!(one.commands("aix-f1").len(), 2, "stop and start");
    assert!(one.commands("ulm-f1").is_empty());
    assert_eq!(
        aix.machines.census().await?,
        [
            "aix-f1/guest1",
            "aix-f1/guest2",
            "aix-f2/guest1",
            "aix-f2/guest2",
            "aix-b/guest1",
            "aix-b/guest2"
        ]
    );
    assert_eq!(ulm.machines.get("ulm-b").unwrap().disk.free().await?, "Avail\n5");
    assert_eq!(two.commands("ulm-b").last().map(String::as_str), Some("df --output=avail /"));
    two.clear();
    assert_eq!(ulm.database.backup_of(), "ulm", "a plain method");
    Ok(())
}

/// Plain impl blocks and traits are as free as ever.
trait Named {
    fn backup_of(&self) -> &str;
}

impl Named for Database {
    fn backup_of(&self) -> &str {
        self.path().strip_prefix("database").map_or("none", |_| "ulm")
    }
}

#[tokio::test]
async fn by_name_and_by_filter() -> Result {
    let recorder = Recorder::new().on("df *", "1");
    let town = town("ulm", &recorder.env().with_console(Console::always_yes()))?;
    let tree = Tree::of(&town);
    tree.check()?;
    let database = tree.resolve("database")?;
    assert_eq!(
        database.call("status", &[]).await?.to_string(),
        "ulm on 3 hosts, unit postgresql@ulm.service"
    );
    database.call("start", &[]).await?;
    assert_eq!(recorder.commands("ulm-f2").last().unwrap(), "sudo: systemctl start postgresql@ulm");
    let dumped = tree.resolve("database backup")?.call("dump", &[]).await?;
    assert_eq!(dumped.to_string(), "database database backup");
    // `~` still expands in what was set from further out.
    tree.resolve("database disks:ulm-f1")?.call("free", &[]).await?;
    assert_eq!(recorder.commands("ulm-f1").last().unwrap(), "df --output=avail ~/data");

    let paths = |filter| tree.find(filter).map(|node| node.path()).collect::<Vec<_>>();
    assert_eq!(paths(is::<Service>() & !private()), ["database", "machines service"]);
    assert_eq!(paths(is::<Service>() & private()), ["database _pool"]);
    assert_eq!(paths(in_group("canary") & has_action("free")), ["database disks"]);
    assert_eq!(paths(is::<Disk>() | is::<databases::Backup>()).len(), 4);
    let error = tree.resolve("machines")?.call("one", &[]).await.unwrap_err().to_string();
    assert!(error.contains("ulm-f1"), "{error}");
    assert_eq!(tree.resolve("machines:ulm-b")?.call("one", &[]).await?.to_string(), "ulm-b");
    let counted = tree.resolve("machines:ulm-f[1-2] guests:guest1")?.call("count", &[]).await?;
    assert!(counted.is_none());
    assert_eq!(town.counter.0.load(Ordering::Relaxed), 20);
    for node in tree.walk() {
        assert_eq!(tree.resolve(node.path().as_str())?.path(), node.path());
        assert_eq!(tree.resolve(node.tokens())?.path(), node.path());
    }
    Ok(())
}

#[tokio::test]
async fn what_a_base_calls_itself() -> Result {
    let recorder = Recorder::new();
    let town = town("ulm", &recorder.env())?;
    let database = Tree::of(&town).resolve("database")?;
    // A base is no node of its own in the tree: it is where the node is that inherits from it.
    assert_eq!(database.path(), town.database.path());
    assert_eq!(database.call("place", &[]).await?.to_string(), "database");
    assert_eq!(town.database.place().await?, "database");
    assert_eq!(town.database.hosts().len(), 3);
    Ok(())
}
