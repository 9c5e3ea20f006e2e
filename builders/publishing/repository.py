"""A repository of a Hugging Face Hub as destination: one commit on the expected parent, then a tag.

Server, token and cache are huggingface_hub's own (`HF_ENDPOINT`, `HF_TOKEN` or `hf auth login`, `HF_HOME`). Files that the
Hub has are not sent again, whatever stopped the publish before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants, hf_hub_download
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from builders import records
from builders.errors import BuildError
from builders.publishing import notes
from builders.publishing.blobs import blob, holds
from builders.publishing.gates import KIND, Gate
from builders.publishing.notes import Where
from builders.publishing.patience import Moved, explaining, patiently
from builders.publishing.places import Former, State
from builders.publishing.versions import Version
from builders.releases import croissant

_MAIN = "main"
_HUBS_OWN = ".gitattributes"
_OURS = (notes.PUBLISHED, notes.SUMS, notes.CARD, croissant.FILE)

Tree = dict[str, RepoFile]


@dataclass(frozen=True)
class Repository:
    """A dataset repository.

    Args:
        name: `<namespace>/<name>`.
        hazard: the family's.
        cache: a folder for what is downloaded.
    """

    name: str
    hazard: str
    cache: Path

    @property
    def address(self) -> str:
        """What messages call it."""
        return f"hf://datasets/{self.name}"

    @property
    def gate(self) -> Gate:
        """Who may read it."""
        return Gate(self.name, self.address, self.hazard)

    @property
    def _api(self) -> HfApi:
        return HfApi()

    def where(self, version: Version) -> Where:
        """Return how a version is found there."""
        loading = f'rows = datasets.load_dataset("{self.name}", revision="{version.tag}", split="train")'
        return Where(loading, f"{constants.ENDPOINT}/datasets/{self.name}", self.name)

    def look(self) -> State:
        """Return what lies there.

        Raises:
            BuildError: something that no publish has put there, or it cannot be reached.
        """
        with explaining(self.address):
            return patiently(self._look)

    def _look(self) -> State:
        try:
            refs = self._api.list_repo_refs(self.name, repo_type=KIND)
        except RepositoryNotFoundError:
            return State(None, frozenset(), None, None)
        head = next(branch.target_commit for branch in refs.branches if branch.name == _MAIN)
        versions = {version: tag.target_commit for tag in refs.tags if (version := Version.tagged(tag.name))}
        tree = self._tree(head)
        if not tree.keys() - {_HUBS_OWN} and not versions:
            return State(head, frozenset(), None, None)
        if notes.PUBLISHED not in tree and not versions:
            what = "it holds files that no publish has put there"
            raise BuildError(what, where=self.address, fix="choose another namespace, or remove that repository")
        latest = self._former(versions[max(versions)]) if versions else None
        if broken := self._broken(head, tree, versions, latest):
            return State(head, frozenset(versions), latest, None, broken)
        if gone := [path for path in _OURS if path not in tree]:
            raise BuildError(f"{gone[0]} is gone from {_MAIN}", where=self.address, fix="restore it there, and run again")
        former = self._former(head)
        if former.version in versions:
            self._check_same(former.version, versions[former.version], tree)
            return State(head, frozenset(versions), former, None)
        if other := self._mismatched(head, former.sums):
            raise self._foreign(former.version, other)
        return State(head, frozenset(versions), latest, former)

    def _broken(self, head: str, tree: Tree, versions: Mapping[Version, str], latest: Former | None) -> str:
        """Say what is wrong with an untagged commit that a publish has made on top of the latest version; empty: nothing.

        What somebody else has done there is no such commit, and left to the checks that name it.
        """
        if notes.PUBLISHED not in tree:
            return ""
        published = notes.parsed(self._file(head, notes.PUBLISHED).read_bytes(), self.address)
        before = latest.published.changelog if latest else []
        own = self.name.partition("/")[2] == f"{published.family}{'-sample' if published.sample else ''}"
        is_next = [entry.version for entry in published.changelog[:1]] == [published.version] and published.changelog[
            1:
        ] == before
        if not own or not is_next or Version.parsed(published.version) in versions:
            return ""
        wrong = [path for path in _OURS if path not in tree] or self._mismatched(head, self._former(head).sums)
        return f"{head} was sent as v{published.version} and is broken ({wrong[0]})" if wrong else ""

    def _check_same(self, version: Version, tagged: str, tree: Tree) -> None:
        """See that nobody has changed `main` since a version was tagged."""
        then = self._tree(tagged)
        paths = sorted(path for path in {*then, *tree} - {_HUBS_OWN} if blob(then.get(path)) != blob(tree.get(path)))
        if paths:
            raise self._foreign(version, paths)

    def _foreign(self, version: Version, paths: list[str]) -> BuildError:
        what = f"somebody has changed {_MAIN} since {version.tag} ({', '.join(paths)})"
        return BuildError(what, where=self.address, fix="take that over into the release, and undo it there")

    def _former(self, revision: str) -> Former:
        published = notes.parsed(self._file(revision, notes.PUBLISHED).read_bytes(), self.address)
        sums = self._file(revision, notes.SUMS)
        card = self._file(revision, notes.CARD).read_text(encoding="utf-8", errors="replace")
        metadata = self._file(revision, croissant.FILE).read_bytes()
        return Former(revision, published, notes.all_sums(sums.parent), card, metadata)

    def _file(self, revision: str, path: str) -> Path:
        return Path(hf_hub_download(self.name, path, repo_type=KIND, revision=revision, cache_dir=self.cache))

    def _tree(self, revision: str) -> Tree:
        entries = self._api.list_repo_tree(self.name, repo_type=KIND, revision=revision, recursive=True)
        return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}

    def shut(self, *, dry_run: bool) -> bool:
        """See `Gate.shut`."""
        return self.gate.shut(dry_run=dry_run)

    def check_gate(self) -> None:
        """See `Gate.check`."""
        self.gate.check()

    def prepare(self, state: State) -> State:
        """Make the repository, private, where there is none; make a hazard family's private and gated, and check that."""
        with explaining(self.address):
            if state.head is None:
                patiently(lambda: self._api.create_repo(self.name, repo_type=KIND, private=True, exist_ok=True))
        self.gate.close()
        return self.look() if state.head is None else state

    def fetch(self, former: Former, files: list[str], folder: Path) -> Path:
        """Download files of a version."""
        with explaining(self.address):
            for path in files:
                patiently(
                    lambda path=path: hf_hub_download(  # type: ignore[misc]
                        self.name, path, repo_type=KIND, revision=former.revision, local_dir=folder
                    )
                )
        return folder

    def send(self, staged: Path, state: State, version: Version) -> str:
        """Commit what is staged, as a whole or not at all, and return the commit.

        Raises:
            BuildError: somebody else has committed meanwhile, or the Hub cannot be reached.
        """
        sums = notes.all_sums(staged)
        with explaining(self.address):
            revision = patiently(lambda: self._committed(staged, sums, state, version))
        self.gate.check_still_closed()  # now, not when all of it has been read back
        return revision

    def _committed(self, staged: Path, sums: Mapping[str, str], state: State, version: Version) -> str:
        """Send the large files, then commit; or find that an earlier try has, the answer to which got lost."""
        head = str(self._api.dataset_info(self.name).sha)
        if head != state.head:
            if not self._mismatched(head, sums):
                return head
            what = f"somebody else has changed {_MAIN} meanwhile; nothing of {version.tag} is in it"
            raise BuildError(what, where=self.address, fix="look at what they did, and run again")
        there = self._tree(head)
        adds = [CommitOperationAdd(path, staged / path) for path in sorted(sums)]
        deletes = [CommitOperationDelete(path, is_folder=False) for path in sorted(there.keys() - sums.keys() - {_HUBS_OWN})]
        changed = [
            add for add in adds if not holds(there.get(add.path_in_repo), staged / add.path_in_repo, sums[add.path_in_repo])
        ]
        self._api.preupload_lfs_files(self.name, changed, repo_type=KIND, revision=_MAIN)
        self.gate.check_still_closed()  # sending takes long, and with the commit it is there for all who may see the repository
        with Moved.noticed():
            return self._api.create_commit(
                self.name,
                [*changed, *deletes],
                repo_type=KIND,
                revision=_MAIN,
                parent_commit=head,
                commit_message=f"{version.tag}",
            ).oid

    def mismatched(self, revision: str, sums: Mapping[str, str]) -> list[str]:
        """Return the files at a revision that are not those with these checksums."""
        with explaining(self.address):
            return patiently(lambda: self._mismatched(revision, sums))

    def _mismatched(self, revision: str, sums: Mapping[str, str]) -> list[str]:
        tree = self._tree(revision)
        return [
            path
            for path in sorted({*tree, *sums} - {_HUBS_OWN})
            if path not in tree or self._sha256(revision, tree[path]) != sums.get(path)
        ]

    def _sha256(self, revision: str, file: RepoFile) -> str:
        """Return the hash of a file there: the Hub's own of a large one, that of what it sends of others."""
        return file.lfs.sha256 if file.lfs else records.file_digest(self._file(revision, file.path))

    def source(self, revision: str) -> tuple[str, str | None]:
        """Return name and revision for `load_dataset`."""
        return self.name, revision

    def finish(self, revision: str, version: Version) -> None:
        """Tag a verified commit, having checked the gate again.

        Raises:
            BuildError: the gate is open, or the tag names another commit.
        """
        self.gate.check_still_closed()
        with explaining(self.address):
            patiently(
                lambda: self._api.create_tag(self.name, tag=version.tag, revision=revision, repo_type=KIND, exist_ok=True)
            )
            tagged = patiently(lambda: self._api.dataset_info(self.name, revision=version.tag)).sha
        if tagged != revision:
            what = f"{version.tag} names another commit, made by somebody else meanwhile"
            raise BuildError(what, where=self.address, fix="look at what they did, and run again")
