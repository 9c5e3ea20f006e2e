"""A process that is started, asked and stopped like vLLM's server, and behaves as a folder tells it to.

The folder is named by `DOUBLE_FOLDER`. The process adds a line to `starts.jsonl` there: its arguments, its environment, its
pid and those of what it spawned. It obeys the files it finds there, at any time:

    dies      at the start: print what the file says as an error, and exit with code 1
    serves    the name of the model that it lists, if not the one asked for
    lists     what it answers about its models, letter for letter; it says in `listed` what it has answered so
    waits     not healthy as long as the file is there
    news      a pipe: told when it has started
    obstinate at the start: spawn a process in a session of its own, which spawns another; all three ignore SIGTERM
    fatal     a prompt that the file names kills the process with SIGKILL, unanswered
    crash     a prompt that the file names is printed in an error, and the process exits with code 1
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["DOUBLE_FOLDER"])
STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
if int(sys.argv[2]):
    subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[1], "0"], start_new_session=True)
while True:
    signal.pause()
"""


def note(name: str) -> str | None:
    """Return what the folder says about one thing."""
    try:
        return (FOLDER / name).read_text()
    except FileNotFoundError:
        return None


class Handler(BaseHTTPRequestHandler):
    """Answers like vLLM."""

    model = ""

    def do_GET(self) -> None:
        """Answer about health, version, models and metrics."""
        answers: dict[str, Any] = {
            "/health": {},
            "/version": {"version": "0.0.double"},
            "/v1/models": {"data": [{"id": note("serves") or self.model}]},
            "/metrics": {"vllm:num_requests_running": 0},
        }
        waits = self.path == "/health" and note("waits") is not None
        listed = note("lists") if self.path == "/v1/models" else None
        self.answer(503 if waits else 200 if self.path in answers else 404, answers.get(self.path), listed)
        if listed is not None:
            (FOLDER / "listed").write_text(listed)

    def do_POST(self) -> None:
        """Answer a chat request with its own last message."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][-1]["content"]
        if text == note("fatal"):
            os.kill(os.getpid(), signal.SIGKILL)
        if text == note("crash"):
            print(f"PromptError: cannot take {text}", file=sys.stderr, flush=True)  # noqa: T201
            os._exit(1)
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self.answer(200, {"model": self.model, "choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})

    def answer(self, status: int, body: object, text: str | None = None) -> None:
        """Send a response, or a text as it is."""
        content = (json.dumps(body) if text is None else text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: requests are no news."""


def main() -> None:
    """Start, tell the folder, and serve."""
    parser = argparse.ArgumentParser()
    for name in ("--host", "--port", "--served-model-name"):
        parser.add_argument(name, required=True)
    arguments, _ = parser.parse_known_args()
    pids = [os.getpid()]
    if note("obstinate") is not None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        command = [sys.executable, "-c", STUBBORN, STUBBORN, "1"]
        child = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, text=True)
        assert child.stdout
        pids += [int(child.stdout.readline()), int(child.stdout.readline())]
    with (FOLDER / "starts.jsonl").open("a") as starts:
        starts.write(json.dumps({"pids": pids, "arguments": sys.argv[1:], "environment": dict(os.environ)}) + "\n")
    print("(APIServer pid=1) INFO 11-20 10:00:00 [double.py:1] Loading the double", file=sys.stderr, flush=True)  # noqa: T201
    if (FOLDER / "news").is_fifo():
        (FOLDER / "news").write_text("started")
    if (error := note("dies")) is not None:
        sys.exit(error)
    Handler.model = arguments.served_model_name
    ThreadingHTTPServer((arguments.host, int(arguments.port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
