r"""One plain notation for what answers are written in: LaTeX, Unicode, or a keyboard.

Wrappers go (`$…$`, `\boxed{…}`, `\text{…}`, `**…**`, "The answer is"), synonyms become one (`\dfrac`, `\times`, a long
minus, `√`, `²`, `½`, `^\circ`, `\le`), thousands lose their separators, mixed numbers become sums. Set braces become ⟨ and
⟩, so that the braces left are LaTeX's groups; a dollar sign that means money becomes `USD`. For texts of bounded length.
"""

# ruff: noqa: RUF001 - the characters that look like others are what this is about

import re
import unicodedata

_CHARACTERS = {
    **dict.fromkeys("−–—‐‑‒﹣－", "-"),
    **dict.fromkeys("×·∙⋅∗•", "*"),
    "÷": "/",
    "⁄": "/",
    "∕": "/",
    "π": r"\pi ",
    "∞": r"\infty ",
    "∪": r"\cup ",
    "∩": r"\cap ",
    "∈": r"\in ",
    "≤": r"\le ",
    "⩽": r"\le ",
    "≥": r"\ge ",
    "⩾": r"\ge ",
    "≠": r"\ne ",
    "±": r"\pm ",
    "√": r"\sqrt",
    "θ": r"\theta ",
    "α": r"\alpha ",
    "β": r"\beta ",
    "∠": r"\angle ",
    "△": r"\triangle ",
    "º": "°",
    "˚": "°",
    "†": "",
    "′": "'",
    "″": '"',
    **dict.fromkeys("’‘", "'"),
    **dict.fromkeys("“”", '"'),
    "\u00a0": " ",
    "\u2009": " ",
    "\u202f": " ",
    **dict.fromkeys("\u200b\ufeff\u2061\u2062", ""),
    **{sup: f"^{{{digit}}}" for sup, digit in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)},
}
_VULGAR = {mark: unicodedata.normalize("NFKC", mark).replace("\u2044", "/") for mark in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"}
_TRANSLATED = str.maketrans({**_CHARACTERS, **{mark: rf" \frac{{{n[0]}}}{{{n[2:]}}}" for mark, n in _VULGAR.items()}})

_MARKED = re.compile(r"(?:^|\n)\s*####\s*(\S[^\n]*)\s*$")
_TAGGED = re.compile(r"<answer>\s*(.+?)\s*</answer>\s*$", re.DOTALL | re.IGNORECASE)
_HEADED = re.compile(
    r"^\s*(?:#+\s*)?(\*\*|__|\*|_)\s*(?:the\s+)?(?:final\s+|correct\s+)?answer(?:\s+is)?\s*:?\s*\1\s*:?\s*(?=\S)",
    re.IGNORECASE,
)
_HOPE = re.compile(r"\.?\s*I hope (?:it|this) is correct\.?\s*$", re.IGNORECASE)
_EQUALS = re.compile(r"^(?:=|≈|\\approx(?![a-zA-Z]))\s*")
_ANNOUNCED = re.compile(
    r"^\s*(?:#+\s*)?(?:(?:so|thus|therefore|hence),?\s+)?"
    r"(?:(?:the\s+)?(?:final\s+|correct\s+)?(?:answer|ans|option|choice)\.?(?:\s+is)?\s*[:=]?"
    r"|[a-z' ]{1,60}\s(?:is|are|was|equals)(?:\s+equal\s+to)?(?=\s*[-\d$\\(.].{0,30}$)"
    r"|(?:about|approximately|roughly|exactly|\\approx)(?=\s*[-\d$\\(.].{0,30}$))"
    r"\s+(?:option\s+|choice\s+)?(?=\S)",
    re.IGNORECASE,
)
_WRAPPER = re.compile(r"\\(?:boxed|fbox|text(?:bf|it|rm|normal)?|mathrm|mathbf|mathit|mathsf|mbox|operatorname\*?|rm|bf)\s*\{")
_THIN = re.compile(r"(?<=\d),\s*\\!\s*(?=\d{3}(?!\d))")
_TAKES_GROUP = re.compile(r"[A-Za-z}\]^_]\s*$")
_OVER = re.compile(r"\\over(?![a-zA-Z])")
_SPACING = re.compile(
    r"(?<!\\)\\(?:left|right|[bB]igg?[lr]?)(?![a-zA-Z])\.?|(?<!\\)\\[!,;:> ]|\\(?:q?quad|displaystyle|,)(?![a-zA-Z])|~"
)
_SYNONYMS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\\[dtc]frac(?![a-zA-Z])", r"\\frac"),
        (r"\^\s*\{?\s*\\?(?:circ|degree)\s*\}?|\\degree(?![a-zA-Z])|\{\}\^\s*\{?\s*\\circ\s*\}?", "°"),
        (r"\\(?:times|cdot|ast)(?![a-zA-Z])", "*"),
        (r"\\div(?![a-zA-Z])", "/"),
        (r"\\(?:leq|leqslant)(?![a-zA-Z])", r"\\le "),
        (r"\\(?:geq|geqslant)(?![a-zA-Z])", r"\\ge "),
        (r"\\(?:neq)(?![a-zA-Z])", r"\\ne "),
        (r"\\varnothing(?![a-zA-Z])|\u2205", r"\\emptyset "),
        (r"(?<=\d)\s+[xX]\s+(?=\d)", "*"),
        (r"(?<=\d)/-", ""),
        (r"\\lt(?![a-zA-Z])", "<"),
        (r"\\gt(?![a-zA-Z])", ">"),
        (r"<=|=<", r"\\le "),
        (r">=", r"\\ge "),
        (r"!=", r"\\ne "),
        (r"\\infty(?![a-zA-Z])|(?<![\\\w])inf(?:inity)?\b", r" \\inf "),
        (r"\\(?:cup)(?![a-zA-Z])|(?<=[\])])\s*U\s*(?=[\[(])", r" \\cup "),
        (r"\\mid(?![a-zA-Z])|\\[lr]?vert(?![a-zA-Z])", "|"),
        (r"\\(?:pm|mp)(?![a-zA-Z])|\+/-", r" \\pm "),
        (r"\\%", "%"),
        (r"\s+°", "°"),
        (r"(?<!\\)\\[()\[\]]", " "),
        (r"\\\{|\\lbrace(?![a-zA-Z])", "⟨"),
        (r"\\\}|\\rbrace(?![a-zA-Z])", "⟩"),
        (r"(?<=\d)\{,\}(?=\d)", ","),
        (r"(?<=\d)[eE]([+-]?\d{1,3})(?![\w.])", r"*10^{\1}"),
        (r"\*\*(?=\s*[\w({-])", "^"),
        (r"pi(?=sqrt)", "pi "),
        (r"(?<![a-zA-Z\\])(sqrt|pi|frac)(?![a-zA-Z])", r"\\\1"),
        (r"\\sqrt\s*\(", r"\\sqrt("),
        (r"\\(?:begin|end)\{array\}(?:\{[lcr|]*\})?", ""),
    )
)
_BOLD = re.compile(r"^\s*(\*\*|__)(.+)\1\s*$", re.DOTALL)
_MOST_STACKED = 20
_LETTERED = re.compile(r"\(\s*[A-Ja-j]\s*\)\.?(?=\s*[^\s,])")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:,\d{3})+)(?!\d|,\d)")
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?: \d{3})+)(?![\d,]|\s*/)")
_MIXED = re.compile(r"(?<![\w.^{])(\d+)\s*\\frac\s*(?:\{\s*(\d+)\s*\}|(\d))\s*(?:\{\s*(\d+)\s*\}|(\d))(?!\s*[\^!])")
_MIXED_PLAIN = re.compile(r"(?<![\w.^/])(\d+)(?:\s+|\s*-\s*and\s*-?|\s+and\s+)(\d+)\s*/\s*(\d+)(?![\w.^])")
_REPEATING = re.compile(r"(?<![\w.])(\d*)\.(\d{0,15})\\overline\s*\{?(\d{1,15})\}?")
_DOTTED = re.compile(r"(\d*\.\d{0,15}?)(\d)\2{2,}\s*(?:\.{3}|\u2026|\\l?dots)")
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """Return an answer in the plain notation."""
    text = _unwrapped(announced(_unwrapped(_marked(text.strip()))))
    text = _money(text.translate(_TRANSLATED))
    text = _without_wrappers(text)
    text = _stacked(_THIN.sub("{,}", text))
    text = _SPACING.sub(lambda match: "" if match[0] in (r"\!", r"\,", r"\;", r"\:") else " ", text)
    for pattern, replacement in _SYNONYMS:
        text = pattern.sub(replacement, text)
    return _SPACES.sub(" ", _numbers(announced(text))).strip()


