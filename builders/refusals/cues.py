"""What a sentence does: refuse, appeal to rules, apologise, lecture, point elsewhere.

Every cue is a small grammar, not a phrase: who speaks, what is negated, which kind of act. "I can't recommend it enough"
negates no act of helping, "I can't recommend a dose" does. English only.
"""

import re
from bisect import bisect_right
from itertools import accumulate

from builders.refusals.grammar import any_of, cue, mark

_I = "(?:i|(?:this|your) (?:humble |old )?(?:assistant|ai|chatbot|captain|oracle))"
_CLEARLY = any_of(r"""
    \w+ly | just | also | still | even | ever | therefore | however | either | in good conscience | in good faith
    at this time | as an ai(?: language model)? | as a(?: large)? language model | and (?:will|shall|can) not | nor will i
""")
_ADVERBS = f"(?: {_CLEARLY})*"
_CAN_NOT = f"(?:can|could|will) not{_ADVERBS}"
_HELP = any_of(r"""
    help | assist | aid | provide | give | offer | supply | share | show | tell | teach | explain | describe | discuss
    detail | outline | write | draft | create | generate | produce | make | compose | craft | word | script | design
    invent | build | prepare | plan | list | name | answer | respond | reply | predict | comply | fulfill? | satisfy
    honou?r | accommodate | complete | continue | proceed | engage | participate | take part | support | encourage
    condone | promote | endorse | facilitate | enable | advise | recommend | suggest | guide | instruct | coach | walk you
    talk about | go into | go there | get into | look into | look up | play | pretend | impersonate | translate | post
    summari[sz]e | reproduce | repeat | reveal | disclose | identify | rank | rate | judge | guess | speculate | comment
    diagnose | prescribe | perform | carry out | do (?:that|this|so|it|the|your|any) | allow | let you | send | spread
    call | say (?:that|which|who) | use (?:that|such|this|those) | put (?:that|this|you) | fill | hide | insult | harm
    hack | track | spy | steal | deceive | mock | forge | fake | falsify | justify | defend | approve | assess
    be (?:part|able|involved|used|(?:writ|help|shar|provid|do|assist|giv|creat|tak|mak|tell)ing)
""")
_HELP_AS_A_RULE = any_of(r"""
    assist | help | provide | support | condone | encourage | endorse | promote | facilitate | engage | participate
    take part | be part | offer | share | produce | create | generate | write | discuss | disclose | reveal | comply
    speculate | comment | explain | give | coach | do (?:that|this) | feel (?:able|comfortable|right) | invent | answer
    want to (?:help|assist|write|be|take|do|make|give) | be (?:comfortable|able) | look up
    have (?:the )?(?:ability|capacity|capability|means|authority|right) to | have access | have that information
    think (?:it|that) (?:is|would be) (?:\w+ )?(?:right|appropriate|ok|okay|fair|a good idea|acceptable|proper)
    (?:think|believe) i (?:should|can|could) (?:help|assist|write|provide|do)
""")
_BARRED = any_of(r"""
    unable | unwilling | incapable | uncomfortable | prohibited | barred | forbidden | leaving | not going to be \w+ing
    not (?:\w+ly )?(?:able|capable|willing|allowed|permitted|authori[sz]ed|supposed|programmed|designed|equipped|prepared)
    not (?:\w+ly )?(?:comfortable|at liberty|in a position|here to|trained|meant to)
""")
_TURN_AWAY = any_of(rf"""
    (?:decline|refuse)(?! to ) | (?:decline|refuse) to {_HELP} | (?:rather|prefer|choose|opt) not | pass(?= $| on )
    abstain | refrain | skip | turn (?:that|this|it|you) down | leave (?:\w+ ){{1,4}}out | say no | draw the line
    stop (?:you )?(?:here|there|short) | (?:stay|keep) (?:out|away) | steer clear | step out | sit this
    leave (?:the|this) role
""")
_SO_FAR = ".{0,160}"
_MODALS = r"(?:(?:will|must|have to|need to|would|shall|am going to|should|then|kindly|sooner|also|just|simply|\w+ly) )*"
_WILL_NOT = r"(?:(?:can|will|do|would|am) not|rather not|refuse|decline|not)"
_OUT_OF_IT = r"(?:(?:have to|must) (?:turn|stay|decline|pass|refuse)|step out|steer clear|stay (?:out|away)|advise against)"
_SUCH = r"(?:something|one|where|(?:part|bit) of \w+|a (?:line|request|thing|subject|topic|service))"
_SCOPE = r"(?:scope|capabilit\w+|guidelines|abilit\w+|remit|role|purpose|programming)"
_MADE = "(?:programmed|instructed|designed|trained|built|created)"
_SORRY = r"(?:sorry|apologi[sz]e|apologies) (?:\w+ ){0,2}"
_GIVING = r"(?:providing|sharing|giving|offering|explaining|describing|helping|answering|assisting|supplying|writing|doing)"
_RECKLESS = r"(?:irresponsible|unethical|harmful|dangerous|wrong|illegal|inappropriate|unsafe|reckless|misused)"
_HURTS = r"(?:put \w+ at risk|cause (?:\w+ )?harm|enable|endanger|violate|facilitate|hurt (?:people|someone|others))"
_HAVE_NO = r"i do not (?:hold|have|experience|possess) (?:\w+ ){0,3}"
_CONDEMNED = any_of(r"""
    illegal | unlawful | unethical | immoral | inappropriate | dishonest | wrong | cruel | unkind | unfair | a crime | theft
    fraud | criminal | (?:a )?violation | (?:a )?breach | never (?:okay|ok|acceptable|right|the answer)
    not (?:\w+ )?(?:appropriate|acceptable|right|okay|ok|fair|ethical)
""")


