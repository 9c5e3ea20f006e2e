"""One plain notation for LaTeX, Unicode and what is typed."""

# ruff: noqa: RUF001 - the characters that look like others are what this is about

import pytest

from builders.answers.notation import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x$", "x"),
        (r"\(x\)", "x"),
        (r"\boxed{\text{ odd }}", "odd"),
        (r"\boxed{3", "3"),
        ("**12**", "12"),
        ("The final answer is 12.", "12"),
        ("So the answer is: 12", "12"),
        ("the area of the square is 12", "12"),
        (
            "there is a long way to go, as he is 12 and she is 13 today",
            "there is a long way to go, as he is 12 and she is 13 today",
        ),
        (r"\dfrac{1}{2}", r"\frac{1}{2}"),
        (r"2 \times 3 \cdot 4", "2 * 3 * 4"),
        ("\u22125", "-5"),
        ("30^\\circ", "30\u00b0"),
        (r"30^{\circ}", "30\u00b0"),
        ("5\u00b2", "5^{2}"),
        ("1,234,567", "1234567"),
        (r"1,\!234", "1234"),
        ("1{,}234", "1234"),
        ("12 345", "12345"),
        ("1,23", "1,23"),
        ("(1,234)", "(1,234)"),
        ("1 3/4", "(1+3/4)"),
        (r"-1\frac{3}{4}", "-(1+3/4)"),
        (r"0.1\overline{6}", "(15/90)"),
        ("0.333...", "(3/9)"),
        (r"\$5", "USD 5"),
        ("$5", "USD 5"),
        (r"$\$5$", "USD 5"),
        (r"\{1, 2\}", "\u27e81, 2\u27e9"),
        ("3 x 10^5", "3*10^5"),
        ("1.5e-3", "1.5*10^{-3}"),
        ("x <= 3", r"x \le 3"),
        *((f"1{minus}2", "1-2") for minus in "−–—‐‑‒﹣－"),
        *((f"3{times}4", "3*4") for times in "×·∙⋅∗•"),
        *((f"3{over}4", "3/4") for over in "÷⁄∕"),
        *((f"x {sign} 3", r"x \le 3") for sign in ("≤", "⩽", r"\leq", r"\leqslant", "=<")),
        *((f"x {sign} 3", r"x \ge 3") for sign in ("≥", "⩾", r"\geq", r"\geqslant", ">=")),
        *((f"x {sign} 3", r"x \ne 3") for sign in ("≠", r"\neq", "!=")),
        *((f"{sign} 3", r"\pm 3") for sign in ("±", r"\mp", "+/-")),
        *((letter, name) for letter, name in (("π", r"\pi"), ("θ", r"\theta"), ("α", r"\alpha"), ("β", r"\beta"))),
        ("∠ A", r"\angle A"),
        ("△ A", r"\triangle A"),
        *((f"x {sign} y", rf"x \{name} y") for sign, name in (("∪", "cup"), ("∩", "cap"), ("∈", "in"))),
        *((f"30{degree}", "30°") for degree in "º˚"),
        *((f"5{prime}", "5") for prime in "′″’‘“”†\u200b\ufeff"),
        *((f"5{blank}m", "5 m") for blank in "\u00a0\u2009\u202f"),
        *((f"x{power}", f"x^{{{digit}}}") for power, digit in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)),
        ("∞", r"\inf"),
        ("√2", r"\sqrt2"),
    ],
)
def test_notations_become_one(text: str, expected: str) -> None:
    assert plain(text) == expected
