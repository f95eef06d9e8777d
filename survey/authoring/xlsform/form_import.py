"""Imports an XLSForm workbook: the questionnaire as a YAML file, and a report of what was done with every row.

Decision 123.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crypto.envelope import PLAINTEXT_MAX, EnvelopeError, record_size
from survey.authoring.compiler import compile_study, compile_with_media
from survey.authoring.xlsform.bands import cuts_by_name
from survey.authoring.xlsform.calculations import import_calculation
from survey.authoring.xlsform.expressions.grammar import Expression, ExpressionParser
from survey.authoring.xlsform.expressions.known import KnownQuestions
from survey.authoring.xlsform.form_context import FormContext
from survey.authoring.xlsform.frame import CATALOGUE, study_frame, supported_locales
from survey.authoring.xlsform.numbers import WITH_BANDS
from survey.authoring.xlsform.questions import Items, import_grid, import_question
from survey.authoring.xlsform.review.returned_form import returned_study
from survey.authoring.xlsform.review.study_sheets import study_sheets
from survey.authoring.xlsform.review.workbook_file import exported_rows, workbook_content
from survey.authoring.xlsform.sheets.choices import read_choices
from survey.authoring.xlsform.sheets.columns import read_cells
from survey.authoring.xlsform.sheets.languages import choose_languages, languages_of
from survey.authoring.xlsform.sheets.report import ConstructError, FormError, ImportReport, Place
from survey.authoring.xlsform.sheets.structure import (
    SILENT,
    FormQuestion,
    Grid,
    Group,
    Step,
    check_names,
    read_structure,
    with_grids,
)
from survey.authoring.xlsform.sheets.workbook import Row, Sheets, kind_of_workbook, read_sheets, workbook_bytes
from survey.authoring.xlsform.sheets.workbook_marks import check_marks
from survey.authoring.xlsform.wording import TextWriter
from survey.faults import AuthoringError, Problem, said
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wording.catalogues import load_wordings
from survey.yaml_text import dump

MOST_QUESTIONS = 400
_EXPRESSIONS = ("relevant", "calculation", "constraint")


@dataclass(frozen=True, slots=True)
class ImportedForm:
    """The questionnaire's file, empty where the form has no question that can be asked, and the report.

    `answer_bytes` is the size of a sealed answer, `page_bytes` of the questionnaire with its longest texts before they
    are compressed; both 0 where there is no question.
    """

    yaml: str
    report: ImportReport
    answer_bytes: int = 0
    page_bytes: int = 0


def import_form(path: Path, bands: Mapping[str, list[dict[str, int]]] | None = None) -> ImportedForm:
    """Return what a workbook becomes, without what is refused; raise FormError where it is no form at all.

    `bands` are an author's own for some questions, as `given_bands` reads them.

    What is returned compiles: whatever the compiler finds is refused at its row, too.
    """
    content = workbook_bytes(path)
    kind = kind_of_workbook(path, content)
    reviewed = exported_rows(path, content) if kind == ".xlsx" else None
    if reviewed is not None:
        return _reviewed(path, content, reviewed)
    sheets, report = read_sheets(path, content, kind), ImportReport()
    check_marks(path, content, kind, report)
    importer = _FormImporter(path, sheets, report, bands or {})
    study = importer.study(content)
    if importer.compiled is None:
        return ImportedForm("", report)
    questionnaire, texts = importer.compiled
    yaml = _header(path) + dump(study, flow_leaves=True)
    return ImportedForm(yaml, report, _answer_bytes(path, questionnaire), _page_bytes(questionnaire, texts))


def _reviewed(path: Path, content: bytes, sheets: Mapping[str, tuple[Row, ...]]) -> ImportedForm:
    """Return the questionnaire of a workbook that `export_form` wrote, with what was changed in it since."""
    report = ImportReport()
    check_marks(path, content, ".xlsx", report)
    study, compiled = returned_study(path, sheets, report)
    if compiled is None:
        return ImportedForm("", report)
    questionnaire = compiled.questionnaire
    page = _page_bytes(questionnaire, compiled.texts)
    return ImportedForm(dump(study, flow_leaves=True), report, _answer_bytes(path, questionnaire), page)


def export_form(path: Path) -> bytes:
    """Return an authored questionnaire as an XLSForm workbook for review, which `import_form` reads back.

    Raises AuthoringError for a questionnaire that does not compile, FormError for what no workbook can hold.
    """
    compiled = compile_with_media(path)
    return workbook_content(study_sheets(compiled.authored, compiled.questionnaire))


def _page_bytes(questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> int:
    return len(questionnaire.to_bytes()) + max(len(text.to_bytes()) for text in texts.values())


def _answer_bytes(path: Path, questionnaire: Questionnaire) -> int:
    try:
        return record_size(questionnaire.plaintext_size)
    except EnvelopeError:
        wide = questionnaire.payload_width
        reason = said(
            "an answer would have {count} bytes, and an envelope holds {most}",
            count=format(wide, ","),
            most=format(PLAINTEXT_MAX, ","),
        )
        raise FormError(path, reason, "ask for fewer texts") from None


def _header(path: Path) -> str:
    return (
        f"# Imported from {path.name}. `name` is what the form called an item or an option.\n"
        "# Write consent, facts and debrief, and confirm every band: `sotto study check` says what is lacking.\n\n"
    )


class _FormImporter:
    """Goes through the steps of one form in their order."""

    def __init__(
        self, path: Path, sheets: Sheets, report: ImportReport, bands: Mapping[str, list[dict[str, int]]]
    ) -> None:
        self._path = path
        self._sheets = sheets
        self._report = report
        self._rows = [read_cells(row) for row in sheets.survey]
        self._steps = [*read_structure(self._rows)]
        self._derived: list[dict[str, Any]] = []
        self._places: dict[str, Place] = {}
        self._titled: set[int] = set()
        self.compiled: tuple[Questionnaire, dict[str, Texts]] | None = None
        self._words = load_wordings(CATALOGUE)
        self._form = self._context(bands)
        self._items: Items = self._form.items

    def _context(self, bands: Mapping[str, list[dict[str, int]]]) -> FormContext:
        default = self._sheets.settings.get("default_language", "")
        supported = supported_locales(self._words, load_wordings("phone"))
        choices = [read_cells(row) for row in self._sheets.choices]
        languages = choose_languages(languages_of([*self._rows, *choices]), default, supported, self._report)
        questions = KnownQuestions()
        return FormContext(
            folder=self._path.parent,
            lists=read_choices(choices, self._report),
            languages=languages,
            texts=TextWriter(languages, self._words, questions, self._report),
            questions=questions,
            report=self._report,
            parser=ExpressionParser(),
            cuts={},
            bands=bands,
        )

    def study(self, content: bytes) -> dict[str, Any]:
        """Return the study that the form becomes, as plain data of the authored file."""
        asked = [step for step in self._steps if isinstance(step, FormQuestion)]
        self._check_size(asked)
        self._report.questions += [question.place for question in asked if question.type not in SILENT]
        self._form.cuts = cuts_by_name(self._expressions())
        for name in check_names(asked, self._report):
            self._form.questions.lose(name, said("is the name of several questions"))
        for step in with_grids(self._steps):
            self._import_step(step)
        frame = study_frame(dict(self._sheets.settings), self._form.languages, self._words, content, self._path.stem)
        return self._compiling(frame)

    def _check_size(self, asked: list[FormQuestion]) -> None:
        numbers = {question.name for question in asked if question.type in WITH_BANDS}
        if unknown := sorted(self._form.bands.keys() - numbers):
            reason = said("{name} is no question for a number or date", name=unknown[0])
            raise FormError(self._path, reason, "correct --bands")
        if not asked:
            raise FormError(self._path, "the sheet survey asks nothing", "give its questions a type")
        if len(asked) > MOST_QUESTIONS:
            reason = said(
                "{count} questions are more than a phone's page carries ({most})",
                count=len(asked),
                most=MOST_QUESTIONS,
            )
            raise FormError(self._path, reason, "split the form")

    def _expressions(self) -> Iterator[Expression]:
        for cells in self._rows:
            for column in _EXPRESSIONS:
                if source := cells.get(column):
                    try:
                        yield self._form.parse(source)
                    except ConstructError:
                        continue  # reported where the expression is used

    def _import_step(self, step: Step | Grid) -> None:
        if isinstance(step, Group):
            self._refuse_repeat(step)
            self._title(step, self._open_groups(step))
        elif isinstance(step, Grid):
            self._import_grid(step)
        elif not self._is_refused(step.place):
            self._import_question(step)

    def _refuse_repeat(self, group: Group) -> None:
        if group.repeated:
            reason = (
                "a repeat asks its questions again and again, and here a person answers each once: "
                "left out, they are asked once"
            )
            remedy = "word them for one of them, or write a group for each of a fixed number"
            self._report.refuse(group.cells.place, ConstructError(reason, remedy))

    def _open_groups(self, group: Group) -> tuple[Group, ...]:
        inside = (step for step in self._steps if isinstance(step, FormQuestion) and group in step.groups)
        first = next(inside, None)
        return () if first is None else first.groups[: first.groups.index(group) + 1]

    def _is_refused(self, place: Place) -> bool:
        return any(remark.place == place for remark in self._report.refused)

    def _import_question(self, question: FormQuestion) -> None:
        if question.groups and question.groups[-1].table:
            self._title(question.groups[-1], question.groups, late=True)
        try:
            if question.type == "calculate":
                derived = import_calculation(question, self._form)
                self._keep([], [derived] if derived else [], question.place)
            else:
                self._keep(import_question(question, self._form), [], question.place)
        except ConstructError as error:
            self._report.refuse(question.place, error)
            self._form.lose(question)

    def _import_grid(self, grid: Grid) -> None:
        try:
            items = import_grid(grid, self._form)
        except ConstructError as error:
            reason = said("the table is asked question by question: {reason}", reason=error.reason)
            self._report.add("changed", grid.header.place, reason)
            for row in grid.rows:
                self._import_question(row)
            return
        self._titled.add(grid.header.place.row)
        self._keep(items, [], grid.header.place)
        for entry, row in zip(items[0]["rows"], grid.rows, strict=True):
            self._places[entry["id"]] = row.place

    def _title(self, group: Group, groups: tuple[Group, ...], *, late: bool = False) -> None:
        """Make a note of a group's label; that of a table waits until it is known whether it becomes a grid."""
        place, label = group.cells.place, group.cells.texts.get("label", {})
        if place.row in self._titled or not label or not groups or group.table != late:
            return
        self._titled.add(place.row)
        named = FormQuestion(group.cells, "note", groups=groups)
        try:
            self._keep(import_question(named, self._form), [], place)
        except ConstructError as error:
            self._report.refuse(
                place,
                ConstructError(said("the group's label is left out: {reason}", reason=error.reason), error.remedy),
            )

    def _keep(self, items: Items, derived: list[dict[str, Any]], place: Place) -> None:
        self._items += items
        self._derived += derived
        self._places |= {entry["id"]: place for entry in (*items, *derived)}

    def _compiling(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Return the study without what the compiler refuses, each with the compiler's reason at its row."""
        while self._items:
            derived = {"derived": self._derived} if self._derived else {}
            used = {option.get("end") for entry in self._items for option in entry.get("options", ())}
            own = {name: text for name, text in self._form.endings.items() if name in used}
            study = {**frame, "endings": frame["endings"] | own, "items": self._items, **derived}
            faulty = self._refused_by_compiler(study)
            if not faulty:
                return study
            for entry in self._items:
                self._refuse_other_rows(entry, faulty)
            self._items = [entry for entry in self._items if not faulty & {entry["id"], *_row_ids(entry)}]
            self._derived = [entry for entry in self._derived if entry["id"] not in faulty]
        return {**frame, "items": []}

    def _refuse_other_rows(self, entry: dict[str, Any], faulty: set[str]) -> None:
        """Name the rows of a grid that are lost with another one."""
        rows = _row_ids(entry)
        if faulty & {entry["id"], *rows}:
            for row in rows - faulty:
                error = ConstructError("the table that it stands in is refused", "ask it as a question of its own")
                self._report.refuse(self._places[row], error)

    def _refused_by_compiler(self, study: dict[str, Any]) -> set[str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "questionnaire.yaml"
            path.write_text(dump(study), encoding="utf-8")
            try:
                self.compiled = compile_study(path)
            except AuthoringError as error:
                return {*self._blamed(error.problems)}
        return set()

    def _blamed(self, problems: Iterable[Problem]) -> Iterator[str]:
        for problem in problems:
            name = [*problem.where.split("."), ""][1]
            if name not in self._places:
                raise FormError(f"{self._path}: {problem.where}", problem.message, problem.remedy)
            self._report.refuse(self._places[name], ConstructError(problem.message, problem.remedy))
            yield name


def _row_ids(entry: dict[str, Any]) -> set[str]:
    return {row["id"] for row in entry.get("rows", ())}
