//! Generics, roles and overrides: one description, several stages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

pub trait Stage: Send + Sync + 'static {
    const NAME: &'static str;
    const WORKERS: u32;
    fn hosts() -> SiteRoles;
}

pub struct Staging;
pub struct Production;

impl Stage for Staging {
    const NAME: &'static str = "staging";
    const WORKERS: u32 = 1;

    fn hosts() -> SiteRoles {
        SiteRoles { web: Host::local().into(), db: Host::local(), cron: Hosts::default() }
    }
}

impl Stage for Production {
    const NAME: &'static str = "production";
    const WORKERS: u32 = 8;

    fn hosts() -> SiteRoles {
        let hosts = |pattern| Hosts::parse(pattern).unwrap();
        SiteRoles { web: hosts("web[1-3]"), db: Host::ssh("db1").user("app"), cron: hosts("web1") }
    }
}

/// A site in one of its stages.
#[node(roles(web: AtLeastOne, db: One, cron), hosts = S::hosts())]
pub struct Site<S: Stage> {
    #[default(S::NAME)]
    name: String,
    #[default(vec![S::NAME.to_owned()])]
    tags: Vec<String>,

    #[node(stage = self.name.clone(), workers = S::WORKERS, env = BTreeMap::from([("A".into(), "b".into())]))]
    #[map_roles(host = web, db = db)]
    app: Array<App<S>>,

    #[node(command = format!("report {}", self.name), tags = self.tags.iter().map(|tag| tag.to_uppercase()).collect::<Vec<_>>())]
    #[map_roles(host = [cron, db])]
    cron: Cron,

    #[node]
    db: Database,
}

#[node]
impl<S: Stage> Site<S> {
    /// Everything in its order.
    #[action(default)]
    pub async fn deploy(&self, #[default("main")] branch: String) -> Result<Vec<String>> {
        self.db.migrate().await?;
        let hosts = self.app.batch(Batch::percent(50)).deploy(branch, None).await?;
        Ok(hosts.values().cloned().collect())
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("https://{}.example.com", self.name)
    }
}

#[node(parallel, roles(db: One))]
pub struct App<S: Stage> {
    #[required]
    stage: String,
    #[default(2)]
    workers: u32,
    env: BTreeMap<String, String>,
    #[default("~/app")]
    directory: RemotePath,
    #[default(Self::LOG)]
    log: PathBuf,
    limit: Option<u64>,

    #[node(directory = self.directory.clone(), depth = 1)]
    git: Git,

    #[node]
    #[map_roles(host = ALL)]
    ping: Ping,

    #[node]
    part: Part<S>,
}

impl<S: Stage> App<S> {
    const LOG: &'static str = "/var/log/app";
}

#[node]
impl<S: Stage> App<S> {
    pub async fn deploy(&self, branch: String, workers: Option<u32>) -> Result<String> {
        self.git.checkout(branch).await?;
        let (workers, log) = (workers.unwrap_or(self.workers), &self.log);
        let db = self.roles().db.name();
        let limit = self.limit.map(|limit| format!("--limit={limit}"));
        self.host().sudo().run(cmd!("app --workers={workers} --log={log} {limit} {db}")).await?;
        Ok(format!("{}@{}", self.stage, self.host()))
    }
}

#[node(parallel, parent = App<S>)]
pub struct Part<S: Stage> {}

#[node]
impl<S: Stage> Part<S> {
    pub async fn whose(&self) -> Result<String> {
        Ok(format!("{} {} {}", self.parent().stage, self.parent().host(), S::NAME))
    }
}

#[node(parallel)]
pub struct Git {
    #[required]
    directory: RemotePath,
    depth: i32,
}

#[node]
impl Git {
    pub async fn checkout(&self, commit: String) -> Result {
        let Self { directory, depth, .. } = self;
        self.host().cd(directory).run(cmd!("git fetch --depth={depth} origin {commit}")).await?;
        Ok(())
    }
}

#[node]
pub struct Ping;

#[node]
impl Ping {
    pub async fn ping(&self) -> Result<usize> {
        Ok(self.hosts().probe("true").await?.len())
    }
}

#[node]
pub struct Cron {
    #[required]
    command: String,
    tags: Vec<String>,
}

#[node]
impl Cron {
    pub async fn install(&self) -> Result {
        self.hosts().run(cmd!("crontab-add {self.command} {self.tags}")).await?;
        Ok(())
    }
}

#[node(roles(db: One))]
pub struct Database;

#[node]
impl Database {
    pub async fn migrate(&self) -> Result {
        self.roles().db.as_user("postgres").run("migrate").await?;
        Ok(())
    }
}

#[node]
struct Root {
    #[group(staging)]
    #[node]
    staging: Site<Staging>,

    #[group(production)]
    #[node(name = "prod", app.workers = 16, app.git.depth = -1, app.limit = 5, cron.command = "nightly")]
    production: Site<Production>,

    #[node]
    #[hosts(db = "other", web = ["w[1-2]", "w9"], ..)]
    third: Site<Staging>,
}

#[tokio::test]
async fn what_is_set_and_mapped_arrives() -> Result {
    let recorder = Recorder::new();
    let root = Root::builder().build().bind(&recorder.env())?;
    let deployed = root.production.deploy("main".to_owned()).await?;
    assert_eq!(deployed, ["prod@web1", "prod@web2", "prod@web3"]);
    assert_eq!(
        recorder.commands("web2"),
        [
            "cd=~/app: git fetch --depth=-1 origin main",
            "sudo: app --workers=16 --log=/var/log/app '--limit=5' db1"
        ]
    );
    assert_eq!(recorder.commands("db1"), ["user=postgres: migrate"]);
    recorder.clear();
    root.production.cron.install().await?;
    assert_eq!(recorder.all_commands().len(), 2, "web1 and db1");
    assert_eq!(
        recorder.commands("db1"),
        ["crontab-add nightly STAGING".replace("STAGING", "PRODUCTION")]
    );

    let cell = root.production.app.get("web3").unwrap();
    assert_eq!(cell.part.whose().await?, "prod web3 production");
    assert_eq!(cell.ping.ping().await?, 2, "the cell's host and the database");
    assert_eq!(root.third.app.len(), 3);
    assert!(root.third.roles().cron.is_empty());
    assert_eq!(root.third.db.hosts().names(), ["other"]);
    assert_eq!(root.staging.app.cells().len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_same_by_name() -> Result {
    let recorder = Recorder::new();
    let tree = Tree::of(&Root::builder().build().bind(&recorder.env())?);
    let staging = tree.resolve("staging")?;
    assert_eq!(staging.group().unwrap().name(), "staging");
    let url = staging.properties().into_iter().find(|property| property.name == "url").unwrap();
    assert_eq!(url.value, "https://staging.example.com");
    let deploy = staging.default_action().unwrap();
    assert_eq!(deploy.usage(), "deploy [branch]");
    assert_eq!(deploy.params[0].default_word().as_deref(), Some("main"));
    assert_eq!(
        staging.call("deploy", &[]).await?.to_json(),
        serde_json::json!(["staging@localhost"])
    );
    let parts = tree.resolve("third app:w[1-2] part")?.call("whose", &[]).await?;
    assert_eq!(
        parts.to_json(),
        serde_json::json!({"w1": "staging w1 staging", "w2": "staging w2 staging"})
    );
    assert_eq!(tree.find(is::<Part<Staging>>()).len(), 2);
    assert_eq!(tree.find(is::<Part<Production>>()).len(), 1);
    tree.check()
}
