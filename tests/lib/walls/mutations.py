"""The ways to break the walls, each with the contract, the loaded module and the bolt that must see it."""

from dataclasses import replace

from walls.guards import TRIGGER, Mutation

HAND_IN = "survey/respond_app/hand_in.py"
DESK_VIEWS = "survey/desk_app/views.py"
ISSUER_VIEWS = "survey/issuer_app/views.py"
QUESTIONS = "survey/questionnaire/questionnaire.py"
OPENING = "analysis/opening/answers.py"
OPENER = "from crypto import opening"
LOOKED_UP = "import importlib; importlib.import_module('crypto.opening')"
UNTESTED = f"import os; os.environ.get('{TRIGGER}') and __import__('crypto.opening')"
OFFICE = "from survey.office_db.owner_access import connect_staff_database"
SEES_OFFICE = ("respond-apart", "survey.office_db")
OWNER = "from survey.answers_db.owner_access import connect_owner"
INSERTS = "from survey.answers_db import insert_only"
KEYS = "from survey.issuer_app.keys import IssuerKeys"
ENGINE = "from survey.database.engine import connect"
ANSWERS = "from analysis.opening import answers"
COUNTS = "from analysis.counting import count_box"
PRIVATE_KEYS = "from cryptography.hazmat.primitives.asymmetric import x25519"
NUMPY_NOISE = "from numpy.random import default_rng"
PAST_GUARDS = "import sqlalchemy; sqlalchemy.create_engine"
SETTINGS = "from survey.settings import Settings"


Seen = tuple[str, str | None]
"""The contract that breaks and the module that the process has loaded; "" for none, None for not looked at."""


def in_web(process: str, name: str, file: str, code: str, seen: Seen) -> Mutation:
    """Return a mutation of a process that serves, of whose import the bolt must refuse the module of `seen`."""
    return Mutation(f"{process}: {name}", file, code, *seen, bolt=seen[1], process=process)


def at_rest(name: str, file: str, code: str, seen: Seen) -> Mutation:
    """Return a mutation of code that serves nothing, so that no bolt applies to it."""
    return Mutation(f"analysis: {name}", file, code, *seen, bolt=None, process="analysis")


def in_linters(process: str, name: str, file: str, code: str, linter: str) -> Mutation:
    """Return a mutation whose module the process needs elsewhere, so that neither interpreter nor bolt can object."""
    return Mutation(f"{process}: {name}", file, code, linter, fresh=None, bolt=None, process=process)