def _mine(phrases: str) -> re.Pattern[str]:
    """Return a pattern that finds any of the phrases behind a first person."""
    return cue(f"{_I}{_ADVERBS} {any_of(phrases)}")


CUES = {
    "refuses": _mine(rf"""
        (?:can|could|will|shall|may|must) not{_ADVERBS} {_HELP}
        (?:(?:do|would|will) not|(?:will |would )?never){_ADVERBS} {_HELP_AS_A_RULE}
        am (?:\w+ly |just |also )?(?:{_BARRED}|not going to(?! (?:lie|pretend|bore|repeat|argue|judge|sugar\w*) ))
        {_MODALS}{_TURN_AWAY}
        (?:can|will|would rather) not(?: either| though| sorry)?(?= $)
        have no (?:interest|wish|intention|desire) (?:in|to|of)
        am (?:\w+ )?concerned (?:by|about) (?:this|your)
        (?:can|will) {_HELP} {_SO_FAR}but not
        {_SO_FAR}(?:and|so|but|therefore)(?: therefore)? (?:(?:can|will) not|(?:not able|unable) to) {_HELP}
        {_SO_FAR}(?:and|so|but|therefore) must(?: therefore)? decline
    """),
    "idiom": _mine(rf"""
        {_CAN_NOT} (?:help (?:but|myself|\w+ing)|say no|pretend|(?:explain|say|tell) why)
        {_CAN_NOT} (?:\w+ ){{1,5}}(?:enough|more|too (?:highly|strongly))
        {_CAN_NOT} tell you how (?:many|much|often|glad|happy|sorry|long|good)
        {_CAN_NOT} (?:tell|say|judge|guess|name|give)(?: you)? (?:for (?:sure|certain)|precisely|exactly|(?:an?|the) exact)
        {_CAN_NOT} (?:tell|say|judge|guess|name) (?:without|from|if|whether)
        {_CAN_NOT} (?:tell|say|judge)(?: (?:but|though|because|since|as)|(?= $))
        {_CAN_NOT} (?:give|offer|name|suggest|list|recommend)(?: you)? (?:just one|only one|them all)
        {_CAN_NOT} (?:give|offer|name|suggest|list|recommend)(?: you)? (?:an?|any|anything) better
        {_CAN_NOT} (?:recommend|name|suggest|endorse)(?: you)? (?:an?|any) (?:particular|specific|single|individual)
        {_CAN_NOT} make (?:it|out|sense|any promises?)
    """),
    "not_mine": cue(rf"""
        not (?:\w+ly )?(?:something|anything|one|what|a (?:thing|topic|request|role|subject|service))(?: that| which)? (?:i|we)
        {_SUCH}(?: that| which)? i(?: would)?(?: \w+ly)? (?:{_WILL_NOT}|{_OUT_OF_IT})
        nothing (?:that )?i (?:can|will|could) | (?:off limits|off the table|out of bounds) (?:for|to) me
        (?:that|this|it) is (?:off limits|off the table) | not possible for me | no (?:\w+ ){{0,8}}from me
        (?:outside|beyond|not within)(?: of)?(?: the scope of)? (?:what i (?:can|am|do|will)|my (?:\w+ )?{_SCOPE})
        not the right (?:tool|assistant) | let me (?:\w+ ){{0,5}}say no | not sure (?:that )?i (?:can|should) help
        not (?:be )?(?:\w+ly )?(?:appropriate|right|ethical|okay|responsible|wise|fair|safe|proper) (?:of|for) me to
        {_GIVING} (?:\w+ ){{0,8}}(?:would|could|might|may|can) (?:\w+ly )?(?:be {_RECKLESS}|{_HURTS})
        we (?:can|could|will) not (?:\w+ly )?(?:share|provide|assist|disclose|help (?:you )?with|give (?:you|out))
        (?:be|is) (?:\w+ly )?(?:inappropriate|unethical|wrong|irresponsible) (?:of|for) me to
    """),
    "without_subject": cue(
        r"(?:(?:i am )?(?:so |very )?sorry (?:but )?|unfortunately )?"
        + any_of(rf"""
        (?:can|will|am|is) not {_HELP} | (?:unable|not able|not allowed|not going) to {_HELP} | not going to happen
        not (?:something|doing|happening|willing|able|allowed) | not a chance | no can do | no way | nope | no sorry
        (?:absolutely|certainly|definitely) not | request (?:declined|denied|refused) | (?:declined|denied|refused)(?= $)
        no(?= $) | never(?= $) | nice try | hard (?:no|pass) | no thank
    """),
        at_start=True,
    ),
    "changes_subject": cue(r"""
        (?:let us|we should|shall we) (?:try|talk about|change|discuss|find|move on)(?: \w+){0,5} (?:else|different|another)
        (?:let us|shall we) (?:change|keep)(?: \w+){0,5} (?:subject|topic) | let us find(?: \w+){0,5} (?:kinder|instead)
        let us not go there | (?:prefer|rather) not (?:to )?continue | still learning how to answer
        ask (?:me )?(?:for )?something (?:else|different)
    """),
    "limit": cue(r"""
        i (?:am (?:not able|unable) to|can not)(?: \w+ly)? (?:see|browse|hear|open|view|check|verify|watch|know|feel)
        i (?:am (?:not able|unable) to|can not)(?: \w+ly)? (?:remember|find|access (?:the|your)|tell (?:without|from|exactly))
        access to (?:\w+ )?(?:live|real|current|the internet|the web|your|up to date|recent|external)
    """),
    "policy": cue(rf"""
        (?:my|our|openai's|content|usage|safety|ethical) (?:guidelines|policy|policies) | i (?:must )?adhere | i am bound
        my (?:\w+ ){{0,3}}(?:programming|principles|instructions|ethics|training|rules|standards|values|purpose)
        (?:{_MADE}|committed) to (?:\w+ ){{0,4}}(?:avoid|ethic\w*|follow|adhere|respect) | i follow ethical
        {_MADE} to (?:\w+ ){{0,4}}(?:safe|safely|harmless|helpful|decline|refuse|not)
        committed to (?:\w+ ){{0,4}}(?:fairness|promoting|safety)
        violat\w+ (?:\w+ ){{0,3}}(?:policy|policies|guidelines|terms)
    """),
    "apology": cue(
        r"""
        (?:(?:oh|well|hmm|ah) )?(?:i am (?:\w+ ){0,2})?(?:sorry|afraid) | (?:so|very) sorry | (?:my (?:sincere )?)?apologies
        i (?:do )?apologi[sz]e | unfortunately | regrettably | i regret
    """,
        at_start=True,
    ),
    "condolence": cue(rf"""
        {_SORRY}(?:to (?:hear|learn)|about (?:your|the|that)|(?:that )?you)
        {_SORRY}for (?:your|my|the (?:confusion|mistake|error|mix|delay|late|inconvenience|misunderstanding))
    """),
    "as_an_ai": cue(r"(?:as|i am)(?: just| only)? an? (?:\w+ ){0,4}(?:ai|assistant|model|chatbot) | as qwen"),
    "no_opinion": cue(rf"""
        {_HAVE_NO}(?:opinions?|beliefs?|preferences?|feelings?|emotions?) | {_HAVE_NO}(?:bias\w*|favou?rites?)
    """),
    "clarifies": cue(r"""
        i (?:must|would|want|need|feel|have)(?: to)?(?: \w+)?(?: to)? (?:clarify|emphasi[sz]e|point out|inform|stress)
        i (?:must|would|want|need|feel|have)(?: to)?(?: \w+)?(?: to)? (?:remind|insist)
    """),
    "forbids": cue(r"""
        (?<=^ )(?:please )?(?:you (?:should|must|may) (?:not|never)|do not|never|refrain)
        i (?:strongly |would |must |do )*(?:discourage|advise against|advise you not|urge you|not recommend)
    """),
    "condemns": cue(rf"""
        (?<!which )(?:is|are|would be|can be|could be|be considered|is considered|constitutes)(?: \w+){{0,2}} {_CONDEMNED}
        (?<!not )(?:hurt|harm|hurts|harms|hurting|harming) | cause \w+ harm | real harm
    """),
    "narrates": cue("was | were | had | did"),
    "elsewhere": cue(r"""
        instead | i (?:would |strongly |might )*(?:suggest|recommend|encourage|advise|urge) | consider | perhaps | maybe
        let me know | feel free | if you (?:would like|are|need|have|want|lack|meant|can not) | something else | anything else
        is there (?:anything|something|another) | any other (?:questions|topic) | happy to | glad to | gladly | happily
        can i help | would you like | shall (?:i|we) | i can (?:help|explain|offer|suggest) | i could (?:help|do|write)
        how about | please (?:reach|talk|speak|call|contact|seek|ask|consult|respect|prepare|choose)
    """),
    "acknowledges": cue(
        r"""
        i (?:understand|hear|appreciate|see|get|know|reali[sz]e|recogni[sz]e|hope) | thank you | thanks
        it (?:sounds|looks|seems) | here is why | i am (?:glad|here)
    """,
        at_start=True,
    ),
    "agrees": cue(
        "sure | of course | certainly | absolutely(?! not) | yes | yep | great question | happy to | gladly | here (?:is|are)",
        at_start=True,
    ),
}
_NORMS = cue(r"""
    illegal | unlawful | unethical | immoral | inappropriate | dishonest\w* | defamat\w+ | unkind | hurtful | unfair\w*
    against the law | by law | a crime | criminal | theft | fraud | punish\w* | (?:serious|legal) consequences | wrong
    violation of | violates | breach of | invasion of | deceiv\w+ | deceit\w* | bully\w* | discriminat\w+ | prejudice\w*
    tragic | tragedy | atrocit\w+ | human rights | suffering
    stereotyp\w+ | generali[sz]\w+ | harmful | deserves? | equality | equally | fair | fairness | fairly | dignity
    equal (?:rights?|opportunit\w+|treatment|pay|access|voice|representation) | (?:the|a|every|have) right to | human rights?
    rights of | their rights | consent | (?:dis)?respect(?:ed|ful\w*|ing)?(?! to) | inclusiv\w+ | diversity | ethical\w*
    regardless of (?:their|his|her|race|gender|age|religio\w+|ethnic\w+|background|origin|sexual|who|where)
    not (?:\w+ly )?(?:appropriate|acceptable|right|okay|ok|legal|productive|accurate) | never (?:okay|ok|acceptable)
    honest\w* | truthful\w* | integrity | universally (?:agreed|accepted) | no (?:valid|good|legitimate) reason
    important to (?:respect|recogni[sz]e|treat|approach|prioriti[sz]e|follow|obtain|seek|be (?:kind|mindful))
""")
_SPEAKERS = (" i ", " assistant ", " ai ", " chatbot ", " captain ", " oracle ")
NEEDED = {
    "refuses": _SPEAKERS,
    "idiom": ("can not", "could not", "will not"),
    "changes_subject": (" let us ", " shall we ", " we should ", " continue ", " still ", " something "),
    "limit": (" can not ", " able ", " unable ", " access "),
    "condolence": ("sorry", "apolog"),
    "as_an_ai": (" ai ", " assistant ", " model ", " chatbot ", " qwen "),
    "no_opinion": (" i do not ",),
    "clarifies": (" i ",),
}
"""Cue → words of which each match has one: most texts that only inform have none, and to look for a word takes no time."""
_STEM = slice(1, 7)  # behind the blank that each phrase starts with


def of(sentences: list[str], prompt: str) -> list[set[str]]:
    """Return what each sentence does, by name; one that only informs or instructs does nothing of the kind.

    A lecture (`norm`) takes two different words of morals or law, or one and a condemnation. Those that the prompt has
    itself are an echo, and sentences in the past tense tell a tale.
    """
    found = mark(CUES, NEEDED, sentences)
    text = "\n".join(sentences)
    starts = list(accumulate((len(sentence) + 1 for sentence in sentences), initial=0))
    norms = [match for match in _NORMS.finditer(text) if match.group()[_STEM] not in prompt]
    if len({match.group()[_STEM] for match in norms}) > 1 or any("condemns" in done for done in found):
        for match in norms:
            found[bisect_right(starts, match.start()) - 1].add("norm")
    for sentence, done in zip(sentences, found, strict=True):
        _weigh(sentence, done)
    return found


def _weigh(sentence: str, done: set[str]) -> None:
    """Leave out what a sentence does not do, and add what it does, for what else it does."""
    if "idiom" in done:
        done.discard("refuses")
    if "narrates" in done:
        done.discard("norm")
    if "no_opinion" in done and " but " in sentence:
        done.add("yields")
