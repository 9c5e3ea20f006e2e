"""Images of sources: found under whatever name, rejected where they are not sound, known again in evaluation sets."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from builders import images, records
from builders.errors import BuildError
from builders.families.mmathcot import figures
from builders.families.mmathcot.figures import EvaluationSet, Images, Source
from builders.records import Record
from builders.screening import decontamination
from builders.sources import pictures
from tests.harness import OWN, Workspace, declared, jsonl

SOUND = images.Bounds(28, 1_000_000, 0.002)


def picture(shift: int = 0, size: tuple[int, int] = (200, 160)) -> bytes:
    image = Image.new("L", (400, 320), 255)
    paint = ImageDraw.Draw(image)
    paint.polygon([(40 + shift, 280), (200, 30 + shift), (360 - 2 * shift, 250)], outline=0, width=6)
    paint.ellipse((150, 180 - shift, 260 + shift, 260), outline=0, width=5)
    target = io.BytesIO()
    image.resize(size).save(target, "PNG")
    return target.getvalue()


def placed(here: Workspace, name: str, data: bytes) -> Path:
    path = here.root / "raw/mmathcot/sources" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def where(folder: str = "own", **prefixes: str) -> Images:
    return Images(folder=folder, prefixes=prefixes, archive=None)


def source(images: Images | None, **entry: Any) -> Source:  # noqa: ANN401
    return Source(**{**declared(Path("own.jsonl")), "columns": {"question": "question"}, "images": images, **entry})


def described(images: Images | None, name: object, **entry: Any) -> dict[str, Any] | None:  # noqa: ANN401
    return figures.described(source(images, **entry), name, SOUND)


@pytest.mark.parametrize(
    ("prefixes", "named", "lies"),
    [
        ({"MathV-360k/": "data_images/"}, "MathV-360k/TabMWP/images/7.png", "data_images/TabMWP/images/7.png"),
        ({"Multimath/RGB_images/": "RGB_images/"}, "Multimath/RGB_images/7.png", "RGB_images/7.png"),
        ({"": "data_images/", "data_images/": "data_images/"}, "TabMWP/7.png", "data_images/TabMWP/7.png"),
        ({"": "data_images/", "data_images/": "data_images/"}, "data_images/7.png", "data_images/7.png"),
        ({}, "7.png", "7.png"),
    ],
)
def test_an_image_is_found_where_its_archive_unpacks_to(
    prefixes: dict[str, str], named: str, lies: str, here: Workspace
) -> None:
    data = picture()
    placed(here, f"own/{lies}", data)
    found = described(where(**prefixes), named)
    assert found
    assert (found["path"], found["fault"], found["width"], found["height"]) == (f"own/{lies}", None, 200, 160)
    assert figures.read(found["path"], found["sha256"]) == data


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("broken.png", b"\x89PNG\r\n\x1a\nno image", "image_unreadable"),
        ("page.png", b"<html>not found</html>", "image_unreadable"),
        ("tiny.png", picture(size=(20, 300)), "image_too_small"),
        ("huge.png", picture(size=(1200, 900)), "image_too_large"),
        ("empty.png", b"", "image_unreadable"),
    ],
)
def test_an_image_that_is_not_sound_says_why(name: str, data: bytes, reason: str, here: Workspace) -> None:
    placed(here, f"own/{name}", data)
    found = described(where(), name)
    assert found
    assert found["fault"][0] == reason


def test_a_blank_image_is_rejected(here: Workspace) -> None:
    target = io.BytesIO()
    Image.new("RGB", (100, 100), "white").save(target, "PNG")
    placed(here, "own/white.png", target.getvalue())
    found = described(where(), "white.png")
    assert found
    assert found["fault"][0] == "image_blank"


@pytest.mark.parametrize("name", ["gone.png", "../../sample_distill.jsonl", "/etc/hostname", "."])
def test_an_image_that_is_not_there_or_lies_elsewhere_is_missing(name: str, here: Workspace) -> None:
    placed(here, "own/there.png", picture())
    found = described(where(), name)
    assert found
    assert found["fault"][0] == "image_missing"


@pytest.mark.parametrize("name", ["Plans\\Garden.PNG", "plans/garden.png", "PLANS/GARDEN.PNG", "./Plans/garden.png"])
def test_an_image_is_found_by_the_only_name_that_differs_in_case_or_separators(name: str, here: Workspace) -> None:
    data = picture()
    placed(here, "own/Plans/garden.png", data)
    found = described(where(), name)
    assert found
    assert (found["path"], found["fault"]) == ("own/Plans/garden.png", None)


@pytest.mark.parametrize(("lies", "named"), [("caf\u00e9.png", "cafe\u0301.png"), ("cafe\u0301.png", "CAF\u00c9.png")])
def test_an_image_is_found_however_its_accents_are_spelt(lies: str, named: str, here: Workspace) -> None:
    placed(here, f"own/{lies}", picture())
    found = described(where(), named)
    assert found
    assert (found["path"], found["fault"]) == (f"own/{lies}", None)


def test_an_image_that_two_names_may_mean_is_missing(here: Workspace) -> None:
    for name in ("garden.png", "Garden.png"):
        placed(here, f"own/Plans/{name}", picture())
    ambiguous = described(where(), "PLANS/GARDEN.PNG")
    assert ambiguous
    assert ambiguous["fault"][0] == "image_missing"
    exact = described(where(), "Plans\\Garden.png")
    assert exact
    assert (exact["path"], exact["fault"]) == ("own/Plans/Garden.png", None)


def test_images_in_the_rows_themselves_are_put_aside_and_read(here: Workspace) -> None:
    del here
    data, other = picture(), picture(5, (120, 90))
    in_base64 = base64.b64encode(data).decode()
    forms = [
        {"bytes": data, "path": "a.png"},
        data,
        [{"bytes": data, "path": None}],
        [None, data, None],
        in_base64,
        f"data:image/png;base64,{in_base64}",
    ]
    for form in forms:
        found = described(None, pictures.kept("mmathcot", form))
        assert found
        assert (found["fault"], found["sha256"]) == (None, records.bytes_digest(data))
        assert figures.read(found["path"], found["sha256"]) == data
    both = described(None, pictures.kept("mmathcot", [{"bytes": data, "path": "a"}, {"bytes": other, "path": "b"}]))
    assert both
    assert (both["fault"], both["width"], both["height"]) == (None, 200, 160 + 16 + 90)
    broken = described(None, pictures.kept("mmathcot", {"bytes": b"no image", "path": "a.png"}))
    assert broken
    assert broken["fault"][0] == "image_unreadable"


def test_a_name_or_nothing_in_the_place_of_an_image_stays_what_it_is() -> None:
    for given, left in [
        ("a.png", "a.png"),
        (None, None),
        ([], None),
        (["a.png"], "a.png"),
        ([None, "a.png"], "a.png"),
        ({"bytes": None, "path": "a.png"}, "a.png"),
        (7, 7),
    ]:
        assert pictures.kept("mmathcot", given) == left


def test_several_files_of_one_row_are_one_image_and_all_must_be_there(here: Workspace) -> None:
    placed(here, "own/a.png", picture())
    placed(here, "own/b.png", picture(5))
    found = described(where(), ["a.png", "b.png"])
    assert found
    assert (found["fault"], found["height"]) == (None, 160 + 16 + 160)
    with placed(here, "own/large.png", picture()).open("ab") as file:
        file.truncate((64 << 20) + 1)
    for other in ("gone.png", None, 7, "large.png"):
        gone = described(where(), ["a.png", other])
        assert gone
        assert gone["fault"] == ["no_image", {"named": True}]


def test_images_of_your_own_are_found_in_your_own_folder(here: Workspace) -> None:
    path = here.root / "raw/mmathcot/own/mine/a.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(picture())
    found = described(where("mine"), "a.png", folder="own")
    assert found
    assert (found["path"], found["fault"]) == ("own:mine/a.png", None)
    assert figures.read(found["path"], found["sha256"]) == picture()
    assert described(where("mine"), "a.png") != found


@pytest.mark.parametrize("name", [None, "", "  ", 7])
def test_a_source_of_images_has_one_in_each_row(name: object, here: Workspace) -> None:
    del here
    found = described(where(), name)
    assert found
    assert found["fault"][0] == "no_image"


def test_a_source_without_images_has_none_and_may_name_none(here: Workspace) -> None:
    del here
    assert described(None, None) is None
    found = described(None, "a.png")
    assert found
    assert found["fault"][0] == "no_image"


def test_a_folder_that_is_not_there_is_one_line_that_names_the_archive(here: Workspace) -> None:
    with here.params("mmathcot") as params:
        entry = params["full"]["collect"]["sources"][0]
    table = figures.Source(**entry)
    with pytest.raises(BuildError, match=r"the images of source mathv360k are not there") as raised:
        figures.check(table)
    assert "unpack data_images.zip of Zhiqiang007/MathV360K there" in str(raised.value)
    without = figures.Source(**{**entry, "images": {**entry["images"], "archive": None}})
    with pytest.raises(BuildError, match=r"are not there; put them there$"):
        figures.check(without)


def test_an_image_that_changed_since_collect_stops_the_release(here: Workspace) -> None:
    path = placed(here, "own/a.png", picture())
    found = described(where(), "a.png")
    assert found
    path.write_bytes(picture(3))
    with pytest.raises(BuildError, match="the image has changed since collect"):
        figures.read(found["path"], found["sha256"])
    path.unlink()
    with pytest.raises(BuildError, match="the image cannot be read"):
        figures.read(found["path"], found["sha256"])


def evaluation(**changes: Any) -> EvaluationSet:  # noqa: ANN401
    entry = {
        "name": "exam",
        "file": "exam.jsonl",
        "format": "jsonl",
        "columns": {"key": "key", "prompt": "question", "image": "image"},
        "each": None,
        "only": None,
        "images": {"folder": "exam", "prefixes": {}, "archive": None},
        **changes,
    }
    return EvaluationSet(**entry)


def seed(here: Workspace, name: str, data: bytes) -> Record:
    placed(here, f"own/{name}", data)
    data_of = {"question": "?", "picture": described(where(), name)}
    return Record("mmathcot:0", "distill", None, OWN, data_of)


def test_a_copy_of_an_evaluation_image_is_known_again_and_another_is_not(here: Workspace) -> None:
    placed(here, "exam.jsonl", jsonl({"key": "e1", "question": "How long?", "image": "one.png"}).encode())
    placed(here, "exam/one.png", picture())
    known = figures.evaluation_images([evaluation()], SOUND)
    check = figures.contaminated(known, decontamination.REASON, decontamination.IMAGE, 24)
    target = io.BytesIO()
    with Image.open(io.BytesIO(picture(size=(300, 240)))) as image:
        image.convert("RGB").save(target, "JPEG", quality=70)
    rejection = check(seed(here, "copy.jpg", target.getvalue()))
    assert rejection
    assert rejection.reason == "contaminated"
    assert {name: rejection.evidence[name] for name in ("set", "kind", "row")} == {"set": "exam", "kind": "image", "row": "e1"}
    assert check(seed(here, "other.png", picture(50))) is None
    for facts in (None, {"path": None, "fault": ["no_image", {}]}):
        assert check(Record("mmathcot:1", "distill", None, OWN, {"question": "?", "picture": facts})) is None
    assert rejection.evidence.keys() == {"set", "kind", "row", "bits"}
    twice = figures.contaminated([*known, known[0]._replace(name="quiz")], "contaminated", "image", 24)
    found = twice(seed(here, "copy.png", picture()))
    assert found
    also = [{"set": "quiz", "kind": "image", "row": "e1", "bits": 0}]
    assert found.evidence == {"set": "exam", "kind": "image", "row": "e1", "bits": 0, "also": also}


def test_of_several_images_in_a_row_those_are_looked_at_that_are_there_and_sound(here: Workspace) -> None:
    rows = [{"question": "?", "image": ["one.png", "gone.png", "", 7, "broken.png"]}, {"question": "?", "image": "one.png"}]
    placed(here, "exam.jsonl", jsonl(*rows).encode())
    placed(here, "exam/one.png", picture())
    placed(here, "exam/broken.png", b"no image")
    columns = {"prompt": "question", "image": "image"}
    [known] = figures.evaluation_images([evaluation(columns=columns), evaluation(columns={"prompt": "question"})], SOUND)
    assert (known.name, known.rows) == ("exam", ["1", "2"])


def test_images_of_an_evaluation_set_may_stand_in_its_parquet_file(here: Workspace) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"pid": "7", "question": "How long?", "decoded_image": {"bytes": picture(), "path": None}}]
    pq.write_table(pa.Table.from_pylist(rows), here.root / "raw/mmathcot/sources/exam.parquet")
    columns = {"key": "pid", "prompt": "question", "image": "decoded_image"}
    [known] = figures.evaluation_images(
        [evaluation(file="exam.parquet", format="parquet", columns=columns, images=None)], SOUND
    )
    assert known.rows == ["7"]


def test_an_evaluation_set_maps_nothing_else() -> None:
    with pytest.raises(ValueError, match="map prompt, and key and image if there are, and nothing else"):
        evaluation(columns={"prompt": "question", "answer": "answer"})
    with pytest.raises(ValueError, match="map prompt, and key and image"):
        evaluation(columns={"key": "key", "image": "image"})


@pytest.mark.parametrize(
    "name", ["x" * 304 + ".png", "a/" * 2000 + "b.png", "out.png", "loop.png", "folder/in.png", "a\0b.png"]
)
def test_a_name_too_long_and_a_link_that_leads_out_are_missing(name: str, here: Workspace) -> None:
    """One bad row never ends a build, and none shows a file that lies elsewhere."""
    inside = placed(here, "own/fine.png", picture())
    placed(here, "other/in.png", picture())
    (inside.parent / "out.png").symlink_to(here.root / "raw/mmathcot/sources/other/in.png")
    (inside.parent / "loop.png").symlink_to("loop.png")
    (inside.parent / "folder").symlink_to(here.root / "raw/mmathcot/sources/other")
    found = described(where(), name)
    assert found
    assert found["fault"][0] == "image_missing"


@pytest.mark.parametrize("name", ["embedded/x", "embedded/../../../../outside.png", f"embedded/{'0' * 64}", "embedded/"])
def test_the_name_of_an_image_that_was_put_aside_leads_nowhere_else(name: str, here: Workspace) -> None:
    (here.root / "outside.png").write_bytes(picture())
    (here.root / "processed/mmathcot/collect/images/x").mkdir(parents=True)
    found = described(where(), name)
    assert found
    assert found["fault"][0] == "image_missing"


def test_a_link_within_the_folder_is_followed(here: Workspace) -> None:
    inside = placed(here, "own/fine.png", picture())
    (inside.parent / "link.png").symlink_to("fine.png")
    found = described(where(), "link.png")
    assert found
    assert found["fault"] is None


def test_a_file_that_no_image_has_the_size_of_is_not_read(here: Workspace) -> None:
    path = placed(here, "own/large.png", b"")
    with path.open("wb") as file:
        file.truncate(figures.MOST_BYTES + 1)
    found = described(where(), "large.png")
    assert found
    assert found["fault"] == ["image_too_large", {"bytes": 67_108_865}]
    with path.open("wb") as file:
        file.truncate(67_108_864)
    found = described(where(), "large.png")
    assert found
    assert found["fault"][0] == "image_unreadable"
