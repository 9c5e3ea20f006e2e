"""Drawings: labels find their places, and what cannot be placed is a fault."""

import io

import pytest
from PIL import Image

from builders.families.mmathcot.problems import marking, painting, plane
from builders.families.mmathcot.problems.drawing import Canvas, arc_points
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
