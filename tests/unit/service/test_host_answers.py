"""What is answered to `sotto install`: each wrong answer is refused by its name, a right one is kept as given."""

import re

import pytest

from survey.service.answers import QUESTIONS, AnswersError, HostAnswers, read_answers

GIVEN = HostAnswers("survey.example", "desk.example", "/root/tls", "mailto:mei@ngo.example", "mei")


def test_answers_are_kept_as_they_were_given(tmp_path):
    """What is written is what is read, and there is a question for each answer and no other."""
    path = tmp_path / "host.toml"
    path.write_text(GIVEN.to_toml(), encoding="utf-8")
    assert GIVEN == read_answers(path)
    assert [*QUESTIONS, "onion", "desk_onion", "metrics"] == [*HostAnswers.__dataclass_fields__]


def test_both_onion_names_may_be_left_out_and_none_alone(tmp_path):
    """A file of the five answers is one without onion services; one name, or the same twice, is refused."""
    path, names = tmp_path / "host.toml", ("a" * 56 + ".onion", "b" * 56 + ".onion")
    five = "".join(line for line in GIVEN.to_toml().splitlines(keepends=True) if "onion" not in line)
    path.write_text(five, encoding="utf-8")
    assert GIVEN == read_answers(path)
    path.write_text(f'{five}onion = "{names[0]}"\ndesk_onion = "{names[1]}"\n', encoding="utf-8")
    assert names == (read_answers(path).onion, read_answers(path).desk_onion)
    for wrong in (f'onion = "{names[0]}"\n', f'onion = "{names[0]}"\ndesk_onion = "{names[0]}"\n'):
        path.write_text(five + wrong, encoding="utf-8")
        with pytest.raises(AnswersError, match="give both names"):
            read_answers(path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("host", "https://survey.example", "host: 'https://survey.example' is not a host's name"),
        ("host", "survey", "host: 'survey' is not"),
        ("host", "survey.example; return 200", "is not a host's name"),
        ("desk_host", "survey.example", "a name of their own"),
        ("certificates", "letsencrypt", "acme:YOU@EXAMPLE or the absolute path"),
        ("certificates", "acme:nobody", "acme:YOU@EXAMPLE or the absolute path"),
        ("alarm", "mei", "alarm: 'mei' is not mailto:"),
        ("alarm", "http://hook.example", "alarm: 'http://hook.example' is not"),
        ("staff", "Mei Lin", "staff: 'Mei Lin' is not a name"),
        ("onion", "survey.onion", "onion: 'survey.onion' is not the line of /var/lib/tor/sotto-survey/hostname"),
        ("metrics", "no", "metrics: 'no' is not yes, or nothing"),
        ("desk_onion", "A" * 56 + ".onion", "is not the line of /var/lib/tor/sotto-desk/hostname"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(tmp_path, name, value, said):
    """Each is refused with its name and what it may be."""
    path = tmp_path / "host.toml"
    path.write_text(re.sub(rf"(?m)^{name} = .*$", f'{name} = "{value}"', GIVEN.to_toml()), encoding="utf-8")
    with pytest.raises(AnswersError, match=re.escape(said)):
        read_answers(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [('host = "survey.example"\n', "a file of answers has host, desk_host"), ("host = [", "is no TOML")],
)
def test_a_file_that_holds_no_answers_is_refused(tmp_path, text, said):
    """One answer alone, and what is no TOML, are refused with what a file holds."""
    path = tmp_path / "host.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnswersError, match=said):
        read_answers(path)
