"""The content of slips and posters, with their QR codes; made from files alone, away from the web host."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from markupsafe import Markup

from crypto.invitation_codes import grouped
from survey.document import DocumentError
from survey.media_types import content_type
from survey.questionnaire.questionnaire import Questionnaire
from survey.wave.correction import Correction
from survey.wave.invitation_codes import Codes
from survey.wave.manifest import Manifest
from survey.wave.respondent_link import respondent_link
from survey.wording.catalogues import Wording, load_wordings

LOGO_SIZE = 500_000
LOGO_KINDS = {"image/png", "image/jpeg"}
# How many hex digits of the manifest's hash are printed for people to compare: 64 bits.
CHECK_DIGITS = 16


class SlipError(DocumentError):
    """Slips or a poster can not be printed from these files; the message says why, and holds no code."""


@dataclass(frozen=True)
class SharedContent:
    """What all slips or posters of a run share; `check`: digits of the manifest's hash, `logo`: a data: address."""

    words: tuple[Wording, ...]
    check: str
    logo: str | None
    demo: bool


@dataclass(frozen=True)
class Slip:
    """One invitation: its QR code as SVG, and its code in groups of characters."""

    square: Markup
    code: str


def slips(codes: Codes, manifest: Manifest, origin: str, correction: Correction | None = None) -> list[Slip]:
    """Return the slips of a batch in the order of its file; raise SlipError where the manifest is of another wave.

    Their links lead to the words since `correction`, or to the first ones of the wave.
    """
    if (manifest.study, manifest.wave) != (codes.study, codes.wave):
        waves = f"wave {manifest.wave} of {manifest.study}, the codes of wave {codes.wave} of {codes.study}"
        raise SlipError(f"the manifest is of {waves}: give the manifest of the codes' wave")
    if manifest.mode != "invitation":
        raise SlipError(f"{manifest.study} is answered by an open link: print posters instead (`sotto poster`)")
    pin = link_pin(manifest, correction)
    links = (respondent_link(origin, codes.study, pin, codes.stratum, code) for code in codes.codes)
    return [Slip(square(link), grouped(code)) for link, code in zip(links, codes.codes, strict=True)]


def link_pin(manifest: Manifest, correction: Correction | None) -> str:
    """Return the pin of links to a wave, since a correction where one is given; raise SlipError for another wave's."""
    if correction is None:
        return manifest.pin
    if correction.manifest != manifest.digest:
        raise SlipError(
            "the correction is of another wave: give the newest one of this wave (corrections/ in the study folder)"
        )
    return correction.wording.pin


def poster_link(
    study: str,
    stratum: str,
    manifest: Manifest,
    questionnaire: Questionnaire,
    origin: str,
    *,
    correction: Correction | None = None,
) -> str:
    """Return the link of a poster; raise SlipError for another study, one with invitations, or an unknown stratum."""
    if manifest.study != study:
        raise SlipError(f"the manifest is of {manifest.study}, not of {study}")
    if manifest.mode != "open":
        raise SlipError(f"{study} is answered by invitation: a poster would lead nowhere; print slips (`sotto slips`)")
    if manifest.questionnaire != questionnaire.digest:
        raise SlipError("the questionnaire is not the manifest's: give the questionnaire.json of its study folder")
    if stratum not in questionnaire.strata:
        raise SlipError(f"{study} has no stratum {stratum}: its questionnaire has {', '.join(questionnaire.strata)}")
    return respondent_link(origin, study, link_pin(manifest, correction), stratum)


def shared_content(manifest: Manifest, locales: Sequence[str], logo: Path | None) -> SharedContent:
    """Return what all slips share; raise SlipError for a language without a catalogue, or a logo that is no picture."""
    words = load_wordings("slips")
    selected = list(locales) or [locale for locale in manifest.texts if locale in words]
    unknown = [locale for locale in selected if locale not in words or locale not in manifest.texts]
    if unknown or not selected:
        available = ", ".join(locale for locale in manifest.texts if locale in words) or "none"
        raise SlipError(f"there is no wording in {', '.join(unknown) or 'this study'}; this study has: {available}")
    check = manifest.digest[:CHECK_DIGITS]
    groups = " ".join(check[start : start + 4] for start in range(0, CHECK_DIGITS, 4))
    return SharedContent(
        tuple(words[wording] for wording in selected), groups, _logo(logo) if logo else None, manifest.demo
    )


def square(link: str) -> Markup:
    """Return a link as a QR code in SVG that fills its box, with the quiet zone of ISO/IEC 18004 (4 modules)."""
    out = io.BytesIO()
    # Level M recovers 15 % of a creased slip. No error boost, so that all codes of a batch have the same size.
    code = segno.make(link, error="m", micro=False, boost_error=False)
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=4, omitsize=True, svgclass=None, lineclass=None)
    return Markup(out.getvalue().decode("ascii"))  # noqa: S704 - segno's own drawing of squares, no text in it


def _logo(path: Path) -> str:
    data = path.read_bytes()
    kind = content_type(data)
    if kind not in LOGO_KINDS:
        raise SlipError(f"{path} is no PNG or JPEG picture: save the logo as one (an SVG can hold programs)")
    if len(data) > LOGO_SIZE:
        raise SlipError(f"{path} has {len(data) // 1000} kB: a logo has at most {LOGO_SIZE // 1000} kB")
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
