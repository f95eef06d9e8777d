"""How forms word choices that are no answer, in the languages of many forms: whole labels, in small letters.

Only whole labels: "I don't know my neighbours" is an answer like any other.
"""

import re
from collections.abc import Iterable, Mapping

from survey.questionnaire.codes import DONT_KNOW, NONE_OF_THESE, REFUSED

_DONT_KNOW = r"""
(i\ |we\ )?(do\ not|don'?t|doesn'?t|can'?t|cannot)\ (know|remember|recall|say)|idk|not\ sure|unsure
|(je\ )?ne\ (sais|sait)\ pas|nsp|no\ s[eé]|no\ sabe|n[aã]o\ (sei|sabe)|(ich\ )?wei(ß|ss)\ (es\ |ich\ )?nicht|sijui
|不知道|不清楚|不确定|不確定|说不清|說不清
"""
_REFUSED = r"""
refused?|refuse[sd]?\ to\ (answer|say)|refusal|no\ (answer|response)|declined?(\ to\ answer)?
|(i'?d?\ )?(would\ )?(prefer|rather|choose)\ not\ (to\ )?(say|answer|disclose|respond)
|(i\ )?(do\ not|don'?t)\ want\ to\ (say|answer)
|pr[eé]f[eè]re\ ne\ pas\ (le\ )?(dire|r[eé]pondre)|refus|prefiero\ no\ (decir|contestar|responder)
|no\ (responde|contesta)|prefiro\ n[aã]o\ (dizer|responder)|keine\ angabe|k\.\ ?a
|不想回答|不愿回答|不願回答|拒绝回答|拒絕回答|拒答
"""
_NONE = r"""
none(\ of\ (these|the\ above|them))?|nothing(\ of\ (these|the\ above))?|aucune?(\ de\ ces\ .{1,20})?
|ningun[oa](\ de\ .{1,20})?|nenhuma?(\ d.{1,20})?|keine?[rs]?\ (davon|von\ diesen)|nichts\ davon
|都没有|都沒有|以上都没有|以上都沒有|以上都不是|以上皆非
"""
_WORDINGS: Mapping[int, re.Pattern[str]] = {
    code: re.compile(pattern, re.VERBOSE)
    for code, pattern in ((DONT_KNOW, _DONT_KNOW), (REFUSED, _REFUSED), (NONE_OF_THESE, _NONE))
}
_TRIMMED = " \t\n.。!！()（）*"
_APOSTROPHE = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "`": "'"})


def missing_code(labels: Iterable[str], *, several: bool) -> int | None:
    """Return the missing code that a choice with these labels is, None where it is an answer.

    None of these is one only where `several` choices may be chosen: of one choice it is an answer.
    """
    words = [label.translate(_APOSTROPHE).strip(_TRIMMED).lower() for label in labels]
    for code, wording in _WORDINGS.items():
        if (several or code != NONE_OF_THESE) and any(wording.fullmatch(word) for word in words):
            return code
    return None
