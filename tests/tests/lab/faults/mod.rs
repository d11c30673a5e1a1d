//! The fault matrix: what is known to go wrong between us and a host, made to happen on a host of the lab, and what is promised then.
//! Every row runs within a limit of its own; none may be reported as success, lose output or tear it. After each one the host has
//! no process and no temporary file of ours, and this machine no ssh ([`site`] checks it, and [`watch`](crate::watch) around all tests).
//!
//! | row | how it is made | expected | where |
//! |---|---|---|---|
//! | sshd not there | a port that nobody listens on | `Refused` | `connect` |
//! | wrong host key, unknown host key | `known_hosts` with another key, with none | `HostKeyChanged`, `HostKeyUnknown` | `connect` |
//! | key refused | a user who has none | `PermissionDenied` | `connect` |
//! | link cut before connecting, while a command runs | the host's link goes down | `TimedOut` or `NoRoute`, `Lost` in time; fine when it is back | `connect` |
//! | link cut in the middle of a handshake | the handshake is held after the host's first words until the link is down | `TimedOut` within the connect timeout; fine when it is back | `network` |
//! | link cut while a file is uploaded | the same | `Lost`; the old file, no temporary one | `network` |
//! | link cut, master process killed while a directory is brought | the host's link goes down, SIGKILL | `Lost`; the old files, nothing beside them; the next run brings all | `network` |
//! | master process killed between two renames of a directory | SIGKILL, while the second waits | each file old or new, nothing beside them; the next run brings the rest | `network` |
//! | link cut, master process killed while a command prints | the same, in a flood of lines | `Lost`; every line before it, whole and in order | `network` |
//! | host crashes mid-command | powered off | `Lost`; the next command after its boot runs | `network` |
//! | master process killed mid-command | SIGKILL | `Lost`; the next command connects anew | `connect` |
//! | master process killed mid-upload | SIGKILL | `Lost`; the old file, no temporary one | `network` |
//! | `MaxSessions 2` | an sshd of its own | twenty commands at once all run, each with its own output | `network` |
//! | `MaxStartups 3:50:10` | an sshd of its own | eight connections at once: all run, some after retries | `network` |
//! | the same with all of its places taken | ten connections that say nothing | `Handshake`; with retries in as soon as there is a place | `network` |
//! | disk full | a tmpfs of 1 MB | exit code 1 and the host's words; the old file, the old directory, no temporary one | `disk` |
//! | `/tmp` not writable | mounted read-only | commands and files work; what needs `/tmp` fails with the host's words | `disk` |
//! | read-only root | mounted read-only | commands run; a write fails with the host's words | `disk` |
//! | our process killed mid-upload | SIGKILL | the old file, no temporary one, nothing runs on | `disk` |
//! | our process killed while a directory is brought | SIGKILL | the old files, nothing beside them, nothing runs on | `disk` |
//! | prints 1 GB | `head` | its tail, marked as truncated; our memory stays flat | `output` |
//! | prints nothing | longer than connections may be silent | not taken for lost; who is waited for is told after 20 s | `output` |
//! | invalid UTF-8, torn over reads | bytes with pauses between | every byte; lines as if they had come at once | `output` |
//! | a line of 10 MB | of characters of three bytes | shown in pieces, none lost or torn; the tail is kept | `output` |
//! | login shells that print banners | in their start-up files, and sshd's | nothing of it in any output | `output` |
//! | the time of day jumps, here and on the host | libfaketime, by years, both ways | commands, limits and files as ever | `clock` |
//! | a wrong sudo password | one that is wrong | refused on one host, not tried on another; at once | `sudo` |
//! | ignores SIGTERM | `trap '' TERM` | killed after two seconds, timed out | `conformance` |
//! | a background child keeps standard output open | `sleep &` | the command is over when it is over | `conformance` |
//! | two deployments at once | two processes, the same three hosts | one works, the other says who it is; with `--lock-wait` one after the other | `lock` |
//! | a deployment with the lock fails, is interrupted, runs out of time | a failing command, SIGINT, SIGTERM, SIGHUP, `--timeout` | the lock is free on every host | `lock` |
//! | one of three hosts is down | its link is cut | told once for that host; the others are locked, deployed to and freed | `lock` |
//! | our process killed while it holds the lock, also mid-write | SIGKILL | nothing runs on, the old files; the lock is shown and can be freed | `lock` |
//! | a lock of another user, a false lock | a directory, a symbolic link | names its owner, shows nothing else, is freed as root | `lock` |
//! | cancelled through sudo | a tree with a second user in it | `Cancelled` within 5 s, all of it gone | `ending` |
//! | cancelled by a program at a terminal: Ctrl-C once and twice, SIGTERM, SIGKILL, `--timeout`, `--max-fail` | trees that ignore SIGTERM, plain and through sudo, on ssh hosts and in podman, chroot, nspawn and a machine | all of it gone within 5 s, summary and exit code say why | `crate::ending` |
//! | cancelled while the host is cut off | the link is down when Ctrl-C is pressed | exit code 130, the host named as where it may still run; pressed twice at once over | `ending` |

mod child;
mod clock;
mod disk;
mod ending;
mod network;
mod output;
mod site;
