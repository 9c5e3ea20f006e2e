"""The search index of a review server: one SQLite file, its texts in FTS5 tables, everything that is searched for indexed."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from builders.reviewing.server import statements, words
from builders.reviewing.server.documents import Answer, Document, Hit, Page, Query, Scalar, as_number, as_text

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records(seq INTEGER PRIMARY KEY, dataset TEXT NOT NULL, id TEXT NOT NULL UNIQUE, external_id TEXT,
    status TEXT NOT NULL, inserted_at REAL NOT NULL, updated_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS records_by_status ON records(dataset, status);
CREATE TABLE IF NOT EXISTS facts(seq INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, text TEXT, number REAL);
CREATE INDEX IF NOT EXISTS facts_by_record ON facts(seq, kind, name, text, number);
CREATE INDEX IF NOT EXISTS facts_by_text ON facts(kind, name, text, seq);
CREATE INDEX IF NOT EXISTS facts_by_number ON facts(kind, name, number, seq);
CREATE TABLE IF NOT EXISTS responses(id TEXT PRIMARY KEY, seq INTEGER NOT NULL, user TEXT NOT NULL, status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS responses_by_record ON responses(seq, user, status);
CREATE TABLE IF NOT EXISTS answers(response TEXT NOT NULL, seq INTEGER NOT NULL, user TEXT NOT NULL, question TEXT NOT NULL,
    text TEXT, number REAL);
CREATE INDEX IF NOT EXISTS answers_by_response ON answers(response);
CREATE INDEX IF NOT EXISTS answers_by_text ON answers(question, text, seq, user);
CREATE INDEX IF NOT EXISTS answers_by_record ON answers(seq, question, user, text, number);
CREATE TABLE IF NOT EXISTS vectors(settings TEXT NOT NULL, seq INTEGER NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (settings, seq)) WITHOUT ROWID;
"""
_METADATA = "facts f JOIN records r USING (seq) WHERE r.dataset = ? AND f.kind = 'metadata' AND f.name = ?"
_OF_RECORDS = ("facts", "responses", "answers", "vectors")
_WAIT_SECONDS = 30

Values = Scalar | Sequence[Scalar]


