"""A chat server whose origin speaks HTTP/2: python-engineio on hypercorn with TLS, the page's files beside it.

A browser loads the page by HTTP/2 and opens the WebSocket on HTTP/1.1 or by an extended CONNECT; polling works.
"""

import argparse
import asyncio
import mimetypes
import pathlib

import engineio
from hypercorn.asyncio import serve
from hypercorn.config import Config

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/wasm", ".wasm")

CHAT_PAGE = b"<!doctype html><html lang=en><title>Lab chat</title><div id=root>Chat</div></html>"


def page(folder, config):
    """An ASGI application that serves the built folder at /diagnostics/ and a chat page at /."""

    def answer(path):
        if path == "/":
            return 200, "text/html; charset=utf-8", CHAT_PAGE
        if path == "/health":
            return 200, "application/json", b'{"status":"ok"}'
        if not path.startswith("/diagnostics/"):
            return 404, "text/plain", b"not found"
        name = path.removeprefix("/diagnostics/") or "index.html"
        if name == "connection-doctor.json":
            return 200, "application/json", config.encode()
        file = (folder / name).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            return 404, "text/plain", b"not found"
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return 200, kind, file.read_bytes()

    async def application(scope, receive, send):
        if scope["type"] != "http":
            return
        status, kind, body = answer(scope["path"])
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dist", type=pathlib.Path, required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    args = parser.parse_args()

    # Its default is the page's own origin, which it takes to be http whatever the scheme; that is another fault.
    engine = engineio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    app = engineio.ASGIApp(engine, page(args.dist.resolve(), args.config), engineio_path="socket.io")
    config = Config()
    config.bind = [f"127.0.0.1:{args.port}"]
    config.certfile = args.certificate
    config.keyfile = args.key
    asyncio.run(serve(app, config))
