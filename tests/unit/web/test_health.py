"""A process that runs and a process that can work are two answers; neither tells what was answered."""

from pathlib import Path

import pytest
from hosts.applications import desk_app, issuer_app, respond_app
from hosts.host_acts import store_records

from survey.web.health import READY, RUNS

APPLICATIONS = {"respond": (respond_app, "answers"), "desk": (desk_app, "office"), "issuer": (issuer_app, "office")}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_process_without_its_database_runs_and_is_not_ready(open_collection, name):
    """With the database's file away /healthz still says ok and /readyz 503; back again both say yes."""
    make, database = APPLICATIONS[name]
    client = make(open_collection.settings).test_client()
    file = open_collection.settings.public.parent / f"{database}.sqlite"
    assert (200, 200) == answers(client)
    file.rename(file.with_suffix(".away"))
    assert (200, 503) == answers(client)
    assert b"not ready\n" == client.get(READY).data
    Path(file.with_suffix(".away")).rename(file)
    assert (200, 200) == answers(client)


def test_neither_answer_changes_with_the_number_of_answers(open_collection):
    """Status, bytes and headers are the same before and after hand-ins: nobody counts by asking."""
    client = respond_app(open_collection.settings).test_client()
    before = [whole(client, path) for path in (RUNS, READY)]
    store_records(open_collection, 3)
    assert before == [whole(client, path) for path in (RUNS, READY)]


def answers(client) -> tuple[int, int]:
    return client.get(RUNS).status_code, client.get(READY).status_code


def whole(client, path: str) -> tuple[int, bytes, list[tuple[str, str]]]:
    response = client.get(path)
    return response.status_code, response.data, sorted(response.headers)
