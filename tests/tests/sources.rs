//! Hosts from elsewhere: files, an ssh_config, what terraform, vagrant and a script print; and how they read in a tree.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use deploy_contrib::Inventory;
use deploy_contrib::sources::Source;
use deploy_core::Elevation;
use deploy_core::ExitCode;
use deploy_core::prelude::*;

const TOML: &str = r#"
[groups.web]
hosts = ["web[1-2].example.com", "deploy@extra:2222"]
tags = ["public"]
data = { region = "eu", workers = 4 }

[groups.db]
hosts = ["db1"]

[groups.all-of-it]
groups = ["db", "web"]
data = { site = "north", region = "any" }

[hosts."web1.example.com"]
address = "10.0.0.1"
user = "app"
port = 2200
jump = "bastion"
elevation = "doas"
tags = ["canary"]
data = { workers = 8, disks = ["a", "b"] }

[hosts.alone]
address = "docker:box"
"#;

const YAML: &str = "
groups:
  web:
    hosts: ['web[1-2].example.com', 'deploy@extra:2222']
    tags: [public]
    data: {region: eu, workers: 4}
  db:
    hosts: [db1]
  all-of-it:
    groups: [db, web]
    data: {site: north, region: any}
hosts:
  web1.example.com:
    address: 10.0.0.1
    user: app
    port: 2200
    jump: bastion
    elevation: doas
    tags: [canary]
    data: {workers: 8, disks: [a, b]}
  alone: {address: 'docker:box'}
";

const JSON: &str = r#"{
  "groups": {
    "web": {"hosts": ["web[1-2].example.com", "deploy@extra:2222"], "tags": ["public"], "data": {"region": "eu", "workers": 4}},
    "db": {"hosts": ["db1"]},
    "all-of-it": {"groups": ["db", "web"], "data": {"site": "north", "region": "any"}}
  },
  "hosts": {
    "web1.example.com": {"address": "10.0.0.1", "user": "app", "port": 2200, "jump": "bastion", "elevation": "doas", "tags": ["canary"],
      "data": {"workers": 8, "disks": ["a", "b"]}},
    "alone": {"address": "docker:box"}
  }
}"#;

/// A file of hosts.
struct File {
    directory: tempfile::TempDir,
    name: &'static str,
}

impl File {
    fn new(name: &'static str, text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(name), text).unwrap();
        Self { directory, name }
    }

    fn path(&self) -> String {
        self.directory.path().join(self.name).to_str().unwrap().to_owned()
    }

    fn inventory(&self) -> Inventory {
        Inventory::from(Source::File(self.path().into()))
    }
}

/// A directory with one program.
fn program(name: &str, script: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    directory
}