def _marked(text: str) -> str:
    """Return what stands behind a mark or a heading that says that the answer follows."""
    found = _MARKED.search(text) or _TAGGED.search(text)
    text = _HOPE.sub("", found[1] if found else text)
    bold = _HEADED.match(text)
    return text[bold.end() :] if bold else text


def _unwrapped(text: str) -> str:
    bold = _BOLD.match(text)
    text = bold[2] if bold and bold[1] not in bold[2] else text
    for opening, closing in ((r"\(", r"\)"), (r"\[", r"\]"), ("$$", "$$"), ("$", "$")):
        body = text[len(opening) : len(text) - len(closing)]
        if len(text) <= len(opening + closing) or not text.startswith(opening) or not text.endswith(closing):
            continue
        if opening not in body or (opening == "$" and body.count("$") % 2):  # an odd one within is money
            return body.strip()
    return text


def _money(text: str) -> str:
    r"""Write `USD` for `\$`, and for a `$` before a number unless a second one closes it; drop those that enclose maths."""
    text = text.replace("\\$", " USD ")
    parts = text.split("$")
    if len(parts) % 2 and not all(re.match(r"\s*[\d.]", part) for part in parts[1:]):
        return " ".join(parts)
    return " USD ".join(parts)


def _stacked(text: str) -> str:
    r"""Write `\frac{a}{b}` for `{a \over b}`, the innermost group first."""
    for _ in range(_MOST_STACKED):
        found = list(_OVER.finditer(text))
        if not found:
            break
        start, end = found[-1].span()
        low, high = _group(text, start, -1), _group(text, end, 1)
        upper, lower = text[low:start].strip(), text[end:high].strip()
        before, behind = text[:low], text[high:]
        if before.endswith("{") and behind.startswith("}") and not _TAKES_GROUP.search(before[:-1]):
            before, behind = before[:-1], behind[1:]
        text = rf"{before}\frac{{{upper}}}{{{lower}}}{behind}"
    return text


