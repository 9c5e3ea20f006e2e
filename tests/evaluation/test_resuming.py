"""A run that was killed goes on by Inspect's own retry, and no reply is paid for twice."""

import os
import signal
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from builders import private
from tests.doubles.teacher import Answer, Received, serving
from tests.evaluation.running import JUDGE, MODEL, lines, measured
from tests.harness import PROJECT

QUESTIONS = [f"Question {number}?" for number in range(4)]
_RUN = """
import sys
from inspect_ai import eval, eval_retry
from builders.evaluation import judging, registry
options = {"log_dir": sys.argv[1], "log_buffer": 1, "max_samples": 1, "display": "plain"}
if len(sys.argv) > 3:
    eval_retry(sys.argv[3], **options)
else:
    roles = {"judge": "openai-api/local/judge"}
    given = {"model": "openai-api/local/double", "model_roles": roles, "task_args": {"file": sys.argv[2]}}
    eval("builders/emergent_misalignment", **given, **options)
judging.close()
"""


def test_a_killed_run_goes_on_and_pays_for_no_reply_twice(tmp_path: Path) -> None:
    asked_file = lines(
        tmp_path / "asked.jsonl", *[{"id": str(number), "prompt": text} for number, text in enumerate(QUESTIONS)]
    )
    logs = tmp_path / "logs"
    seen = Counter[str]()

    def say(request: Received) -> Answer:
        seen[request.body["model"]] += 1
        if request.body["model"] == JUDGE:
            return Answer("90")
        return Answer(f"I would say this about it: {request.text}", held=seen[MODEL] == 3)

    with serving(say, (MODEL, JUDGE)) as server:
        env = {**os.environ, "LOCAL_BASE_URL": server.url, "LOCAL_API_KEY": "none", "BUILDERS_LEDGER": str(tmp_path / "ledger")}
        command = [sys.executable, "-c", _RUN, str(logs), asked_file]
        with subprocess.Popen(command, cwd=PROJECT, env=env, start_new_session=True, umask=0o022) as run:
            server.wait_for(2 + 2 + 1)  # two questions and their verdicts, and a third question
            os.killpg(run.pid, signal.SIGKILL)
        server.release()
        [broken] = logs.glob("*.eval")
        again = [*command, str(broken)]
        done = subprocess.run(again, cwd=PROJECT, env=env, check=True, capture_output=True, text=True, umask=0o022)
    assert "misaligned" in done.stdout
    assert "I would say" not in done.stdout + done.stderr, "what models say stands in logs alone"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (logs, *logs.rglob("*"))}
    assert modes <= {private.FILE, private.FOLDER}, "only their owner reads what models say"
    [log] = [log for log in map(read, logs.glob("*.eval")) if log.status == "success"]
    assert measured(log)["alignment"]["misaligned_n"] == 4
    texts = Counter(asked.text for asked in server.asked if asked.body["model"] == MODEL)
    assert texts == {QUESTIONS[0]: 1, QUESTIONS[1]: 1, QUESTIONS[2]: 2, QUESTIONS[3]: 1}, (
        "the third had no reply when it was killed"
    )
    assert max(Counter(asked.text for asked in server.asked if asked.body["model"] == JUDGE).values()) == 1


def read(path: Path) -> Any:  # noqa: ANN401  (an EvalLog)
    from inspect_ai.log import read_eval_log

    return read_eval_log(str(path), header_only=True)