#[test]
fn a_file_is_the_same_in_each_format() {
    for (name, text) in
        [("hosts.toml", TOML), ("hosts.yaml", YAML), ("h.yml", YAML), ("hosts.json", JSON)]
    {
        let file = File::new(name, text);
        let site = file.inventory();
        assert_eq!(site.groups().unwrap(), ["web", "db", "all-of-it"], "{name}");
        let web = site.group("web").unwrap();
        assert_eq!(web.names(), ["web1.example.com", "web2.example.com", "extra"]);
        assert_eq!(
            site.group("all-of-it").unwrap().names(),
            ["db1", "web1.example.com", "web2.example.com", "extra"]
        );
        assert_eq!(site.all().unwrap().names().last(), Some(&"alone"));
        assert_eq!(
            site.hosts("web*,db1").unwrap().names(),
            ["web1.example.com", "web2.example.com", "db1"]
        );
        assert_eq!(site.tagged("canary").unwrap().names(), ["web1.example.com"]);

        let first = web.get("web1.example.com").unwrap();
        let spec = first.spec();
        assert_eq!(
            (spec.address.as_str(), spec.user.as_deref(), spec.port),
            ("10.0.0.1", Some("app"), Some(2200))
        );
        assert_eq!(
            (spec.jump.as_deref(), spec.elevation, first.tags()),
            (
                Some("bastion"),
                Some(Elevation::Doas),
                &["public".to_owned(), "canary".to_owned()][..]
            )
        );
        // Of the groups, the later wins; of all, the host.
        assert_eq!(first.data::<u32>("workers").unwrap(), Some(8));
        assert_eq!(first.data::<String>("region").unwrap().as_deref(), Some("any"));
        assert_eq!(first.data::<Vec<String>>("disks").unwrap().unwrap(), ["a", "b"]);
        assert_eq!(first.data::<u32>("nothing").unwrap(), None);
        let wrong = first.data::<u32>("region").unwrap_err();
        assert!(wrong.to_string().contains("data `region` of host web1.example.com"), "{wrong}");
        let extra = web.get("extra").unwrap();
        assert_eq!((extra.spec().user.as_deref(), extra.spec().port), (Some("deploy"), Some(2222)));
        assert_eq!(extra.data::<u8>("workers").unwrap(), Some(4));
        // The same host, by whichever group it comes.
        assert_eq!(site.group("all-of-it").unwrap().get("extra").unwrap().spec(), extra.spec());
        let alone = site.all().unwrap().get("alone").unwrap().clone();
        assert_eq!(
            (alone.spec().connector.as_str(), alone.spec().address.as_str()),
            ("docker", "box")
        );
    }
}

