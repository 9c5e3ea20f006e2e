"""Images: what is rejected and why, blank ones, and looks that stay the same where the figure does."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from itertools import combinations

import imagehash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from builders import images
from builders.images import Bounds, Fault, Look

BOUNDS = Bounds(least_side=28, most_pixels=1_000_000, least_ink=0.001)
MOST_BITS = 28


def drawing(number: int = 0, size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Return a line drawing: polygons and circles that the number decides."""
    figure = Image.new("L", size, 255)
    pen = ImageDraw.Draw(figure)
    corners = [((number * 37 + 61 * k) % 340 + 30, (number * 53 + 97 * k) % 240 + 30) for k in range(3 + number % 3)]
    pen.polygon(corners, outline=0, width=3)
    left, top = (number * 71) % 200 + 40, (number * 29) % 120 + 40
    pen.ellipse((left, top, left + 60 + number % 7 * 10, top + 80), outline=0, width=3)
    return figure


def encoded(figure: Image.Image, kind: str = "PNG", quality: int = 75) -> bytes:
    buffer = io.BytesIO()
    figure.save(buffer, kind, quality=quality)
    return buffer.getvalue()


def checked(data: bytes) -> Image.Image:
    found = images.checked(data, BOUNDS)
    assert isinstance(found, Image.Image)
    return found


def reason(data: bytes) -> str | None:
    found = images.checked(data, BOUNDS)
    return found.reason if isinstance(found, Fault) else None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_figure_of_every_format_is_read_in_grey(kind: str) -> None:
    assert checked(encoded(drawing(), kind)).mode == "L"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "image_unreadable"),
        (b"<svg/>", "image_unreadable"),
        (encoded(drawing())[:300], "image_unreadable"),
        (encoded(drawing(), "JPEG")[:900], "image_unreadable"),
        (encoded(Image.new("L", (27, 300))), "image_too_small"),
        (encoded(Image.new("1", (2000, 1000))), "image_too_large"),
        (encoded(Image.new("L", (300, 300), 255)), "image_blank"),
        (encoded(Image.new("RGB", (300, 300), (20, 60, 90)), "JPEG"), "image_blank"),
        (encoded(Image.new("RGBA", (300, 300), (0, 0, 0, 0))), "image_blank"),
    ],
)
def test_what_is_no_figure_is_rejected(data: bytes, expected: str) -> None:
    assert reason(data) == expected


def headed(width: int, height: int) -> bytes:
    """Return the beginning of a PNG, which says how large it is and holds nothing."""
    header = b"IHDR" + struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + b"\0\0\0\x01IDAT"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault("image_unreadable", {"bytes": 0, "error": "UnidentifiedImageError"})),
        (headed(1001, 1000), Fault("image_too_large", {"width": 1001, "height": 1000})),
        (headed(1000, 1000), Fault("image_unreadable", {"bytes": 41, "error": "OSError"})),
        (headed(28, 27), Fault("image_too_small", {"width": 28, "height": 27})),
        (headed(10_000, 10_000), Fault("image_too_large", {"bytes": 41})),
        (headed(30_000, 30_000), Fault("image_too_large", {"bytes": 41})),
        (encoded(Image.new("I;16", (30, 30), 700)), Fault("image_blank", {"ink": 0.0})),
    ],
    ids=["empty", "large", "headless", "small", "warned of", "bomb", "of one level"],
)
def test_evidence_is_how_large_an_image_is(data: bytes, fault: Fault) -> None:
    assert images.checked(data, BOUNDS) == fault


def test_the_smallest_side_and_the_least_ink_are_enough() -> None:
    figure = Image.new("L", (32, 32), 255)
    figure.putpixel((3, 3), 0)
    for side, ink, expected in ((32, 1 / 1024, None), (33, 1 / 1024, "image_too_small"), (32, 2 / 1024, "image_blank")):
        found = images.checked(encoded(figure), Bounds(side, 1024, ink))
        assert (found.reason if isinstance(found, Fault) else None) == expected


@pytest.mark.parametrize(
    ("level", "other", "ink"), [(100, 84, 0), (100, 116, 0), (100, 83, 1), (100, 117, 1), (0, 16, 0), (0, 17, 1)]
)
def test_a_level_that_differs_by_more_than_noise_is_ink(level: int, other: int, ink: int) -> None:
    figure = Image.new("L", (32, 32), level)
    figure.putpixel((0, 0), other)
    assert images.ink(figure) == ink / 1024


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_levels_of_more_than_eight_bits_are_spread_from_black_to_white(mode: str) -> None:
    figure = Image.new("I", (32, 32), 1000)
    figure.paste(3000, (0, 0, 10, 32))
    figure.paste(2000, (10, 0, 20, 32))
    grey = checked(encoded(figure.convert(mode), "TIFF"))
    assert [grey.getpixel((place, 5)) for place in (5, 15, 25)] == [255, 127, 0]


