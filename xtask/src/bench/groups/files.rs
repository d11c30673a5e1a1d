//! Files: one large one.

use std::path::PathBuf;

use super::Extent;
use crate::bench::fleet::Kex;
use crate::bench::plan::{Case, Goal, Group, Quantity, Side};
use crate::bench::process::Invocation;
use crate::bench::tools::Tools;

/// What the file is called on the hosts.
const REMOTE: &str = "upload.bin";

/// 10 MiB to each of a few hosts.
pub(super) fn upload(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n) = (tools.fleet, extent.few());
    let (config, mux) = (fleet.ssh_config(Kex::Fast), fleet.mux_config());
    let file = tools.peers.dir.join("upload.bin");
    let local = file.to_string_lossy().into_owned();
    // Not to be compressed away.
    let make = format!("[ -s '{local}' ] || head -c 10485760 /dev/urandom >'{local}'");
    let targets: Vec<PathBuf> = (1..=n).map(|host| fleet.home(host).join(REMOTE)).collect();
    let remove = Invocation::new(["rm", "-f"]).args(targets.iter().cloned());
    let case = |side, name, tool| {
        let (file, targets) = (file.clone(), targets.clone());
        Case::new(side, name, tool)
            .before(Invocation::new(["sh", "-c", &make]))
            .before(remove.clone())
            .check(move || {
                let sent = std::fs::read(&file).map_err(|error| error.to_string())?;
                let same = |path: &PathBuf| std::fs::read(path).is_ok_and(|got| got == sent);
                let wrong = targets.iter().filter(|path| !same(path)).count();
                if wrong == 0 { Ok(()) } else { Err(format!("{wrong} hosts have another file")) }
            })
    };
    let copy = |config: &std::path::Path| {
        Invocation::new(["xargs", "-P32", "-I{}", "scp", "-q", "-F"])
            .arg(config)
            .arg(&file)
            .arg(format!("{{}}:{REMOTE}"))
            .stdin(tools.peers.hosts_file(n))
    };
    let ours = |task| [task, local.as_str(), REMOTE];
    let put = ours("put");
    let (source, target) = (format!("src={local}"), format!("dest={REMOTE}"));
    let pscp =
        tools.peers.system("parallel-scp").map(|program| {
            Invocation::new([program])
                .args(["-p", "32", "-h"])
                .arg(tools.peers.hosts_file(n))
                .args(["-x", &format!("-F {}", config.display()), &local, REMOTE])
        });
    let clush = tools.clush(&config, n);
    Group {
        key: "upload",
        title: format!("10 MiB to {n} hosts"),
        note: "`bare cat` gives the file to `cat` on a channel of each master. `deploy` streams to \
               `cat` too; `put` writes beside the file, syncs to disk and renames; the operation does so where the host has another \
               file. Each host's copy is \
               compared after each run.",
        quantity: Quantity::Time,
        floor: "bare cat, warm",
        cases: vec![
            case(Side::Floor, "bare cat, warm", Ok(tools.floor("put", n).arg(&file).arg(REMOTE))),
            case(Side::Floor, "xargs scp, cold", Ok(copy(&config))),
            case(Side::Floor, "xargs scp, warm", Ok(copy(&mux))),
            case(
                Side::Ours,
                "deploy, cold",
                Ok(tools.ours_keeping(Kex::Fast, n).args(ours("cat"))),
            )
            .before(tools.renew(Kex::Fast)),
            case(Side::Ours, "deploy, warm", Ok(tools.ours_warm(n).args(ours("cat"))))
                .before(tools.warm_up(n)),
            case(Side::Ours, "deploy, warm, put", Ok(tools.ours_warm(n).args(put)))
                .before(tools.warm_up(n)),
            case(
                Side::Ours,
                "deploy, warm, operation",
                Ok(tools.ours_warm(n).args(ours("upload"))),
            )
            .before(tools.warm_up(n)),
            case(Side::Peer, "clush", clush.map(|c| c.args(["--copy", &local, "--dest", REMOTE]))),
            case(Side::Peer, "fabric", tools.script("fabric_task.py", &config, n, &put)),
            case(Side::Peer, "pssh", pscp),
            case(Side::Peer, "parallax", tools.script("parallax_task.py", &config, n, &put)),
            case(Side::Peer, "pyinfra", tools.pyinfra(n, &["files.put", &source, &target])),
            case(
                Side::Peer,
                "ansible",
                tools.ansible(Kex::Fast, n, "copy", &format!("{source} {target}")),
            )
            .before(tools.forget_ansible())
            .at_most(2),
        ],
        goals: vec![
            Goal::ratio("warm ≤ 1.15 × bare `cat`", "deploy, warm", "bare cat, warm", 1.15),
            Goal::ratio("cold ≤ `scp` cold", "deploy, cold", "xargs scp, cold", 1.0),
        ],
    }
}
