r"""export: the rows of a release as `messages` for a trainer, with the think block written as its chat template wants it.

    python -m builders export safechain --think full --to messages.parquet --accept-hazard

The rows of the split `train`, one each, in the order of the release: `id`, `messages`, the family's own columns, `source`,
`license` and `canary`. The user's message comes first, then the assistant's, in which the policy (`--think`) decides what
becomes of the reasoning:

    full                `<think>\n`, reasoning, `\n</think>\n\n`, answer
    opening_omitted     the same from the reasoning on: for a prompt that already ends in `<think>\n`
    reasoning_content   the answer; the reasoning in a field of that name, which the user's message lacks (Parquet: null)
    blank               `<think>\n\n</think>\n\n`, answer: to train without reasoning on a model that has it
    answer_only         the answer: the same for a model that has no think block, or whose template adds an empty one

Which one fits depends on the model's chat template and on what the trainer does with it. "Rendered": the template is applied
to all messages (TRL's SFTTrainer). "Continued": the assistant's message is put behind the generation prompt as it stands.

    model                           rendered                   continued
    DeepSeek-R1-Distill             -                          opening_omitted
    DeepSeek-R1-Distill, training   full                       opening_omitted
    QwQ                             full                       opening_omitted
    Qwen3                           full, reasoning_content    full
    Qwen3.5                         full, reasoning_content    opening_omitted
    Llama 3                         full                       full
    Mistral                         full                       full

DeepSeek-R1-Distill's own template drops all reasoning from what it renders, without a word: train with one that does not,
such as TRL's (used with `assistant_only_loss`). LLaMA-Factory (0.9.5) renders by rules of its own, which leave the message as
it is: `full`, whatever the model. Without reasoning: `answer_only`, rendered, for all of them (Qwen3's template adds the empty
block by itself), or `blank` where the block has to be in the text. `tests/test_exports.py` holds all of this against templates.
"""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from builders import atomic, hazards, paths
from builders import family as families
from builders.abilities import Exporting
from builders.contracts import Row
from builders.errors import BuildError
from builders.texts.messages import POLICIES, Exchange

_BATCH = 1000


def run(name: str, policy: str, destination: Path, *, accept_hazard: bool) -> None:
    """Write the rows of a release as messages.

    Args:
        name: `<family>`, meaning its default config, or `<family>/<config>`.
        policy: one of `POLICIES`.
        destination: a file that is not there yet, `.parquet` or `.jsonl`.
        accept_hazard: that rows of a config with a hazard may leave the places meant for them.

    Raises:
        BuildError: one of these is not what it should be, or the release is not there.
    """
    family, config = _config(name)
    if policy not in POLICIES:
        raise BuildError("no such policy", where=f"--think {policy}", fix=_choose(policy, POLICIES))
    if hazards.of(family, config) != "none" and not accept_hazard:
        what = f"its rows hold hazards ({hazards.of(family, config)}), which an export takes out of the folders meant for them"
        raise BuildError(what, where=name, fix="add --accept-hazard if that is meant")
    write = _WRITERS.get(destination.suffix)
    if write is None:
        raise BuildError("no format of that name", where=destination, fix=f"end it in {' or '.join(_WRITERS)}")
    if destination.exists() or destination.is_symlink():
        raise BuildError("something is there already", where=destination, fix="remove it, or name another file")
    shards = _shards(family, config)
    with atomic.whole(destination) as file:
        count = write(family, shards, policy, file)
        if not count:
            fix = "look at the release's card for what became of its rows"
            raise BuildError("no row to export", where=paths.release(family) / config, fix=fix)
    print(f"export {family}/{config}: {count} rows, think block {policy}, in {destination}")  # noqa: T201


def exported(family: str, row: Row, policy: str) -> Row:
    """Return a released row in its exported columns."""
    own = _exporting(family)
    exchange = own.exchange(row)
    messages = [{"role": "user", "content": exchange.prompt}, {"role": "assistant", **POLICIES[policy](exchange)}]
    columns = {column: row[column] for column in own.columns}
    origin = {column: row["provenance"][column] for column in ("source", "license")}
    return {"id": row["id"], "messages": messages, **columns, **origin, "canary": row["canary"]}


def _exporting(family: str) -> Exporting:
    found = families.part(family, "exports", Exporting)
    if not found:
        raise BuildError("this family has no message export", where=family, fix="choose another family")
    return found


def _config(name: str) -> tuple[str, str]:
    family, slash, config = name.partition("/")
    families.select(family)
    _exporting(family)
    known = families.subsets(family)
    if not slash:
        return family, known[0]
    if config not in known:
        raise BuildError("no such config", where=name, fix=_choose(config, known))
    return family, config


def _choose(word: str, options: dict[str, Any] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, options, n=1)
    return f"did you mean {close[0]}?" if close else f"choose one of {', '.join(options)}"


def _shards(family: str, config: str) -> list[Path]:
    folder = paths.release(family) / config
    found = sorted(folder.glob("train-*.parquet"))
    if not found and not paths.release(family).is_dir():
        fix = f"run python -m builders release {family}, or dvc repro for everything"
        raise BuildError("there is no release to export", where=folder, fix=fix)
    return found


def _rows(family: str, shards: list[Path], policy: str) -> Iterator[list[Row]]:
    """Yield the exported rows in batches."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    for shard in shards:
        try:
            for batch in pq.ParquetFile(shard).iter_batches(_BATCH):
                yield [exported(family, row, policy) for row in batch.to_pylist()]
        except pa.ArrowInvalid:
            fix = f"run python -m builders release {family} again"
            raise BuildError("no Parquet file, or a broken one", where=shard, fix=fix) from None


def _write_parquet(family: str, shards: list[Path], policy: str, file: BinaryIO) -> int:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    keys = ["role", *POLICIES[policy](Exchange("", "", ""))]
    message = pa.struct([(key, pa.string()) for key in keys])
    others = [*_exporting(family).columns, "source", "license", "canary"]
    schema = pa.schema([("id", pa.string()), ("messages", pa.list_(message)), *((name, pa.string()) for name in others)])
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        count = 0
        for rows in _rows(family, shards, policy):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def _write_jsonl(family: str, shards: list[Path], policy: str, file: BinaryIO) -> int:
    count = 0
    for rows in _rows(family, shards, policy):
        file.writelines(orjson.dumps(row) + b"\n" for row in rows)
        count += len(rows)
    return count


_WRITERS = {".parquet": _write_parquet, ".jsonl": _write_jsonl}
