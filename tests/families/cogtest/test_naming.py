"""What gives a habit away, what asks for reflection, what a situation lacks."""

import pytest

from builders.families.cogtest import naming
from builders.families.cogtest.habits import BY_SLUG, HABITS, SAME_TASKS, SCENARIO, SLUGS, THINKING

SITUATION = (
    "You run a small bakery. The oven has failed an hour before a wedding cake is due, and the next one is across town. {}"
)


def test_there_are_sixteen_habits_six_of_them_looked_for_in_maths() -> None:
    assert len(SLUGS) == len(set(SLUGS)) == 16
    assert sum(habit.kind == THINKING for habit in HABITS) == 6
    assert sum(habit.kind == SCENARIO for habit in HABITS) == 10
    assert set(SAME_TASKS) < {habit.slug for habit in HABITS if habit.kind == THINKING}
    assert all(2 <= len(habit.statements) <= 5 for habit in HABITS)


def test_the_slugs_are_the_published_file_names() -> None:
    assert "thinking_about_thinking_metacognition" in SLUGS
    assert "creating_imagining_and_innovating" in SLUGS
    assert "remaining_open_to_continuous_learning" in SLUGS


CUES = [
    ("persisting", "thinking", "persist* persever* tenaci* stick relentless* endur*"),
    ("thinking_flexibly", "thinking", "flexib* adapt* alternativ* perspective viewpoint"),
    ("thinking_about_thinking_metacognition", "thinking", "metacogn* thinking reflect* introspect* self-aware* bias*"),
    ("striving_for_accuracy_and_precision", "thinking", "accura* precis* exact* verif* meticul* double-check*"),
    ("questioning_and_problem_posing", "thinking", "inquir* enquir* query curious* problem-posing"),
    ("thinking_and_communicating_with_clarity_and_precision", "thinking", "clarity clearly unambig* articulat* precis*"),
    ("managing_impulsivity", "scenario", "impuls* calm* patien* hasty hastily restrain* self-control think rash*"),
    (
        "listening_with_understanding_and_empathy",
        "scenario",
        "empath* listen* compassion* sympath* feel feelings emotion* understanding",
    ),
    (
        "applying_past_knowledge_to_new_situations",
        "scenario",
        "past experience previously knowledge lesson analog* transfer* remember* recall*",
    ),
    (
        "gathering_data_through_all_senses",
        "scenario",
        "sens* smell* sound* touch* taste* look* see hear* listen* sight* textur* scent*",
    ),
    (
        "creating_imagining_and_innovating",
        "scenario",
        "creat* imagin* innovat* invent* original* novel brainstorm* unconventional*",
    ),
    (
        "responding_with_wonderment_and_awe",
        "scenario",
        "wonder* awe* amaz* fascinat* curio* marvel* astonish* breathtak* magic*",
    ),
    (
        "taking_responsible_risks",
        "scenario",
        "risk* danger* bold* dare dared daring gambl* chance ventur* brave* courag*",
    ),
    ("finding_humor", "scenario", "humor* humour* funn* laugh* jok* amus* comic* hilari* wit witty smil*"),
    (
        "thinking_interdependently",
        "scenario",
        "interdepend* collaborat* cooperat* together team teamwork consult* partner*",
    ),
    (
        "remaining_open_to_continuous_learning",
        "scenario",
        "learn* improv* grow* growth humil* humble* feedback open-minded* up-to-date",
    ),
]


@pytest.mark.parametrize(("slug", "kind", "cues"), CUES, ids=[slug for slug, _, _ in CUES])
def test_every_word_that_hints_at_a_habit_is_found(slug: str, kind: str, cues: str) -> None:
    """The order of SLUGS is that of the paper's table."""
    assert (SLUGS[[one for one, _, _ in CUES].index(slug)], BY_SLUG[slug].kind) == (slug, kind)
    for cue in cues.split():
        word = cue.replace("*", "xyz")
        assert naming.cues(f"They said {word} once.", slug) == [word]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_habit_is_found_by_its_cues_in_any_of_their_forms(slug: str) -> None:
    cue = BY_SLUG[slug].cues[0]
    word = cue.removesuffix("*")
    assert naming.cues(f"Be {word.upper()}!", slug) == [word]
    assert naming.cues(SITUATION.format("What now?"), slug) == []


@pytest.mark.parametrize(
    ("text", "slug", "found"),
    [
        ("They laughed at my jokes", "finding_humor", ["laughed", "jokes"]),
        ("Stay calm and think", "managing_impulsivity", ["calm", "think"]),
        ("They were thinking aloud", "managing_impulsivity", ["thinking"]),
        ("Double-check it", "striving_for_accuracy_and_precision", ["double-check"]),
        ("a dark room", "taking_responsible_risks", []),
        ("with friends", "finding_humor", []),
        ("the wise owl", "finding_humor", []),
    ],
)
def test_cues_are_found_by_lemma_or_beginning(text: str, slug: str, found: list[str]) -> None:
    assert naming.cues(text, slug) == found


@pytest.mark.parametrize(
    "text",
    [
        "What do you do? Reflect on your choice.",
        "Solve it step by step.",
        "Think carefully, then answer.",
        "Explain your reasoning.",
        "Describe how you decide.",
        "Before you answer, consider the other side.",
        "Take a moment to think.",
        "What is your thought process?",
        "Think about how it went.",
        "Solve it step-by-step.",
        "Share how you\u2019d begin, thinking aloud.",
        "Walk me through your reasoning.",
        "After you decide, pause.",
        "Write an inner monologue.",
        "Reflecting upon it, reply.",
        "Take some time to reflect.",
    ],
)
def test_requests_to_reflect_are_found(text: str) -> None:
    assert naming.asks_for_reflection(text)


@pytest.mark.parametrize(
    "text", ["What do you do?", "Explain the rule to a child.", "Light is reflected. How much?", "Think of a name for it."]
)
def test_plain_instructions_are_no_requests_to_reflect(text: str) -> None:
    assert not naming.asks_for_reflection(text)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        (SITUATION.format("What do you tell the couple?"), []),
        (SITUATION.format("Draft a note to the couple."), []),
        ("As a librarian on the night shift, the lights go out while forty people read. How do you respond?", []),
        (SITUATION.format("The couple waits."), ["instruction"]),
        ("You run a bakery. What now?", ["context"]),
        ("The oven of the bakery has failed an hour before a wedding cake is due. What happens next?", ["role"]),
        ("The oven failed.", ["role", "context", "instruction"]),
        ("You run the old bakery down by the river. What now, then?", ["context"]),
        ("You run the only old bakery down by the river. What now?", []),
        ('You run the only old bakery down by the river. Now answer what?")', []),
        ("Serving as a porter, the night is long and the trains are all late. Suggest a way.", []),
        ("The night is long, and as a porter says, all trains are late. Suggest a way.", ["role"]),
        ("The night is long and all the trains to town are late.\nAs a porter, write a note.", ["instruction"]),
        ("You run the only old bakery down by the river. \u201cWhat now?\u201d they ask.", ["instruction"]),
        ("", ["role", "context", "instruction"]),
    ],
)
def test_a_situation_has_role_context_and_instruction(text: str, lacks: list[str]) -> None:
    assert naming.missing(text) == lacks
