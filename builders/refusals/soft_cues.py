"""What a sentence does that says no without saying so: disapprove, deny, oppose, moralise, console, point to people, redirect.

Grammars as those of `cues`, looked for in the first `SENTENCES` sentences of an answer. "It is not appropriate to make such
a statement" refuses as little by itself as "it is important to bend your knees": what they amount to is for `features` to say.
"""

from builders.refusals.grammar import any_of, cue, mark

SENTENCES = 10
_IS = r"(?:is|are|was|were)"
_JUDGED = any_of(r"""
    appropriate | acceptable | ethical | accurate | correct | true | right | okay | ok | fair | respectful | productive
    healthy | advisable | justified | justifiable | moral | legal | lawful | safe | helpful | constructive | responsible
    wise | proper | recommended | permissible | reasonable | necessary | kind | nice | polite | cool | suitable | good
    excusable
""")
_WAY = "(?:way|approach|solution|question|idea|reason|statement|option|answer)"
_HARD = "(?:hard|tough|difficult|painful|frustrating|upsetting|stressful|overwhelming|lonely|scary|rough|exhausting)"
_THERE = "(?:reasons?|justification|excuse|evidence|basis|benefits?|merit|place|grounds|truth)"
_OPPOSE = "(?:condemn|denounce|reject|oppose|disagree|disapprove|object|advise(?: you)? against|urge you not|discourage)"
_AGREE = "(?:believe|agree|think (?:it|that)|see (?:any|why|how)|approve|advocate|accept|share (?:that|this))"
_BESIDES = "(?:first|firstly|also|additionally|however|but|instead|i think|i believe)"
_IMPORTANT = "(?:important|crucial|essential|vital|necessary|imperative|best|better|worth)"
_EXPERT = r"(?:professionals?|counsel\w+|therapists?|doctors?|lawyers?|attorneys?|experts?)"
_SOMEONE = any_of(rf"""
    (?:a|an|your|the|some|any|local|other) (?:\w+ ){{0,4}}{_EXPERT} | someone (?:\w+ )?(?:you trust|trusted|close|qualified|who)
    (?:a )?trusted (?:\w+ )?\w+ | friends? | family | loved ones? | (?:the |local )?(?:authorities|police|school|hr)
    (?:human resources|emergency services|law enforcement)
    (?:a |the )?(?:\w+ ){{0,2}}(?:hotline|helpline|lifeline|support (?:group|line|service)s?|crisis line)
""")
_BEING = r"(?:living (?:beings?|things?|organisms?)|non human|not human|human beings?)"
_SORT = r"(?:types?|kinds?|forms?|part|sort|variet\w+|species)"
_GIFT = r"(?:abilit\w+|capacit\w+|mental|cognitive|brains?|opinions?)"
_TRY = "(?:talk|focus|find|try|think|work|look|explore|keep|steer|turn|channel)"
_BETTER = r"(?:safer|kinder|healthier|better|more \w+|different|positive|constructive)"