@pytest.mark.parametrize(("faint", "size"), [(215, (3, 3)), (214, (28, 28))])
def test_a_margin_is_what_differs_little_from_the_most_frequent_level(faint: int, size: tuple[int, int]) -> None:
    figure = Image.new("L", (32, 32), 255)
    figure.paste(0, (27, 27, 30, 30))
    figure.putpixel((2, 2), faint)
    assert images._trimmed(figure).size == size  # noqa: SLF001


def test_an_image_is_measured_before_it_is_decoded() -> None:
    """A few kilobytes that would decode to 900 million pixels."""
    bomb = encoded(Image.new("1", (30_000, 30_000)))
    assert len(bomb) < 200_000
    assert reason(bomb) == "image_too_large"


def test_a_single_line_is_not_blank() -> None:
    figure = Image.new("L", (500, 500), 255)
    ImageDraw.Draw(figure).line((20, 20, 480, 470), fill=0)
    assert reason(encoded(figure)) is None
    assert images.ink(figure) == pytest.approx(461 / 250_000, rel=0.01)


def test_what_is_transparent_is_white() -> None:
    figure = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    ImageDraw.Draw(figure).rectangle((50, 50, 200, 150), outline="black", width=4)
    assert checked(encoded(figure)).getpixel((0, 0)) == 255


def test_a_figure_is_turned_upright() -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    drawing().rotate(90, expand=True).save(buffer, "JPEG", exif=exif)
    assert checked(buffer.getvalue()).size == (400, 300)


def test_sixteen_bits_a_level_are_scaled() -> None:
    assert reason(encoded(drawing().convert("I").point(lambda level: level * 100).convert("I;16"))) is None


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x10\0\0\0WEBP"):
        assert isinstance(images.checked(start + data, BOUNDS), Fault)


SAME: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG": lambda figure: checked(encoded(figure, "JPEG", 40)),
    "half the size": lambda figure: figure.resize((figure.width // 2, figure.height // 2)),
    "twice the size": lambda figure: figure.resize((figure.width * 2, figure.height * 2)),
    "slightly cropped": lambda figure: figure.crop((4, 3, figure.width - 4, figure.height - 3)),
    "framed": lambda figure: ImageOps.expand(figure, 40, 255),
}


@pytest.mark.parametrize("kind", SAME)
def test_a_figure_looks_the_same_however_it_is_encoded(kind: str) -> None:
    for number in range(20):
        figure = drawing(number)
        assert images.distance(images.look(figure), images.look(SAME[kind](figure))) <= MOST_BITS


def test_different_drawings_look_different() -> None:
    looks = [images.look(drawing(number)) for number in range(40)]
    assert min(images.distance(one, other) for one, other in combinations(looks, 2)) > MOST_BITS


def test_another_number_in_the_same_drawing_is_not_seen() -> None:
    """The limit that the module states: texts have to tell such figures apart."""
    figures = [drawing(3), drawing(3)]
    for figure, label in zip(figures, ("3 cm", "8 cm"), strict=True):
        ImageDraw.Draw(figure).text((150, 20), label, fill=0)
    assert images.distance(*map(images.look, figures)) <= MOST_BITS


def test_the_hash_is_that_of_imagehash_but_for_rounding() -> None:
    for number in range(20):
        figure = drawing(number)
        theirs = int(str(imagehash.phash(figure, hash_size=images.SIDE)), 16)
        assert (images.look(figure).whole ^ theirs).bit_count() <= 2


def test_a_blank_image_has_a_look() -> None:
    assert images.look(Image.new("L", (50, 50), 255)) == images.look(Image.new("L", (90, 60), 255)) == Look(1 << 255, 1 << 255)


@given(
    st.lists(st.integers(0, 2**256 - 1), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 19), st.sets(st.integers(0, 255), max_size=40)), max_size=10),
    st.integers(0, images.MOST_BITS_APART),
)
def test_looking_up_finds_what_comparing_with_all_finds(
    wholes: list[int], changes: list[tuple[int, set[int]]], most_bits: int
) -> None:
    changed = [wholes[place % len(wholes)] ^ sum(1 << bit for bit in bits) for place, bits in changes]
    looks = [Look(whole, whole ^ (1 << 200) - 1) for whole in wholes + changed]
    index = images.Looks()
    for look in looks:
        index.add(look)
    for sought in looks:
        near = index.near(sought, most_bits)
        assert {found.number for found in near} == {
            number for number, look in enumerate(looks) if images.distance(sought, look) <= most_bits
        }
        assert near == sorted(near, key=lambda found: (found.bits, found.number))


