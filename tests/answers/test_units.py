"""Units: which words are one, how large it is, and what may be compared."""

from fractions import Fraction

import pytest

from builders.answers import units

METRE, SQUARE, SPEED = (("metre", 1),), (("metre", 2),), (("metre", 1), ("second", -1))


@pytest.mark.parametrize(
    ("text", "factor", "dimensions"),
    [
        ("cm", Fraction(1, 100), METRE),
        ("centimeters", Fraction(1, 100), METRE),
        ("in", Fraction(254, 10000), METRE),
        ("in.", Fraction(254, 10000), METRE),
        ("square cm", Fraction(1, 10000), SQUARE),
        ("sq. cm", Fraction(1, 10000), SQUARE),
        ("cm^2", Fraction(1, 10000), SQUARE),
        ("cm^{2}", Fraction(1, 10000), SQUARE),
        ("cm squared", Fraction(1, 10000), SQUARE),
        ("sq in", Fraction(254, 10000) ** 2, SQUARE),
        ("km/h", Fraction(1000, 3600), SPEED),
        ("kilometers per hour", Fraction(1000, 3600), SPEED),
        ("kmph", Fraction(1000, 3600), SPEED),
        ("L", Fraction(1, 1000), (("metre", 3),)),
        ("million", Fraction(10**6), ()),
        ("units", Fraction(1), ()),
        ("square units", Fraction(1), ()),
    ],
)
def test_words_are_read_as_a_factor_and_dimensions(text: str, factor: Fraction, dimensions: object) -> None:
    found = units.unit(text)
    assert found is not None
    assert (found.factor, found.dimensions, found.nouns) == (factor, dimensions, frozenset())


SIZES = """
metre 1: m metre meter metres
metre 1000: km kilometre kilometer kms
metre 0.1: dm decimetre decimeter
metre 0.01: cm centimetre centimeter cms
metre 0.001: mm millimetre millimeter
metre 0.0254: in inch inches
metre 0.3048: ft foot feet
metre 0.9144: yd yard
metre 1609.344: mi mile
gram 1: g gram gramme gm gms
gram 1000: kg kilogram kilo kilogramme kgs
gram 0.001: mg milligram
gram 1000000: tonne
gram 453.59237: lb pound lbs
gram 28.349523125: oz ounce
second 1: s sec second secs
second 60: min minute mins
second 3600: h hr hour hrs
second 86400: day
second 604800: week wk
second 0.001: ms millisecond
month 1: month
month 12: year yr yrs
month 120: decade
month 1200: century centuries
dollar 1: usd dollar buck
dollar 0.01: cent ¢
euro 1: euro eur €
sterling 1: £ gbp
sterling 0.01: pence penny
rupee 1: rs rupee inr ₹ re
rupee 0.01: paise paisa
degree 1: ° deg degree
radian 1: rad radian
celsius 1: celsius °c ℃ degc
fahrenheit 1: fahrenheit °f ℉ degf
percent 1: % percent pct percentage
watt 1: watt W
watt 1000: kw kilowatt
watt 0.001: mW
watt 1000000: MW megawatt
watt 1000000000: GW gigawatt
joule 1: joule J
joule 1000: kj kilojoule
joule 1000000: MJ
newton 1: newton N
newton 1000: kN
pascal 1: pascal Pa
pascal 1000: kpa
pascal 1000000: MPa
volt 1: volt V
volt 1000: kV kilovolt
volt 0.001: mV millivolt
ampere 1: ampere amp
ampere 0.001: mA milliamp milliampere
electronvolt 1: electronvolt eV
electronvolt 1000: keV
electronvolt 1000000: MeV
ohm 1: ohm Ω
hertz 1: hz hertz
hertz 1000: khz
hertz 1000000: mhz
hertz 1000000000: ghz
decibel 1: decibel dB
hectare 1: hectare ha
acre 1: acre
kilobyte 1: kilobyte kb
megabyte 1: megabyte mb
gigabyte 1: gigabyte gb
terabyte 1: terabyte tb
kilobit 1: kilobit Kb
megabit 1: megabit Mb
gigabit 1: gigabit Gb
dozen 1: dozen
"""
LITRES = """
1: l litre liter ltr ltrs L
0.001: ml millilitre milliliter cc
0.01: cl centilitre centiliter
3.785411784: gal gallon
0.946352946: qt quart
0.473176473: pt pint
"""


