"""How far apart different figures look, and how far the same ones encoded, scaled, cropped or framed otherwise.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.images

On the 420 figures of MATH-V: distances in bits of the hashes that builders.images uses, beside those of imagehash's 64-bit
phash and dhash; how many planted variants are found at `MOST_BITS`, and how many pairs of different figures are mistaken for
the same. The three closest pairs, 2, 8 and 44 bits apart, were looked at and are the same figure twice (`SAME`).
"""

import io
import os
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image, ImageOps
from scipy.stats import binomtest  # type: ignore[import-not-found,import-untyped,unused-ignore]

from builders import images

MOST_BITS = 28
BOUNDS = images.Bounds(least_side=28, most_pixels=20_000_000, least_ink=0.001)
SAME = {("1050", "773"), ("43", "538"), ("205", "323")}
_WHITE = 255
Hashes = tuple[imagehash.ImageHash, imagehash.ImageHash]


def encoded(figure: Image.Image, kind: str, quality: int) -> Image.Image:
    """Return a figure written and read again."""
    buffer = io.BytesIO()
    figure.save(buffer, kind, quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("L")


def scaled(figure: Image.Image, factor: float) -> Image.Image:
    """Return a figure in another size."""
    return figure.resize((max(1, round(figure.width * factor)), max(1, round(figure.height * factor))))


def cropped(figure: Image.Image, share: float) -> Image.Image:
    """Return a figure without a share of its width and height at each edge."""
    width, height = (max(1, int(side * share)) for side in figure.size)
    return figure.crop((width, height, figure.width - width, figure.height - height))


def framed(figure: Image.Image, share: float) -> Image.Image:
    """Return a figure with a white margin."""
    return ImageOps.expand(figure, (int(figure.width * share) + 1, int(figure.height * share) + 1), _WHITE)


VARIANTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG, quality 75": lambda figure: encoded(figure, "JPEG", 75),
    "JPEG, quality 50": lambda figure: encoded(figure, "JPEG", 50),
    "JPEG, quality 20": lambda figure: encoded(figure, "JPEG", 20),
    "WebP, quality 50": lambda figure: encoded(figure, "WEBP", 50),
    "half the size": lambda figure: scaled(figure, 0.5),
    "1.5 times the size": lambda figure: scaled(figure, 1.5),
    "half the size, JPEG 50": lambda figure: encoded(scaled(figure, 0.5), "JPEG", 50),
    "1 % cropped at each edge": lambda figure: cropped(figure, 0.01),
    "3 % cropped at each edge": lambda figure: cropped(figure, 0.03),
    "3 % margin added": lambda figure: framed(figure, 0.03),
    "10 % margin added": lambda figure: framed(figure, 0.10),
    "mirrored (another figure)": ImageOps.mirror,
}


def of_64_bits(figure: Image.Image) -> Hashes:
    """Return imagehash's phash and dhash."""
    return imagehash.phash(figure), imagehash.dhash(figure)


def apart_in_64_bits(first: Hashes, second: Hashes) -> list[int]:
    """Return the distances by phash and by dhash."""
    return [one - other for one, other in zip(first, second, strict=True)]


def figures(data: Path) -> dict[str, Image.Image]:
    """Read MATH-V's figures by name; prints those that the checks reject."""
    read = {}
    for path in sorted((data / "multimodal" / "math_vision" / "images").iterdir()):
        found = images.checked(path.read_bytes(), BOUNDS)
        if isinstance(found, images.Fault):
            print(path.stem, found)
        else:
            read[path.stem] = found
    return read


def main() -> None:
    """Print the tables."""
    read = figures(Path(os.environ["TRACEWRIGHT_DATA"]))
    looks = {name: images.look(figure) for name, figure in read.items()}
    small = {name: of_64_bits(figure) for name, figure in read.items()}
    inks = sorted(images.ink(figure) for figure in read.values())
    print(f"{len(read)} figures; least ink {inks[0]:.4f}, at the 5th percentile {inks[len(inks) // 20]:.4f}\n")
    print("| the same figure | median | 95 % | 99 % | most | found | phash 64: 99 %, most | dhash 64: 99 %, most |")
    print("|---|---|---|---|---|---|---|---|")
    for kind, change in VARIANTS.items():
        changed = {name: change(figure) for name, figure in read.items()}
        apart = np.array([images.distance(looks[name], images.look(figure)) for name, figure in changed.items()])
        others = np.array(
            [[a - b for a, b in zip(small[name], of_64_bits(figure), strict=True)] for name, figure in changed.items()]
        )
        shares = " | ".join(f"{np.percentile(apart, share):.0f}" for share in (50, 95, 99, 100))
        rest = " | ".join(f"{np.percentile(column, 99):.0f}, {column.max()}" for column in others.T)
        print(f"| {kind} | {shares} | {np.mean(apart <= MOST_BITS):.1%} | {rest} |")
    different = [pair for pair in combinations(read, 2) if pair not in SAME]
    apart = np.sort([images.distance(looks[one], looks[other]) for one, other in different])
    others = np.sort([apart_in_64_bits(small[one], small[other]) for one, other in different], axis=0)
    print(f"\n{len(different)} pairs of different figures: the closest are {apart[:8].tolist()} bits of 256 apart;")
    print(f"by imagehash's 64 bits {others[:8, 0].tolist()} (phash) and {others[:8, 1].tolist()} (dhash)")
    mistaken = int((apart <= MOST_BITS).sum())
    high = binomtest(mistaken, len(different)).proportion_ci(method="wilson").high
    print(f"mistaken for the same at {MOST_BITS} bits: {mistaken}, at most {high:.1e} (95 %)")
    speed(list(looks.values()))


def speed(looks: list[images.Look]) -> None:
    """Print how long looking up takes among random looks, beside comparing with all."""
    draw = np.random.default_rng(0)
    many = [images.Look(*(int.from_bytes(draw.bytes(32), "big") for _ in range(2))) for _ in range(100_000)]
    index = images.Looks()
    for one in [*many, *looks]:
        index.add(one)
    start = time.perf_counter()
    found = [index.near(one, MOST_BITS) for one in looks]
    looked_up = (time.perf_counter() - start) / len(looks)
    start = time.perf_counter()
    compared = [
        [number for number, other in enumerate([*many, *looks]) if images.distance(one, other) <= MOST_BITS]
        for one in looks[:5]
    ]
    every = (time.perf_counter() - start) / len(compared)
    same = all(sorted(near.number for near in one) == other for one, other in zip(found, compared, strict=False))
    print(
        f"\namong {len(many) + len(looks):,} looks: {looked_up * 1e3:.2f} ms a look-up, {every * 1e3:.0f} ms against all;",
        end=" ",
    )
    print("both find the same" if same else "NOT the same is found")


if __name__ == "__main__":
    main()