class Index:
    """The open index; several processes may have the same file open."""

    def __init__(self, path: Path) -> None:
        """Open the index, making it if it is not there."""
        self._connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def create(self, dataset: str, fields: Iterable[str]) -> None:
        """Make room for a dataset's texts, if there is none yet; records can be put from then on."""
        columns = ", ".join([*map(statements.column, fields), "tokenize = \"ascii tokenchars '_'\"", "prefix = '2 3 4'"])
        self._connection.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {statements.table(dataset)} USING fts5({columns})")

    def drop(self, dataset: str) -> None:
        """Remove a dataset and all its records."""
        with self._connection:
            for name in _OF_RECORDS:
                sql = f"DELETE FROM {name} WHERE seq IN (SELECT seq FROM records WHERE dataset = ?)"  # noqa: S608
                self._connection.execute(sql, (dataset,))
            self._connection.execute("DELETE FROM records WHERE dataset = ?", (dataset,))
            self._connection.execute(f"DROP TABLE IF EXISTS {statements.table(dataset)}")

    def put(self, dataset: str, documents: Iterable[Document]) -> None:
        """Add records, or replace those that are there, each in its place."""
        with self._connection:
            for document in documents:
                self._put(dataset, document)

    def remove(self, dataset: str, ids: Iterable[str]) -> None:
        """Remove records."""
        with self._connection:
            for identity in ids:
                if (seq := self._seq(identity)) is not None:
                    self._clear(dataset, seq)
                    self._connection.execute("DELETE FROM records WHERE seq = ?", (seq,))

    def set_status(self, identity: str, status: str) -> None:
        """Change a record's status."""
        with self._connection:
            self._connection.execute("UPDATE records SET status = ? WHERE id = ?", (status, identity))

    def answer(self, identity: str, answer: Answer) -> None:
        """Note what a user answered about a record, in the place of what that response was before."""
        with self._connection:
            if (seq := self._seq(identity)) is not None:
                self._forget(answer.id)
                self._answer(seq, answer)

    def withdraw(self, response: str) -> None:
        """Remove a response."""
        with self._connection:
            self._forget(response)

    def suggest(self, identity: str, question: str, properties: Mapping[str, Values]) -> None:
        """Replace what is suggested as the answer to a question; nothing, to take it back."""
        with self._connection:
            if (seq := self._seq(identity)) is not None:
                names = [f"{question}.{name}" for name in ("value", "score", "agent", "type")]
                sql = "DELETE FROM facts WHERE seq = ? AND kind = 'suggestion' AND name IN (?, ?, ?, ?)"
                self._connection.execute(sql, (seq, *names))
                self._note(seq, "suggestion", {f"{question}.{name}": value for name, value in properties.items()})

    def search(self, dataset: str, wanted: Query, offset: int, limit: int) -> Page:
        """Return a page of the records that are wanted."""
        source, where = statements.source(dataset, wanted), statements.where(dataset, wanted)
        order = statements.order(dataset, wanted)
        sql = f"SELECT r.id FROM {source.sql} WHERE {where.sql} ORDER BY {order.sql} LIMIT ? OFFSET ?"  # noqa: S608
        page = self._connection.execute(sql, (*source.values, *where.values, *order.values, limit, offset)).fetchall()
        return Page([Hit(identity, 1.0) for (identity,) in page], self._total(where))

    def similar(self, dataset: str, settings: str, vector: Sequence[float], wanted: Query, limit: int) -> Page:
        """Return the wanted records whose vectors point most nearly the same way, with (1 + cosine) / 2 as their score."""
        where = statements.where(dataset, wanted)
        source = "records r JOIN vectors v ON v.seq = r.seq AND v.settings = ?"
        sql = f"SELECT r.id, v.vector FROM {source} WHERE {where.sql} ORDER BY r.seq"  # noqa: S608
        rows = self._connection.execute(sql, (settings, *where.values)).fetchall()
        if not rows:
            return Page([], 0)
        scores = _scores(np.frombuffer(b"".join(blob for _, blob in rows), dtype=np.float32), np.asarray(vector, np.float32))
        best = np.argsort(-scores, kind="stable")[:limit]
        return Page([Hit(rows[place][0], float(scores[place])) for place in best], len(best))

    def statuses(self, dataset: str) -> dict[str, int]:
        """Count a dataset's records by status."""
        return dict(
            self._connection.execute("SELECT status, count(*) FROM records WHERE dataset = ? GROUP BY status", (dataset,))
        )

    def statuses_of(self, dataset: str, user: str) -> dict[str, int]:
        """Count a user's responses in a dataset by status."""
        sql = """
            SELECT a.status, count(*) FROM responses a JOIN records r USING (seq) WHERE r.dataset = ? AND a.user = ? GROUP BY 1
        """
        return dict(self._connection.execute(sql, (dataset, user)))

    def terms(self, dataset: str, name: str) -> Counter[str]:
        """Count the values of a metadata property."""
        sql = f"SELECT f.text, count(*) FROM {_METADATA} GROUP BY 1"  # noqa: S608
        return Counter(dict(self._connection.execute(sql, (dataset, name))))

    def bounds(self, dataset: str, name: str) -> tuple[float | None, float | None]:
        """Return the least and the greatest value of a metadata property."""
        sql = f"SELECT min(f.number), max(f.number) FROM {_METADATA}"  # noqa: S608
        least, most = self._connection.execute(sql, (dataset, name)).fetchone()
        return least, most

    def _total(self, where: statements.Clause) -> int:
        sql = f"SELECT count(*) FROM records r WHERE {where.sql}"  # noqa: S608
        [total] = self._connection.execute(sql, where.values).fetchone()
        return int(total)

    def _seq(self, identity: str) -> int | None:
        row = self._connection.execute("SELECT seq FROM records WHERE id = ?", (identity,)).fetchone()
        return int(row[0]) if row else None

    def _clear(self, dataset: str, seq: int) -> None:
        for name in _OF_RECORDS:
            self._connection.execute(f"DELETE FROM {name} WHERE seq = ?", (seq,))  # noqa: S608
        self._connection.execute(f"DELETE FROM {statements.table(dataset)} WHERE rowid = ?", (seq,))  # noqa: S608

    def _put(self, dataset: str, document: Document) -> None:
        own = (dataset, document.id, document.external_id, document.status, document.inserted_at, document.updated_at)
        seq = self._seq(document.id)
        if seq is not None:
            self._clear(dataset, seq)
        sql = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"
        seq = self._connection.execute(sql, (seq, *own)).lastrowid
        if seq is None:
            raise sqlite3.DatabaseError(document.id)
        fields = [(statements.column(field), " ".join(words.words(text))) for field, text in document.texts.items()]
        names = ", ".join(["rowid", *(name for name, _ in fields)])
        sql = f"INSERT INTO {statements.table(dataset)}({names}) VALUES ({', '.join('?' * (1 + len(fields)))})"  # noqa: S608
        self._connection.execute(sql, (seq, *(text for _, text in fields)))
        self._note(seq, "metadata", document.metadata)
        for question, properties in document.suggestions.items():
            self._note(seq, "suggestion", {f"{question}.{name}": value for name, value in properties.items()})
        for answer in document.answers:
            self._answer(seq, answer)
        vectors = [(settings, seq, np.asarray(vector, np.float32).tobytes()) for settings, vector in document.vectors.items()]
        self._connection.executemany("INSERT INTO vectors VALUES (?, ?, ?)", vectors)

    def _note(self, seq: int, kind: str, facts: Mapping[str, Values]) -> None:
        rows = [(seq, kind, name, as_text(one), as_number(one)) for name, value in facts.items() for one in _each(value)]
        self._connection.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", rows)

    def _answer(self, seq: int, answer: Answer) -> None:
        self._connection.execute("INSERT INTO responses VALUES (?, ?, ?, ?)", (answer.id, seq, answer.user, answer.status))
        rows = [
            (answer.id, seq, answer.user, question, as_text(one), as_number(one))
            for question, value in answer.values.items()
            for one in _each(value)
        ]
        self._connection.executemany("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _forget(self, response: str) -> None:
        self._connection.execute("DELETE FROM responses WHERE id = ?", (response,))
        self._connection.execute("DELETE FROM answers WHERE response = ?", (response,))


def _each(value: Values) -> Sequence[Scalar]:
    return [value] if isinstance(value, str | int | float) else value


def _scores(flat: npt.NDArray[np.float32], vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return (1 + cosine) / 2 of each row of a matrix, given as one array, and a vector; a vector of zeros is like none."""
    matrix = flat.reshape(-1, len(vector))
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(vector)
    cosines = np.divide(matrix @ vector, lengths, out=np.zeros(len(matrix), np.float32), where=lengths > 0)
    return np.asarray((1 + cosines) / 2, np.float32)