def _group(text: str, place: int, step: int) -> int:
    """Return where the group around a place ends, to the left or to the right: at its brace, or at the end of the text."""
    inwards, outwards = ("{", "}") if step > 0 else ("}", "{")
    depth, at = 0, place if step > 0 else place - 1
    while 0 <= at < len(text):
        depth += (text[at] == inwards) - (text[at] == outwards)
        if depth < 0 or (not depth and text[at] in "=,"):
            return at if step > 0 else at + 1
        at += step
    return at if step > 0 else at + 1


def _without_wrappers(text: str) -> str:
    """Replace each wrapper by what it holds, from the left; one that is not closed holds the rest."""
    place = 0
    while match := _WRAPPER.search(text, place):
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        inner = text[match.end() : end - (not depth)]
        text = f"{text[: match.start()]} {inner} {text[end:]}"
        place = match.start()
    return text


def announced(text: str) -> str:
    """Return an answer without what announces it, such as "The answer is", and without the full stop."""
    text = _ANNOUNCED.sub("", text, count=1).strip()
    text = _EQUALS.sub("", text, count=1)
    text = text.strip(" \t\n\"'`;")
    return text.rstrip(".,;:") if not text.endswith("...") else text


def _numbers(text: str) -> str:
    letter = _LETTERED.match(text)
    if text[letter.end() :].lstrip()[:1] not in "([⟨" if letter else text[:1] not in "([⟨":
        text = _THOUSANDS.sub(lambda match: match[1] + re.sub(r"[,\s]", "", match[2]), text)
        text = _SPACED_THOUSANDS.sub(lambda match: match[1] + match[2].replace(" ", ""), text)
    text = _REPEATING.sub(_fraction, _DOTTED.sub(r"\1\\overline{\2}", text))
    text = _MIXED.sub(lambda m: f"({m[1]}+{m[2] or m[3]}/{m[4] or m[5]})", text)
    return _MIXED_PLAIN.sub(r"(\1+\2/\3)", text)


def _fraction(repeating: re.Match[str]) -> str:
    """Write a repeating decimal as a fraction."""
    whole, start, period = repeating.groups()
    denominator = 10 ** len(start) * (10 ** len(period) - 1)
    numerator = int(f"{whole or 0}{start}{period}") - int(f"{whole or 0}{start}" or 0)
    return f"({numerator}/{denominator})"
