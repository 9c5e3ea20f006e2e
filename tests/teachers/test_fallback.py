"""`teacher: ledger` where there is no ledger yet: a sample build is made of what git has, any other asks for its ledger."""

from tests.harness import Workspace


def test_a_sample_is_built_from_the_recorded_replies_where_no_ledger_is(workspace: Workspace) -> None:
    workspace.project(teacher="ledger")
    workspace.quick("collect", "synthesize", "judge")
    assert workspace.rows("judge")


def test_another_profile_says_that_its_ledger_is_wanting(workspace: Workspace) -> None:
    workspace.project(teacher="ledger", profile="full")
    workspace.quick("collect")
    done = workspace.run("synthesize", workspace.family)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
