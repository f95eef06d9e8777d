"""A manifest names its witnesses and their quorum, which is a majority of different keys; anything else is refused."""

import json
from itertools import combinations

import pytest
from budgets import BUDGET
from paths import VECTORS

from crypto.canonical import canonical
from crypto.cosignatures import WitnessKey
from survey.document import DocumentError
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wave.manifest import Manifest, build_manifest
from survey.wave.witnesses import Witnesses

SMALL = Questionnaire.from_bytes((VECTORS / "questionnaire-small.json").read_bytes())
TEXTS = {"en": Texts.from_bytes((VECTORS / "texts-small-en.json").read_bytes())}
KEYS = [WitnessKey(f"w{number}.example", 4, bytes([number]) * 32).to_text() for number in range(5)]


def manifest(witnesses):
    return build_manifest(SMALL, TEXTS, wave=1, key=bytes(1216), signer="ab" * 32, budget=BUDGET, witnesses=witnesses)


def test_witnesses_stand_in_the_manifest_under_the_pin():
    """They come back as they were given, and another quorum, another key or none is another pin."""
    made = manifest(Witnesses.of(KEYS[:3], 2))
    assert {"keys": KEYS[:3], "quorum": 2} == json.loads(made.to_bytes())["witnesses"]
    assert made == Manifest.from_bytes(made.to_bytes())
    others = (Witnesses.of(KEYS[:3], 3), Witnesses.of([*KEYS[:2], KEYS[3]], 2), None)
    assert 4 == len({made.pin, *(manifest(other).pin for other in others)})


def test_a_manifest_that_says_nothing_of_witnesses_is_refused():
    """Null is said aloud: a manifest without the member is of another shape."""
    said = json.loads(manifest(None).to_bytes())
    del said["witnesses"]
    with pytest.raises(DocumentError, match="witnesses: is missing"):
        Manifest.from_bytes(canonical(said))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_quorum_is_a_majority(count):
    """Of k keys every n over k/2 up to k is taken and every other refused; two quorums always share a key."""
    taken = []
    for quorum in range(-1, count + 3):
        try:
            taken.append(Witnesses.of(KEYS[:count], quorum).quorum)
        except DocumentError:
            continue
    assert [*range(count // 2 + 1, count + 1)] == taken
    quorums = [*combinations(range(count), Witnesses.of(KEYS[:count]).quorum)]
    assert all(set(one) & set(other) for one in quorums for other in quorums)


def test_one_witness_does_not_stand_twice():
    """The same key twice, under one name or two, two keys of one name, no key at all and a log's key are refused."""
    renamed = WitnessKey("other.example", 4, bytes(32)).to_text()
    same_name = WitnessKey("w0.example", 4, bytes([9]) * 32).to_text()
    for keys in ([KEYS[0], KEYS[0]], [KEYS[0], renamed], [KEYS[0], same_name], [], ["log+00000000+AQ=="]):
        with pytest.raises(DocumentError):
            Witnesses.of(keys)