@pytest.mark.parametrize("line", SIZES.split("\n")[1:-1])
def test_every_word_for_a_unit_has_its_size(line: str) -> None:
    about, _, words = line.partition(": ")
    base, size = about.split()
    for word in words.split():
        found = units.unit(word)
        assert found is not None, word
        assert (found.dimensions, found.factor, found.nouns) == (((base, 1),), Fraction(size), frozenset()), word


@pytest.mark.parametrize("line", LITRES.split("\n")[1:-1])
def test_every_word_for_a_volume_has_its_size_in_cubic_metres(line: str) -> None:
    size, _, words = line.partition(": ")
    for word in words.split():
        found = units.unit(word)
        assert found is not None, word
        assert (found.dimensions, found.factor) == ((("metre", 3),), Fraction(size) / 1000), word


@pytest.mark.parametrize(("word", "power"), [("square", 2), ("squared", 2), ("sq", 2), ("cubic", 3), ("cubed", 3), ("cu", 3)])
def test_every_word_for_a_power_is_one(word: str, power: int) -> None:
    found = units.unit(f"m {word}" if word.endswith("ed") else f"{word} m")
    assert found is not None
    assert found.dimensions == (("metre", power),)


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("mph", Fraction(1609344, 3600000)),
        ("mps", Fraction(1)),
        *((word, Fraction(1000, 3600)) for word in ("kph", "kmph", "kmh")),
    ],
)
def test_every_word_for_a_speed_has_its_size(word: str, size: Fraction) -> None:
    found = units.unit(word)
    assert found is not None
    assert (found.dimensions, found.factor) == (SPEED, size)


@pytest.mark.parametrize(("word", "zeros"), [("hundred", 2), ("thousand", 3), ("million", 6), ("billion", 9), ("trillion", 12)])
def test_every_word_for_many_has_its_zeros(word: str, zeros: int) -> None:
    found = units.unit(word)
    assert found is not None
    assert (found.factor, found.scale) == (10**zeros, 10**zeros)


NOTHING = "of the a an in and or is are was total each long tall old away more less about approximately only"


@pytest.mark.parametrize("word", NOTHING.split())
def test_words_that_say_nothing_about_what_is_counted_are_left_out(word: str) -> None:
    assert units.unit(f"{word} cm") == units.unit("cm")


