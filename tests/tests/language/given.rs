//! Hosts that a child is given, from expressions of every kind; names that our own methods have as well.

use deploy_core::ExitCode;
use deploy_core::prelude::*;

#[node(parallel)]
struct Cell {
    #[default("x")]
    mark: String,
}

#[node]
impl Cell {
    pub async fn name(&self) -> Result<String> {
        Ok(format!("{}{}", self.host(), self.mark))
    }
}

const ONE: &str = "c1";

fn inventory() -> Hosts {
    Hosts::parse("i[1-2]").unwrap()
}

#[node]
struct Site {
    #[default("web[1-2]")]
    pattern: String,
    own: Hosts,
    #[node]
    #[hosts(host = self.pattern.as_str())]
    text: Array<Cell>,
    #[node]
    #[hosts(host = [inventory(), Host::ssh("z"), "y", ONE])]
    mixed: Array<Cell>,
    #[node(mark = if self.own.is_empty() { "-" } else { "+" })]
    #[hosts(host = [self.pattern.clone(), self.own.clone()])]
    properties: Array<Cell>,
    #[node]
    #[hosts(host = (1..=2).map(|n| Host::ssh(format!("n{n}"))).collect::<Hosts>())]
    made: Array<Cell>,
}

#[tokio::test]
async fn hosts_come_from_any_expression() -> Result {
    let site = Site::builder().own(inventory()).build().bind(&Env::quiet())?;
    for (array, expected) in [
        (&site.text, vec!["web1x", "web2x"]),
        (&site.mixed, vec!["i1x", "i2x", "zx", "yx", "c1x"]),
        (&site.properties, vec!["web1+", "web2+", "i1+", "i2+"]),
        (&site.made, vec!["n1x", "n2x"]),
    ] {
        let names = array.name().await?;
        assert_eq!(names.values().collect::<Vec<_>>(), expected);
    }
    let error = Site::builder().pattern("web[").build().bind(&Env::quiet()).unwrap_err();
    assert_eq!((error.action(), error.exit_code()), (Some("text"), ExitCode::Usage));
    Ok(())
}

/// Properties, roles and children may be called like methods of nodes and like what the macros make up.
#[node(roles(host, hosts, r#type: One, path))]
struct Named {
    roles: u8,
    path: String,
    env: Option<String>,
    value: u8,
    #[default(3)]
    r#match: u8,
    #[node]
    hosts: ByName,
    #[node]
    #[map_roles(host = r#type)]
    builder: Array<Cell>,
}

#[node(roles(hosts, r#type: One))]
struct ByName {
    spec: u8,
}

#[tokio::test]
async fn names_of_methods_are_free_for_fields() -> Result {
    let draft = Named::builder().path("p").value(1).env("e".to_owned()).r#match(4).build();
    let roles = NamedRoles {
        host: Hosts::parse("a,b")?,
        hosts: Hosts::parse("c")?,
        r#type: Host::ssh("t"),
        path: Hosts::default(),
    };
    let named = draft.bind_to(roles, &Env::quiet())?;
    assert_eq!((named.roles, named.path.as_str(), named.path()), (0, "p", ""));
    assert_eq!((named.value, named.r#match, named.env.as_deref()), (1, 4, Some("e")));
    assert_eq!(named.roles().r#type.name(), "t");
    assert_eq!(named.hosts().names(), ["a", "b", "c", "t"]);
    assert_eq!((named.hosts.hosts().names(), named.hosts.spec), (vec!["c", "t"], 0));
    assert_eq!(named.builder.name().await?.get("t").map(String::as_str), Some("tx"));
    Ok(())
}

/// Where the hosts of a stage come from can fail, as a file does.
trait Stage: Send + Sync + 'static {
    const WEB: &'static str;
    fn hosts() -> Result<StagedRoles>;
}

struct Right;

impl Stage for Right {
    const WEB: &'static str = "web[1-2]";
    fn hosts() -> Result<StagedRoles> {
        Ok(StagedRoles { web: Hosts::parse(Self::WEB)? })
    }
}

struct Wrong;

impl Stage for Wrong {
    const WEB: &'static str = "web[1-";
    fn hosts() -> Result<StagedRoles> {
        Ok(StagedRoles { web: Hosts::parse(Self::WEB)? })
    }
}

#[node(roles(web), hosts = S::hosts()?)]
struct Staged<S: Stage + ?Sized> {}

#[node]
struct Above<S: Stage> {
    #[node]
    staged: Staged<S>,
}

#[test]
fn what_a_nodes_own_hosts_fail_with_is_told_at_start() -> Result {
    let above = Above::<Right>::builder().build().bind(&Env::quiet())?;
    assert_eq!(above.staged.hosts().names(), ["web1", "web2"]);
    let error = Above::<Wrong>::builder().build().bind(&Env::quiet()).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("bad host pattern `web[1-`"), "{error}");
    let error = Staged::<Wrong>::builder().build().bind(&Env::quiet()).unwrap_err();
    assert!(error.to_string().contains("bad host pattern `web[1-`"), "{error}");
    Ok(())
}
