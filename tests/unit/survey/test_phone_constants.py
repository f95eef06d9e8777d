"""What the phone's code and Python's must have in common: sizes, versions, labels, alphabets, limits and grammars."""

import ast
import re
from typing import get_args

import pytest
from paths import ROOT

from crypto import checkpoints, envelope, invitation_codes, kit_file, tokens, withdrawal, word_codes
from survey import names
from survey.admission import proof_of_work
from survey.issuer_app import views as issuer_views
from survey.public_log import receipts, verification
from survey.publication import bundles
from survey.questionnaire import codes, items, payload, questionnaire, randomised_response
from survey.respond_app import hand_in
from survey.wave import correction, manifest

BROWSER = ROOT / "survey" / "browser"
CONSTANT = re.compile(r"export const ([A-Z][A-Z0-9_]*) = (.+?)(?: as const)?;")


def written(model: type, member: str = "format") -> str:
    """Return the one text that a member of a document may be."""
    (only,) = get_args(model.model_fields[member].annotation)
    return only


SEALING = {
    "SUITE": list(envelope.SUITE),
    "BODY_VERSION": envelope.BODY_VERSION[0],
    "INFO_LABEL": envelope.INFO_LABEL.decode(),
    "STUDY_LABEL": envelope.STUDY_LABEL.decode(),
    "KEY_LABEL": envelope.KEY_LABEL.decode(),
    "STUDY_ID_SIZE": envelope.STUDY_ID_SIZE,
    "KEY_ID_SIZE": envelope.KEY_ID_SIZE,
    "ROW_KEY_LABEL": envelope.ROW_KEY_LABEL.decode(),
    "ROW_KEY_SIZE": envelope.ROW_KEY_SIZE,
    "PUBLIC_KEY_SIZE": envelope.PUBLIC_KEY_SIZE,
    "ENC_SIZE": envelope.ENCAPSULATION_SIZE,
    "LENGTH_SIZE": envelope.LENGTH_SIZE,
    "SEAL_SECRET_SIZE": envelope.SEAL_SECRET_SIZE,
    "SIGNATURE_SIZE": envelope.SIGNATURE_SIZE,
    "TOKEN_SIZE": envelope.TOKEN_SIZE,
    "PLAINTEXT_STEP": envelope.PLAINTEXT_STEP,
    "OWNER_LABEL": tokens.OWNER_LABEL.decode(),
    "SEAL_LABEL": tokens.SEAL_LABEL.decode(),
    "MESSAGE_LABEL": tokens.MESSAGE_LABEL.decode(),
    "OWNER_SECRET_SIZE": tokens.OWNER_SECRET_SIZE,
    "PREFIX_SIZE": envelope.PREFIX_SIZE,
    "SALT_SIZE": tokens.SALT_SIZE,
    "WITHDRAWAL_LABEL": withdrawal.LABEL.decode(),
    "WITHDRAWAL_ROUNDS": withdrawal.ROUNDS,
    "WORDS": word_codes.WORDS,
    "LIST_SIZE": word_codes.LIST_SIZE,
    "SUGGESTIONS": word_codes.SUGGESTIONS,
    "ALPHABET": invitation_codes.ALPHABET,
    "SYMBOLS": invitation_codes.SYMBOLS,
    "GROUPS": list(invitation_codes.GROUPS),
}
EXPECTED = {
    "sealing": SEALING,
    "answers": {
        "PAYLOAD_VERSION": payload.VERSION,
        "HEADER_SIZE": questionnaire.HEADER_SIZE,
        "MODES": list(questionnaire.MODES),
        "SPACE": randomised_response.SPACE,
    },
    "delivery": {
        "HAND_IN_SIZE": hand_in.ANSWER_SIZE,
        "REDEEM_SIZE": issuer_views.ANSWER_SIZE,
        "WORK_ALGORITHM": proof_of_work.ALGORITHM,
        "WORK_HEADER": proof_of_work.HEADER,
    },
    "documents": {
        "NONE_OF_THESE": codes.NONE_OF_THESE,
        "NOT_ASKED": codes.NOT_ASKED,
        "LONG_LIST": items.LONG_LIST,
        "NO_CONSENT": items.NO_CONSENT,
    },
    "kit": {"QUEUE_FORMAT": kit_file.FORMAT},
    "pinned": {
        "BUNDLE_START": bundles.bundle_content(b"", b"", b"").decode().partition('",')[0],
        "BUNDLE_SYMBOLS": bundles.SYMBOLS,
        "PIN_SIZE": manifest.PIN_SIZE,
        "MANIFEST_FORMAT": written(manifest.Manifest),
        "QUESTIONNAIRE_FORMAT": written(questionnaire.Questionnaire),
        "TEXTS_FORMAT": written(questionnaire.Texts),
        "WORDING_FORMAT": written(correction.PinnedWording),
    },
    "receipt": {
        "BUCKETS": receipts.BUCKETS,
        "CHECKPOINT_KEY_ID_SIZE": checkpoints.KEY_ID_SIZE,
        "ED25519": checkpoints.ED25519[0],
    },
}
# Regular expressions of the phone that repeat a grammar of Python's; \w is [A-Za-z0-9_] there.
GRAMMARS = [
    ("answers/piping.ts", "[A-Z][A-Z0-9_]{0,31}", names.ID.pattern),
    ("kit/offline_documents.ts", "[0-9a-f]{64}", names.HASH.pattern),
    ("kit/service_worker.ts", "[A-Za-z0-9_-]{32}", names.PIN.pattern),
    ("kit/service_worker.ts", "[0-9a-f]{64}", names.HASH.pattern),
    ("kit/service_worker.ts", "[012aceiost]{2}", bundles.BUNDLE_NAME.pattern),
    ("pinned/manifest.ts", r"[\w-]{32}", names.PIN.pattern.replace("A-Za-z0-9_", r"\w")),
    ("pinned/manifest.ts", "[a-z][a-z0-9-]{0,47}", names.SLUG.pattern),
    ("pinned/media.ts", "[0-9a-f]{64}", names.HASH.pattern),
    ("receipt/receipt_lists.ts", "[0-9a-f]{16,64}", verification.RECEIPT.pattern),
    ("receipt/receipt_lists.ts", "[0-9a-f]{64}", names.HASH.pattern),
    ("receipt/signed_notes.ts", "[0-9a-f]{8}", f"[0-9a-f]{{{2 * checkpoints.KEY_ID_SIZE}}}"),
]
# Of the phone alone: a code as it may stand in a link, digits as they may be typed, and the size of a log, of which it
# takes nine digits and Python eighteen: numbers of JavaScript are exact up to sixteen.
PHONE_ONLY = {
    ("pinned/manifest.ts", r"[\w-]{1,40}"),
    ("receipt/signed_notes.ts", "[1-9][0-9]{0,8}"),
}
BOUNDED = re.compile(r"(?:\[[^\]/]+\])+\{[0-9]+(?:,[0-9]+)?\}")


