//! Many small files: a directory that is new, and one that is there already.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Extent;
use crate::bench::fleet::Kex;
use crate::bench::plan::{Case, Goal, Group, Quantity, Side};
use crate::bench::process::Invocation;
use crate::bench::tools::Tools;

/// What the directory is called on the hosts.
const REMOTE: &str = "tree";

/// Makes `$1`, 500 files of 2 KiB in 25 directories, unless it is there.
const MAKE: &str = r#"[ -d "$1" ] && exit; mkdir -p "$1.new"; i=0
while [ $i -lt 500 ]; do d=$1.new/d$((i / 20)); mkdir -p "$d"; head -c 2048 /dev/urandom >"$d/f$i"; i=$((i + 1)); done
mv "$1.new" "$1""#;

/// 500 small files to each of a few hosts that have none of them.
pub(super) fn first(tools: &Tools<'_>, extent: Extent) -> Group {
    let bench = Bench::new(tools, extent);
    let case = |side, name, tool| bench.case(side, name, tool).before(bench.remove());
    let (n, local, config) = (bench.n, &bench.local, &bench.config);
    let tar = r#"tar -cf - -C "$1" . | ssh -F "$2" "$3" "mkdir -p tree && tar -xf - -C tree""#;
    let xargs_tar = Invocation::new(["xargs", "-P32", "-I{}", "sh", "-c", tar, "sh"])
        .arg(local)
        .arg(config)
        .arg("{}")
        .stdin(tools.peers.hosts_file(n));
    let clush = tools.clush(config, n);
    let clush = clush.map(|clush| clush.arg("--copy").arg(local).args(["--dest", REMOTE]));
    Group {
        key: "tree",
        title: format!("500 small files to {n} hosts"),
        note: "`bare tar` packs the directory once and gives it to `tar` on a channel of each master; like `xargs tar` it writes where \
               the files will be. `deploy` asks each host what it has, unpacks beside that, syncs to disk and renames. Each host's \
               directory is compared after each run.",
        quantity: Quantity::Time,
        floor: "bare tar, warm",
        cases: vec![
            case(Side::Floor, "bare tar, warm", Ok(tools.floor("tar", n).arg(local).arg(REMOTE))),
            case(Side::Floor, "xargs tar, cold", Ok(xargs_tar)),
            case(Side::Floor, "xargs rsync, cold", Ok(bench.rsync(tools, config))),
            case(Side::Floor, "xargs rsync, warm", Ok(bench.rsync(tools, &bench.mux))),
            case(Side::Ours, "deploy, cold", Ok(bench.ours(tools.ours_keeping(Kex::Fast, n))))
                .before(tools.renew(Kex::Fast)),
            case(Side::Ours, "deploy, warm", Ok(bench.ours(tools.ours_warm(n))))
                .before(tools.warm_up(n)),
            case(Side::Peer, "clush", clush),
            case(Side::Peer, "pyinfra", bench.pyinfra(tools)).at_most(3),
        ],
        goals: vec![
            Goal::ratio("warm ≤ 1.2 × bare tar", "deploy, warm", "bare tar, warm", 1.2),
            Goal::ratio("cold ≤ rsync cold", "deploy, cold", "xargs rsync, cold", 1.0),
        ],
    }
}

/// The same once more.
pub(super) fn again(tools: &Tools<'_>, extent: Extent) -> Group {
    let bench = Bench::new(tools, extent);
    let n = bench.n;
    let bring = || bench.rsync(tools, &bench.mux);
    let case = |side, name, tool| bench.case(side, name, tool).before(bring());
    Group {
        key: "tree-again",
        title: format!("500 small files that {n} hosts have already"),
        note: "rsync compares sizes and times, `deploy` contents unless it is told to do as rsync.",
        quantity: Quantity::Time,
        floor: "xargs rsync, warm",
        cases: vec![
            case(Side::Floor, "xargs rsync, warm", Ok(bring())),
            case(Side::Floor, "xargs rsync, cold", Ok(bench.rsync(tools, &bench.config))),
            case(Side::Ours, "deploy, cold", Ok(bench.ours(tools.ours_keeping(Kex::Fast, n))))
                .before(tools.renew(Kex::Fast)),
            case(Side::Ours, "deploy, warm", Ok(bench.ours(tools.ours_warm(n))))
                .before(tools.warm_up(n)),
            case(
                Side::Ours,
                "deploy, warm, sizes and times",
                Ok(bench.by_time(tools.ours_warm(n))),
            )
            .before(tools.warm_up(n)),
            case(Side::Peer, "pyinfra", bench.pyinfra(tools)).at_most(3),
        ],
        goals: vec![
            Goal::ratio("warm ≤ rsync over a master", "deploy, warm", "xargs rsync, warm", 1.0),
            Goal::ratio(
                "warm, compared as rsync does, ≤ rsync over a master",
                "deploy, warm, sizes and times",
                "xargs rsync, warm",
                1.0,
            ),
        ],
    }
}

/// What both have in common.
struct Bench {
    n: usize,
    local: PathBuf,
    targets: Vec<PathBuf>,
    config: PathBuf,
    mux: PathBuf,
}

impl Bench {
    fn new(tools: &Tools<'_>, extent: Extent) -> Self {
        let n = extent.few();
        Self {
            n,
            local: tools.peers.dir.join("tree"),
            targets: (1..=n).map(|host| tools.fleet.home(host).join(REMOTE)).collect(),
            config: tools.fleet.ssh_config(Kex::Fast),
            mux: tools.fleet.mux_config(),
        }
    }

    fn case(&self, side: Side, name: &'static str, tool: Result<Invocation, String>) -> Case {
        let (local, targets) = (self.local.clone(), self.targets.clone());
        let make = Invocation::new(["sh", "-c", MAKE, "sh"]).arg(&local);
        Case::new(side, name, tool).before(make).check(move || {
            let differs = |target: &&PathBuf| {
                let diff = Command::new("diff").arg("-rq").arg(&local).arg(target).output();
                !diff.is_ok_and(|diff| diff.status.success())
            };
            match targets.iter().filter(differs).count() {
                0 => Ok(()),
                wrong => Err(format!("{wrong} hosts have something else")),
            }
        })
    }

    fn remove(&self) -> Invocation {
        Invocation::new(["rm", "-rf"]).args(self.targets.iter().cloned())
    }

    fn rsync(&self, tools: &Tools<'_>, config: &Path) -> Invocation {
        Invocation::new(["xargs", "-P32", "-I{}", "rsync", "-a", "-e"])
            .arg(format!("ssh -F {}", config.display()))
            .arg(self.local.join(""))
            .arg(format!("{{}}:{REMOTE}/"))
            .stdin(tools.peers.hosts_file(self.n))
    }

    fn ours(&self, driver: Invocation) -> Invocation {
        driver.arg("sync").arg(&self.local).arg(REMOTE)
    }

    fn by_time(&self, driver: Invocation) -> Invocation {
        driver.arg("sync-by-time").arg(&self.local).arg(REMOTE)
    }

    fn pyinfra(&self, tools: &Tools<'_>) -> Result<Invocation, String> {
        let source = format!("src={}/", self.local.display());
        tools.pyinfra(self.n, &["files.rsync", &source, &format!("dest={REMOTE}/")])
    }
}
