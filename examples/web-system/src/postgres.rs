//! Operations on PostgreSQL, to be run as its superuser: how a component brings operations of its own.

use deploy_core::command::ToWords;
use deploy_core::prelude::*;
use deploy_core::{Fact, Operation, Plan};

/// Which cluster of Debian's a host has.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(crate) version: String,
    pub(crate) name: String,
}

impl Fact for Cluster {
    type Value = Self;

    fn script() -> Cmd {
        Cmd::raw("pg_lsclusters -h 2>/dev/null | head -n 1")
    }

    fn parse(output: &Output) -> Result<Self> {
        // In a dry run PostgreSQL may not be installed yet.
        let text = output.stdout_str()?;
        let mut words = text.split_whitespace().map(str::to_owned);
        let version = words.next().unwrap_or_else(|| "15".to_owned());
        Ok(Self { version, name: words.next().unwrap_or_else(|| "main".to_owned()) })
    }
}

/// A role that may log in with a password.
pub(crate) struct Role {
    name: &'static str,
    password: Secret,
    may: &'static str,
}

impl Role {
    pub(crate) fn new(name: &'static str, password: Secret) -> Self {
        Self { name, password, may: "LOGIN" }
    }

    /// It may also follow a master.
    pub(crate) fn replication(self) -> Self {
        Self { may: "LOGIN REPLICATION", ..self }
    }
}

impl Operation for Role {
    /// Whether it can log in.
    type State = bool;

    fn describe(&self) -> String {
        format!("database role {}", self.name)
    }

    fn inspect(&self) -> Cmd {
        let (name, password) = (self.name, &self.password);
        cmd!(
            "PGPASSWORD={password} psql -w -h 127.0.0.1 -U {name} -d template1 -Atc 'select 1' 2>&1"
        )
    }

    fn parse(&self, output: &Output) -> Result<bool> {
        Ok(output.success())
    }

    fn plan(&self, works: &bool) -> Result<Plan> {
        if *works {
            return Ok(Plan::nothing());
        }
        let (name, password) = (quoted(self.name, '"'), quoted(self.password.expose(), '\''));
        let sql = format!(
            "DO $$ BEGIN CREATE ROLE {name}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n\
             ALTER ROLE {name} {} PASSWORD {password};\n",
            self.may
        );
        let set = cmd!("psql -q -v ON_ERROR_STOP=1 -d postgres").stdin(Secret::new(sql));
        Ok(Plan::nothing().step(format!("set the password of {}", self.name), set))
    }
}

/// A database and its owner.
pub(crate) struct Database {
    name: &'static str,
    owner: &'static str,
}

impl Database {
    pub(crate) fn new(name: &'static str, owner: &'static str) -> Self {
        Self { name, owner }
    }
}

impl Operation for Database {
    /// Whether it is there.
    type State = bool;

    fn describe(&self) -> String {
        format!("database {}", self.name)
    }

    fn inspect(&self) -> Cmd {
        let sql = format!("select 1 from pg_database where datname = {}", quoted(self.name, '\''));
        cmd!("psql -d postgres -Atc {sql} 2>&1")
    }

    fn parse(&self, output: &Output) -> Result<bool> {
        Ok(output.stdout_str()? == "1")
    }

    fn plan(&self, there: &bool) -> Result<Plan> {
        if *there {
            return Ok(Plan::nothing());
        }
        let create = cmd!("createdb -O {self.owner} -- {self.name}");
        Ok(Plan::nothing().step(format!("create the database {}", self.name), create))
    }
}

/// A cluster that follows a master.
pub(crate) struct Replica {
    cluster: Cluster,
    master: String,
    user: &'static str,
    password: Secret,
}

impl Replica {
    pub(crate) fn new(
        cluster: Cluster,
        master: &Host,
        user: &'static str,
        password: Secret,
    ) -> Self {
        Self { cluster, master: master.name().to_owned(), user, password }
    }
}

/// Says whether the cluster with data `$1` follows master `$3` with password `$2`, which is in no argument list.
const FOLLOWS: &str = r#"[ -e "$1/standby.signal" ] && settings=$(cat -- "$1/postgresql.auto.conf") || exit 0
case $settings in *"password=$2 "*) ;; *) exit 0 ;; esac
case $settings in *"host=$3 "*) echo follows ;; esac"#;

/// Replaces the data of cluster `$1` `$2` by a copy of what master `$3` has, as user `$4`, and follows it from there. What was there
/// is kept beside it, once.
const FOLLOW: &str = r#"data=/var/lib/postgresql/$1/$2
systemctl stop -- "postgresql@$1-$2" || exit
rm -rf -- "$data.new" && install -d -o postgres -g postgres -m 700 "$data.new" || exit
cd / && runuser -u postgres -- pg_basebackup -w -R -X stream -c fast -h "$3" -U "$4" -D "$data.new" || exit
rm -rf -- "$data.old" && mv -- "$data" "$data.old" && mv -- "$data.new" "$data" || exit
systemctl start -- "postgresql@$1-$2""#;

impl Operation for Replica {
    /// Whether it follows this master, with this password.
    type State = bool;

    fn describe(&self) -> String {
        format!("replica of {}", self.master)
    }

    fn inspect(&self) -> Cmd {
        let Cluster { version, name } = &self.cluster;
        let data = RemotePath::new(format!("/var/lib/postgresql/{version}/{name}"));
        let words: [&dyn ToWords; 3] = [&data, &self.password, &self.master];
        Cmd::script(FOLLOWS, words)
    }

    fn parse(&self, output: &Output) -> Result<bool> {
        Ok(output.stdout_str()? == "follows")
    }

    fn plan(&self, follows: &bool) -> Result<Plan> {
        if *follows {
            return Ok(Plan::nothing());
        }
        let Cluster { version, name } = &self.cluster;
        let follow = Cmd::script(FOLLOW, [version, name, &self.master, &self.user.to_owned()]);
        let password = &self.password;
        let follow = cmd!("export PGPASSWORD={password}; eval {follow}");
        Ok(Plan::nothing().step(format!("copy the data of {} and follow it", self.master), follow))
    }
}

/// Text as an SQL identifier or string, by the mark that is around it.
fn quoted(text: &str, mark: char) -> String {
    format!("{mark}{}{mark}", text.replace(mark, &format!("{mark}{mark}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_can_log_in_is_left_alone() {
        let role = Role::new("web", "it's".into());
        assert!(role.plan(&true).unwrap().is_empty());
        let plan = role.plan(&false).unwrap();
        assert_eq!(plan.commands(), ["psql -q -v ON_ERROR_STOP=1 -d postgres"]);
        assert_eq!(plan.diff(), "set the password of web\n");
    }

    #[test]
    fn a_database_is_made_once() {
        let visits = Database::new("visits", "web");
        assert!(visits.plan(&true).unwrap().is_empty());
        assert_eq!(visits.plan(&false).unwrap().commands(), ["createdb -O web -- visits"]);
    }

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(quoted("it's", '\''), "'it''s'");
    }
}
