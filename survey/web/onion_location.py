"""The header by which Tor Browser offers a host's .onion address, sent with pages under every other name."""

from http import HTTPStatus

from flask import Flask, Response, request

ONION = ".onion"


def install_onion_location(app: Flask, hosts: tuple[str, ...]) -> None:
    """Add `Onion-Location` to pages where `hosts` has an .onion name; under that name none has it."""
    onion = next((name for name in hosts if name.endswith(ONION)), None)

    def add_location(response: Response) -> Response:
        is_page = response.status_code == HTTPStatus.OK and response.mimetype == "text/html"
        query = request.environ.get("QUERY_STRING", "")
        if is_page and query.isascii() and not request.host.partition(":")[0].endswith(ONION):
            response.headers["Onion-Location"] = f"http://{onion}{request.path}{query and f'?{query}'}"
        return response

    if onion:
        app.after_request(add_location)
