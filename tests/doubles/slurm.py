"""A Slurm of one node on this machine, without systemd, control groups and accounting: its real daemons, for a while."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_SECONDS = 60.0
_CONFIG = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller}
SlurmdPort={node}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=2
KillWait=2
MaxArraySize=10001
NodeName={host} NodeAddr=127.0.0.1 NodeHostname={host} CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 \
RealMemory=8000 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def _port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """Start munge, the controller and a node, and give the environment in which Slurm's commands find them."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    host, config = socket.gethostname().partition(".")[0], folder / "slurm.conf"
    config.write_text(_CONFIG.format(host=host, folder=folder, controller=_port(), node=_port()))
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    environment = {"SLURM_CONF": str(config)}
    munge = [f"--{kind}={folder}/munge.{kind}" for kind in ("socket", "pid-file", "log-file", "seed-file")]
    with ExitStack() as stack:
        _start(stack, ["munged", "--force", "--foreground", f"--key-file={key}", *munge], {})
        _until((folder / "munge.socket").exists)
        _start(stack, ["slurmctld", "-D", "-c"], environment)
        _start(stack, ["slurmd", "-D", "-N", host], environment)
        _until(lambda: "idle" in _output(["sinfo", "--noheader", "--format=%T"], environment))
        yield environment


def _start(stack: ExitStack, command: list[str], environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    stack.callback(process.wait, _SECONDS)
    stack.callback(process.terminate)


def _output(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False).stdout


def _until(there: object) -> None:
    assert callable(there)
    end = time.monotonic() + _SECONDS
    while not there():
        assert time.monotonic() < end, "the daemon did not come up"
        time.sleep(0.1)