def constants(folder: str) -> dict[str, object]:
    """Return the constants of a folder's `constants.ts` by name: each a literal in a line of its own."""
    text = (BROWSER / folder / "constants.ts").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith(("//", "/**"))]
    match_by_line = {line: CONSTANT.fullmatch(line) for line in lines}
    assert [] == [line for line, match in match_by_line.items() if match is None]
    return {match[1]: ast.literal_eval(match[2]) for match in match_by_line.values()}


def test_each_folder_with_constants_is_compared():
    """A new `constants.ts` without its Python counterparts here would go its own way unseen."""
    assert {path.parent.name for path in BROWSER.glob("*/constants.ts")} == EXPECTED.keys()


@pytest.mark.parametrize("folder", EXPECTED)
def test_the_phone_has_the_same_constants(folder):
    """Every constant of the phone, and none besides, has the value that Python has."""
    assert EXPECTED[folder] == constants(folder)


@pytest.mark.parametrize(("file", "grammar", "here"), GRAMMARS, ids=lambda part: part if part.endswith(".ts") else "")
def test_the_phone_has_the_same_grammar(file, grammar, here):
    """A pattern of the phone stands in its file and is Python's."""
    assert grammar == here
    assert grammar in BOUNDED.findall((BROWSER / file).read_text(encoding="utf-8"))


def test_no_other_bounded_grammar_is_the_phones_alone():
    """Every regular expression of the phone with a bounded length is compared above, or says why it is not."""
    grammars = {
        (str(path.relative_to(BROWSER)), grammar)
        for path in BROWSER.rglob("*.ts")
        if "tests" not in path.parts
        for grammar in BOUNDED.findall(path.read_text(encoding="utf-8"))
    }
    assert grammars == PHONE_ONLY | {(file, grammar) for file, grammar, _ in GRAMMARS}
