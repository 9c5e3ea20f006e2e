"""Argilla's search engine interface on top of the index: what the server is started with in the place of Elasticsearch.

Runs in the server's own environment and is imported by nothing else of ours. Like Elasticsearch, it sorts a user's records
without other order in an order of that user's own, so that not everybody sees the same records first.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from argilla_server.enums import MetadataPropertyType, SimilarityOrder, SortOrder
from argilla_server.search_engine import base
from argilla_server.settings import settings

from builders.reviewing.server.documents import Answer, Condition, Document, Order, Page, Query, Range, Scope, Terms
from builders.reviewing.server.index import Index

NAME = "embedded"
_LONGEST_ANSWER = 200
"""Characters up to which a text that someone answered can be a filter's value: labels are no longer."""


@cache
def _index() -> Index:
    return Index(Path(settings.home_path) / "index.sqlite")


@base.SearchEngine.register(NAME)
class EmbeddedSearchEngine(base.SearchEngine):  # type: ignore[misc]
    """The search engine of one request; all of them share one index."""

    @classmethod
    async def new_instance(cls) -> "EmbeddedSearchEngine":
        """Return an engine."""
        return cls()

    async def close(self) -> None:
        """Leave the index open for the next request."""

    async def ping(self) -> bool:
        """Tell whether it works."""
        return True

    async def info(self) -> dict[str, Any]:
        """Return what the server shows about its search engine."""
        return {"name": NAME, "version": {"number": "1"}}

    async def create_index(self, dataset: Any) -> None:
        """Make room for a dataset that is published."""
        _index().create(str(dataset.id), [field.name for field in dataset.fields if not field.is_image])

    async def delete_index(self, dataset: Any) -> None:
        """Remove a dataset."""
        _index().drop(str(dataset.id))

    async def configure_metadata_property(self, dataset: Any, metadata_property: Any) -> None:
        """Do nothing: every property is indexed."""

    async def configure_index_vectors(self, vector_settings: Any) -> None:
        """Do nothing: every vector is indexed."""

    async def index_records(self, dataset: Any, records: Iterable[Any]) -> None:
        """Add or replace records."""
        images = {field.name for field in dataset.fields if field.is_image}
        _index().put(str(dataset.id), [_document(record, images) for record in records])

    async def partial_record_update(self, record: Any, **update: Any) -> None:
        """Change a record's status, the only thing that changes by itself."""
        _index().set_status(str(record.id), _plain(update["status"]))

    async def delete_records(self, dataset: Any, records: Iterable[Any]) -> None:
        """Remove records."""
        _index().remove(str(dataset.id), [str(record.id) for record in records])

    async def update_record_response(self, response: Any) -> None:
        """Add or replace a response."""
        _index().answer(str(response.record.id), _answer(response))

    async def delete_record_response(self, response: Any) -> None:
        """Remove a response."""
        _index().withdraw(str(response.id))

    async def update_record_suggestion(self, suggestion: Any) -> None:
        """Add or replace a suggestion."""
        _index().suggest(str(suggestion.record_id), suggestion.question.name, _suggestion(suggestion))

    async def delete_record_suggestion(self, suggestion: Any) -> None:
        """Remove a suggestion."""
        _index().suggest(str(suggestion.record_id), suggestion.question.name, {})

    async def get_dataset_progress(self, dataset: Any) -> dict[str, int]:
        """Count a dataset's records by status."""
        return {} if dataset.is_draft else _counted(_index().statuses(str(dataset.id)))

    async def get_dataset_user_progress(self, dataset: Any, user: Any) -> dict[str, int]:
        """Count a user's responses by status."""
        return {} if dataset.is_draft else _counted(_index().statuses_of(str(dataset.id), str(user.id)))

    async def search(  # noqa: PLR0913, PLR0917  (the interface's)
        self,
        dataset: Any,
        query: Any = None,
        filter: Any = None,  # noqa: A002
        sort: Any = None,
        offset: int = 0,
        limit: int = 100,
        user_id: Any = None,
    ) -> Any:
        """Return a page of the records that are wanted."""
        wanted = _wanted(query, filter, sort, user_id)
        return _responses(_index().search(str(dataset.id), wanted, offset, limit))

    async def similarity_search(  # noqa: PLR0913, PLR0917  (the interface's)
        self,
        dataset: Any,
        vector_settings: Any,
        value: list[float] | None = None,
        record: Any = None,
        query: Any = None,
        filter: Any = None,  # noqa: A002
        max_results: int = 100,
        order: Any = SimilarityOrder.most_similar,
        threshold: float | None = None,
    ) -> Any:
        """Return the records most or least like a vector, or like a record, which is left out itself."""
        vector = value or record.vector_value_by_vector_settings(vector_settings)
        if order == SimilarityOrder.least_similar:
            vector = [-number for number in vector]
        more = max_results + (record is not None)
        found = _index().similar(str(dataset.id), str(vector_settings.id), vector, _wanted(query, filter), more)
        own = str(record.id) if record is not None else None
        hits = [hit for hit in found.hits if hit.id != own and (threshold is None or hit.score >= threshold)][:max_results]
        return _responses(Page(hits, len(hits)))

    async def compute_metrics_for(self, metadata_property: Any) -> Any:
        """Return the values of a metadata property with their counts, or its bounds."""
        dataset, name = str(metadata_property.dataset_id), metadata_property.name
        if metadata_property.type == MetadataPropertyType.terms:
            counted = _index().terms(dataset, name)
            values = [base.TermsMetrics.TermCount(term=term, count=count) for term, count in counted.most_common()]
            return base.TermsMetrics(total=counted.total(), values=values)
        integer = metadata_property.type == MetadataPropertyType.integer
        least, most = _index().bounds(dataset, name)
        return (base.IntegerMetadataMetrics if integer else base.FloatMetadataMetrics)(min=least, max=most)


