//! Nodes with generics instead of inheritance of classes, and nodes with hosts of their own.

use deploy_core::prelude::*;
use deploy_core::testing::Recorder;

/// Where a site runs.
pub trait Stage: Send + Sync + 'static {
    const DEBUG: bool;
    fn hosts() -> SiteRoles;
    fn domain() -> String;
}

/// One Django process on a host.
#[node(parallel)]
pub struct DjangoApp {
    #[required]
    domain: String,
    debug: bool,
}

#[node]
impl DjangoApp {
    /// Serve the site.
    pub async fn serve(&self) -> Result {
        self.host().run(cmd!("serve {self.domain} debug={self.debug}")).await?;
        Ok(())
    }
}

/// A site on the hosts of its stage.
#[node(roles(web, db), hosts = S::hosts())]
pub struct Site<S: Stage> {
    #[node(domain = S::domain(), debug = S::DEBUG)]
    #[map_roles(host = web)]
    app: Array<DjangoApp>,
}

#[node]
impl<S: Stage> Site<S> {
    /// Whether errors are shown.
    pub fn debug(&self) -> bool {
        S::DEBUG
    }

    /// Serve on all hosts.
    pub async fn serve(&self) -> Result {
        self.app.serve().await?;
        Ok(())
    }
}

pub struct Staging;
pub struct Production;

impl Stage for Staging {
    const DEBUG: bool = true;

    fn hosts() -> SiteRoles {
        SiteRoles { web: Host::ssh("stage").into(), db: Hosts::default() }
    }

    fn domain() -> String {
        "staging.example.com".to_owned()
    }
}

impl Stage for Production {
    const DEBUG: bool = false;

    fn hosts() -> SiteRoles {
        SiteRoles { web: Hosts::parse("web[1-2]").unwrap(), db: Host::ssh("db").into() }
    }

    fn domain() -> String {
        "example.com".to_owned()
    }
}

#[node]
struct Root {
    #[node]
    staging: Site<Staging>,
    #[node]
    production: Site<Production>,
    /// The hosts on the field win over the node's own.
    #[node]
    #[hosts(web = ["canary"], ..)]
    canary: Site<Production>,
}

#[tokio::test]
async fn a_stage_decides_hosts_and_values() -> Result {
    let recorder = Recorder::new();
    let root = Root::builder().build().bind(&recorder.env())?;
    root.staging.serve().await?;
    root.production.serve().await?;
    root.canary.app.serve().await?;
    assert!(root.staging.debug());
    assert_eq!(recorder.commands("stage"), ["serve staging.example.com debug=true"]);
    assert_eq!(recorder.commands("web2"), ["serve example.com debug=false"]);
    assert_eq!(recorder.commands("canary"), ["serve example.com debug=false"]);

    let tree = Tree::of(&root);
    let sites: Vec<String> =
        tree.walk().filter(is::<Site<Production>>()).map(|node| node.path()).collect();
    assert_eq!(sites, ["production", "canary"]);
    let debug = tree.resolve("staging")?.properties();
    assert_eq!((debug[0].name, debug[0].value.as_str()), ("debug", "true"));
    Ok(())
}

/// What every node asks of its parameters need not be said.
#[node]
struct Named<N: Name, V: Clone> {
    #[default(N::NAME)]
    name: String,
    #[required]
    values: Vec<V>,
}

trait Name {
    const NAME: &'static str;
}

struct Tail;

impl Name for Tail {
    const NAME: &'static str = "tail";
}

#[node]
impl<N: Name, V: Clone> Named<N, V> {
    /// How many values there are.
    pub async fn count(&self) -> Result<usize> {
        Ok(self.values.len() + self.name.len() + self.hosts().len())
    }
}

#[tokio::test]
async fn parameters_are_bound_as_nodes_are() -> Result {
    let named = Named::<Tail, u8>::builder().values([1, 2]).build().bind(&Env::quiet())?;
    assert_eq!(named.count().await?, 6);
    Ok(())
}

#[test]
fn a_node_with_hosts_of_its_own_can_be_the_root() -> Result {
    let site = Site::<Production>::builder().build().bind(&Env::quiet())?;
    assert_eq!(site.app.len(), 2);
    let roles = SiteRoles { web: Hosts::default(), db: Hosts::default() };
    let site = Site::<Production>::builder().build().bind_to(roles, &Env::quiet())?;
    assert!(site.app.is_empty());
    Ok(())
}
