"""Images: are they readable, of a sensible size and not blank, and do two show the same figure?

The look of an image is two perceptual hashes of 16 x 16 bits, signs of its lowest frequencies: one of the whole, one of what
is left when the margin is cut off. Two images look the same if one of the pairs differs in no more than a given number of
bits. Line drawings on white are alike in most of their area, so 64 bits are too few: among 420 competition figures of MATH-V
(87,987 pairs) different ones come as close as 6 of 64 bits, where re-encodings differ by up to 14. Of 256 bits, re-encodings
differ by 26 or less at the 99th percentile and different figures by 50 or more; `python -m benchmarks.images` prints the table.

What no such hash can tell apart is the same drawing with another number written into it: 3 cm for 8 cm changes a few
thousandths of the area. So the same look makes the same problem only where the texts agree in their numbers, too.
"""

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageOps

SIDE = 16
_GAP = 16
MOST_STACKED = 64
"""Images of one row."""
_MOST_STACKED_PIXELS = 2**27
BITS = SIDE * SIDE
_SAMPLED = 4 * SIDE
_BANDS = 16
_BAND_BITS = BITS // _BANDS
MOST_BITS_APART = 2 * _BANDS - 1
"""The largest distance that `Looks.near` can look for: one bit off in every band and one more."""
_SAME_LEVEL = 16
_MARGIN_LEVEL = 40
_ROUNDED_DECIMALS = 3
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


class Bounds(NamedTuple):
    """What an image must keep.

    Args:
        least_side: pixels of its shorter side.
        most_pixels: width times height, looked at before anything is decoded.
        least_ink: `ink` that it has at least.
    """

    least_side: int
    most_pixels: int
    least_ink: float


class Fault(NamedTuple):
    """What is wrong with an image."""

    reason: str
    evidence: dict[str, object]


class Look(NamedTuple):
    """The hashes of an image: of the whole, and without its margin."""

    whole: int
    trimmed: int


class Near(NamedTuple):
    """An image that looks the same: its number in the order added, and how many bits it is away."""

    number: int
    bits: int


