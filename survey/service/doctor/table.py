"""The table of the checks on the host itself, in the order in which they are told (decision 128)."""

from collections.abc import Iterator

from survey.service.doctor.check import Check
from survey.service.doctor.database import database_checks
from survey.service.doctor.files import file_checks
from survey.service.doctor.machine import machine_checks
from survey.service.doctor.web_server import web_server_checks


def inside_checks() -> Iterator[Check]:
    """Yield the checks that root makes on the host itself."""
    yield from machine_checks()
    yield from file_checks()
    yield from database_checks()
    yield from web_server_checks()
