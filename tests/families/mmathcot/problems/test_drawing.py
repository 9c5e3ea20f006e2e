"""Drawings: labels find their places, and what cannot be placed is a fault."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from builders.families.mmathcot.problems import lettering, marking, painting, plane
from builders.families.mmathcot.problems.drawing import (
    HAIR,
    Canvas,
    Direction,
    Drawing,
    Fill,
    Placed,
    Point,
    Stroke,
    _dashed,
    arc_points,
    between,
    direction,
    polar,
)
from builders.families.mmathcot.problems.lettering import extent, runs
from builders.families.mmathcot.problems.styles import style


def triangle() -> Canvas:
    canvas = Canvas(400, 300, style(1))
    corners = [(0.0, 0.0), (4.0, 0.0), (1.0, 3.0)]
    canvas.fit(corners)
    canvas.outline(corners)
    for point, name in zip(corners, "ABC", strict=True):
        marking.name(canvas, point, name)
    return canvas


def test_a_label_keeps_off_lines() -> None:
    canvas = triangle()
    marking.angle(canvas, (0, 0), (4, 0), (1, 3), "71°")
    drawing = canvas.finish()
    assert drawing.faults == ()
    assert {label.text for label in drawing.labels} == {"A", "B", "C", "71°"}


def test_a_label_without_a_place_is_a_fault() -> None:
    canvas = triangle()
    canvas.write("here", [canvas.at((2, 0))])
    assert canvas.finish().faults == ("no room for here",)


def test_a_line_off_the_paper_is_a_fault() -> None:
    canvas = triangle()
    canvas.stroke([(0, 0), (0, 90)])
    assert "a line leaves the paper" in canvas.finish().faults


@pytest.mark.parametrize(
    ("end", "inside"),
    [((1, 1), True), ((399, 299), True), ((0.9, 9), False), ((9, 0.9), False), ((399.1, 9), False), ((9, 299.1), False)],
)
def test_a_line_may_come_as_near_to_the_rim_as_a_pixel(end: Point, *, inside: bool) -> None:
    canvas = Canvas(400, 300, style(1))
    canvas.marks.append(Stroke(((20, 20), end), 1, (0, 0, 0)))
    assert canvas.finish().faults == (() if inside else ("a line leaves the paper",))


def test_a_label_must_have_places() -> None:
    canvas = Canvas(400, 300, style(1))
    canvas.write("here", [])
    with pytest.raises(ValueError, match="here has no places"):
        canvas.finish()


def test_a_label_keeps_off_the_rim_and_else_stands_at_its_first_place() -> None:
    for off in ((0, 150), (400, 150), (200, 0), (200, 300)):
        canvas = Canvas(400, 300, style(1))
        canvas.write("here", [off, (5, 5)])
        drawing = canvas.finish()
        assert (drawing.labels[0].centre, drawing.faults) == (off, ("no room for here",))


def test_dashes_go_on_round_a_corner() -> None:
    pieces = _dashed([(0, 0), (5, 0), (5, 5)], (4, 2))
    assert pieces == [((0.0, 0.0), (4.0, 0.0)), ((5.0, 1.0), (5.0, 5.0))]
    assert _dashed([(0, 0), (6, 0)], (4, 2)) == [((0.0, 0.0), (4.0, 0.0))]


def test_points_are_found_by_share_distance_and_direction() -> None:
    assert between((0, 2), (4, 10)) == (2, 6)
    assert between((0, 2), (4, 10), 0.25) == (1, 4)
    assert polar((1, 2), 2, 90) == pytest.approx((1, 4))
    assert direction((1, 1), (0, 2)) == pytest.approx(135)


def test_a_drawing_that_was_checked_before_is_the_same_without_its_faults() -> None:
    def crossed() -> Canvas:
        canvas = Canvas(400, 300, style(0))
        plane.draw(canvas, {"points": {"A": [0, 0], "B": [9, 0], "C": [4, 0.1]}, "segments": ["AB"]})
        canvas.stroke([(0, 0), (0, 90)])
        return canvas

    drawing = crossed().finish()
    assert drawing.faults == ("C is too close to AB", "a line leaves the paper")
    assert crossed().finish(checked=False) == drawing._replace(faults=())


def test_places_of_a_label_are_looked_for_until_one_is_free() -> None:
    def places() -> Iterator[Point]:
        yield from ((-9.0, 9.0), (200.0, 20.0))
        pytest.fail("a third place was looked for")

    canvas = Canvas(400, 300, style(1))
    canvas.write("here", places())
    [label] = canvas.finish().labels
    assert label.centre == (200.0, 20.0)


def test_a_figure_is_small_and_white_where_nothing_is() -> None:
    content = painting.png(triangle().finish())
    image = Image.open(io.BytesIO(content))
    assert image.mode == "P"
    assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
    assert len(content) < 8000


def test_painting_leaves_nothing_behind() -> None:
    first = painting.png(triangle().finish())
    other = Canvas(300, 200, style(5))
    other.fit([(0, 0), (1, 1)])
    other.circle((0, 0), 1)
    painting.png(other.finish())
    assert painting.png(triangle().finish()) == first


def bare(*marks: Stroke | Fill, labels: tuple[Placed, ...] = (), size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Paint marks and labels as they are, and read the PNG."""
    return Image.open(io.BytesIO(painting.png(Drawing(*size, "sans", marks, labels, ())))).convert("RGB")


def square(left: float, top: float, size: float, colour: tuple[int, int, int]) -> Fill:
    return Fill(((left, top), (left + size, top), (left + size, top + size), (left, top + size)), colour)


