"""Connection Doctor's server help for any ASGI application; the README beside this file says what it is for.

Starlette, FastAPI:  app.add_middleware(ConnectionDoctorHelp)
Chainlit:            the same in its own file, with `from chainlit.server import app`
Any other:           app = ConnectionDoctorHelp(app)
"""

import json

PATH = "/connection-doctor-help"
# With the attributes that the application gives its own cookie, such as Secure or Partitioned.
SET_COOKIE = b"connection-doctor-check=1; Path=/; Max-Age=300; HttpOnly; SameSite=Lax"


class ConnectionDoctorHelp:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) != PATH:
            return await self.app(scope, receive, send)
        status, body, headers = 403, b"", [(b"cache-control", b"no-store")]
        if scope["method"] in ("GET", "HEAD"):
            body = json.dumps({"connection-doctor": 1, "cookies": cookies(scope["headers"])}).encode()
            status, headers = 200, [*headers, (b"content-type", b"application/json"), (b"set-cookie", SET_COOKIE)]
        elif scope["method"] == "POST" and (b"sec-fetch-site", b"same-origin") in scope["headers"]:
            status, headers = 204, [*headers, (b"clear-site-data", b'"cache", "cookies", "storage"')]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def cookies(headers):
    """The name of every cookie and the size of its value, never the value; one without "=" is a value without a name."""
    pairs = [pair.strip() for name, line in headers if name == b"cookie" for pair in line.split(b";")]
    split = [pair.split(b"=", 1) if b"=" in pair else (b"", pair) for pair in pairs if pair]
    return [{"name": name.decode("latin-1"), "size": len(value)} for name, value in split]
