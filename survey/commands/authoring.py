"""`sotto study schema`, `diff` and `language`: what helps an author while a questionnaire is written."""

from pathlib import Path

import click

from survey.commands.console import FILE, JSON, CommandError, print_result
from survey.commands.form_import import questionnaire_file

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


@click.command("schema")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write; else printed."
)
@click.option("--reference", "as_reference", is_flag=True, help="Every key in words, as docs/authoring.md prints it.")
def study_schema(*, output: Path | None, as_reference: bool) -> None:
    """Print the JSON Schema of a questionnaire's file, by which editors complete and check while you type.

    Write it beside the questionnaire, and as the questionnaire's first line:
    # yaml-language-server: $schema=questionnaire.schema.json

    \b
    Example: sotto study schema -o questionnaire.schema.json
    """
    from crypto.durable import write_file
    from survey.authoring.editing.json_schema import reference, schema_text

    text = reference() if as_reference else schema_text()
    if output is None:
        click.echo(text, nl=False)
        return
    write_file(output, text.encode())
    click.echo(f"Written: {output}. First line of the questionnaire: # yaml-language-server: $schema={output.name}")


@click.command("diff")
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@JSON
def study_diff(*, before: Path, after: Path, as_json: bool) -> None:
    """Say in plain words what changed from one questionnaire to another: codes, routing, how it is asked, wording.

    Both are compiled first; forms of a spreadsheet are taken too.

    \b
    Example: sotto study diff questionnaire-1.yaml questionnaire-2.yaml
    """
    from survey.authoring.compiler import compile_with_media
    from survey.authoring.editing.study_diff import KINDS, study_changes, verdict

    with questionnaire_file(before) as (path, _):
        one = compile_with_media(path)
    with questionnaire_file(after) as (path, _):
        other = compile_with_media(path)
    changes = study_changes(one.questionnaire, other.questionnaire, one.texts, other.texts)
    lines = [verdict(changes)]
    for kind, meaning in KINDS.items():
        found = [f"  {change.where}: {change.words}" for change in changes if change.kind == kind]
        lines += [meaning, *found] if found else []
    plain = [{"kind": change.kind, "where": change.where, "words": change.words} for change in changes]
    print_result({"verdict": verdict(changes), "changes": plain}, "\n".join(lines), as_json=as_json)


@click.command("language")
@click.argument("locale")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PO file to write."
)
@JSON
def study_language(*, locale: str, output: Path, as_json: bool) -> None:
    """Write the file of the phone page's own texts in a language, to be filled; what an earlier one holds is kept.

    Beside the questionnaire as interface/LOCALE/phone.po it goes before the texts that Sotto has.

    \b
    Example: sotto study language fa -o interface/fa/phone.po
    """
    from crypto.durable import write_file
    from survey.names import LOCALE
    from survey.wording.language_file import direction, language_file

    if not LOCALE.fullmatch(locale):
        raise CommandError(f"{locale} is no code of a language: write it as BCP 47 has it, such as fa, bo or zh-Hant")
    try:
        content, left = language_file(locale, output.read_bytes() if output.exists() else b"")
    except ValueError:
        raise CommandError(f"{output} is there and is no PO file in UTF-8: give another name, or mend it") from None
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise CommandError(f"{output}: {output.parent} is no folder and none can be made: give another place") from None
    write_file(output, content)
    summary = {"file": str(output), "locale": locale, "direction": direction(locale), "to_fill": left}
    text = (
        f"Written: {output}: {left} texts to fill; `dir: {direction(locale)}` under `locales`. Next: sotto study check"
    )
    print_result(summary, text, as_json=as_json)
