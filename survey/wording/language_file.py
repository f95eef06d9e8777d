"""The file of the phone page's own texts in a language that the package lacks, for somebody to fill (gettext PO)."""

from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from survey.wording.plural_forms import english
from survey.wording.plural_forms import filled as written
from survey.wording.po_files import DEFAULT, FOLDER, keyed_messages, read_catalogue

# ISO 15924 codes of scripts that run from right to left, for languages that CLDR does not know.
_RIGHT_TO_LEFT = frozenset({"Arab", "Aran", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg"})
_HEAD = """\
What the phone page itself says in {name}, beside the study's own texts. msgid is the English, msgctxt its key.
Fill every msgstr and keep what stands in braces, such as {{n}}, whose number chooses among several
msgstr, the plurals. The language runs {direction}.
Keep this file beside the questionnaire as interface/{locale}/phone.po; `sotto study check` says what is missing.
Have somebody who speaks it read the pages before a study uses them, and write their name behind X-Reviewed-By."""


def direction(locale: str) -> str:
    """Return `rtl` or `ltr`, by CLDR's orientation of a locale or else by its script."""
    try:
        return str(Locale.parse(locale, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "rtl" if _RIGHT_TO_LEFT & {*locale.split("-")} else "ltr"


def language_file(locale: str, filled: bytes = b"") -> tuple[bytes, int]:
    """Return a PO file for `locale`, with what stands filled in an earlier one, and how many texts are to be filled.

    A text whose English has changed since is marked fuzzy. Raises ValueError where `filled` is no PO file in UTF-8.
    """
    ours = read_catalogue(FOLDER / DEFAULT / "phone.po")
    earlier = _read(filled)
    before = keyed_messages(earlier)
    catalog = Catalog(locale=_known(locale))
    left = 0
    for key, message in keyed_messages(ours).items():
        old = before.get(key)
        texts = written(old) if old is not None else ("",)
        stale = old is not None and any(texts) and (old.fuzzy or english(old) != english(message))
        left += stale or not all(texts)
        added = catalog.add(
            message.id, _forms(message, texts, catalog), context=key, auto_comments=message.auto_comments
        )
        added.flags = {*(["fuzzy"] if stale else []), *(["python-brace-format"] if "{" in english(message) else [])}
    content = BytesIO()
    write_po(content, catalog, width=0, omit_header=True)
    reviewer = dict(earlier.mime_headers).get("X-Reviewed-By", "nobody yet")
    return f"{_head(locale, reviewer)}\n".encode() + content.getvalue(), left


def _forms(message: Message, texts: tuple[str, ...], catalog: Catalog) -> str | tuple[str, ...]:
    """Return an earlier file's texts in the number of forms that the message has in the language."""
    if not isinstance(message.id, tuple | list):
        return texts[0]
    return (texts + ("",) * catalog.num_plurals)[: catalog.num_plurals]


def _read(filled: bytes) -> Catalog:
    try:
        return read_po(BytesIO(filled), abort_invalid=True)
    except PoFileError as error:
        raise ValueError(str(error)) from None


def _known(locale: str) -> Locale | None:
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def _head(locale: str, reviewer: str) -> str:
    """Return the comment and the header of a file, which gettext keeps as the translation of an empty text."""
    known = _known(locale)
    name = (known.get_display_name("en") if known else None) or locale
    words = {"rtl": "from right to left (dir: rtl)", "ltr": "from left to right (dir: ltr)"}[direction(locale)]
    comment = _HEAD.format(name=name, locale=locale, direction=words).splitlines()
    headers = {
        "Language": locale,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        **({"Plural-Forms": Catalog(locale=known).plural_forms} if known else {}),
        "X-Direction": direction(locale),
        "X-Reviewed-By": reviewer,
    }
    lines = [f'"{key}: {value}\\n"' for key, value in headers.items()]
    return "\n".join([*(f"# {line}" for line in comment), 'msgid ""', 'msgstr ""', *lines, ""])
