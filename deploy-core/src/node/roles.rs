//! Roles: the named groups of hosts of a node, as plain structs that the macros write.

use crate::spec::{Cardinality, RoleSpec};
use crate::{AsHosts, Error, Host, Hosts, Result};

/// A struct of roles: one field for each, [`Host`] for exactly one and [`Hosts`] otherwise.
#[doc(hidden)]
pub trait Roles: Clone + Send + Sync + 'static {
    /// Those of an array: of a cell's roles, the same with any number of hosts.
    type Array: Roles;

    const SPEC: &'static [RoleSpec];

    /// The hosts of each role, in the order of `SPEC`.
    fn hosts_of(&self) -> Vec<Hosts>;

    /// Roles with the hosts that `of` gives for each index.
    fn make(of: HostsOf<'_>) -> Self;

    /// No hosts at all; a role that takes exactly one is reported when the tree is bound.
    #[must_use]
    fn empty() -> Self {
        Self::make(&mut |_| Hosts::default())
    }

    /// All hosts, each once.
    fn all(&self) -> Hosts {
        union(&self.hosts_of())
    }
}

/// Gives the hosts of each role, by its index.
#[doc(hidden)]
pub type HostsOf<'a> = &'a mut dyn FnMut(usize) -> Hosts;

/// The type of a role's field.
#[doc(hidden)]
pub trait Role: Clone + Send + Sync + 'static {
    /// How many hosts it holds.
    const CARDINALITY: Cardinality;

    fn hosts(&self) -> Hosts;
    /// `Err` with the number of hosts if it is more than one and may not be.
    fn from_hosts(hosts: Hosts) -> Result<Self, usize>;
}

impl Role for Hosts {
    const CARDINALITY: Cardinality = Cardinality::Any;

    fn hosts(&self) -> Hosts {
        self.clone()
    }

    fn from_hosts(hosts: Hosts) -> Result<Self, usize> {
        Ok(hosts)
    }
}

impl Role for Host {
    const CARDINALITY: Cardinality = Cardinality::One;

    fn hosts(&self) -> Hosts {
        set(self.as_hosts())
    }

    fn from_hosts(hosts: Hosts) -> Result<Self, usize> {
        match hosts.len() {
            0 => Ok(Self::from_spec(crate::host::HostSpec::default())),
            1 => Ok(hosts.iter().next().cloned().unwrap_or_else(Self::local)),
            more => Err(more),
        }
    }
}

/// A role of exactly one that was left empty holds a host without a name until binding reports it.
fn set(hosts: Hosts) -> Hosts {
    if hosts.names().contains(&"") { hosts.filter(|host| !host.name().is_empty()) } else { hosts }
}

/// The field of a role, from hosts whose number has been checked.
#[doc(hidden)]
pub fn make_role<R: Role>(hosts: Hosts) -> R {
    R::from_hosts(hosts).unwrap_or_else(|_| {
        // `role` and `mapped` refuse more than one before this is reached.
        R::from_hosts(Hosts::default()).unwrap_or_else(|_| unreachable!("no hosts fit any role"))
    })
}

/// The union of `hosts` as the value of role `name` of the node at `path`.
#[doc(hidden)]
pub fn role<R: Role>(path: &str, name: &str, hosts: &[&dyn AsHosts]) -> Result<R> {
    let union: Hosts = hosts.iter().flat_map(|hosts| set(hosts.as_hosts())).collect();
    R::from_hosts(union.clone()).map_err(|_| too_many(path, name, &union))
}

/// The default mapping: a child's own hosts, or else for each role the parent's of the same name. `host` of an array takes
/// all hosts if the parent has no such role.
pub(super) fn mapped<P: Roles, C: Roles>(
    path: &str,
    parent: &P,
    own: Option<Vec<Hosts>>,
    array: bool,
) -> Result<C> {
    let hosts = match own {
        Some(own) => own,
        None => by_name(path, P::SPEC, &parent.hosts_of(), C::SPEC, array)?,
    };
    Ok(from_list(&hosts))
}

/// Roles with these hosts, in order.
pub(super) fn from_list<R: Roles>(hosts: &[Hosts]) -> R {
    R::make(&mut |index| hosts[index].clone())
}

fn by_name(
    path: &str,
    parents: &[RoleSpec],
    hosts: &[Hosts],
    wanted: &[RoleSpec],
    array: bool,
) -> Result<Vec<Hosts>> {
    let find = |role: &RoleSpec| {
        let found = match parents.iter().position(|ours| ours.name == role.name) {
            Some(index) => hosts[index].clone(),
            None if array && role.name == "host" => union(hosts),
            None => {
                return Err(Error::usage(format!(
                    "role `{}` of `{path}` has no counterpart",
                    role.name
                )));
            }
        };
        if role.cardinality == Cardinality::One && found.len() > 1 {
            return Err(too_many(path, role.name, &found));
        }
        Ok(found)
    };
    wanted.iter().map(find).collect()
}

