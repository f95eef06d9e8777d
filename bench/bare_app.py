"""The rival of the hand-in: the least Flask application that stores a body as durably, with no check at all."""

import hashlib
import os
import sqlite3

from flask import Flask, request


def create() -> Flask:
    """One route, one connection a worker, one insert and one synced commit a request."""
    app = Flask(__name__)
    connection = sqlite3.connect(os.environ["BARE_DATABASE"], isolation_level=None, check_same_thread=False)
    for pragma in ("page_size=8192", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
    columns = "(row_key BLOB PRIMARY KEY, record BLOB NOT NULL)"
    connection.execute(f"CREATE TABLE IF NOT EXISTS sealed {columns} WITHOUT ROWID")

    @app.post("/s/<study>")
    def hand_in(study: str) -> tuple[str, int]:  # noqa: ARG001 - the route has it
        body = request.get_data()
        key = hashlib.sha256(body).digest()
        connection.execute("INSERT OR IGNORE INTO sealed VALUES (?, ?)", (key, body))
        return key.hex(), 201

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app
