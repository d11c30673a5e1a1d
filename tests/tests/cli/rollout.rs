//! Rollouts over cells from the command line: batches, pauses, canaries, gates, and what is not attempted.

use crate::support::{answered, args, is_running, run, until};

#[test]
fn cells_are_worked_through_in_batches() {
    run("web restart --batch 2")
        .code(0)
        .says("batch 1 of 2: web1, web2")
        .says("batch 2 of 2: web3");
    run("web restart --batch 34% --batch-pause 1ms").code(0).says("batch 2 of 2: web3");
    let ran = run("web restart --serial").code(0);
    assert_eq!(ran.out.matches("restarting").count(), 3);
    assert!(!ran.err.contains("batch"), "{ran:#?}");
    let ran = run("web --run id --batch 1").code(0).says("batch 3 of 3: web3");
    assert!(ran.out.starts_with("web1 "), "{ran:#?}");
}

/// The code of `roll` says nothing of batches, so what the command line says holds.
#[test]
fn an_action_that_starts_others_is_rolled_out_as_well() {
    run("web roll --batch 2").code(0).says("batch 1 of 2: web1, web2").says("batch 2 of 2: web3");
}

/// Nor of gates: they stand in every fan-out that it starts, but not in that of the gate itself.
#[test]
fn a_gate_reaches_the_fan_outs_within_an_action() {
    let ran = run("web roll --batch 2 --gate health")
        .code(1)
        .says("error: web health: web2: ")
        .says("web3: not attempted, because the gate after batch 1 failed");
    assert_eq!(ran.err.matches("not attempted, because").count(), 1, "{ran:#?}");
    run("web roll --batch 1 --gate health --hosts web1,web3").code(0);
    run("web roll --gate heath").code(2).says("did you mean `health`?").touched_no_host();
    run("web roll --gate deploy").code(2).says("needs its argument `first`").touched_no_host();
    run("web roll --gate roll").code(2).says("`roll` is no action of each cell").touched_no_host();
    run("local hello --gate health").code(2).says("`local` has no cells").touched_no_host();
}

#[test]
fn somebody_is_asked_between_batches() {
    let ask = "web restart --batch 1 --batch-pause ask";
    let ran = answered(ask, "y\nn\n").code(1).says("Go on with the next batch (web2)? [y/N]");
    assert_eq!(ran.out.matches("restarting").count(), 2, "{ran:#?}");
    ran.says("web3: not attempted, because the answer was no");
    run(ask).code(2).says("nobody to ask").touched_no_host();
    run(&format!("{ask} --yes")).code(0);
}

#[test]
fn a_canary_that_fails_saves_the_others() {
    let ran = args(["web", "deploy", "test $HOST_NAME != web1", "--canary", "1"]).code(1);
    assert!(!ran.out.contains("second"), "{ran:#?}");
    ran.says("web2: not attempted, because a canary failed")
        .says("3 hosts: 0 ok, 1 failed, 2 not attempted");
}

#[test]
fn too_many_failures_stop_a_rollout() {
    args(["web", "deploy", "test $HOST_NAME = web9", "--serial", "--max-fail", "2"])
        .code(1)
        .says("web3: not attempted, because 2 hosts failed before it");
}

/// Those that are at work do not go on for long, which is no interruption.
#[test]
fn what_runs_when_too_many_failed_is_ended() {
    let seconds = (200_000 + std::process::id()).to_string();
    let work = format!("test $HOST_NAME != web1 || exit 1; sleep {seconds}");
    args(["web", "deploy", &work, "--max-fail", "1"])
        .code(1)
        .says("web2: cancelled, because a host failed")
        .says("3 hosts: 0 ok, 1 failed, 2 cancelled");
    until("the commands are gone", || !is_running(&["sleep", &seconds]));
}

#[test]
fn a_gate_stands_between_batches() {
    let ran = run("web restart --batch 2 --gate health").code(1);
    assert_eq!(ran.out.matches("restarting").count(), 2, "{ran:#?}");
    ran.says("error: web health: web2: ")
        .says("web3: not attempted, because the gate after batch 1 failed")
        .says("3 hosts: 1 ok, 1 failed, 1 not attempted");
    run("web restart --batch 1 --gate health --hosts web1,web3").code(0);
}

#[test]
fn what_cannot_be_rolled_out_is_said() {
    run("local hello --batch 1").code(2).says("`local` has no cells").touched_no_host();
    run("web restart --gate heath").code(2).says("did you mean `health`?");
    run("web restart --gate deploy").code(2).says("needs its argument `first`");
    run("web:web1 restart --gate health")
        .code(2)
        .says("`web:web1 restart` does not run on several");
    run("web --run id --gate health").code(2).says("--gate");
}

#[test]
fn connecting_is_tried_again_as_often_as_said() {
    let ran =
        run("dead hello --hosts dead --retries 1 --connection-persist 0 --output json").code(3);
    assert_eq!(ran.out.matches("\"event\":\"connecting\"").count(), 2, "{ran:#?}");
}