ENVELOPES = (
    in_web("respond", "opening", HAND_IN, OPENER, ("survey-never-opens", "crypto.opening")),
    replace(
        in_web("respond", "opening, lazily", HAND_IN, OPENER, ("survey-never-opens", "crypto.opening")),
        inside="hand_in",
    ),
    in_web("respond", "opening in crypto's root", "crypto/__init__.py", OPENER, ("one-opener", "crypto.opening")),
    replace(
        in_web("respond", "opening by importlib", HAND_IN, LOOKED_UP, ("", "crypto.opening")),
        banned="importlib",
    ),
    replace(
        in_web("respond", "opening where no test comes by", HAND_IN, UNTESTED, ("", "")),
        inside="hand_in",
        bolt="crypto.opening",
        banned="builtins.__import__",
    ),
)
ANSWERS_PROCESS = (
    in_web("respond", "staff's database", HAND_IN, OFFICE, SEES_OFFICE),
    replace(in_web("respond", "staff's database, lazily", HAND_IN, OFFICE, SEES_OFFICE), inside="hand_in"),
    in_web("respond", "staff's database in results", "survey/respond_app/results_pages.py", OFFICE, SEES_OFFICE),
    in_web("respond", "staff's database in the plain form", "survey/plain_form/form.py", OFFICE, SEES_OFFICE),
    in_web("respond", "staff's database in admission", "survey/admission/respond_resources.py", OFFICE, SEES_OFFICE),
    in_web("respond", "staff's database in what applications share", "survey/web/headers.py", OFFICE, SEES_OFFICE),
    in_web(
        "respond",
        "staff's database in inserts",
        "survey/answers_db/insert_only.py",
        OFFICE,
        ("databases-apart", "survey.office_db"),
    ),
    in_web("respond", "owner's access", HAND_IN, OWNER, ("respond-apart", "survey.answers_db.owner_access")),
    in_web(
        "respond",
        "owner's access in inserts",
        "survey/answers_db/insert_only.py",
        OWNER,
        ("answers-database-layers", "survey.answers_db.owner_access"),
    ),
    in_web(
        "respond",
        "compaction",
        HAND_IN,
        "from survey.answers_db import compaction",
        ("respond-apart", "survey.answers_db.compaction"),
    ),
    in_web(
        "respond",
        "codes",
        HAND_IN,
        "from survey.office_db.invitations import connect_issuer",
        ("respond-apart", "survey.office_db.invitations"),
    ),
    in_web("respond", "signer", HAND_IN, "from crypto import issuing", ("one-token-signer", "crypto.issuing")),
    in_web("respond", "issuer keys", HAND_IN, KEYS, ("respond-apart", "survey.issuer_app")),
    in_web(
        "respond",
        "issuer keys in admission",
        "survey/admission/admission.py",
        KEYS,
        ("respond-apart", "survey.issuer_app"),
    ),
    in_web(
        "respond",
        "acts of administrators",
        HAND_IN,
        "from survey.operations.boxes import make_box",
        ("respond-apart", "survey.operations"),
    ),
    in_web(
        "respond",
        "the desk",
        HAND_IN,
        "from survey.desk_app import views as desk",
        ("respond-apart", "survey.desk_app"),
    ),
    replace(
        in_web(
            "respond",
            "the log's key",
            "survey/respond_app/log_pages.py",
            "from survey.public_log.log_events import host_log",
            ("respond-apart", "survey.public_log.log"),
        ),
        bolt="survey.public_log.log_events",
    ),
    in_web(
        "respond", "HTTP client", HAND_IN, "import survey.http_client", ("servers-ask-nobody", "survey.http_client")
    ),
    in_web("respond", "settings of staff", HAND_IN, SETTINGS, ("respond-apart", "survey.settings")),
    in_web(
        "respond",
        "settings of the desk",
        "survey/respond_app/app.py",
        "from survey.desk_app.settings import DeskSettings",
        ("respond-apart", "survey.desk_app"),
    ),
    in_web(
        "respond",
        "settings of staff in what applications share",
        "survey/web/factory.py",
        SETTINGS,
        ("respond-apart", "survey.settings"),
    ),
    in_web("respond", "schema changes", HAND_IN, "import alembic", ("respond-apart", "alembic")),
)
STAFF_AND_CODES = (
    in_web("desk", "owner's access", DESK_VIEWS, OWNER, ("desk-apart", "survey.answers_db")),
    in_web("desk", "inserts", DESK_VIEWS, INSERTS, ("desk-apart", "survey.answers_db")),
    in_web(
        "desk",
        "hand-in",
        DESK_VIEWS,
        "from survey.respond_app import hand_in",
        ("desk-apart", "survey.respond_app"),
    ),
    in_web(
        "desk",
        "the compiler",
        DESK_VIEWS,
        "from survey.authoring import compiler",
        ("desk-apart", "survey.authoring"),
    ),
    in_web("desk", "workbooks", DESK_VIEWS, "import openpyxl", ("desk-apart", "openpyxl")),
    in_web("desk", "settings of staff", DESK_VIEWS, SETTINGS, ("desk-apart", "survey.settings")),
    in_web("desk", "issuer keys", DESK_VIEWS, KEYS, ("desk-apart", "survey.issuer_app")),
    in_web(
        "desk",
        "owner's access in the office",
        "survey/office_db/tables.py",
        OWNER,
        ("databases-apart", "survey.answers_db"),
    ),
    in_web("issuer", "owner's access", ISSUER_VIEWS, OWNER, ("issuer-apart", "survey.answers_db")),
    in_web("issuer", "settings of staff", ISSUER_VIEWS, SETTINGS, ("issuer-apart", "survey.settings")),
    in_web("issuer", "inserts", ISSUER_VIEWS, INSERTS, ("issuer-apart", "survey.answers_db")),
    in_web(
        "issuer",
        "admission",
        ISSUER_VIEWS,
        "from survey.admission import admission",
        ("issuer-apart", "survey.admission"),
    ),
    in_web(
        "issuer",
        "accounts",
        ISSUER_VIEWS,
        "from survey.office_db.people import accounts",
        ("issuer-apart", "survey.office_db.people"),
    ),
)
DATABASES = (
    in_linters("respond", "an engine of any database", HAND_IN, ENGINE, "engines"),
    in_linters("respond", "an engine of any database, by the factory", "survey/respond_app/app.py", ENGINE, "engines"),
    in_linters("respond", "an engine in the plain form", "survey/plain_form/form.py", ENGINE, "engines"),
    in_linters("respond", "an engine in what applications share", "survey/web/factory.py", ENGINE, "engines"),
    in_linters("respond", "a guard that lets all through", HAND_IN, "from survey.database import guards", "engines"),
    in_linters(
        "respond", "tables of answers", HAND_IN, "from survey.answers_db.tables import SEALED", "tables-of-answers"
    ),
    in_linters("respond", "sqlite3", HAND_IN, "import sqlite3", "engines"),
    in_linters("respond", "psycopg", HAND_IN, "import psycopg", "engines"),
    in_linters("respond", "a statement", HAND_IN, "from sqlalchemy import select", "statements"),
    replace(
        in_linters("respond", "an engine past the guards", "survey/respond_app/work_challenges.py", PAST_GUARDS, ""),
        banned="sqlalchemy.create_engine",
    ),
    replace(
        in_linters(
            "desk",
            "an engine past the guards",
            "survey/desk_app/signed_in.py",
            "from sqlmodel import create_engine",
            "",
        ),
        banned="sqlmodel.create_engine",
    ),
    in_linters("desk", "an engine of any database", "survey/desk_app/app.py", ENGINE, "engines"),
    in_linters("desk", "sqlite3", DESK_VIEWS, "import sqlite3", "engines"),
    in_web("desk", "owner's access to the office", DESK_VIEWS, OFFICE, ("desk-apart", "survey.office_db.owner_access")),
    in_linters("issuer", "an engine of any database", "survey/issuer_app/app.py", ENGINE, "engines"),
    in_linters("issuer", "sqlite3", ISSUER_VIEWS, "import sqlite3", "engines"),
    in_web(
        "issuer",
        "tables of staff",
        ISSUER_VIEWS,
        "from survey.office_db.tables import AuditEntry, Study",
        ("issuer-apart", "survey.office_db.tables"),
    ),
    in_web(
        "issuer",
        "owner's access to the office",
        ISSUER_VIEWS,
        OFFICE,
        ("issuer-apart", "survey.office_db.owner_access"),
    ),
    in_web(
        "issuer",
        "the desk's access",
        "survey/office_db/invitations.py",
        "from survey.office_db.desk_access import connect_desk",
        ("issuer-apart", "survey.office_db.desk_access"),
    ),
)
NETWORK = (
    in_linters("respond", "a socket", HAND_IN, "import socket, ssl", "servers-ask-nobody"),
    in_linters("desk", "a child", DESK_VIEWS, "import subprocess", "servers-ask-nobody"),
    in_linters("respond", "a child", "survey/web/responses.py", "import subprocess", "servers-ask-nobody"),
    in_web("respond", "mail", HAND_IN, "import smtplib", ("servers-ask-nobody", "smtplib")),
    *(
        replace(in_linters(process, f"{library}", file, f"import {library}", ""), banned=library)
        for process, file in (("respond", HAND_IN), ("desk", DESK_VIEWS))
        for library in ("urllib.request", "http.client")
    ),
    replace(in_linters("issuer", "http.client", ISSUER_VIEWS, "import http.client", ""), banned="http.client"),
    replace(
        in_web("issuer", "urllib.request", ISSUER_VIEWS, "import urllib.request", ("", "urllib.request")),
        banned="urllib.request",
    ),
)
PAST_CONTRACTS = (
    replace(in_linters("respond", "deploy", HAND_IN, "import deploy", ""), banned="deploy"),
    replace(in_linters("respond", "migrations", HAND_IN, "import survey.migrations", ""), banned="survey.migrations"),
    replace(in_linters("respond", "pkgutil", HAND_IN, "import pkgutil", ""), banned="pkgutil"),
    replace(in_linters("respond", "runpy", HAND_IN, "import runpy", ""), banned="runpy"),
    replace(
        at_rest("a folder that is no package", "survey/attic/box.py", '"""An attic."""', ("", None)),
        banned="a folder that is no package",
    ),
)
KEYS_AND_CODES = (
    in_linters(
        "respond",
        "private keys",
        HAND_IN,
        PRIVATE_KEYS,
        "one-cipher-room",
    ),
    in_linters("respond", "the study's signing key", HAND_IN, "from crypto.signing import SigningKey", "signers"),
    in_linters(
        "respond",
        "the log's signer",
        "survey/respond_app/log_pages.py",
        "from crypto.checkpoints import LogSigner",
        "signers",
    ),
    in_web("respond", "simulation", HAND_IN, "from survey import simulation", ("respond-apart", "survey.simulation")),
    in_web("respond", "paper", HAND_IN, "from survey.paper import slips", ("respond-apart", "survey.paper")),
    in_web(
        "respond",
        "codes on slips",
        HAND_IN,
        "from survey.wave import invitation_codes",
        ("respond-apart", "survey.wave.invitation_codes"),
    ),
    in_linters("desk", "tokens", DESK_VIEWS, "from crypto import tokens", "token-handlers"),
    in_web("desk", "blinding", DESK_VIEWS, "from crypto import blinding", ("desk-apart", "crypto.blinding")),
    in_web(
        "desk",
        "codes on slips",
        DESK_VIEWS,
        "from survey.wave import invitation_codes",
        ("desk-apart", "survey.wave.invitation_codes"),
    ),
)
ANALYSIS = (
    at_rest("flask in survey's root", "survey/__init__.py", "import flask", ("bare-roots", "flask")),
    at_rest("flask in the questionnaire", QUESTIONS, "import flask", ("no-web", "flask")),
    at_rest("answers database", OPENING, OWNER, ("analysis-reads-documents", "survey.answers_db")),
    at_rest("settings", OPENING, "import survey.settings", ("analysis-reads-documents", "survey.settings")),
    at_rest(
        "the log's key",
        OPENING,
        "from survey.public_log.log import Log",
        ("analysis-reads-documents", "survey.public_log"),
    ),
    at_rest("demonstration", OPENING, "from survey.demo import folder", ("analysis-reads-documents", "survey.demo")),
    at_rest(
        "a command's client",
        OPENING,
        "from survey.commands import withdraw_client",
        ("analysis-reads-documents", "survey.commands"),
    ),
    at_rest(
        "servers in the questionnaire",
        QUESTIONS,
        "from survey.serving import servers",
        ("survey-layers", "survey.serving"),
    ),
    # Libraries load HTTP clients for themselves, so that a fresh interpreter says nothing of ours.
    replace(
        at_rest("an HTTP client", OPENING, "import urllib.request", ("analysis-offline", None)),
        banned="urllib.request",
    ),
    replace(
        at_rest(
            "an HTTP client in a document", "survey/wave/manifest.py", "import http.client", ("analysis-offline", None)
        ),
        banned="http.client",
    ),
    at_rest("psycopg", OPENING, "import psycopg", ("no-web", None)),
    at_rest("gunicorn", OPENING, "import gunicorn", ("no-web", None)),
    at_rest("argon2", OPENING, "import argon2", ("no-web", None)),
    at_rest("a program that sends", OPENING, "import subprocess", ("analysis-offline", None)),
    at_rest("a browser", OPENING, "import webbrowser", ("analysis-offline", None)),
    at_rest("a bare socket", OPENING, "import _socket", ("analysis-offline", None)),
    at_rest("a connection", OPENING, "import multiprocessing.connection", ("one-child", None)),
    at_rest("pandas, which reads addresses", OPENING, "import pandas", ("data-frames", None)),
    replace(
        at_rest("a log that is sent", OPENING, "import logging.handlers", ("", None)),
        banned="logging.handlers",
    ),
    replace(
        at_rest("an import by name", OPENING, "def peek(): __import__('survey.office_db.tables')", ("", None)),
        banned="builtins.__import__",
    ),
    replace(
        at_rest("noise of numpy", "analysis/estimates/estimates.py", NUMPY_NOISE, ("", None)),
        banned="numpy.random",
    ),
    at_rest("noise with a seed", "analysis/releasing/signed_release.py", "import random", ("randomness", None)),
    at_rest("noise of secrets", "analysis/releasing/signed_release.py", "import secrets", ("secrets-are-listed", None)),
    at_rest("shares", "analysis/exports/export.py", "from crypto import custody", ("custodians-secrets", None)),
    at_rest("seeds", "analysis/exports/export.py", "from crypto import seed", ("custodians-secrets", None)),
    at_rest("answers in reports", "analysis/report/report.py", ANSWERS, ("opened-answers", None)),
    at_rest("answers in pictures", "analysis/pictures/draw.py", ANSWERS, ("opened-answers", None)),
    at_rest("exact counts in pictures", "analysis/pictures/draw.py", COUNTS, ("exact-counts", None)),
    at_rest("opendp in the export", "analysis/exports/export.py", "import opendp", ("one-noise-maker", None)),
)
ROOMS = (
    at_rest("a room of survey without a floor", "survey/attic/__init__.py", '"""An attic."""', ("survey-layers", None)),
    at_rest(
        "a room of analysis without a floor", "analysis/attic/__init__.py", '"""An attic."""', ("analysis-layers", None)
    ),
)
MUTATIONS = (
    *ENVELOPES,
    *ANSWERS_PROCESS,
    *STAFF_AND_CODES,
    *DATABASES,
    *NETWORK,
    *PAST_CONTRACTS,
    *KEYS_AND_CODES,
    *ANALYSIS,
    *ROOMS,
)
