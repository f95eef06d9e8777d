"""What a host published is read from a folder or by HTTP; whatever else comes is told in words."""

import socket
import threading

import pytest

from survey.public_log.published_source import PublishedSource, PublishedSourceError


def answer(server: socket.socket, reply: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(reply)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (b"nonsense\r\n\r\n", "cannot be reached"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "answers 503"),
    ],
)
def test_what_is_no_answer_is_told(reply, message):
    """Bytes that are no HTTP, and a response without a file, are a PublishedSourceError with its cause."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server, reply))
        thread.start()
        with pytest.raises(PublishedSourceError, match=message):
            PublishedSource(f"http://127.0.0.1:{server.getsockname()[1]}").read("log/key")
        thread.join()


def test_a_file_that_is_not_there_is_none(tmp_path):
    """A published folder without the file gives None; control: with it, its bytes."""
    assert PublishedSource(str(tmp_path)).read("log/key") is None
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "key").write_bytes(b"x")
    assert b"x" == PublishedSource(str(tmp_path)).read("log/key")
