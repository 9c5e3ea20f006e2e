"""Who may read a repository of a Hub: while it is published only its owner, then, where there is a hazard, through a gate."""

from dataclasses import dataclass
from typing import Literal

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import DatasetInfo

from builders.errors import BuildError
from builders.publishing.patience import explaining, patiently

KIND = "dataset"
"""What the Hub calls our repositories."""

Opened = Literal["auto", "manual"]
GATES: dict[str, Opened] = {"harmful-requests": "auto", "harmful-text": "manual"}
"""Hazard → who opens the gate: whoever accepts the terms, or a person who looks at each request."""


@dataclass(frozen=True)
class Gate:
    """The gate of a dataset repository.

    Args:
        name: `<namespace>/<name>`.
        address: what messages call it.
        hazard: the family's.
    """

    name: str
    address: str
    hazard: str

    def shut(self, *, dry_run: bool) -> bool:
        """Make a hazard family's repository private and gated, if its gate is open; return whether it was.

        Raises:
            BuildError: it stays open.
        """
        if self.hazard not in GATES:
            return False
        with explaining(self.address):
            try:
                found = patiently(lambda: HfApi().dataset_info(self.name)).gated
            except RepositoryNotFoundError:
                return False
        if found == GATES[self.hazard]:
            return False
        if not dry_run:
            self.close()
        return True

    def check(self) -> None:
        """See that the rows of a hazard family are behind their gate.

        Raises:
            BuildError: they are not.
        """
        gate = GATES.get(self.hazard)
        if gate and (found := self._info().gated) != gate:
            what = f"a family with {self.hazard} must be gated ({gate}), and the Hub says {found or 'it is open'}"
            raise BuildError(what, where=self.address, fix="close it on its settings page at once, then publish again")

    def close(self) -> None:
        """Make a hazard family's repository private and gated, and see that it is.

        Raises:
            BuildError: it is not.
        """
        if gate := GATES.get(self.hazard):
            with explaining(self.address):
                patiently(lambda: HfApi().update_repo_settings(self.name, repo_type=KIND, gated=gate, private=True))
        self.check()
        if self.hazard in GATES and not self._info().private:
            what = f"a family with {self.hazard} must be private while it is published, and the Hub says it is public"
            raise BuildError(what, where=self.address, fix="make it private on its settings page, then publish again")

    def check_still_closed(self) -> None:
        """See that nobody has opened a hazard family's repository; if so, close it again.

        Raises:
            BuildError: somebody had.
        """
        gate, info = GATES.get(self.hazard), self._info()
        if gate and not (info.private and info.gated == gate):
            self.close()
            what = "somebody has opened it while it was published; it is closed again"
            raise BuildError(what, where=self.address, fix="run again, and open it afterwards with --open")

    def open(self) -> None:
        """Make the repository public, a hazard family's still gated.

        Raises:
            BuildError: its gate is not closed.
        """
        self.check()
        with explaining(self.address):
            patiently(lambda: HfApi().update_repo_settings(self.name, repo_type=KIND, private=False))
        try:
            self.check()
        except BuildError:
            with explaining(self.address):
                patiently(lambda: HfApi().update_repo_settings(self.name, repo_type=KIND, private=True))
            raise

    def _info(self) -> DatasetInfo:
        """Return what the Hub says of it."""
        with explaining(self.address):
            return patiently(lambda: HfApi().dataset_info(self.name))
