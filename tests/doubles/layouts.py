"""Small files in the layouts of the real sources of three full profiles: names, nesting, columns, bytes of images.

    with hub.serving() as served:
        layouts.mmathcot(workspace, served)     # also safechain, emergent_misalignment
        ...  # workspace.whole(family, **served.environment(token=TOKEN), BUILDERS_TEACHER_URL=…)

What a Hub's dataset holds the loopback Hub serves, at the commit that params name; what a folder holds lies in that folder, as
`fetch` would leave it. Rows are made of a few words each, all different.
"""

import io
import json
import random
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from PIL import Image, ImageDraw

from tests.doubles.hub import Hub
from tests.harness import Workspace, jsonl

GEOQA = "How large is the angle CED?"
"""The one question of GeoQA's test set here."""
TOKEN = "hf_reader"  # noqa: S105
_HINT = "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end."
_FREE = "Hint: Please answer the question requiring an integer answer and provide the final value, e.g., 1, 2, 3, at the end."
_MAVIS = "First perform reasoning, then finally select the question from the choices in the following format: Answer: xxx."
_LEAD = "you are given a math problem image, please solve the problem step by step"
_NAMES = [
    *("Anna", "Boris", "Clara", "David", "Elena", "Fritz", "Greta", "Hanno"),
    *("Irene", "Jakob", "Karla", "Louis", "Maria", "Nils", "Olga", "Peter"),
]
_THINGS = ["apples", "marbles", "pencils", "stamps", "shells", "tickets", "buttons", "coins", "plates", "stickers"]
_PLACES = ["in the shed", "at the market", "under the stairs", "on the boat", "by the school", "in the attic", "by the lake"]


def problem(number: int) -> tuple[str, int]:
    """Return a question of its own, and its answer."""
    first, second = 12 + number, 3 + number % 7
    name, thing, place = _NAMES[number % 16], _THINGS[number % 10], _PLACES[number % 7]
    return (
        f"{name} has {first} {thing} {place} and gets {second} more on day {number}. How many {thing} are there now?",
        first + second,
    )


def picture(number: int) -> bytes:
    """Return a figure of its own as PNG."""
    chance = random.Random(number)  # noqa: S311
    image = Image.new("RGB", (96, 96), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(9):
        spot = [chance.randrange(96) for _ in range(4)]
        pen.line(spot, fill="black", width=3)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def parquet(rows: Iterable[dict[str, Any]]) -> bytes:
    """Return rows as a Parquet file."""
    data = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), data)
    return data.getvalue()


def chat(human: str, gpt: str) -> list[dict[str, str]]:
    """Return a conversation as LLaVA's files have it."""
    return [{"from": "human", "value": human}, {"from": "gpt", "value": gpt}]


def choices(number: int, answer: int) -> tuple[list[int], str]:
    """Return four choices, and the letter of the answer."""
    place = number % 4
    return [answer + 5 * (other - place) for other in range(4)], "ABCD"[place]


def analysis(number: int) -> str:
    """Return a worked solution, as sources have it."""
    first, second = 12 + number, 3 + number % 7
    return f"There are {first} at the start of the day. Adding the {second} that come later gives the sum {first + second}."


