"""The guards of the server before any page: hosts, headers, addresses, bodies, cookies, tokens, limits, failures.

They are tested on an application of three echoing handlers, so that nothing but the guards is in play.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest
from fachwerk.engine.server.answer import attachment, header_value, is_local, json, page, redirect
from fachwerk.engine.server.asgi import Server
from fachwerk.engine.server.bodies import decode_json, read_form, read_json
from fachwerk.engine.server.csrf import check_origin, check_token, form_token, require_origin
from fachwerk.engine.server.limits import Limiter
from fachwerk.engine.server.request import Request
from fachwerk.engine.server.routes import Route, compile_routes
from fachwerk.engine.server.settings import Settings
from fachwerk.problems import Refused, say
from starlette.responses import Response
from starlette.testclient import TestClient

SECRET = "the inner workings"


class Echo:
    """A site that says what it was sent."""

    def __init__(self) -> None:
        self.routes: tuple[Route, ...] = (
            Route("/", {"GET": self.query}),
            Route("/form", {"POST": self.form}),
            Route("/api/v1/echo", {"POST": self.json}),
            Route("/api/v1/fail", {"GET": self.fail}),
            Route("/page/fail", {"GET": self.fail}),
            Route("/thing/{id}", {"GET": self.query}),
            Route("/thing/word", {"POST": self.form}),
            Route("/api/v1/greedy", {"POST": self.greedy}),
        )

    async def query(self, request: Request) -> Response:
        return json(
            orjson.dumps({"query": request.query, "arguments": request.arguments, "cookies": dict(request.cookies)})
        )

    async def form(self, request: Request) -> Response:
        form = await read_form(request, most_upload=1_000_000)
        files = {name: [(f.name, f.type, len(f.content)) for f in many] for name, many in form.files.items()}
        return json(orjson.dumps({"texts": form.texts, "files": files}))

    async def json(self, request: Request) -> Response:
        value = await read_json(request)
        return json(orjson.dumps(value, default=str))

    async def greedy(self, request: Request) -> Response:
        return json(await request.body())

    async def fail(self, request: Request) -> Response:
        raise RuntimeError(SECRET)

    async def identify(self, request: Request) -> None:
        request.language = "de" if request.headers.get("accept-language", "").startswith("de") else "en"

    async def refuse_page(self, request: Request, refused: Refused, incident: str) -> Response:
        return page(f"<p>{say(refused.message, request.language)}</p><i>{incident}</i>", refused.status)

    def finish(self, request: Request, response: Response) -> None:
        pass


def client_of(settings: Settings) -> TestClient:
    return TestClient(Server(Echo(), settings), base_url="http://localhost", follow_redirects=False)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with client_of(Settings(max_json=2_000, max_form=5_000)) as made:
        yield made


def code_of(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80:80", "localhost:x", "localhost@evil.example",
             "local host", "[::1", "", "lócalhost"],
)  # fmt: skip
def test_a_host_that_is_not_ours_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/api/v1/fail", headers={"host": host.encode("utf-8")})
    assert answer.status_code == 400
    assert code_of(answer) == "unknown_host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:80", "[::1]", "[::1]:8000"])
def test_a_host_of_ours_is_let_in(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


def test_hosts_below_a_domain() -> None:
    with client_of(Settings(hosts=(".example.org",))) as client:
        assert client.get("/", headers={"host": "a.example.org"}).status_code == 200
        assert client.get("/", headers={"host": "example.org.evil"}).status_code == 400
    with client_of(Settings(hosts=("*",))) as client:
        assert client.get("/", headers={"host": "any.where"}).status_code == 200
        assert client.get("/", headers={"host": "a/b"}).status_code == 400


def test_every_answer_carries_the_headers_of_safety(client: TestClient) -> None:
    for path in ("/", "/nowhere", "/page/fail", "/api/v1/nowhere"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers
        assert "server" not in headers


def test_https_is_insisted_on() -> None:
    with client_of(Settings(https=True)) as client:
        assert "max-age" in client.get("/").headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/?" + "a" * 9_000, 414), ("/" + "a" * 3_000, 414), ("/?" + "&".join("a=1" for _ in range(200)), 400),
     ("/?a=%ff", 400), ("/?a=%00", 400), ("/?%00=a", 400), ("/thing/%00", 400), ("/thing/%ff", 400),
     ("/thing/a%5cb", 400), ("/thing/%0a", 400), ("/thing/%e2%80%ae", 400), ("/thing/", 404), ("/thing//", 404),
     ("/../../etc/passwd", 404), ("/thing/..%2f..%2fetc", 404), ("/thing/%2e%2e/%2e%2e", 404)],
)  # fmt: skip
def test_addresses_that_are_none(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_unicode_in_an_address_is_read(client: TestClient) -> None:
    answer = client.get("/thing/stra%C3%9Fe?ort=M%C3%BCnchen&leer=")
    assert answer.json() == {"query": [["ort", "München"], ["leer", ""]], "arguments": ["straße"], "cookies": {}}


def test_headers_have_limits(client: TestClient) -> None:
    assert client.get("/", headers={"x-long": "a" * 40_000}).status_code == 431
    assert client.get("/", headers={f"x-{n}": "1" for n in range(150)}).status_code == 431
    assert client.get("/", headers=[("authorization", "Bearer a"), ("authorization", "Bearer b")]).status_code == 400


def test_the_first_cookie_of_a_name_counts(client: TestClient) -> None:
    answer = client.get("/", headers={"cookie": "a=1; a=2; b; =c; d=x=y"})
    assert answer.json()["cookies"] == {"a": "1", "": "c", "d": "x=y"}


def test_a_method_that_an_address_does_not_answer(client: TestClient) -> None:
    answer = client.delete("/thing/1")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.request("BREW", "/").status_code == 405
    assert client.post("/", headers={"x-http-method-override": "GET"}).status_code == 405
    assert client.options("/form").headers["allow"] == "OPTIONS, POST"


def test_a_word_goes_before_a_name(client: TestClient) -> None:
    assert client.get("/thing/word").status_code == 405
    assert client.get("/thing/words").status_code == 200
    with pytest.raises(ValueError, match="two routes"):
        compile_routes((Route("/a", {}), Route("/a", {})))


def test_no_body_is_read_that_was_not_allowed(client: TestClient) -> None:
    assert client.post("/api/v1/greedy", content=b"").status_code == 200
    assert code_of(client.post("/api/v1/greedy", content=b"a")) == "too_large"


def test_another_configuration_takes_over_between_requests() -> None:
    server = Server(Echo(), Settings())
    other = Echo()
    other.routes = (Route("/elsewhere", {"GET": other.query}),)
    with TestClient(server, base_url="http://localhost") as client:
        assert (client.get("/").status_code, client.get("/elsewhere").status_code) == (200, 404)
        server.use(other)
        assert (client.get("/").status_code, client.get("/elsewhere").status_code) == (404, 200)


def test_a_request_leaves_nothing_for_the_collector() -> None:
    server = Server(Echo(), Settings())
    kept: list[weakref.ref[Request]] = []

    async def keep(request: Request) -> Response:
        kept.append(weakref.ref(request))
        return json(b"")

    echo = Echo()
    echo.routes = (Route("/", {"GET": keep}),)
    server.use(echo)

    async def ask() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")]}
        gc.disable()
        try:
            await server(scope, nothing, nothing)
        finally:
            gc.enable()
        assert kept[0]() is None

    async def nothing(*_: object) -> Any:
        return {}

    asyncio.run(ask())


def test_head_is_get_without_a_body(client: TestClient) -> None:
    answer = client.head("/")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 0


def test_a_failure_tells_nothing_but_an_id(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        api, shown = client.get("/api/v1/fail"), client.get("/page/fail")
    assert api.status_code == shown.status_code == 500
    assert SECRET not in api.text + shown.text
    assert "Traceback" not in api.text + shown.text
    assert SECRET in caplog.text
    assert api.json()["error"]["id"] in caplog.text
    assert set(api.json()["error"]) == {"code", "message", "fields", "id"}


def test_refusals_speak_the_language_of_the_browser(client: TestClient) -> None:
    assert "Adresse" in client.get("/api/v1/nowhere", headers={"accept-language": "de-DE,en;q=0.5"}).text


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "bad_json"), (b"{", "bad_json"), (b"\xff\xfe", "bad_text"), (b'{"a":NaN}', "bad_json"),
     (b'{"a":Infinity}', "bad_json"), (b'{"a":1,"a":2}', "bad_json"), (b'"\\ud800"', "bad_text"),
     (b'"\\u0000"', "bad_text"), (b'{"\\u0000":1}', "bad_text"), (b'"a\x00b"', "bad_json"), (b"[" * 900 + b"]" * 900, "bad_json"),
     (b"[" * 30 + b"]" * 30, "bad_json"), (b"1e999999999", "bad_json"), (b"1" * 500, "bad_json"),
     (b"0." + b"1" * 500, "bad_json"), (b"{'a':1}", "bad_json"), (b'{"a":1}x', "bad_json"), (b"\xef\xbb\xbf{}", "bad_json")],
)  # fmt: skip
def test_json_that_is_refused(client: TestClient, body: bytes, code: str) -> None:
    answer = client.post("/api/v1/echo", content=body, headers=JSON)
    assert answer.status_code == 400
    assert code_of(answer) == code


def test_numbers_arrive_exactly() -> None:
    assert decode_json(b'{"a": 0.10, "b": 12345678901234567890.01, "c": 7}') == {
        "a": Decimal("0.10"),
        "b": Decimal("12345678901234567890.01"),
        "c": 7,
    }


def test_json_must_say_that_it_is(client: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"):
        assert client.post("/api/v1/echo", content=b"{}", headers={"content-type": kind}).status_code == 415
    assert (
        client.post(
            "/api/v1/echo", content=b"{}", headers={"content-type": "application/json; charset=utf-8"}
        ).status_code
        == 200
    )


def test_a_body_above_the_limit_is_refused_declared_or_not(client: TestClient) -> None:
    assert client.post("/api/v1/echo", content=b'"' + b"a" * 3_000 + b'"', headers=JSON).status_code == 413

    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"a" * 100

    assert client.post("/api/v1/echo", content=pieces(), headers=JSON).status_code == 413
    assert client.post("/api/v1/echo", content=b"1", headers={**JSON, "content-length": "-1"}).status_code == 400


def test_forms_are_read(client: TestClient) -> None:
    assert client.post("/form", data={"a": ["1", "2"], "ü": "ß"}).json()["texts"] == {"a": ["1", "2"], "ü": ["ß"]}
    sent = client.post("/form", data={"a": "1"}, files={"f": ('böse"/..\\.pdf', b"%PDF", "text/html")}).json()
    assert sent["texts"] == {"a": ["1"]}
    assert sent["files"]["f"][0][1:] == ["text/html", 4]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"a=%ff", "application/x-www-form-urlencoded", 400), (b"a=%00", "application/x-www-form-urlencoded", 400),
     (b"a=\xff", "application/x-www-form-urlencoded", 400), (b"a" * 6_000, "application/x-www-form-urlencoded", 413),
     (b"&".join(b"a=" for _ in range(2_000)) + b"&" * 2000, "application/x-www-form-urlencoded", 413),
     (b"{}", "application/json", 415), (b"", "", 415), (b"--x\r\n", "multipart/form-data", 400),
     (b"junk", "multipart/form-data; boundary=x", 400), (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x", 400),
     (b'--x\r\nContent-Disposition: form-data; name="a\x00"\r\n\r\nv\r\n--x--\r\n', "multipart/form-data; boundary=x", 400)],
)  # fmt: skip
def test_forms_that_are_refused(client: TestClient, body: bytes, kind: str, status: int) -> None:
    answer = client.post("/form", content=body, headers={"content-type": kind})
    assert answer.status_code == status


def test_an_upload_above_the_limit_is_refused(client: TestClient) -> None:
    assert client.post("/form", files={"f": ("a.bin", b"a" * 1_200_000)}).status_code == 413
    assert client.post("/form", files=[("f", (f"{n}.txt", b"a")) for n in range(60)]).status_code == 400


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nb", "\0", "ü"])
def test_a_header_value_with_control_characters_is_a_bug(value: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        header_value(value)


@pytest.mark.parametrize(
    "path",
    [
        "//evil",
        "/\\evil",
        "http://evil",
        "javascript:alert(1)",
        "",
        "evil",
        "/a\\b",
        "/a\nb",
        "/a\tb",
        "\\/evil",
        " /a",
    ],
)
def test_an_address_elsewhere_is_no_place_to_go(path: str) -> None:
    assert not is_local(path)
    with pytest.raises(ValueError, match="path"):
        redirect(path)


def test_names_of_files_cannot_break_out_of_their_header() -> None:
    value = attachment('ü"; filename="x.html\r\nSet-Cookie: a=b')
    assert "\r" not in value
    assert value.startswith('attachment; filename="___ filename=_x.html__Set-Cookie: a=b"; filename*=UTF-8')


def test_form_tokens_belong_to_one_cookie() -> None:
    check_token("secret", form_token("secret"))
    for secret, given in (
        ("secret", form_token("other")),
        ("secret", None),
        ("secret", ""),
        ("", form_token("")),
        (None, "x"),
        ("secret", "ü"),
    ):
        with pytest.raises(Refused):
            check_token(secret, given)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [({}, True), ({"sec-fetch-site": "same-origin"}, True), ({"sec-fetch-site": "none"}, True),
     ({"sec-fetch-site": "cross-site"}, False), ({"sec-fetch-site": "same-site"}, False),
     ({"origin": "http://a.org"}, True), ({"origin": "http://b.org"}, False), ({"origin": "null"}, False),
     ({"origin": "ftp://a.org"}, False), ({"origin": "http://a.org.evil"}, False)],
)  # fmt: skip
def test_requests_from_elsewhere(headers: dict[str, str], allowed: bool) -> None:
    sent = {"host": "a.org", **headers}
    if allowed:
        check_origin(sent, "http")
    else:
        with pytest.raises(Refused):
            check_origin(sent, "http")


def test_an_api_by_cookie_must_say_where_it_comes_from() -> None:
    with pytest.raises(Refused):
        require_origin({"host": "a.org"}, "http")


def test_attempts_are_counted_in_a_window() -> None:
    now = [0.0]
    limiter = Limiter(3, 60, lambda: now[0])
    for _ in range(3):
        assert limiter.wait("a") == 0
        limiter.note("a")
    assert limiter.wait("a") == 60
    assert limiter.wait("b") == 0
    now[0] = 61
    assert limiter.wait("a") == 0
    limiter.note("a")
    limiter.take_back("a")
    limiter.forget("a")
    assert limiter.wait("a") == 0