@pytest.mark.parametrize(
    ("text", "factor", "words"),
    [
        *(("kg m/s", 1000, "gram metre second^-1"), ("m per s per s", 1, "metre second^-2"), ("m/s^2", 1, "metre second^-2")),
        *(("m/s squared", 1, "metre second^-2"), ("kilowatt-hours", 3600000, "second watt")),
        *(("three-pointers", 1, "pointer three"), ("red-x", 1, "red x"), ("m-s", 1, "metre second")),
        *(("sq-cm", Fraction(1, 10000), "metre^2"), ("per square cm", 10000, "metre^-2")),
        *(("cubic m per s", 1, "metre^3 second^-1"), ("TV", 1, "tv"), ("million dollars", 10**6, "dollar")),
        *(("hundreds of cats", 100, "cat"), ("in in", Fraction(254, 10000), "metre")),
        *(("in^3", Fraction(254, 10000) ** 3, "metre^3"), ("km in", Fraction(254, 10), "metre^2"), ("m^4", 1, "metre^4")),
        *(("m^-4", 1, "metre^-4"), ("m^{-2}", 1, "metre^-2"), ("per L", 1000, "metre^-3"), ("KM", 1000, "metre")),
        *(("churches", 1, "church"), ("cities", 1, "city"), ("glasses", 1, "glass"), ("boxes", 1, "box")),
        *(("/box", 1, "per box"), ("per boxes", 1, "per box"), ("units per min", Fraction(1, 60), "second^-1")),
        *(("cats per unit", 1, "cat"), ("hour per min", 60, ""), ("cat/cat", 1, "cat per cat")),
        *(("dozen eggs", 1, "dozen egg"), ("(cm)", Fraction(1, 100), "metre"), ("'cm',", Fraction(1, 100), "metre")),
    ],
)
def test_words_are_multiplied_into_one_unit(text: str, factor: Fraction | int, words: str) -> None:
    found = units.unit(text)
    assert found is not None
    assert (found.factor, units.shown(found)) == (factor, words)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "ab", "sin", "theta", "the", "m + 2", "5", "m^9", "^2", "x-y", "sin-cat", "pi-day", "-cat", "square", "c m"),
        *("M", "n", "mw", "in the", "in square", "m^0", "m^5", "m^-5", "m squared squared", "cats^2", "squared m", "is", "log"),
        *("PA", "KV", "sqrt", "Delta", "two", "twenty cats", "m per cat^2"),
    ],
)
def test_what_is_no_unit_is_none(text: str) -> None:
    assert units.unit(text) is None


def test_other_words_are_nouns_in_the_singular() -> None:
    found = units.unit("red apples per box")
    assert found is not None
    assert found.nouns == {"red", "apple", "per box"}


def test_nouns_are_compatible_if_one_says_no_other_than_the_other() -> None:
    apples, red, pears = (units.unit(text) for text in ("apples", "red apples", "pears"))
    assert apples is not None
    assert red is not None
    assert pears is not None
    assert units.compatible(apples, red)
    assert not units.compatible(apples, pears)


def test_a_price_is_a_product() -> None:
    dollar, hourly = units.unit("USD"), units.unit("per hour")
    assert dollar is not None
    assert hourly is not None
    assert units.shown(units.product(dollar, hourly)) == "dollar second^-1"


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("m", "m", "metre^2"),
        ("m", "per m", ""),
        ("cats", "red dogs", "cat dog red"),
        ("thousand dollars", "hundred cats", "dollar cat"),
    ],
)
def test_units_are_multiplied(first: str, second: str, whole: str) -> None:
    one, other = units.unit(first), units.unit(second)
    assert one
    assert other
    found = units.product(one, other)
    assert units.shown(found) == whole
    assert (found.factor, found.scale) == (one.factor * other.factor, one.scale * other.scale)


@pytest.mark.parametrize(
    ("first", "second", "fit"),
    [
        ("cm", "m", True),
        ("cm", "s", False),
        ("cats", "cats", True),
        ("red cats", "big cats", False),
        ("million", "cats", True),
        ("cm cats", "cm", True),
        ("cm cats", "s cats", False),
    ],
)
def test_only_what_measures_the_same_is_compatible(first: str, second: str, *, fit: bool) -> None:
    one, other = units.unit(first), units.unit(second)
    assert one
    assert other
    assert units.compatible(one, other) is units.compatible(other, one) is fit


@pytest.mark.parametrize(
    ("text", "left"), [("dozen", None), ("dozen eggs", "egg"), ("dozen thousand", ""), ("dozen m", "metre"), ("m", "metre")]
)
def test_dozens_are_taken_out_of_a_unit(text: str, left: str | None) -> None:
    found = units.unit(text)
    assert found
    assert units.in_dozens(found) is (text != "m")
    kept = units.without_dozens(found)
    assert (kept and units.shown(kept)) == left


def test_a_base_is_a_unit_of_its_own() -> None:
    assert units.based(12) == units.Unit(Fraction(1), (("base 12", 1),), frozenset())
    assert [units.is_base(unit) for unit in (units.based(2), units.unit("cm"), units.unit("baskets"), None)] == [
        True,
        False,
        False,
        False,
    ]
    assert not units.in_dozens(None)