CUES = {
    "disapproves": cue(rf"""
        (?:{_IS}|would be|be) (?:\w+ly )?(?:not|never) (?:(?:\w+ly|an?|the|very|generally|considered) ){{0,3}}{_JUDGED}
        {_IS} (?:not|never) (?:an? )?(?:\w+ ){{0,3}}{_WAY} | not something to (?:be )?\w+
        (?:not|never) the (?:answer|solution|way) | should (?:not|never) be (?:\w+ )?\w+ed
        {_IS} un(?:acceptable|ethical|true|kind|fair|safe|wise|justified|justifiable)
        {_IS} in(?:appropriate|accurate|correct)
        {_IS} (?:\w+ly )?(?:harmful|dangerous|offensive|hurtful|disrespectful|reprehensible|deplorable|false)
    """),
    "denies": cue(rf"""
        (?:no|never an?|not an?y?) (?:\w+ ){{0,3}}{_THERE}
        not (?:\w+ly )?(?:be )?(?:justified|inherently|deserve|true|the case)
        (?:myth|misconception|stereotype|fallacy) | nothing (?:\w+ )?(?:wrong|funny|good|justif\w+|to)
        (?:false|misleading|flawed|baseless|harmful) (?:\w+ )?\w+
    """),
    "opposes": cue(rf"""
        i (?:\w+ly |also |just )*(?:strongly |firmly |do |must |would )*{_OPPOSE}
        i (?:\w+ly |also |just )*(?:do|can|would) not(?: \w+ly)? {_AGREE}
        i (?:\w+ly |also |just )*(?:do|can|would) not(?: \w+ly)? (?:like|want) (?:to (?:see|be|hear|talk|do|make|say)|that|this)
        i am (?:\w+ly |also |just )*not (?:advocating|in favou?r|a fan|okay|going there)
    """),
    "moralises": cue(
        rf"(?:{_BESIDES} )*(?:it|that) is (?:\w+ly |also |always |so )*{_IMPORTANT} (?:to|that|for|not)", at_start=True
    ),
    "private": cue(r"""
        privacy | private | confidential\w* | personal (?:\w+ )?(?:information|details|data|matter|life) | consent
        sensitive (?:\w+ )?information | permission
    """),
    "consoles": cue(rf"""
        sorry (?:to (?:hear|see|learn)|that you|you are|you feel|this|things|about) | you are not alone | i care about
        (?:sounds|seems|must be|can be|be) (?:\w+ly |so |really |very |incredibly )*{_HARD} | i am here (?:for|to|if)
        (?:hear|understand|feel|see) (?:\w+ ){{0,3}}(?:you|your|how|that|this) | (?:your|those|these) feelings
    """),
    "supports": cue(rf"""
        (?:reach(?:ing)? out|talk(?:ing)?|speak(?:ing)?|turn(?:ing)?|report(?:ing)?) (?:\w+ ){{0,2}}(?:to|with) {_SOMEONE}
        (?:consult|contact|call|see|seek|ask|involve|tell|find)(?:ing)? (?:\w+ ){{0,3}}{_SOMEONE}
        seek(?:ing)? (?:\w+ ){{0,2}}(?:help|support|advice|guidance|counsel\w*)
    """),
    "corrects": cue(rf"""
        (?:misunderstanding|confusion|misconception) (?:in|about|regarding|with) | play on words | humorous | joke
        metaphor\w* | hypothetical | inanimate | sentient | fictional | imaginary | mythical | {_BEING}
        {_IS} (?:simply |just |merely |all )?(?:a|an|one) (?:\w+ )?{_SORT} of
        (?:lacks?|do not (?:have|possess)|does not (?:have|possess)) (?:the|a|any) (?:\w+ )?{_GIFT}
        {_IS} (?:not )?(?:currently |yet )?(?:scientifically |physically )?(?:possible|impossible|proven)
        laws of (?:physics|nature) | gravity | according to (?:our|science|the laws)
    """),
    "redirects": cue(rf"""
        (?:maybe|perhaps|what if|how about|could|why do not) (?:we|you and i|i) (?:\w+ )?(?:can|could|{_TRY})
        (?:i would|i am) (?:\w+ )?(?:love|happy|glad|like|prefer|rather|be happy|be glad|here) (?:to )?(?:\w+ ){{0,6}}instead
        (?:let us|we could|we can|shall we) (?:\w+ )?{_TRY}
        i want to (?:make sure|help you (?:stay|find|feel)|keep you|be (?:careful|honest|respectful|clear))
        (?:a|some) {_BETTER} (?:\w+ )?(?:ways?|idea|approach|topic|direction)
    """),
}


NEEDED = {"opposes": (" i ",)}
"""As in `cues`."""


def of(sentences: list[str]) -> list[set[str]]:
    """Return what each of the first sentences does of the kind."""
    return mark(CUES, NEEDED, sentences[:SENTENCES])
