"""Substitutes that a server could serve under a link that is printed already; the phone must refuse each."""

from crypto.canonical import to_base64url
from crypto.seed import expand, public_bytes


def _other_key(manifest):
    return {**manifest, "key": to_base64url(public_bytes(expand(bytes(32))))}


# By what is changed: the document, and the change.
CHANGES = {
    "a text": ("texts", lambda texts: {**texts, "debrief": "changed"}),
    "a question": ("questionnaire", lambda asked: {**asked, "version": "2"}),
    "the key": ("manifest", _other_key),
    "the size": ("manifest", lambda manifest: {**manifest, "plaintext_size": 512}),
    "the hash of a text": ("manifest", lambda manifest: {**manifest, "texts": {"zh-Hans": "0" * 64}}),
    "nothing": ("manifest", lambda manifest: manifest),
}