def test_a_drawings_own_colours_are_exact_and_what_lies_between_is_near() -> None:
    image = bare(square(10, 10, 10, (178, 24, 43)), Stroke(((35.5, 5), (35.5, 25)), 4, (33, 92, 168)))
    assert image.getpixel((15, 15)) == (178, 24, 43)
    assert image.getpixel((35, 15)) == (33, 92, 168)
    assert image.getpixel((25, 15)) == (255, 255, 255)
    half = image.getpixel((33, 15))
    assert isinstance(half, tuple)
    assert half == pytest.approx(((255 + 33) / 2, (255 + 92) / 2, (255 + 168) / 2), abs=9)


def test_a_white_shape_covers_what_is_below_it() -> None:
    image = bare(square(10, 10, 20, (226, 242, 224)), square(15, 15, 5, (255, 255, 255)))
    assert [image.getpixel((at, at)) for at in (12, 17)] == [(226, 242, 224), (255, 255, 255)]


def test_more_colours_than_a_palette_has_are_rounded_more() -> None:
    levels = [(17 * k, 17 * j, 100) for k in range(16) for j in range(16)]
    image = bare(*(square(2 * (n % 16) + 5, 2 * (n // 16) + 3, 2, colour) for n, colour in enumerate(levels)))
    shown = [image.getpixel((2 * (n % 16) + 6, 2 * (n // 16) + 4)) for n in range(256)]
    assert all(found == pytest.approx(wanted, abs=34) for found, wanted in zip(shown, levels, strict=True))
    assert shown != levels
    assert image.getpixel((1, 1)) == (255, 255, 255)


def test_a_line_is_as_wide_as_it_says() -> None:
    image = bare(Stroke(((5, 20.0), (55, 20.0)), 4, (0, 0, 0)))
    assert [image.getpixel((30, y)) for y in (16, 18, 21, 23)] == [(255,) * 3, (0,) * 3, (0,) * 3, (255,) * 3]


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Return the box around what is not white."""
    box = image.convert("L").point(lambda level: 255 * (level < 245)).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("direction", ["level", "upwards"])
def test_a_label_is_painted_in_its_box(direction: Direction) -> None:
    wide, high = extent("Height in cm", "sans", 14)
    wide, high = (wide, high) if direction == "level" else (high, wide)
    box = (60.3 - wide / 2, 60.6 - high / 2, 60.3 + wide / 2, 60.6 + high / 2)
    label = Placed("Height in cm", 14, (20, 30, 70), (60.3, 60.6), box, direction)
    left, top, right, bottom = ink(bare(labels=(label,), size=(120, 120)))
    assert min(left - box[0], top - box[1], box[2] - right, box[3] - bottom) >= -1
    assert (right - left > bottom - top) == (direction == "level")


def test_a_label_on_hair_lines_has_a_white_rim() -> None:
    wide, high = extent("T", "sans", 16)
    label = Placed("T", 16, (0, 0, 0), (30, 20), (30 - wide / 2, 20 - high / 2, 30 + wide / 2, 20 + high / 2), "level")
    left, top, right, _ = ink(bare(labels=(label,)))
    ruled = bare(Stroke(((0, top - 0.5), (60, top - 0.5)), 1, HAIR), labels=(label,))
    above, beside = ruled.getpixel(((left + right) // 2, top - 1)), ruled.getpixel((left - 4, top - 1))
    assert (above, beside) == ((255, 255, 255), HAIR)


def test_a_text_is_in_the_middle_of_its_shape() -> None:
    shape = lettering.shape("AB", "stix", 17, 0)
    left, top, right, bottom = shape.getbbox() or (0, 0, 0, 0)
    assert abs(left - (shape.width - right)) <= 1
    assert abs(top - (shape.height - bottom)) <= 2
    assert shape.getextrema() == (0, 255)


def test_dashes_cover_a_part_of_the_line() -> None:
    canvas = Canvas(200, 200, style(0))
    canvas.fit([(0, 0), (10, 10)])
    canvas.stroke([(0, 0), (10, 0)], dash=(6, 4))
    assert 10 <= len(canvas.marks) <= 16


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AB", [("AB", True)]),
        ("47°", [("47°", False)]),
        ("2x", [("2", False), ("x", True)]),
        ("5 cm", [("5 cm", False)]),
        ("Class A", [("Class A", False)]),
    ],
)
def test_variables_are_in_italics(text: str, found: list[tuple[str, bool]]) -> None:
    assert runs(text) == found


def test_larger_letters_take_more_room() -> None:
    assert extent("AB", "sans", 20)[0] > extent("AB", "sans", 10)[0]


def test_limits_of_polygons_are_circles() -> None:
    assert plane.sector_area(3, 360) == pytest.approx(28.274333882308138, abs=1e-12)
    assert plane.arc_length(3, 90) == pytest.approx(4.71238898038469, abs=1e-12)


def test_a_point_next_to_a_segment_is_a_fault() -> None:
    canvas = Canvas(400, 300, style(0))
    plane.draw(canvas, {"points": {"A": [0, 0], "B": [9, 0], "C": [4, 0.1]}, "segments": ["AB"]})
    assert "C is too close to AB" in canvas.finish().faults


def test_an_arc_begins_and_ends_where_it_should() -> None:
    points = arc_points((0, 0), 1, 0, 90)
    assert points[0] == pytest.approx((1, 0))
    assert points[-1] == pytest.approx((0, 1))
