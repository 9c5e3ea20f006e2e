"""Price lists: bills, change, vouchers, equal parts."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from builders.families.mmathcot.problems import tables
from builders.families.mmathcot.problems.charts import listed
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit, money
from builders.problems.steps import Given, Rule, figure, text

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Café price list", ("tea", "coffee", "juice", "cake", "sandwich", "soup")),
    ("Stationery", ("pencil", "pen", "eraser", "ruler", "notebook", "glue stick")),
    ("Market stall", ("cabbage", "melon", "pumpkin", "cucumber", "lettuce", "pineapple")),
    ("Hardware shop", ("hammer", "brush", "lamp", "hook", "hinge", "padlock")),
)
QUARTERS = (*range(2, 31), *range(32, 49, 2))
"""Prices in quarters of a dollar; dearer things are not sold for odd ones."""
BOUGHT = {2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 4, 8: 4}
"""How many different items are bought, by depth."""
_PLURALS = {"sandwich": "sandwiches", "brush": "brushes"}


def price_table(depth: int, lot: Lot) -> Draft:
    """A bill from a price list: products, their sum, from depth 7 on a voucher, the change, at depth 8 its equal parts."""
    title, items = lot.look(MENUS)
    prices = [Fraction(lot.choice(QUARTERS), 4) for _ in items]
    if len(set(prices)) < len(prices):
        raise Unfit("prices alike")
    bought = lot.subset(range(len(items)), BOUGHT[depth])
    amounts = [lot.randint(2, 6) for _ in bought]
    bill = sum((amount * prices[k] for amount, k in zip(amounts, bought, strict=True)), Fraction(0))
    statement: Facts = {"bought": bought, "amounts": amounts, "depth": depth, **_payment(depth, bill, lot)}
    facts: Facts = {"title": title, "head": ["item", "price"], "prices": [str(price) for price in prices]}
    facts["rows"] = [[item, money(price)] for item, price in zip(items, prices, strict=True)]
    givens = [figure(f"p{k}", f"the price of {_one(items[k])}", prices[k], "$") for k in bought]
    givens += [text(f"n{k}", f"the number of {_many(items[k])}", amount) for k, amount in zip(bought, amounts, strict=True)]
    rules = _rules(depth, [(f"{k}", _many(items[k])) for k in bought])
    order = listed([f"{amount} {_many(items[k])}" for k, amount in zip(bought, amounts, strict=True)])
    slips = _slips(rules, [f"n{k}" for k in bought])
    return Draft(_texts(depth, statement, order), facts, statement, (*givens, *_text_givens(statement)), rules, slips)


def _payment(depth: int, bill: Fraction, lot: Lot) -> dict[str, int]:
    """Return the note that is paid with, among how many the rest is shared, and what a voucher is worth."""
    note = next(value for value in (10, 20, 50, 100, 200, 500) if value >= bill + 1)
    people = lot.choice((2, 3, 4, 5)) if depth == 8 else 2
    voucher = lot.choice((1, 2, 3)) if depth >= 7 else 1
    if depth == 8 and ((note - bill + voucher) / people * 100).denominator > 1:
        raise Unfit("cents cannot be shared out")
    return {"note": note, "people": people, "voucher": voucher}


def _text_givens(statement: Facts) -> tuple[Given, ...]:
    return (
        text("note", "the amount handed over", statement["note"], "$"),
        text("voucher", "the value of the voucher", statement["voucher"], "$"),
        text("people", "the number of friends", statement["people"]),
    )


def _rules(depth: int, items: list[tuple[str, str]]) -> tuple[Rule, ...]:
    reason = "Multiply the number by the price in the table."
    rules = [Rule(f"c{k}", f"the cost of the {name}", f"n{k} * p{k}", "$", reason) for k, name in items]
    if len(items) > 1:
        rules.append(Rule("bill", "the bill", " + ".join(rule.name for rule in rules), "$", "Add the costs."))
    if depth >= 7:
        rules.append(Rule("less", "the amount left to pay", "bill - voucher", "$", "Take off the voucher."))
    if depth != 3:
        rules.append(Rule("change", "the change", f"note - {rules[-1].name}", "$", "Subtract from the amount handed over."))
    if depth == 8:
        rules.append(Rule("each", "the share of each", "change / people", "$", "Share it out."))
    return tuple(rules)


def _texts(depth: int, statement: Facts, order: str) -> tuple[str, ...]:
    note, voucher = f"${statement['note']}", f"${statement['voucher']}"
    change = (
        f"Someone buys {order} and pays with {note}. How much change is due?",
        f"How much of {note} is left after buying {order}?",
        f"A customer hands over {note} for {order}. Use the price list to find the change.",
    )
    return {
        3: (
            f"How much do {order} cost together?",
            f"Someone orders {order}. What is the total?",
            f"Find the price of {order}, according to the table.",
        ),
        7: (
            f"Someone buys {order}, has a voucher worth {voucher}, and pays with {note}. How much change is due?",
            f"A voucher takes {voucher} off the price of {order}. How much of {note} is left after paying?",
            f"Find the change from {note} for {order}, if the bill is reduced by {voucher}.",
        ),
        8: _shared_texts(note, voucher, statement["people"], order),
    }.get(depth, change)


def _shared_texts(note: str, voucher: str, people: int, order: str) -> tuple[str, ...]:
    bought = f"Friends have {note} in a purse and buy {order}."
    have = f"They have {note} together and a voucher worth {voucher}."
    return (
        f"{bought} A voucher takes {voucher} off the bill. The {people} of them share the rest. How much does each get?",
        f"From {note}, {order} are paid, less {voucher}; {people} friends divide the rest. Find the share of each.",
        f"{people} friends order {order}. {have} How much does each get when the rest is split evenly?",
    )


def _slips(rules: tuple[Rule, ...], numbers: list[str]) -> tuple[Slip, ...]:
    return (
        Slip("took each item once", _expanded(rules, dict.fromkeys(numbers, "1"))),
        Slip("forgot one thing", _expanded(rules, {numbers[-1]: f"({numbers[-1]} - 1)"})),
        Slip("counted one thing too often", _expanded(rules, {numbers[0]: f"({numbers[0]} + 1)"})),
        Slip("gave the first cost", rules[0].name),
        Slip("gave the bill", "bill" if len(numbers) > 1 else rules[0].name),
    )


def _expanded(rules: Sequence[Rule], changes: Mapping[str, str]) -> str:
    """Write the last formula out in givens, some of them changed."""
    formulas: dict[str, str] = {}
    for rule in rules:
        words = rule.formula.split()
        formulas[rule.name] = "(" + " ".join(changes.get(word, formulas.get(word, word)) for word in words) + ")"
    return formulas[rules[-1].name]


def _one(item: str) -> str:
    return f"{'an' if item[0] in 'aeiou' else 'a'} {item}"


def _many(item: str) -> str:
    return _PLURALS.get(item, f"{item}s")


def recounted(facts: Facts, statement: Facts) -> Fraction:
    """Add up the bill in cents, thing by thing, from what the table's cells say."""
    cents = 0
    for place, amount in zip(statement["bought"], statement["amounts"], strict=True):
        for _ in range(amount):
            dollars, _, rest = facts["rows"][place][1].removeprefix("$").partition(".")
            cents += 100 * int(dollars) + int(rest or 0)
    if statement["depth"] == 3:
        return Fraction(cents, 100)
    if statement["depth"] >= 7:
        cents -= 100 * statement["voucher"]
    left = Fraction(100 * statement["note"] - cents, 100)
    return left / statement["people"] if statement["depth"] == 8 else left


KINDS = {"price_table": Kind(price_table, tables.draw, recounted, (2, 3, 4, 5, 6, 7, 8), (420, 320))}