/// All of these hosts, each once.
pub(super) fn union(hosts: &[Hosts]) -> Hosts {
    hosts.iter().flatten().cloned().collect()
}

fn too_many(path: &str, role: &str, hosts: &Hosts) -> Error {
    Error::usage_with_hint(
        format!("role `{role}` of `{path}` takes exactly one host and got {hosts}"),
        "give it one host; or declare the role without `One`, or nest the node as an `Array` instead of a `JustOne`",
    )
}

/// Refuses roles that have fewer hosts than they take.
pub(super) fn check(path: &str, roles: &[RoleSpec], hosts: &[Hosts]) -> Result {
    for (role, hosts) in roles.iter().zip(hosts) {
        if hosts.is_empty() && role.cardinality != Cardinality::Any {
            let what = match role.cardinality {
                Cardinality::One => "exactly one host",
                _ => "at least one host",
            };
            let name = role.name;
            let (node, hint) = match path {
                "" => (
                    "the root",
                    "give it hosts with `bind_to`, or in the node itself: `#[node(hosts = ..)]`"
                        .to_owned(),
                ),
                path => (
                    path,
                    format!("give it hosts where the node is nested: `#[hosts({name} = [..])]`"),
                ),
            };
            return Err(Error::usage_with_hint(
                format!("role `{name}` of `{node}` takes {what} and has none"),
                hint,
            ));
        }
    }
    Ok(())
}

/// The roles of one cell: its own host, and every other role whole.
pub(super) fn isolated<A: Roles, C: Roles>(array: &A, host: &Host) -> C {
    let hosts = array.hosts_of();
    C::make(&mut |index| match index {
        0 => Hosts::from(host.clone()),
        other => hosts[other].clone(),
    })
}

/// The hosts of a role as `#[hosts(..)]` gives them.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no host",
    label = "expected a `Host`, a `Hosts` or a pattern such as \"web[1-3]\""
)]
pub trait IntoHosts {
    fn into_hosts(self) -> Result<Hosts>;
}

impl IntoHosts for &str {
    fn into_hosts(self) -> Result<Hosts> {
        Ok(crate::host::Pattern::parse(self)?.specs()?.into_iter().map(Host::from_spec).collect())
    }
}

impl IntoHosts for String {
    fn into_hosts(self) -> Result<Hosts> {
        self.as_str().into_hosts()
    }
}

impl IntoHosts for Host {
    fn into_hosts(self) -> Result<Hosts> {
        Ok(self.into())
    }
}

impl IntoHosts for Hosts {
    fn into_hosts(self) -> Result<Hosts> {
        Ok(self)
    }
}

/// What a source of hosts gives.
impl IntoHosts for Result<Hosts> {
    fn into_hosts(self) -> Result<Hosts> {
        self
    }
}

impl<T: Clone + IntoHosts> IntoHosts for &T {
    fn into_hosts(self) -> Result<Hosts> {
        self.clone().into_hosts()
    }
}

impl<T: IntoHosts> IntoHosts for Vec<T> {
    fn into_hosts(self) -> Result<Hosts> {
        let parts: Result<Vec<Hosts>> = self.into_iter().map(IntoHosts::into_hosts).collect();
        Ok(parts?.iter().flatten().cloned().collect())
    }
}

/// The value of role `name`, given by `#[hosts(..)]`.
#[doc(hidden)]
pub fn given<R: Role>(path: &str, name: &str, hosts: Vec<Result<Hosts>>) -> Result<R> {
    let hosts: Result<Vec<Hosts>> = hosts.into_iter().collect();
    let hosts = hosts.map_err(|error| error.in_action(path))?;
    let parts: Vec<&dyn AsHosts> = hosts.iter().map(|hosts| hosts as &dyn AsHosts).collect();
    role(path, name, &parts)
}

/// The roles of a node that names none, and of an array of a parallel node that names none.
#[derive(Clone, Debug)]
pub struct HostRoles {
    /// Its hosts.
    pub host: Hosts,
}

impl Roles for HostRoles {
    type Array = Self;

    const SPEC: &'static [RoleSpec] = &[RoleSpec::of::<Hosts>("host")];

    fn hosts_of(&self) -> Vec<Hosts> {
        vec![self.host.clone()]
    }

    fn make(of: HostsOf<'_>) -> Self {
        Self { host: of(0) }
    }
}

/// The roles of a cell of a parallel node that names none.
#[derive(Clone, Debug)]
pub struct CellRoles {
    /// The host of the cell.
    pub host: Host,
}

impl Roles for CellRoles {
    type Array = HostRoles;

    const SPEC: &'static [RoleSpec] = &[RoleSpec::of::<Host>("host")];

    fn hosts_of(&self) -> Vec<Hosts> {
        vec![self.host.hosts()]
    }

    fn make(of: HostsOf<'_>) -> Self {
        Self { host: make_role(of(0)) }
    }
}

impl From<CellRoles> for HostRoles {
    fn from(roles: CellRoles) -> Self {
        Self { host: roles.host.hosts() }
    }
}