@pytest.mark.parametrize("first", range(16))
def test_two_that_differ_as_evenly_as_they_can_are_found(first: int) -> None:
    bands = [0x8001] * 16
    bands[first] = 0x0001 << first
    changed = sum(band << 16 * place for place, band in enumerate(bands))
    index = images.Looks()
    index.add(Look(0, 2**256 - 1))
    assert index.near(Look(changed, 0), 31) == [images.Near(0, 31)]


def test_distances_that_the_index_cannot_promise_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bits are more than 31"):
        images.Looks().near(Look(0, 0), 32)


def test_images_of_a_row_are_below_each_other_unless_they_are_too_many_or_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row may name one small file ten thousand times, and a small file may be an image of many pixels."""
    small, wide = encoded(drawing(size=(40, 30))), encoded(Image.new("L", (12_000, 12_000)))
    whole = images.stacked([small] * 3)
    assert whole is not None
    assert Image.open(io.BytesIO(whole)).size == (40, 3 * 30 + 2 * 16)
    assert images.stacked([small] * images.MOST_STACKED) is not None
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("decoded"))
    assert images.stacked([small] * (images.MOST_STACKED + 1)) is None
    assert images.stacked([small, wide]) is None
    assert images.MOST_STACKED == 64


def test_images_of_a_row_stand_below_each_other_on_white() -> None:
    whole = images.stacked([encoded(Image.new("L", (40, 30), 9)), encoded(Image.new("RGBA", (20, 10), (200, 0, 0, 255)))])
    assert whole is not None
    sheet = Image.open(io.BytesIO(whole))
    assert (sheet.mode, sheet.size) == ("RGB", (40, 56))
    colours = {(39, 29): (9, 9, 9), (0, 30): (255,) * 3, (0, 45): (255,) * 3, (19, 46): (200, 0, 0), (20, 46): (255,) * 3}
    assert {place: sheet.getpixel(place) for place in colours} == colours
    assert images.stacked([b"no image"]) is None


def test_images_that_would_stand_on_too_large_a_sheet_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Image.Image] = []
    monkeypatch.setattr(ImageOps, "exif_transpose", decoded.append)
    assert images.stacked([headed(8192, 8192), headed(8161, 8100)]) is None
    assert decoded == []
    assert images.stacked([headed(8192, 8192), headed(8160, 8100)]) is None
    assert [image.size for image in decoded] == [(8192, 8192)]


def inked(pixels: int, size: tuple[int, int] = (40, 25)) -> bytes:
    """Return a white image in which so many pixels are black."""
    image = Image.new("L", size, 255)
    for number in range(pixels):
        image.putpixel((number, 0), 0)
    return encoded(image)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (Bounds(25, 1000, 0.0), None),
        (Bounds(26, 1000, 0.0), Fault("image_too_small", {"width": 40, "height": 25})),
        (Bounds(25, 999, 0.0), Fault("image_too_large", {"width": 40, "height": 25})),
        (Bounds(25, 1000, 1 - 997 / 1000), None),
        (Bounds(25, 1000, 0.0031), Fault("image_blank", {"ink": 0.003})),
    ],
    ids=["fits", "small", "large", "inked", "blank"],
)
def test_an_image_may_be_just_as_large_small_and_blank_as_the_bounds_say(bounds: Bounds, expected: Fault | None) -> None:
    found = images.checked(inked(3), bounds)
    assert (found if isinstance(found, Fault) else None) == expected


@pytest.mark.parametrize("mode", ["I", "F", "I;16"])
def test_levels_of_any_depth_are_scaled_from_black_to_white(mode: str) -> None:
    levels = Image.new(mode, (3, 1), 1000)
    for place, level in enumerate((1000, 2000, 3000)):
        levels.putpixel((place, 0), level)
    grey = images._grey(levels)  # noqa: SLF001
    assert (grey.mode, [grey.getpixel((place, 0)) for place in range(3)]) == ("L", [0, 127, 255])
    assert images._grey(Image.new(mode, (2, 2), 1000)).getextrema() == (0, 0)  # noqa: SLF001


def test_an_image_of_too_many_pixels_for_its_decoder_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    data = inked(3)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400)
    assert images.checked(data, BOUNDS) == Fault("image_too_large", {"bytes": len(data)})
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 600)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        assert images.checked(data, BOUNDS) == Fault("image_too_large", {"bytes": len(data)})


@pytest.mark.parametrize(("most", "fits"), [(40 * 2 * (40 + 16), True), (40 * 2 * (40 + 16) - 1, False)])
def test_images_below_each_other_may_have_just_as_many_pixels_as_can_be_held(
    most: int, *, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_MOST_STACKED_PIXELS", most)
    assert (images.stacked([inked(1), inked(2)]) is not None) is fits
