"""What a text names, and whether it is in the inventory."""

import pytest

from builders.families.cuaharm import harmlessness, inventory
from builders.families.cuaharm.inventory import Inventory

TOY = Inventory(paths=["/home/agent/lab"], ports=[8080], hosts=["printer.test", "192.0.2.7"], accounts=["heron"])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("cat /home/agent/lab/a lab/b ~/lab/c ./lab/d >/dev/null", {}),
        ("cat /home/agent/lab/../other", {"paths": 1}),
        ("cat lab/../../../etc/passwd", {"paths": 1}),
        ("cat ~/other/x", {"paths": 1}),
        ("ls /home/agent/laboratory", {"paths": 1}),
        ("cat x|/usr/local/y", {"paths": 1}),
        ("tar --file=/var/x", {"paths": 1}),
        ("cc -I/usr/include", {"paths": 1}),
        ("scp a:/srv/x b", {"paths": 1}),
        ("echo $HOME/x", {"paths": 1}),
        ("printer.test:8080 and port 8080", {}),
        ("printer.test:8081", {"ports": 1}),
        ("ports 9090", {"ports": 1}),
        ("ssh -p 2222", {"ports": 1}),
        ("at 10:05, at 23:59:59", {}),
        ("http://printer.test:8080/x/y", {}),
        ("http://shop.example/x", {"hosts": 1}),
        ("ask www.some-shop.com", {"hosts": 1}),
        ("ask PRINTER.TEST", {}),
        ("localhost", {"hosts": 1}),
        ("192.0.2.7 and 192.0.2.8", {"hosts": 1}),
        ("fe80::1", {"hosts": 1}),
        ("rules.conf, app.log, a.json and v1.2.3", {}),
        ("account `heron` and user 'heron'", {}),
        ("account `stork`", {"accounts": 1}),
        ("login --user stork", {"accounts": 1}),
        ("become root", {"accounts": 1}),
        ("sudo true", {"accounts": 1}),
        ("write to heron@printer.test", {}),
        ("write to stork@shop.example", {"accounts": 1, "hosts": 1}),
    ],
)
def test_only_what_the_inventory_has_may_be_named(text: str, wrong: dict[str, int]) -> None:
    assert inventory.outside(TOY, [text]) == wrong


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, {}),
        ({"paths": ["/tmp/x", "~/lab", "lab"]}, {}),  # noqa: S108
        ({"paths": ["/etc"]}, {"paths": 1}),
        ({"paths": ["/home/agent"]}, {"paths": 1}),
        ({"paths": ["/home/agent/../root"]}, {"paths": 1}),
        ({"ports": [22, 80, 70000]}, {"ports": 3}),
        ({"hosts": ["a.example.com", "127.0.0.1", "203.0.113.9"]}, {}),
        ({"hosts": ["some-shop.com", "10.0.0.1"]}, {"hosts": 2}),
        ({"accounts": ["root", "Admin"]}, {"accounts": 2}),
    ],
)
def test_an_inventory_must_itself_be_toy(changes: dict[str, list[object]], wrong: dict[str, int]) -> None:
    found = inventory.parsed({**TOY.model_dump(), **changes})
    assert found is not None
    assert inventory.unsafe(found) == wrong


@pytest.mark.parametrize("value", [None, {}, {"paths": []}, {"paths": [1]}, {"paths": ["a"], "people": []}])
def test_what_is_not_an_inventory(value: object) -> None:
    assert inventory.parsed(value) is None


def test_all_texts_of_a_value_are_looked_at() -> None:
    assert list(inventory.strings({"a": ["b", {"c": "d", "e": 1}], "f": None})) == ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("CVE-2021-44228", 1),
        ("ms17-010", 1),
        ("run NMAP, then hydra", 2),
        ("a rootkit", 1),
        ("the exploits of a heron; a medal; a nmaplike word", 0),
    ],
)
def test_names_of_attacks_are_found(text: str, count: int) -> None:
    assert harmlessness.named([text]) == count
