"""What kind of thing an answer is read as, and how that is shown."""

import pytest

from builders.answers.forms import plain_notation, shown
from builders.answers.reading import read

READINGS = r"""
Eighteen (18) -> Quantity 18
Eighteen (19) -> Words eighteen 19
18 (eighteen) -> Quantity 18
18 (nineteen) -> Words 18(nineteen)
Eighteen apples (18) -> Words 18 apples 18
18 (apples) -> Quantity 18 apple
18 (eighteen apples) -> Words 18(eighteenapples)
one thousand (1,000) -> Quantity 1000
-5 (minus five) -> Quantity -5
24:00 -> Clock 24:00
25:00 -> Ratio 25 : 0
24:59 -> Clock 24:59
24:60 -> Ratio 24 : 60
23:59 -> Clock 23:59
7 o'clock -> Clock 7:00
7 oclock -> Clock 7:00
7 am -> Clock 7:00 am
7 a.m. -> Clock 7:00 am
7 P.M. -> Clock 7:00 pm
7:30:00 -> Clock 7:30
7:30:01 -> Ratio 7 : 30 : 1
7 -> Quantity 7
5 ft 6 in -> Quantity 11/2 metre x 381/1250
5 ft 6 ft -> Words 5 ft 6 ft
6 in 5 ft -> Words 6 in 5 ft
5 ft 6 sec -> Words 5 ft 6 sec
5 ft 6 apples -> Words 5 ft 6 apples
5 ft, 6 in -> Quantity 11/2 metre x 381/1250
5 ft and 6 in -> Quantity 11/2 metre x 381/1250
1 day 2 h 3 min 4 s -> Quantity 11723/10800 second x 86400
1 week 1 day 2 h 3 min 4 s -> Words 1 week 1 day 2 h 3 min 4 s
5.5 ft 6 in -> Quantity 6 metre x 381/1250
2 hours 30 min. -> Quantity 5/2 second x 3600
5 ft 6 xy -> Words 5 ft 6 xy
5 ft 6 dozen -> Words 5 ft 6 dozen
2 million 5 -> Words 2 million 5
1, 2, 3 -> Series list 1, 2, 3
1; 2 -> Series list 1, 2
1 and 2 -> Series list 1, 2
1 or 2 -> Series list 1, 2
1, and 2 -> Series list 1, 2
one two three four five, six -> Words one two three four five six
red big old fat dog, cat -> Words red big old fat dog cat
red big old dog, cat -> Series list red big old dog, cat
1:2:3:4 -> Ratio 1 : 2 : 3 : 4
1:2:3:4:5 -> Words 1 2 3 4 5
1 to 2 -> Ratio 1 : 2
2:red -> Words 2 red
x = y = 3 -> Relation x = y = 3
1 < x < 2 < 3 < 4 -> Relation 1 < x < 2 < 3 < 4
1 < x < 2 < 3 < 4 < 5 -> Words 1<x<2<3<4<5
< 3 -> Words <3
x < -> Words x<
x << 3 -> Words x<<3
f(x) = 3 -> Relation f(x) = 3
(x, y) = (1, 2) -> Relation bracketed (x, y) = bracketed (1, 2)
AB = 3 -> Relation ab = 3
m\angle ABC = 30 -> Relation m\angleABC = 30
\triangle ABC = 3 -> Relation \triangleABC = 3
the area = 3 -> Relation area = 3
3 = the area -> Relation 3 = area
x + 1 = 3 -> Relation x + 1 = 3
x_{12} = 3 -> Relation x_{12} = 3
2 \in x -> Relation 2 \in x
x \in 2 -> Relation x \in 2
{5} -> Quantity 5
{ 5 } -> Quantity 5
\{5\} -> Series set {5}
[5] -> Quantity 5
(5) -> Quantity 5
(1) -> Quantity 1
(1, 2 -> Words 1 2
[1, 2} -> Series bracketed [1, 2}
{1, 2, 3} -> Series set {1, 2, 3}
\{1; 2\} -> Series set {1, 2}
(1; 2) -> Series bracketed (1, 2)
{1,2} -> Series set {1, 2}
\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix} -> Series matrix bracketed (1, 2), bracketed (3, 4)
\begin{Bmatrix} 1 \\ 2 \end{Bmatrix} -> Series bracketed (1, 2)
\begin{pmatrix} \end{pmatrix} -> Words \begin{pmatrix}\end{pmatrix}
\pm 3 -> Series list 3, -3
2 \pm \sqrt{3} -> Series list 3.73205080757, 0.267949192431
\pm 3 \pm 1 -> Words \pm3\pm1
x = \pm 3 -> Relation x = list 3, -3
five -> Quantity 5
five apples -> Quantity 5 apple
fifth -> Words fifth
the five -> Words five
1-2-3 -> Words 1-2-3
1-2 -> Quantity -1
2024-10-05 -> Words 2024-10-05
12345-1-2 -> Quantity 12342
1-2-3-4 -> Words 1-2-3-4
5. -> Quantity 5
5.50 -> Quantity 11/2
+5 -> Quantity 5
.50 -> Quantity 1/2
-.5 -> Quantity -1/2
5.0 -> Quantity 5
-5.25 -> Quantity -21/4
US USD 5 -> Quantity 5
Rs. 5 -> Quantity 5 rupee
Rs 5 million -> Quantity 5 rupee x 1000000
5 USD -> Quantity 5 dollar
€5 -> Quantity 5 euro
-€5 -> Quantity -5 euro
€-5 -> Quantity -5 euro
€5 per hour -> Quantity 5 euro second^-1 x 1/3600
$5 per hour -> Quantity 5 dollar second^-1 x 1/3600
$5 dollars -> Quantity 5 dollar
INR 5 -> Quantity 5 rupee
$x -> Words usd x
£ 5 -> Quantity 5 sterling
¢5 -> Quantity 5 dollar x 1/100
GBP 5 -> Quantity 5 sterling
9 (km) -> Quantity 9 metre x 1000
9 (apples) -> Quantity 9 apple
9(apples) -> Words 9(apples)
9(km) -> Quantity 9 metre x 1000
9 (xy) -> Quantity 9 (xy)
2x m -> Quantity 2x m
2 x m -> Quantity 2 x m
27t + 81m -> Quantity 27t + 81m
5 cm -> Quantity 5 metre x 1/100
5cm -> Quantity 5 metre x 1/100
5*cm -> Quantity 5 metre x 1/100
5-cm -> Quantity 5 metre x 1/100
30° -> Quantity 30 degree
x cm -> Words x cm
\pi cm -> Quantity 3.14159265359 metre x 1/100
3 \pi cm -> Quantity 9.42477796077 metre x 1/100
5 /hr -> Quantity 5 second^-1 x 1/3600
5 per hour -> Quantity 5 second^-1 x 1/3600
101_2 -> Quantity 101 base 2
101_{two} -> Quantity 101 base 2
101 base 2 -> Quantity 101 base 2
101 in base 2 -> Quantity 101 base 2
(101)_{2} -> Quantity 101 base 2
101 (base 2) -> Quantity 101 base 2
AB_{16} -> Words AB_{16}
A1_{16} -> Quantity 161 base 16
101_{half} -> Words 101_{half}
101_{one half} -> Words 101_{onehalf}
101_{red} -> Words 101_{red}
(A) 5 -> Choice option A: 5
A) 5 -> Choice option A: 5
A. 5 -> Choice option A: 5
A.5 -> Choice option A: 5
A: 5 -> Choice option A: 5
a) 5 -> Choice option A: 5
(A). -> Choice option A
(a) -> Choice option A
A -> Choice option A
K -> Quantity K
(K) 5 -> Words k 5
(A) (A) -> Choice option A
(B) B -> Choice option B
B: (B) -> Choice option B
(A) The answer is 5 -> Choice option A: 5
USD 5 to USD 6 -> Ratio 5 dollar : 6 dollar
well-known, o'clock -> Series list well-known, o'clock
the cat's hat -> Words cat's hat
50% of it -> Words 50% of it
#5 -> Words #5
''quoted'' -> Words quoted
F = ma -> Relation F = ma
x^2 = 4 and x > 0 -> Series list x^2 = 4, x > 0
5 + 3i -> Quantity 5+3j
2i -> Quantity 0+2j
3.14159265358979 -> Quantity 314159265358979/100000000000000
x^2 -> Quantity x^2
x^2 cm -> Quantity x^2 metre x 1/100
2 million -> Quantity 2 x 1000000
5 GB -> Quantity 5 gigabyte
(1, 2, 3) -> Series bracketed (1, 2, 3)
10^{400} -> Quantity 10^{400}
-7:30 -> Ratio -7 : 30
7:5 -> Ratio 7 : 5
7:30 pm o'clock -> Clock 7:30 pm
0:00 -> Clock 0:00
1 (2) -> Quantity 2
5 % of it -> Words 5 % of it
5 1/2 cups -> Quantity 11/2 cup
2 cups and 3 spoons -> Series list 2 cup, 3 spoon
(A) 5 cm -> Choice option A: 5 metre x 1/100
((1, 2), 3) -> Series bracketed (bracketed (1, 2), 3)
{{{{{1}}}}} -> Words 1
{{{{1}}}} -> Quantity 1
yes, or no -> Series list yes, no
1; 2, 3 -> Series list 1, 2, 3
x = 2 or x = 3 -> Series list x = 2, x = 3
1 ft = 12 in -> Relation 1 metre x 381/1250 = 12 metre x 127/5000
\sin 30° -> Quantity 0.5
3 * 4 -> Quantity 12
5 m^2 per s -> Quantity 5 metre^2 second^-1
"""


@pytest.mark.parametrize("line", READINGS.split("\n")[1:-1])
def test_each_answer_is_read_as_one_kind_of_thing(line: str) -> None:
    text, _, expected = line.partition(" -> ")
    form = read(text)
    assert f"{type(form).__name__} {shown(form)}" == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 cm", "2+3metre"),
        ("(1, 2]", "(1,2]"),
        ("2 : 3", "2:3"),
        ("x < 2 \\le y", "x<2\\ley"),
        ("7:05 pm", "7:05 pm"),
        ("5 USD", "5dollar"),
        ("red dogs", "red dogs"),
    ],
)
def test_the_plain_notation_is_what_was_written_without_blanks(text: str, expected: str) -> None:
    assert plain_notation(read(text)) == expected


def test_a_number_too_long_to_be_read_is_shown_as_it_was_written() -> None:
    assert shown(read("2^{1021}")) == str(2**1021)
    assert [shown(read(text)) for text in ("2^{1022}", "2^{-1022}", "10^{-400}")] == ["2^{1022}", "2^{-1022}", "10^{-400}"]
