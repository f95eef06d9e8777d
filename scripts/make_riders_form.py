"""Write the workbook of the tutorial, survey/studies/riders/form.xlsx; the same bytes each time."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook

FORM = Path(__file__).parents[1] / "survey" / "studies" / "riders" / "form.xlsx"
WRITTEN = datetime(2026, 11, 30, tzinfo=UTC)
ENGLISH, CHINESE = "label::English (en)", "label::中文 (zh-Hans)"
SURVEY = (
    ("type", "name", ENGLISH, CHINESE, "hint::English (en)", "hint::中文 (zh-Hans)", "required", "relevant",
     "constraint", "appearance"),
    ("integer", "age", "How old are you?", "您多大年纪？", None, None, "yes", None, ". >= 18 and . <= 70", None),
    ("select_one work", "work", "How do you work?", "您是怎么干这份工作的？"),
    ("integer", "hours", "How many hours do you ride on a usual day?", "您平常一天跑几个小时？",
     "Count waiting for orders.", "等单的时间也算。", "yes", None, ". >= 1 and . <= 18", None),
    ("select_one yn", "late", "In the last three months: was your pay late or short?",
     "最近三个月，您的收入有没有被拖欠或克扣？"),
    ("select_one told", "told", "Whom did you tell first?", "您最先告诉了谁？", None, None, None, "${late} = 'yes'"),
    ("select_one yn", "accident", "In the last twelve months: did you have an accident at work?",
     "最近十二个月，您送单时出过事故吗？"),
    ("select_one yn", "punished", "Were you ever punished because you complained?", "您有没有因为投诉受过处罚？"),
    ("begin_group", "trust", "How far do you trust each of these?", "下面这些，您信得过吗？", None, None, None, None,
     None, "table-list"),
    ("select_one trust", "t_platform", "The platform", "平台"),
    ("select_one trust", "t_station", "The head of your station", "站长"),
    ("select_one trust", "t_bureau", "The labour office", "劳动部门"),
    ("select_one trust", "t_riders", "Other riders", "其他骑手"),
    ("end_group",),
    ("select_one join", "join", "Would you join a group of riders that speaks with the platform?",
     "如果有一个骑手组织跟平台谈，您愿意加入吗？"),
)  # fmt: skip
CHOICES = (
    ("list_name", "name", ENGLISH, CHINESE),
    ("yn", "yes", "Yes", "是"),
    ("yn", "no", "No", "否"),
    ("work", "full", "Full time, for one platform", "全职，只跑一个平台"),
    ("work", "agency", "Full time, through an agency", "全职，通过外包公司"),
    ("work", "part", "Now and then", "兼职"),
    ("told", "nobody", "Nobody", "没告诉任何人"),
    ("told", "riders", "Other riders", "其他骑手"),
    ("told", "station", "The station or the platform", "站点或平台"),
    ("told", "office", "An office or a lawyer", "政府部门或律师"),
    ("trust", "none", "Not at all", "完全信不过"),
    ("trust", "little", "A little", "不太信得过"),
    ("trust", "mostly", "Mostly", "比较信得过"),
    ("trust", "fully", "Fully", "完全信得过"),
    ("join", "no", "No", "不愿意"),
    ("join", "maybe", "Perhaps", "可能"),
    ("join", "yes", "Yes", "愿意"),
)
SETTINGS = (
    ("form_title", "form_id", "default_language"),
    ("Riders: pay, hours, whom they trust", "riders", "English (en)"),
)


def workbook() -> bytes:
    """Return the workbook; packed again, because openpyxl writes the time of day into what it packs."""
    book = Workbook()
    book.properties.created = book.properties.modified = WRITTEN
    book.remove(book.active)
    for name, rows in (("survey", SURVEY), ("choices", CHOICES), ("settings", SETTINGS)):
        _fill(book, name, rows)
    packed = io.BytesIO()
    book.save(packed)
    return _packed_again(packed.getvalue())


def _fill(book: Workbook, name: str, rows: Sequence[Sequence[str | None]]) -> None:
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(list(row))
    sheet.freeze_panes = "A2"
    for column in "CD":
        sheet.column_dimensions[column].width = 48


def _packed_again(content: bytes) -> bytes:
    out, moment = io.BytesIO(), WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "docProps/core.xml":
                head, _, tail = part.partition(b"<dcterms:modified")
                opened, _, rest = tail.partition(b">")
                part = head + b"<dcterms:modified" + opened + b">" + moment + rest[rest.index(b"<") :]
            after.writestr(zipfile.ZipInfo(name, WRITTEN.timetuple()[:6]), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    FORM.write_bytes(workbook())