def checked(data: bytes, bounds: Bounds) -> Image.Image | Fault:
    """Decode an image to grey on white, upright, or say what is wrong with it; never raises, whatever the bytes are.

    Faults: `image_unreadable`, `image_too_large`, `image_too_small`, `image_blank`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > bounds.most_pixels:
                return Fault("image_too_large", {"width": width, "height": height})
            if min(width, height) < bounds.least_side:
                return Fault("image_too_small", {"width": width, "height": height})
            grey = _grey(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Fault("image_too_large", {"bytes": len(data)})
    except Exception as error:  # noqa: BLE001 - decoders raise anything at broken bytes
        return Fault("image_unreadable", {"bytes": len(data), "error": type(error).__name__})
    found = ink(grey)
    return grey if found >= bounds.least_ink else Fault("image_blank", {"ink": round(found, 6)})


def stacked(several: Sequence[bytes]) -> bytes | None:
    """Return one PNG with images below each other on white, as wide as the widest; None where one cannot be opened.

    None, too, where they are so many or so large that the whole could not be held; that is looked at before one is decoded.
    """
    try:
        closed = [Image.open(io.BytesIO(data), formats=FORMATS) for data in several[: MOST_STACKED + 1]]
        widest, height = max(max(image.size) for image in closed), sum(max(image.size) + _GAP for image in closed)
        if len(closed) > MOST_STACKED or widest * height > _MOST_STACKED_PIXELS:
            return None
        return _pasted([ImageOps.exif_transpose(image).convert("RGBA") for image in closed])
    except Exception:  # noqa: BLE001 - decoders raise anything at broken bytes
        return None


def _pasted(opened: Sequence[Image.Image]) -> bytes:
    size = (max(image.width for image in opened), sum(image.height for image in opened) + _GAP * (len(opened) - 1))
    sheet, top = Image.new("RGBA", size, "white"), 0
    for image in opened:
        sheet.alpha_composite(image, (0, top))
        top += image.height + _GAP
    target = io.BytesIO()
    sheet.convert("RGB").save(target, "PNG")
    return target.getvalue()


def ink(grey: Image.Image) -> float:
    """Return the share of pixels that differ from the most frequent grey level by more than the noise of an encoder."""
    counts = grey.histogram()
    level = max(range(len(counts)), key=counts.__getitem__)
    alike = sum(counts[max(0, level - _SAME_LEVEL) : level + _SAME_LEVEL + 1])
    return 1 - alike / sum(counts)


def look(grey: Image.Image) -> Look:
    """Return the hashes of a grey image."""
    return Look(_hash(grey), _hash(_trimmed(grey)))


def distance(first: Look, second: Look) -> int:
    """Return how many bits two images are apart, in whichever of the two hashes they are closer."""
    return min((first.whole ^ second.whole).bit_count(), (first.trimmed ^ second.trimmed).bit_count())


class Looks:
    """Looks of many images, to find those near one without comparing it with all.

    A hash is cut into 16 bands of 16 bits. Two that differ in at most 31 bits differ in at most one bit in some band, so that
    looking up each band and its 16 neighbours misses none; what is found is compared in full.
    """

    def __init__(self) -> None:
        """Start without images."""
        self._looks: list[Look] = []
        self._places: dict[tuple[int, int, int], list[int]] = defaultdict(list)

    def add(self, new: Look) -> None:
        """Add the look of an image."""
        for kind, whole in enumerate(new):
            for band, part in enumerate(_bands(whole)):
                self._places[kind, band, part].append(len(self._looks))
        self._looks.append(new)

    def near(self, sought: Look, most_bits: int) -> list[Near]:
        """Return the images at most so many bits away, nearest and then first added first.

        Raises:
            ValueError: if `most_bits` is more than `MOST_BITS_APART`.
        """
        if most_bits > MOST_BITS_APART:
            raise ValueError(f"{most_bits} bits are more than {MOST_BITS_APART}")
        found: set[int] = set()
        for kind, whole in enumerate(sought):
            for band, part in enumerate(_bands(whole)):
                for flipped in (0, *_FLIPS):
                    found.update(self._places.get((kind, band, part ^ flipped), ()))
        apart = ((distance(sought, self._looks[number]), number) for number in found)
        return [Near(number, bits) for bits, number in sorted(apart) if bits <= most_bits]


_FLIPS = tuple(1 << bit for bit in range(_BAND_BITS))


def _bands(whole: int) -> list[int]:
    return [whole >> (band * _BAND_BITS) & ((1 << _BAND_BITS) - 1) for band in range(_BANDS)]


def _grey(image: Image.Image) -> Image.Image:
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        low, high = upright.getextrema()
        scale = 255 / (high - low) if high > low else 0.0  # type: ignore[operator]
        upright = upright.convert("F").point(lambda level: level * scale - low * scale)  # type: ignore[operator]
    return upright.convert("L")


def _trimmed(grey: Image.Image) -> Image.Image:
    counts = grey.histogram()
    level = max(range(len(counts)), key=counts.__getitem__)
    apart = ImageChops.difference(grey, Image.new("L", grey.size, level))
    box = apart.point([255 * (step > _MARGIN_LEVEL) for step in range(256)]).getbbox()
    return grey.crop(box) if box else grey


def _hash(grey: Image.Image) -> int:
    """Return signs of low frequencies, as imagehash.phash does, but rounded: nought must have the same sign everywhere."""
    from scipy.fft import dctn  # noqa: PLC0415  (half a second that stages without images need not wait for)

    pixels = np.asarray(grey.resize((_SAMPLED, _SAMPLED), Image.Resampling.LANCZOS), dtype=np.float64)
    low = np.round(dctn(pixels, type=2)[:SIDE, :SIDE], _ROUNDED_DECIMALS)
    bits = (low > np.median(low)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
