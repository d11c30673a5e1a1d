//! `--report` and `--trace` from outside: a real run, and its page in a real browser.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_secs(60);

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cli_tree"));
    command.args(args).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs it with `--report` and gives the page and the exit code.
fn report(args: &[&str]) -> (String, Option<i32>) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.html");
    let mut command = program(args);
    let output = command.arg("--report").arg(&file).output().unwrap();
    let page = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "something was left");
    (page, output.status.code())
}

#[test]
fn a_page_tells_what_ran_and_what_came_out() {
    let (page, code) = report(&["web", "restart"]);
    assert_eq!(code, Some(0));
    for part in
        ["<h1>web restart ", "id=\"timeline\"", "id=\"results\"", "web2 is up", "restarting"]
    {
        assert!(page.contains(part), "no {part:?} in {page}");
    }
    assert!(!page.contains("id=\"failures\""));
}

#[test]
fn a_page_needs_nothing_beside_itself() {
    let (page, _) = report(&["local", "hello"]);
    for part in ["<script", "src=", "url(", "@import", "<link", "http://", "https://"] {
        assert!(!page.contains(part), "{part:?} in {page}");
    }
    assert!(page.contains("Content-Security-Policy"), "{page}");
}

#[test]
fn failures_come_first() {
    let (page, code) = report(&["dead", "hello"]);
    assert_eq!(code, Some(3));
    let failures = page.find("id=\"failures\"").unwrap();
    assert!(failures < page.find("id=\"timeline\"").unwrap());
    assert!(page.contains("connection refused"), "{page}");
    let (page, code) = report(&["local", "fail"]);
    assert_eq!(code, Some(1));
    assert!(page.contains("failed: status 3") && page.contains("no such thing"), "{page}");
}

#[test]
fn changes_are_shown_with_their_differences() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("motd");
    std::fs::write(&file, "old <b>\n").unwrap();
    let file = file.to_str().unwrap();
    let (page, _) = report(&["local", "write", file, "new & better"]);
    assert!(page.contains("<span class=\"del\">-old &lt;b&gt;</span>"), "{page}");
    assert!(page.contains("<span class=\"add\">+new &amp; better</span>"), "{page}");
    let (page, code) = report(&["local", "write", file, "newer", "--dry-run"]);
    assert_eq!(code, Some(4));
    assert!(page.contains("would change") && page.contains("+newer"), "{page}");
}

#[test]
fn long_output_is_cut_and_says_so() {
    let (page, _) = report(&["local", "count", "5000"]);
    assert!(page.contains("… 4800 lines left out …"));
    assert!(page.contains("\n5000\n") && !page.contains("\n2500\n"));
}

#[test]
fn an_interrupted_run_has_its_page_too() {
    let directory = tempfile::tempdir().unwrap();
    let (file, log) = (directory.path().join("run.html"), directory.path().join("log"));
    std::fs::write(&file, "the page of an earlier run").unwrap();
    let mut command = program(&["local", "sleep", "300"]);
    command.arg("--report").arg(&file).arg("--log").arg(&log);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while !std::fs::read_to_string(&log).is_ok_and(|log| log.contains("command_started")) {
        assert!(start.elapsed() < LIMIT, "no command began");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "the page of an earlier run");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.contains("interrupted</span></h1>") && page.contains("sleep 300"), "{page}");
}

#[test]
fn a_file_that_cannot_be_written_is_a_mistake_before_the_run() {
    for file in ["/nowhere/run.html", "/dev/null", "/"] {
        let output = program(&["local", "hello", "--report", file]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(&format!("cannot write the report `{file}`")), "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_trace_shows_commands_below_their_action() {
    let output = program(&["web", "restart", "--trace"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let trace: Vec<_> =
        text.lines().skip_while(|line| !line.ends_with("  trace")).skip(1).collect();
    assert_eq!(trace.len(), 1 + 3 * 3, "{text}");
    let shown = |line: &str| line.get(19..).map(str::to_owned).unwrap_or_default();
    assert_eq!(shown(trace[0]), "  web restart");
    assert_eq!(shown(trace[1]), "    web:web1");
    assert_eq!(shown(trace[3]), "      web1 $ echo restarting");
    for line in trace {
        let times: Vec<f64> =
            line.split_whitespace().take(2).map(|time| time.parse().unwrap()).collect();
        assert!(times[1] < LIMIT.as_secs_f64(), "{line}");
    }
    assert!(!String::from_utf8(output.stdout).unwrap().contains("trace"));
}

#[test]
fn a_browser_shows_hostile_output_as_text() {
    let Some(browser) = browser() else { return };
    let hostile = "</pre></details></script><img src=x onerror=document.title='owned'><!--";
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("run.html");
    let command = format!("printf '%s\\n' \"{hostile}\"; printf '%s\\n' \"{hostile}\" >&2; exit 7");
    let output = program(&["three", "--run", &command, "--report"]).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let dom = dom(browser, &file, directory.path());
    let text = "&lt;/pre&gt;&lt;/details&gt;&lt;/script&gt;&lt;img src=x onerror=document.title='owned'&gt;&lt;!--";
    // Twice for each of three hosts, and in the commands.
    assert!(dom.matches(text).count() >= 6, "{dom}");
    assert!(!dom.contains("<img") && !dom.contains("<title>owned"), "{dom}");
    for section in ["failures", "timeline", "hosts"] {
        assert!(dom.contains(&format!("<section id=\"{section}\"")), "no {section} in {dom}");
    }
    // The browser closed what we opened, in the places where we did.
    assert!(dom.trim_end().ends_with("</section>\n\n\n</body></html>"), "{dom}");
    assert_eq!(dom.matches("class=\"row\"").count(), 3, "{dom}");
}

/// The browser, or nothing where the test is skipped.
#[expect(clippy::print_stderr, reason = "says that it is skipped, and why")]
fn browser() -> Option<&'static str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join("chromium").is_file());
    if found {
        return Some("chromium");
    }
    let required = std::env::var("DEPLOY_LAB").is_ok_and(|value| value == "require");
    assert!(!required, "chromium is missing and DEPLOY_LAB=require; apt-get install chromium");
    eprintln!("skipped: chromium is missing");
    None
}

/// What the browser made of a page.
fn dom(browser: &str, page: &Path, directory: &Path) -> String {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--timeout=20000"])
        .arg(format!("--user-data-dir={}", directory.join("profile").display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
