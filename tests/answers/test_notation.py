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


MORE = r"""
__12__ -> 12
**__12__** -> 12
\[x\] -> x
$$x$$ -> x
$5$ and $6$ -> 5 and 6
$x$ + $y$ -> x + y
$5 -> USD 5
$$5 -> 5
$5 and $6 -> USD 5 and USD 6
$x -> USD x
a $5 b $6 -> a USD 5 b USD 6
$ 5 -> USD 5
$.5 -> USD .5
$x$5$ -> x USD 5
#### 18 -> 18
x #### 18 -> x #### 18
<answer>18</answer> -> 18
<ANSWER> 18 </ANSWER> -> 18
<answer>18</answer> x -> <answer>18</answer> x
**Answer:** 18 -> 18
*Answer* 18 -> 18
_answer is_: 18 -> 18
# **Final answer** 18 -> 18
**The correct answer is:** 18 -> 18
18. I hope it is correct. -> 18
18 I HOPE THIS IS CORRECT -> 18
= 18 -> 18
≈ 18 -> 18
\approx 18 -> 18
So the answer is 18 -> 18
Thus, the final answer is: 18 -> 18
Hence answer = 18 -> 18
therefore option B -> B
Ans. 18 -> 18
Ans: 18 -> 18
the choice is B -> B
the area is equal to 12 -> 12
it equals 5 -> 5
x are -3 -> -3
about 12 -> 12
approximately \frac12 -> \frac12
exactly $5 -> USD 5
roughly .5 -> .5
about red dogs -> about red dogs
Answer: option B -> B
'18' -> 18
"18" -> 18
`18`; -> 18
18.,;: -> 18
1... -> 1...
0.5... -> 0.5...
\text{a}\text{b} -> a b
\text{a -> a
\mathrm{\text{x}} -> x
\operatorname{x} -> x
\operatorname*{x} -> x
\bf{x} -> x
x\text{ cm}^2 -> x cm ^2
1,\! 234 -> 1234
1, \!234 -> 1234
1,\!23 -> 1,23
\left( 1 \right) -> ( 1 )
\left. x \right| -> x |
\bigl( 1 \bigr) -> ( 1 )
\Big( 1 -> ( 1
a\quad b -> a b
a\,b -> ab
a\;b -> ab
a\ b -> a b
a~b -> a b
a\displaystyle b -> a b
{1 \over 2} -> \frac{1}{2}
1 \over 2 -> \frac{1}{2}
x = 1 \over 2 -> x =\frac{1}{2}
\sqrt{1 \over 2} -> \sqrt{\frac{1}{2}}
x^{1 \over 2} -> x^{\frac{1}{2}}
{{1 \over 2} \over 3} -> \frac{\frac{1}{2}}{3}
a, 1 \over 2, b -> a,\frac{1}{2}, b
2{1 \over 2} -> (2+1/2)
a_{1 \over 2} -> a_{\frac{1}{2}}
{{a}{1 \over 2}} -> {{a}{\frac{1}{2}}}
\overline{x} -> \overline{x}
\cfrac12 -> \frac12
30^{\circ} -> 30°
30 ^ \circ -> 30°
30\degree -> 30°
30{}^\circ -> 30°
30^\degree -> 30°
2 \ast 3 -> 2 * 3
6 \div 3 -> 6 / 3
\emptyset -> \emptyset
∅ -> \emptyset
3 X 4 -> 3*4
x x y -> x x y
500/- -> 500
x \lt 3 -> x < 3
x \gt 3 -> x > 3
1\infty -> 1 \inf
inf -> \inf
infinity -> \inf
minf -> minf
[1,2] U [3,4] -> [1,2] \cup [3,4]
A U B -> A U B
a \mid b -> a | b
\lvert x \rvert -> | x |
50\% -> 50%
30 ° -> 30°
\\( x -> \\( x
\lbrace 1 \rbrace -> ⟨ 1 ⟩
1{,}000 -> 1000
1e5 -> 1*10^{5}
1E-3 -> 1*10^{-3}
1e1234 -> 1e1234
2**3 -> 2^3
2 ** x -> 2 ^ x
pisqrt2 -> \pi \sqrt2
2pi -> 2\pi
spi -> spi
sqrt(2) -> \sqrt(2)
\sqrt (2) -> \sqrt(2)
\begin{array}{cc} 1 & 2 \end{array} -> 1 & 2
(A) 1,234 -> (A) 1234
(A) (1,234) -> (A) (1,234)
(1,234, 5) -> (1,234, 5)
1,234, 5 -> 1234, 5
12,34 -> 12,34
1,2345 -> 1,2345
1234,567 -> 1234,567
1 234 567 -> 1234567
12 345/6 -> (12+345/6)
1 234,5 -> 1 234,5
[1,234] -> [1,234]
2\frac{1}{2} -> (2+1/2)
2\frac12 -> (2+1/2)
x2\frac12 -> x2\frac12
2\frac{1}{2}^3 -> 2\frac{1}{2}^3
2\frac{1}{2}! -> 2\frac{1}{2}!
2 1/2 -> (2+1/2)
2-and-1/2 -> (2+1/2)
2 and 1/2 -> (2+1/2)
2 - 1/2 -> 2 - 1/2
2 1/2x -> 2 1/2x
2.5\overline{3} -> (228/90)
.\overline{3} -> (3/9)
1.\overline{09} -> (108/99)
0.\overline3 -> (3/9)
0.333... -> (3/9)
1.2555… -> (113/90)
0.1666\ldots -> (15/90)
0.333\dots -> (3/9)
0.33... -> 0.33...
12.777 ... -> (115/9)
½ -> \frac{1}{2}
2½ -> (2+1/2)
⅞ -> \frac{7}{8}
3 ⅓ -> (3+1/3)
a⁡b -> ab
‘x’ -> x
“x” -> x
x²³ -> x^{2}^{3}
−5 -> -5
x__12 -> x__12
**a** b -> ^a^ b
So 5 -> So 5
the 12 -> the 12
about -> about
approximately x -> approximately x
5 is the answer -> 5 is the answer
final answer: 5; -> 5
Therefore, the correct option is (B) -> (B)
x = 5 -> x = 5
=5= -> 5=
The total cost in dollars is $5 -> USD 5
the number of red apples was 12 -> 12
it was equal to \frac{1}{2} -> \frac{1}{2}
is 5 -> is 5
__5 -> __5
A__5__ -> A__5__
\text{5} \text{cm} -> 5 cm
"""


@pytest.mark.parametrize("line", MORE.split("\n")[1:-1])
def test_what_announces_or_dresses_an_answer_goes_and_its_numbers_become_plain(line: str) -> None:
    text, _, expected = line.partition(" -> ")
    assert plain(text) == expected


def test_lines_are_looked_at_as_well() -> None:
    assert [plain(text) for text in ("so it is\n#### 18", "#### 18\nx", "a <answer>b\nc</answer>")] == [
        "18",
        "#### 18 x",
        "b c",
    ]
