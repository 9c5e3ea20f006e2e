"""The 16 habits of mind, each with what it means, sentences that show it, and the words that would name or hint at it.

The habits are those of Costa and Kallick, under the names that CogTest gives them (Dong et al., arXiv 2506.21571); glosses,
sentences and words are ours. `thinking` habits are looked for in maths tasks, `scenario` habits in short situations.
"""

from typing import NamedTuple

THINKING, SCENARIO = "thinking", "scenario"


class Habit(NamedTuple):
    """A habit of mind.

    Args:
        slug: its name in files and columns.
        name: its name in words.
        kind: `thinking` or `scenario`.
        gloss: what it means, in one sentence.
        statements: sentences of somebody thinking that show it, for the judge.
        cues: words that name or hint at it: a lemma, or the beginning of a word with a star.
    """

    slug: str
    name: str
    kind: str
    gloss: str
    statements: tuple[str, ...]
    cues: tuple[str, ...]


def _habit(name: str, kind: str, gloss: str, statements: tuple[str, ...], cues: str) -> Habit:
    slug = "_".join(name.lower().replace("(", "").replace(")", "").replace(",", "").split())
    return Habit(slug, name, kind, gloss, statements, tuple(cues.split()))


HABITS = (
    _habit(
        "Persisting",
        THINKING,
        "Stays with a hard task and looks for another way when one fails.",
        ("That did not work either, so I will try once more from the other end.", "It is long, but I am not stopping here."),
        "persist* persever* tenaci* stick relentless* endur*",
    ),
    _habit(
        "Thinking flexibly",
        THINKING,
        "Changes the point of view or the method and weighs alternatives.",
        (
            "Let me look at it the other way round.",
            "Perhaps there is a shorter method than this one.",
            "What if I count the gaps?",
        ),
        "flexib* adapt* alternativ* perspective viewpoint",
    ),
    _habit(
        "Thinking about thinking (metacognition)",
        THINKING,
        "Notices, steers or doubts its own thinking.",
        ("I may be reading too much into this.", "I notice that I jumped to that conclusion.", "Am I getting this mixed up?"),
        "metacogn* thinking reflect* introspect* self-aware* bias*",
    ),
    _habit(
        "Striving for accuracy and precision",
        THINKING,
        "Checks results and wants them exact.",
        ("Let me check the sum once more before I go on.", "To be exact, it is 3.14 and not 3.", "I should verify this step."),
        "accura* precis* exact* verif* meticul* double-check*",
    ),
    _habit(
        "Questioning and problem posing",
        THINKING,
        "Asks itself what is unknown and turns it into a question to be solved.",
        ("What exactly is being asked here?", "Which of these quantities do I not know yet?", "Why would that follow?"),
        "inquir* enquir* query curious* problem-posing",
    ),
    _habit(
        "Thinking and communicating with clarity and precision",
        THINKING,
        "Puts thoughts in order and into clear, well-defined words.",
        (
            "Let me define each symbol first.",
            "I will set this out in three clear steps.",
            "That word is vague, I will say metres.",
        ),
        "clarity clearly unambig* articulat* precis*",
    ),
    _habit(
        "Managing impulsivity",
        SCENARIO,
        "Holds back a first reaction and thinks before acting.",
        ("Before I answer in anger, I should find out what happened.", "I will not send anything yet.", "First, slow down."),
        "impuls* calm* patien* hasty hastily restrain* self-control think rash*",
    ),
    _habit(
        "Listening with understanding and empathy",
        SCENARIO,
        "Attends to what others feel and mean.",
        (
            "She sounds worn out more than angry.",
            "He may be afraid to say it aloud.",
            "I want him to feel heard before I advise.",
        ),
        "empath* listen* compassion* sympath* feel feelings emotion* understanding",
    ),
    _habit(
        "Applying past knowledge to new situations",
        SCENARIO,
        "Draws on something known or lived through for a case that is new.",
        ("This is like the time when the ferry was cancelled.", "I know from gardening that roots need air, so here too."),
        "past experience previously knowledge lesson analog* transfer* remember* recall*",
    ),
    _habit(
        "Gathering data through all senses",
        SCENARIO,
        "Takes in what can be seen, heard, smelt, touched or tasted.",
        ("What does the room smell of?", "I would run a hand over the wood before I judge it.", "Next, listen to the motor."),
        "sens* smell* sound* touch* taste* look* see hear* listen* sight* textur* scent*",
    ),
    _habit(
        "Creating, imagining and innovating",
        SCENARIO,
        "Comes up with new ideas instead of the usual ones.",
        ("What if the queue itself were the game?", "Nobody has tried it with paper boats.", "I could join the two ideas."),
        "creat* imagin* innovat* invent* original* novel brainstorm* unconventional*",
    ),
    _habit(
        "Responding with wonderment and awe",
        SCENARIO,
        "Is struck or fascinated by something and wants to know more.",
        ("How strange and lovely that it glows only when it rains!", "I would love to know how they do it."),
        "wonder* awe* amaz* fascinat* curio* marvel* astonish* breathtak* magic*",
    ),
    _habit(
        "Taking responsible risks",
        SCENARIO,
        "Tries something uncertain after weighing what may be lost.",
        (
            "It may fail, but we would lose a week at most, so it is worth a try.",
            "I will take the untested road, with a way back.",
        ),
        "risk* danger* bold* dare dared daring gambl* chance ventur* brave* courag*",
    ),
    _habit(
        "Finding humor",
        SCENARIO,
        "Sees the funny side, also of itself.",
        ("Well, at least the cake is level on one side.", "A joke about the hat would take the edge off."),
        "humor* humour* funn* laugh* jok* amus* comic* hilari* wit witty smil*",
    ),
    _habit(
        "Thinking interdependently",
        SCENARIO,
        "Brings in others and builds on what they know.",
        ("The night shift knows this machine best, I will ask them.", "We should split this by what each of us is good at."),
        "interdepend* collaborat* cooperat* together team teamwork consult* partner*",
    ),
    _habit(
        "Remaining open to continuous learning",
        SCENARIO,
        "Admits what it does not know and wants to learn.",
        ("I have done it this way for years, and perhaps wrongly.", "I should ask her to show me how the new one works."),
        "learn* improv* grow* growth humil* humble* feedback open-minded* up-to-date",
    ),
)
"""All sixteen, those looked for in maths tasks first."""

SLUGS = tuple(habit.slug for habit in HABITS)
BY_SLUG = {habit.slug: habit for habit in HABITS}

SAME_TASKS = (
    "thinking_flexibly",
    "thinking_about_thinking_metacognition",
    "striving_for_accuracy_and_precision",
    "questioning_and_problem_posing",
    "thinking_and_communicating_with_clarity_and_precision",
)
"""The habits whose five published files are one and the same."""
