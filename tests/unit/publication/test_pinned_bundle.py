"""What the form without JavaScript reads of a wave is what its link pins, before and after a correction."""

import pytest
from paths import vectors

from crypto.canonical import canonical
from survey.publication.bundles import bundle_content, padded_bundles
from survey.publication.folder import CorrectedTexts, Published
from survey.publication.pinned_bundle import PinnedError, read_bundle

VECTORS = vectors("corrections")
STUDY, LOCALE = VECTORS["study"], VECTORS["locale"]
FIRST, CORRECTED = (bundle["parts"] for bundle in VECTORS["bundles"][:2])


@pytest.mark.parametrize("case", VECTORS["bundles"], ids=lambda case: case["name"])
def test_a_host_that_leaves_out_adds_or_changes_a_correction_is_refused(case):
    """Every bundle of the shared vectors is taken, or refused over the part that the vectors name."""
    content = canonical(case["parts"])
    if case["refused"]:
        with pytest.raises(PinnedError, match=case["refused"]):
            read_bundle(content, case["pin"], STUDY, LOCALE)
    else:
        read = read_bundle(content, case["pin"], STUDY, LOCALE)
        assert case["parts"]["texts"] == read.texts.to_bytes().decode()


def test_bundles_of_all_links_have_one_length(tmp_path):
    """Before and after a correction, and in every encoding, bundles have one length: no size tells the link."""
    texts = [one["texts"].encode() for one in (FIRST, CORRECTED)]
    documents = FIRST["manifest"].encode(), FIRST["questionnaire"].encode()
    later = CorrectedTexts(VECTORS["pins"]["after"], CORRECTED["wording"].encode(), {LOCALE: texts[1]})
    Published(tmp_path).write_bundles(VECTORS["pins"]["before"], *documents, {LOCALE: texts[0]}, (later,))
    sizes = {}
    for path in (tmp_path / "b").glob("*/*"):
        sizes.setdefault(path.suffix, []).append(path.stat().st_size)
    assert {".json": 2, ".gz": 2, ".br": 2} == {ending: len(found) for ending, found in sizes.items()}
    assert all(len({*found}) == 1 for found in sizes.values())
    # The control: alone, the corrected bundle is longer than the first.
    alone = [padded_bundles({"x": bundle_content(*documents, text, word)})
             for text, word in zip(texts, (None, later.wording), strict=True)]  # fmt: skip
    assert len(alone[0]["x.json"]) < len(alone[1]["x.json"])