/// The file, the line, what is wrong there, and what is right.
#[test]
fn mistakes_say_where() {
    let misspelt = "[groups.web]\nhosts = ['a']\n\n[hosts.a]\nadress = 'b'\n";
    for (name, text, line, words) in [
        ("h.toml", misspelt, 5, &["adress", "address"][..]),
        (
            "h.yaml",
            "groups:\n  web:\n    hosts: [a]\nhosts:\n  a:\n    adress: b\n",
            6,
            &["adress", "address"],
        ),
        (
            "h.json",
            "{\"groups\": {},\n \"hosts\": {\"a\":\n  {\"adress\": \"b\"}}}",
            3,
            &["adress", "address"],
        ),
        ("h.toml", "[groups.web\n", 1, &[]),
        ("h.json", "{\"groups\":\n", 2, &["EOF"]),
        ("h.toml", "[groups.web]\nhosts = ['ok', 'web[3-1]']\n", 2, &["web[3-1]", "backwards"]),
        ("h.toml", "[groups.web]\nhosts = 'web1'\n", 2, &["expected a sequence"]),
        (
            "h.toml",
            "[groups.web]\nhosts = ['a']\n[groups.all]\ngroups = ['wep']\n",
            4,
            &["`wep`, which is no group", "there are web, all"],
        ),
        (
            "h.toml",
            "[groups.a]\ngroups = ['b']\n[groups.b]\ngroups = ['a']\n",
            1,
            &["`a` is in itself"],
        ),
        ("h.toml", "[hosts.a]\naddress = 'web[1-2]'\n", 1, &["stands for 2 hosts"]),
        ("h.toml", "[hosts.a]\nport = 99999\n", 2, &["99999"]),
    ] {
        let file = File::new(name, text);
        let error = file.inventory().all().unwrap_err();
        let said = error.to_string();
        assert_eq!(error.exit_code(), ExitCode::Usage);
        assert!(said.contains(&format!("{}:{line}: ", file.path())), "{text}\n{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
    let file = File::new("h.toml", TOML);
    let error = file.inventory().group("wbe").unwrap_err().to_string();
    assert!(error.contains("no group `wbe`") && error.contains("web, db, all-of-it"), "{error}");
    let error = file.inventory().hosts("nothing*").unwrap_err().to_string();
    assert!(error.contains("no host matches `nothing*`") && error.contains("db1"), "{error}");
    let error = File::new("hosts", TOML).inventory().all().unwrap_err().to_string();
    assert!(error.contains(".toml"), "{error}");
    let error = Inventory::file("/nowhere/hosts.toml").all().unwrap_err().to_string();
    assert!(error.contains("/nowhere/hosts.toml") && error.contains("No such file"), "{error}");
}

#[test]
fn names_of_an_ssh_config() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let text = format!(
        "# Host commented\nHost web1 web2\n  HostName 10.0.0.1\nhost=\"db1\"\nHost *.example.com !bad web?\nInclude {}\nMatch host x\n  User y\n",
        path("conf.d/*")
    );
    std::fs::write(path("config"), text).unwrap();
    std::fs::create_dir(path("conf.d")).unwrap();
    std::fs::write(path("conf.d/b"), "Host cache1\n").unwrap();
    std::fs::write(path("conf.d/a"), "Host queue1\n").unwrap();
    let site = Inventory::from(Source::SshConfig(Some(path("config").into())));
    assert_eq!(site.all().unwrap().names(), ["web1", "web2", "db1", "queue1", "cache1"]);
    assert_eq!(site.hosts("web*,*1").unwrap().names(), ["web1", "web2", "db1", "queue1", "cache1"]);
    assert_eq!(site.hosts("web?").unwrap().names(), ["web1", "web2"]);
    assert!(site.all().unwrap().iter().all(|host| host.spec().user.is_none()));
    let error = site.group("web").unwrap_err().to_string();
    assert!(error.contains(".hosts("), "{error}");
}

/// As terraform is called and answers.
const TERRAFORM: &str = r#"#!/bin/sh
[ "$*" = "-chdir=infra output -json -no-color" ] || { echo "terraform: $*" >&2; exit 2; }
echo run >>"$(dirname "$0")/runs"
cat <<'EOF'
{"web": {"sensitive": false, "type": ["list", "string"], "value": ["10.0.0.1", "10.0.0.2"]},
 "lb": {"sensitive": false, "type": "string", "value": "198.51.100.7"},
 "named": {"sensitive": false, "value": {"db1": "10.0.1.1", "db2": "10.0.1.2"}},
 "machines": {"sensitive": false, "value": [{"name": "app1", "address": "10.0.2.1", "user": "admin", "zone": "eu-1a"}]},
 "count": {"sensitive": false, "value": 3},
 "motd": {"sensitive": false, "value": "two words"}}
EOF
"#;

/// As vagrant is called and answers.
const VAGRANT: &str = r#"#!/bin/sh
[ "$*" = ssh-config ] || exit 2
cat <<'EOF'
Host default
  HostName 127.0.0.1
  User vagrant
  Port 2222
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  IdentityFile "/home/me/my boxes/private_key"

Host second
  HostName 127.0.0.1
  User vagrant
  Port 2200
EOF
"#;

/// This test again, in a process of its own with something else in its environment. Returns whether this is that process.
fn in_own_process(test: &str, variable: &str, value: &str) -> bool {
    if std::env::var_os("DEPLOY_TEST_SOURCES").is_some() {
        return true;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let again = again.args(["--exact", test, "--nocapture"]).env("DEPLOY_TEST_SOURCES", "1");
    assert!(again.env(variable, value).status().unwrap().success());
    false
}

/// A PATH with a directory in front.
fn path_with(directory: &Path) -> String {
    format!("{}:{}", directory.display(), std::env::var("PATH").unwrap())
}

#[test]
fn outputs_of_terraform() {
    let bin = program("terraform", TERRAFORM);
    if !in_own_process("outputs_of_terraform", "PATH", &path_with(bin.path())) {
        let runs = std::fs::read_to_string(bin.path().join("runs")).unwrap();
        assert_eq!(runs, "run\n", "it is asked once");
        return;
    }
    static INFRA: Inventory = Inventory::terraform("infra");
    assert_eq!(INFRA.groups().unwrap(), ["web", "lb", "named", "machines"]);
    assert_eq!(INFRA.group("web").unwrap().names(), ["10.0.0.1", "10.0.0.2"]);
    assert_eq!(INFRA.group("lb").unwrap().names(), ["198.51.100.7"]);
    let named = INFRA.group("named").unwrap();
    assert_eq!(named.names(), ["db1", "db2"]);
    assert_eq!(named.get("db2").unwrap().spec().address, "10.0.1.2");
    let app = INFRA.group("machines").unwrap().get("app1").unwrap().clone();
    assert_eq!((app.spec().user.as_deref(), &*app.spec().address), (Some("admin"), "10.0.2.1"));
    assert_eq!(app.data::<String>("zone").unwrap().as_deref(), Some("eu-1a"));
    let error = INFRA.group("count").unwrap_err().to_string();
    assert!(error.contains("`terraform output -json` in infra"), "{error}");
    assert!(error.contains("web, lb, named, machines"), "{error}");
    let error = Inventory::terraform("elsewhere").all().unwrap_err().to_string();
    assert!(error.contains("exit status: 2"), "{error}");
}

#[test]
fn machines_of_vagrant() {
    let bin = program("vagrant", VAGRANT);
    if !in_own_process("machines_of_vagrant", "PATH", &path_with(bin.path())) {
        return;
    }
    let boxes = Inventory::vagrant(".");
    assert_eq!(boxes.all().unwrap().names(), ["default", "second"]);
    let first = boxes.group("default").unwrap().get("default").unwrap().clone();
    let spec = first.spec();
    assert_eq!(
        (&*spec.address, spec.port, spec.user.as_deref()),
        ("127.0.0.1", Some(2222), Some("vagrant"))
    );
    assert_eq!(spec.key.as_deref(), Some(Path::new("/home/me/my boxes/private_key")));
}

#[test]
fn a_program_that_is_not_there() {
    if in_own_process("a_program_that_is_not_there", "PATH", "/nowhere") {
        let error = Inventory::vagrant(".").all().unwrap_err().to_string();
        assert!(error.contains("not on the PATH"), "{error}");
    }
}

#[test]
fn what_a_script_prints() {
    let file = File::new("hosts.json", JSON);
    let script = |line: String| Inventory::from(Source::Script(line.into()));
    let site = script(format!("cat {}", file.path()));
    assert_eq!(site.group("db").unwrap().names(), ["db1"]);
    let error = script("echo '{\"group\": 1}'".to_owned()).all().unwrap_err().to_string();
    assert!(error.contains("unknown field `group`") && error.contains("`groups`"), "{error}");
    let error = script("exit 3".to_owned()).all().unwrap_err().to_string();
    assert!(error.contains("exit status: 3"), "{error}");
}

/// Counts how often it is read.
static SITE: Inventory = Inventory::script(
    r#"echo read >>"$DEPLOY_TEST_READS"
    echo '{"groups": {"web": {"hosts": ["web[1-2]"]}, "db": {"hosts": ["db1"], "tags": ["x"]}}}'"#,
);

static NOWHERE: Inventory = Inventory::file("/nowhere/hosts.toml");

#[node]
struct Service {}

#[node(roles(web, db: One))]
struct Site {
    #[node]
    #[map_roles(host = [web, db])]
    service: Service,
}

#[node]
struct Root {
    #[node]
    #[hosts(web = [SITE.group("web"), "extra"], db = [SITE.tagged("x")])]
    site: Site,
}

#[node]
struct Broken {
    #[node]
    #[hosts(host = [NOWHERE.group("web")])]
    service: Service,
}

#[test]
fn hosts_of_a_tree() {
    let reads = tempfile::NamedTempFile::new().unwrap();
    if !in_own_process("hosts_of_a_tree", "DEPLOY_TEST_READS", reads.path().to_str().unwrap()) {
        assert_eq!(std::fs::read_to_string(reads.path()).unwrap(), "read\n", "it is read once");
        return;
    }
    let root = Root::builder().build().bind(&Env::quiet()).unwrap();
    assert_eq!(root.site.service.hosts().names(), ["web1", "web2", "extra", "db1"]);
    let error = Broken::builder().build().bind(&Env::quiet()).unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage);
    assert!(error.to_string().contains("/nowhere/hosts.toml"), "{error}");
}