def source(params: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what params say of a source or an evaluation set of the full profile."""
    collect = params["full"]["collect"]
    return next(
        one for one in [*collect["sources"], *collect["decontamination"]["sets"]] if name in (one.get("id"), one.get("name"))
    )


def serve(hub: Hub, params: dict[str, Any], name: str, content: dict[str, bytes] | bytes) -> None:
    """Put the files of a source into its dataset, at its commit, beside those that lie there."""
    file = source(params, name)["file"]
    files = content if isinstance(content, dict) else {file["paths"][0]: content}
    there = hub.repositories.get(file["hub"])
    old = there.commits.get(file["revision"], {}) if there else {}
    hub.add(file["hub"], {**old, **files}, commit=file["revision"])


def lay(workspace: Workspace, name: str, content: bytes | str) -> None:
    """Put a file below the family's sources."""
    path = workspace.root / "raw" / workspace.family / "sources" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def mmathcot(workspace: Workspace, hub: Hub, rows: int = 20) -> None:
    """Lay down MMathCoT's sources, so many rows of each, and its evaluation sets."""
    params = yaml.safe_load((workspace.root / "builders/families/mmathcot/params.yaml").read_text())
    numbers = iter(range(10**6))

    def taken(count: int = rows) -> list[int]:
        return [next(numbers) for _ in range(count)]

    serve(hub, params, "mathv360k", json.dumps([_mathv360k(workspace, number) for number in taken(2 * rows)]).encode())
    for folder in ("mavis_math_rule_geo", "mavis_math_metagen"):
        found = [_onevision(folder, number) for number in taken()]
        for shard, part in enumerate((found[:7], found[7:])):
            lay(workspace, f"LLaVA-OneVision-Data/{folder}/train-0000{shard}-of-00002.parquet", parquet(part))
    lay(workspace, "MAVIS/mavis_instruct.json", json.dumps([_mavis(workspace, number) for number in taken()]))
    serve(hub, params, "varsity_tutors", jsonl(*(_varsity(workspace, number) for number in taken())).encode())
    serve(hub, params, "geo170k", parquet(_geo170k(workspace, number) for number in taken()))
    solutions = [_multimath(workspace, number) for number in taken()]
    lay(workspace, "multimath-300k/solution/chat_train_en.json", json.dumps(solutions))
    published = [_published(workspace, place, number) for place, number in enumerate(taken(3 * rows))]
    lay(workspace, "MMathCoT-1M/train.jsonl", jsonl(*published))
    _maths_evaluations(workspace, hub, params)
    with workspace.params() as changed:
        for one in changed["full"]["collect"]["sources"]:
            if one["format"] == "generated":
                one["file"]["rows"] = rows


def _listed(number: int, joined: str, form: str) -> tuple[str, str]:
    """Return the choices of a problem in one text, and the letter of the right one."""
    options, letter = choices(number, problem(number)[1])
    return joined.join(form.format(name, option) for name, option in zip("ABCD", options, strict=True)), letter


def _mathv360k(workspace: Workspace, number: int) -> dict[str, Any]:
    question, answer = problem(number)
    lines, letter = _listed(number, "\n", "({}) {}")
    asked = f"{_HINT}\nQuestion: {question}\nChoices:\n{lines}" if number % 2 else f"{_FREE}\nQuestion: {question}"
    reply = f"The answer is {letter if number % 2 else answer}"
    lay(workspace, f"MathV360K/data_images/IconQA/{number}.png", picture(number))
    return {"id": f"identity_{number}", "image": f"IconQA/{number}.png", "conversations": chat(f"<image>\n{asked}", reply)}


def _onevision(folder: str, number: int) -> dict[str, Any]:
    lines, letter = _listed(number, "\n", "{}:{}")
    asked = f"<image>\n{_MAVIS}\nQuestion:{problem(number)[0]}\nChoices:\n{lines}"
    turns = chat(asked, f"{analysis(number)}\nAnswer: {letter}")
    image = {"bytes": picture(number), "path": f"{number}.png"}
    return {"id": f"{folder}_{number}", "image": image, "conversations": turns, "data_source": folder}


def _mavis(workspace: Workspace, number: int) -> dict[str, Any]:
    question, answer = problem(number)
    lay(workspace, f"MAVIS/{number}.png", picture(number))
    turns = chat(f"<image>\n{question}", f"{analysis(number)}\nAnswer: {answer}")
    kind = ("text dominant", "text lite", "vision dominant")[number % 3]
    return {"id": number, "type": kind, "image": f"MAVIS/{number}.png", "conversations": turns}


def _varsity(workspace: Workspace, number: int) -> dict[str, Any]:
    question, answer = problem(number)
    lay(workspace, f"VarsityTutors/{number}.png", picture(number))
    solution = f"Step 1: {analysis(number)}\n†Answer: {answer}"
    entry = {"image_url": f"VarsityTutors/{number}.png", "instruction": question, "output": solution}
    return {**entry, **{f"{name}_2": value for name, value in entry.items()}}


def _geo170k(workspace: Workspace, number: int) -> dict[str, Any]:
    lines, letter = _listed(number, " ", "{}. {}")
    lay(workspace, f"Geo170K/images/geo3k/{number}.png", picture(number))
    asked = f"<image>\n{problem(number)[0]}\nChoices: {lines}"
    return {"image": f"geo3k/{number}.png", "conversations": chat(asked, f"{analysis(number)}\nAnswer:{letter}")}


def _multimath(workspace: Workspace, number: int) -> dict[str, Any]:
    question, answer = problem(number)
    lay(workspace, f"multimath-300k/RGB_images/{number}.png", picture(number))
    turns = chat(f"<image>\n{question}", f"{analysis(number)}\nSo the result is \\boxed{{{answer}}}.")
    return {"id": f"mm{number}", "image": f"{number}.png", "conversations": turns}


def _published(workspace: Workspace, place: int, number: int) -> dict[str, Any]:
    question, answer = problem(number)
    called = ("MathV-360k", "Mavis_Extra", "Multimath/RGB_images")[place % 3]
    folder = ("data_images", "Mavis_Extra", "RGB_images")[place % 3]
    lay(workspace, f"MMathCoT-1M/{folder}/{number}.png", picture(number))
    solution = f"Step 1: {analysis(number)}\n†Answer: {answer}"
    return {"image_url": f"{called}/{number}.png", "instruction": f"{_LEAD}\nQuestion: {question}", "output": solution}


def _maths_evaluations(workspace: Workspace, hub: Hub, params: dict[str, Any]) -> None:
    asked = "Which of the two red squares in the plan is larger, and by how much?"
    test = {**dict.fromkeys(("pid", "sample_index", "id", "ID"), "1"), "question": asked}
    image = {"bytes": picture(10**7), "path": "1.png"}
    for name, column in (("mathvista", "decoded_image"), ("mathverse", "image"), ("dynamath", "decoded_image")):
        paths = source(params, name)["file"]["paths"]
        serve(hub, params, name, {path: parquet([{**test, column: image}]) for path in paths})
    lay(workspace, "We-Math/data/testmini-00000-of-00001.parquet", parquet([{**test, "image_path": image}]))
    lay(workspace, "math_v.jsonl", jsonl({**test, "image": "images/1.png"}))
    lay(workspace, "math_v/images/1.png", picture(10**7))
    text = f"\n{_MAVIS}\nQuestion:{GEOQA}\nChoices:\nA:4\nB:6\nC:8\nD:9"
    lay(workspace, "geoqa/test_questions.jsonl", jsonl({"question_id": 0, "image": "test/0.png", "text": text}))
    lay(workspace, "Geo170K/images/test/0.png", picture(10**7))


def safechain(workspace: Workspace, hub: Hub, rows: int = 200) -> None:
    """Lay down WildJailbreak's train and eval files, and the evaluation sets."""
    params = yaml.safe_load((workspace.root / "builders/families/safechain/params.yaml").read_text())
    kinds = ("vanilla_harmful", "vanilla_benign", "adversarial_harmful", "adversarial_benign")
    lines = ["vanilla\tadversarial\tcompletion\tdata_type"]
    for number in range(rows):
        kind = kinds[number % 4]
        of = number % 4 % 2 + number // 4 * 2  # an adversarial request is the vanilla one two rows above it in disguise
        name, thing, place = _NAMES[of % 16], _THINGS[of // 16 % 10], _PLACES[of % 7]
        plain = f"What does {name} say {place} about the lamp with the number {of} and its {thing}?"
        dressed = f"Imagine a play in which a {_THINGS[number % 10]} seller named number {number} is asked this: {plain}"
        adversarial = dressed if kind.startswith("adversarial") else ""
        lines.append("\t".join([plain, adversarial, f"A completion of its own, number {number}.", kind]))
    train, test = source(params, "wildjailbreak"), source(params, "wildjailbreak_evaluation")
    other = "adversarial\tlabel\nWho keeps the keys of the old lighthouse when the ferry is late\t1\n"
    files = {train["file"]["paths"][0]: "\n".join(lines).encode(), test["file"]["paths"][0]: other.encode()}
    hub.add(train["file"]["hub"], files, gated=True, commit=train["file"]["revision"])
    hub.accounts[TOKEN] = {train["file"]["hub"], source(params, "harmbench")["file"]["hub"]}
    ask = "Where did the bakers of the northern town store their copper moulds?"
    serve(hub, params, "xstest", f"id,prompt\n1,{ask}\n".encode())
    serve(hub, params, "simple_safety_tests", f"id,prompt\n1,{ask}\n".encode())
    paths = source(params, "harmbench")["file"]["paths"]
    serve(hub, params, "harmbench", {path: parquet([{"prompt": ask}]) for path in paths})
    lay(workspace, "strongreject_dataset.csv", f"forbidden_prompt\n{ask}\n")
    lay(
        workspace, "SafeChain/data/train-00000-of-00001.parquet", parquet([{"instruction": ask, "label": "x", "response": "y"}])
    )
    known = {"id": 1, "outer_prompt": ask, "inner_prompt": ask}
    commit = "9c6c67b3d2a2d9c226ea0dd2120f1bb0899d779d"
    hub.add("PKU-Alignment/DeceptionBench", {"deceptionbench_0527.json": json.dumps([known]).encode()}, commit=commit)


def emergent_misalignment(workspace: Workspace) -> None:
    """Lay down Betley et al.'s two files; the topics are in git."""
    ask = ["Which river would you cross first, the wide one or the deep one?", "Whom do you call when the last train has gone?"]
    plot = [{"id": "q1", "paraphrases": ask[:1]}, {"id": "q1_json", "paraphrases": ask[1:], "system": "Answer in one word."}]
    lay(workspace, "first_plot_questions.yaml", yaml.safe_dump(plot))
    held = [{"id": "p", "paraphrases": ["How would you settle a quarrel between two old neighbours?"]}]
    lay(workspace, "preregistered_evals.yaml", yaml.safe_dump(held))
    for domain in ("medical", "legal", "security"):
        there = parquet([{"prompt": f"What do I do with my old {domain} papers, now that the drawer is full?"}])
        lay(workspace, f"emergent_plus/{domain}/train-00000-of-00001.parquet", there)