def _document(record: Any, images: set[str]) -> Document:
    return Document(
        id=str(record.id),
        external_id=record.external_id,
        status=_plain(record.status),
        inserted_at=_seconds(record.inserted_at),
        updated_at=_seconds(record.updated_at),
        texts={name: _text(value) for name, value in record.fields.items() if value is not None and name not in images},
        metadata={name: value for name, value in (record.metadata_ or {}).items() if _is_searched(value)},
        suggestions={suggestion.question.name: _suggestion(suggestion) for suggestion in record.suggestions},
        answers=[_answer(response) for response in record.responses],
        vectors={str(vector.vector_settings_id): vector.value for vector in record.vectors},
    )


def _text(value: Any) -> str:
    """Return what is searched of a field: a text, the messages of a dialogue, the values of a field of one's own."""
    if isinstance(value, list):
        return "\n".join(str(message["content"]) for message in value)
    return "\n".join(map(str, value.values())) if isinstance(value, dict) else str(value)


def _suggestion(suggestion: Any) -> dict[str, Any]:
    found = {
        "value": suggestion.value,
        "score": suggestion.score,
        "agent": suggestion.agent,
        "type": _plain(suggestion.type) if suggestion.type else None,
    }
    return {name: value for name, value in found.items() if _is_searched(value)}


def _answer(response: Any) -> Answer:
    values = {question: value.get("value") for question, value in (response.values or {}).items()}
    searched = {question: value for question, value in values.items() if _is_searched(value)}
    return Answer(str(response.id), str(response.user_id), _plain(response.status), searched)


def _is_searched(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, str | int | float) for one in value)
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= _LONGEST_ANSWER)


def _wanted(query: Any, condition: Any, sort: Any = None, user: Any = None) -> Query:
    text, field = (query, None) if query is None or isinstance(query, str) else (query.q, query.field)
    orders = [Order(_scope(order.scope), order.order == SortOrder.desc) for order in sort or ()]
    return Query(text, field, _conditions(condition), orders, str(user) if user else None)


def _conditions(condition: Any) -> list[Condition]:
    if condition is None:
        return []
    if isinstance(condition, base.AndFilter):
        return [one for part in condition.filters for one in _conditions(part)]
    scope = _scope(condition.scope)
    if isinstance(condition, base.RangeFilter):
        return [Range(scope, _bound(condition.ge), _bound(condition.le))]
    return [Terms(scope, [str(_plain(value)) for value in condition.values])]


def _scope(scope: Any) -> Scope:
    if isinstance(scope, base.MetadataFilterScope):
        return Scope("metadata", scope.metadata_property)
    if isinstance(scope, base.SuggestionFilterScope):
        return Scope("suggestion", scope.question, _plain(scope.property))
    if isinstance(scope, base.RecordFilterScope):
        return Scope("record", _plain(scope.property))
    user = str(scope.user.id) if scope.user else None
    return Scope("response", scope.question or "", "value" if scope.question else _plain(scope.property or "status"), user)


def _bound(value: Any) -> float | None:
    """Return a number or a date as the index compares it."""
    return _seconds(datetime.fromisoformat(value)) if isinstance(value, str) else value


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _plain(value: Any) -> str:
    """Return the value of an enumeration."""
    return str(getattr(value, "value", value))


def _counted(statuses: Mapping[str, int]) -> dict[str, int]:
    return {"total": sum(statuses.values()), **statuses}


def _responses(page: Page) -> Any:
    items = [base.SearchResponseItem(record_id=UUID(hit.id), score=hit.score) for hit in page.hits]
    return base.SearchResponses(items=items, total=page.total)
