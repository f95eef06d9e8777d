"""Answers to a phone that have one length whatever they say, so that the network does not see what was answered."""

from flask import Blueprint, Response, request


def answer_in_one_length(blueprint: Blueprint, size: int, content_type: str) -> None:
    """
    Make the body of every answer to a POST of a blueprint `size` bytes, refusals and failures included.

    Spaces follow what an answer says; its content type is the same too. What an answer says must not be longer. The
    status stays, which takes a few bytes more or less in a header.
    """

    @blueprint.after_request
    def in_one_length(response: Response) -> Response:
        if request.method == "POST":
            response.set_data(response.get_data().ljust(size))
            response.content_type = content_type
        return response
