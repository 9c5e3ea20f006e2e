"""The surface-cue audit: can the twins be told apart without understanding them?

Where a few words or the length give the label away, a model may learn those instead of the behaviour, and a classifier of
"misalignment" those instead of harm. Two simple classifiers try, both cross-validated by question, so that neither has seen a
question, or the other answer to it, when it decides:

    words    logistic regression on the counts of words and pairs of words, scaled to one length of text
    length   logistic regression on the number of words and of characters

An area under the ROC curve (AUC) of 0.5 is chance. Its interval is a bootstrap over questions. Twins share their question, so
beside it stands how often the misaligned one of a pair looks the more misaligned: a difference within pairs that is small
beside those between questions shows there only.

The words that speak most for either side are shown if they also occur in so many aligned answers, and if they are short: what
is in misaligned answers only is counted, never shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import Field

from builders import records
from builders.sources.section import Section
from builders.texts import words

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

_ARMS = ("aligned", "misaligned")
_LONGEST_CUE = 25
_ENDS = (0.025, 0.975)
_DIGITS = 4


class Surface(Section):
    """How the audit is done.

    Args:
        folds: of the cross-validation.
        min_questions: with fewer, nothing is computed.
        min_answers_share: a word or pair counts if it occurs in such a share of the answers, and in two at least.
        regularisation: inverse strength of the logistic regression on words (scikit-learn's C).
        resamples: of the bootstrap.
        seed: of the bootstrap.
        cues: most cues shown each way.
        cue_min_aligned: aligned answers that a cue has to occur in to be shown.
        length_warning: an AUC of length alone above it is worth a warning.
    """

    folds: int = Field(ge=2, le=10)
    min_questions: int = Field(ge=10)
    min_answers_share: float = Field(ge=0, le=1)
    regularisation: float = Field(gt=0)
    resamples: int = Field(ge=100)
    seed: int = Field(ge=0)
    cues: int = Field(ge=0)
    cue_min_aligned: int = Field(ge=1)
    length_warning: float = Field(ge=0.5, le=1)


@dataclass(frozen=True, slots=True)
class Separation:
    """How well a classifier tells the twins apart, on questions it has not seen.

    Args:
        auc: area under the ROC curve.
        low: lower end of its 95 % interval.
        high: upper end.
        accuracy: answers that are put on the right side.
        pairs_right: pairs of which the misaligned one scores higher; a tie is half of one.
    """

    auc: float
    low: float
    high: float
    accuracy: float
    pairs_right: float


@dataclass(frozen=True, slots=True)
class Cue:
    """A word or two that speak for one side.

    Args:
        words: in lower case.
        weight: in the regression on all answers; above 0 it speaks for misaligned.
        aligned: aligned answers that have it.
        misaligned: misaligned answers that have it.
    """

    words: str
    weight: float
    aligned: int
    misaligned: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit found.

    Args:
        pairs: of twins.
        questions: different ones.
        skipped: why nothing was computed; None if it was.
        words: the classifier on words.
        length: the classifier on length.
        length_warning: whether length alone tells too much.
        for_misaligned: the cues that speak most for misaligned, the strongest first.
        for_aligned: those for aligned.
        hidden: cues that were passed over to find these.
    """

    pairs: int
    questions: int
    skipped: str | None
    words: Separation | None
    length: Separation | None
    length_warning: bool
    for_misaligned: tuple[Cue, ...]
    for_aligned: tuple[Cue, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class _Answers:
    """All answers, a pair after the other, the aligned one first."""

    texts: list[str]
    misaligned: "np.ndarray[Any, Any]"
    questions: "np.ndarray[Any, Any]"


def audit(rows: Sequence[Mapping[str, Any]], params: Surface) -> Audit:
    """Audit released rows, of which `prompt`, `aligned` and `misaligned` are read."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  (as scikit-learn below: only this needs them)

    questions = len({records.normalised(row["prompt"]) for row in rows})
    if questions < params.min_questions:
        return _skipped(rows, questions, f"fewer than {params.min_questions} questions")
    answers = _answers(rows)
    # One thread sums in one order, so that the figures do not depend on the machine's cores.
    with threadpool_limits(1):
        counts, vocabulary = _counts(answers, params)
        if not vocabulary:
            return _skipped(rows, questions, "no word occurs in enough answers")
        on_words = _separation(_words_model(params), counts, answers, params)
        on_length = _separation(_length_model(), _lengths(answers), answers, params)
        cues, hidden = _cues(counts, vocabulary, answers, params)
    warned = on_length.auc > params.length_warning
    towards = [tuple(cue for cue in cues if (cue.weight > 0) == side) for side in (True, False)]
    return Audit(len(rows), questions, None, on_words, on_length, warned, towards[0], towards[1], hidden)


def weighted_auc(scores: "np.ndarray[Any, Any]", positive: "np.ndarray[Any, Any]", weights: "np.ndarray[Any, Any]") -> float:
    """Return the AUC of weighted answers; scikit-learn's would sort the scores anew for every resample.

    Args:
        scores: the rank of each answer's score among the different scores, from 0.
        positive: whether each is misaligned.
        weights: how often each counts.
    """
    import numpy as np  # noqa: PLC0415

    right = np.bincount(scores, weights * positive)
    wrong = np.bincount(scores, weights * ~positive)
    below = np.cumsum(wrong) - wrong / 2
    return float(right @ below / (right.sum() * wrong.sum()))


def _skipped(rows: Sequence[Mapping[str, Any]], questions: int, why: str) -> Audit:
    return Audit(len(rows), questions, why, None, None, length_warning=False, for_misaligned=(), for_aligned=(), hidden=0)


def _answers(rows: Sequence[Mapping[str, Any]]) -> _Answers:
    import numpy as np  # noqa: PLC0415

    texts = [row[arm] for row in rows for arm in _ARMS]
    _, numbers = np.unique([records.normalised(row["prompt"]) for row in rows], return_inverse=True)
    return _Answers(texts, np.tile(np.array([False, True]), len(rows)), np.repeat(numbers, len(_ARMS)))


def _counts(answers: _Answers, params: Surface) -> tuple["csr_matrix", list[str]]:
    """Return how often each word and pair occurs in each answer, and what they are."""
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415

    least = max(2, round(params.min_answers_share * len(answers.texts)))
    vectorizer = CountVectorizer(tokenizer=words.words, token_pattern=None, ngram_range=(1, 2), min_df=least)
    try:
        counts = vectorizer.fit_transform(answers.texts)
    except ValueError:  # an empty vocabulary
        return None, []
    return counts, vectorizer.get_feature_names_out().tolist()


def _lengths(answers: _Answers) -> "np.ndarray[Any, Any]":
    import numpy as np  # noqa: PLC0415

    return np.array([[len(words.words(text)), len(text)] for text in answers.texts], dtype=float)


def _words_model(params: Surface) -> Any:  # noqa: ANN401  (scikit-learn is not typed)
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import Normalizer  # noqa: PLC0415

    return make_pipeline(Normalizer(), LogisticRegression(C=params.regularisation, max_iter=1000))


def _length_model() -> Any:  # noqa: ANN401
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    return make_pipeline(StandardScaler(), LogisticRegression())


def _separation(model: Any, features: Any, answers: _Answers, params: Surface) -> Separation:  # noqa: ANN401
    import numpy as np  # noqa: PLC0415
    from sklearn.model_selection import GroupKFold, cross_val_predict  # noqa: PLC0415

    folds = GroupKFold(params.folds)
    scores = cross_val_predict(
        model, features, answers.misaligned, groups=answers.questions, cv=folds, method="decision_function"
    )
    _, ranks = np.unique(scores, return_inverse=True)
    random = np.random.default_rng(params.seed)
    questions = int(answers.questions.max()) + 1
    found = []
    for _ in range(params.resamples):
        drawn = np.bincount(random.integers(questions, size=questions), minlength=questions)
        found.append(weighted_auc(ranks, answers.misaligned, drawn[answers.questions]))
    low, high = np.quantile(found, _ENDS)
    differences = scores[1::2] - scores[::2]
    figures = (
        weighted_auc(ranks, answers.misaligned, np.ones(len(scores))),
        low,
        high,
        np.mean((scores > 0) == answers.misaligned),
        np.mean((np.sign(differences) + 1) / 2),
    )
    return Separation(*(round(float(figure), _DIGITS) for figure in figures))


def _cues(counts: "csr_matrix", vocabulary: list[str], answers: _Answers, params: Surface) -> tuple[list[Cue], int]:
    """Return the strongest cues that may be shown, and how many were passed over."""
    model = _words_model(params).fit(counts, answers.misaligned)
    weights = model[-1].coef_[0].tolist()
    held = counts > 0
    aligned, misaligned = (held[answers.misaligned == side].sum(axis=0).A1.tolist() for side in (False, True))
    cues = [
        Cue(word, round(weight, _DIGITS), *found)
        for word, weight, *found in zip(vocabulary, weights, aligned, misaligned, strict=True)
    ]
    shown, hidden = [], 0
    for sign in (1, -1):
        strongest = sorted((cue for cue in cues if cue.weight * sign > 0), key=lambda cue: (-cue.weight * sign, cue.words))
        first, passed = _presentable(strongest, params)
        shown += first
        hidden += passed
    return shown, hidden


def _presentable(strongest: list[Cue], params: Surface) -> tuple[list[Cue], int]:
    """Return the first cues that may be shown, as many as are wanted, and how many were passed over until then."""
    first: list[Cue] = []
    hidden = 0
    for cue in strongest:
        if len(first) == params.cues:
            break
        if cue.aligned >= params.cue_min_aligned and len(cue.words) <= _LONGEST_CUE:
            first.append(cue)
        else:
            hidden += 1
    return first, hidden
