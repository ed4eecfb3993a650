"""A chat server: python-socketio on uvicorn, as its documentation shows it.

Also the wrong-version server: run with the old packages (python-socketio 4, python-engineio 3), the same lines give
a server that refuses `EIO=4`.
"""

import argparse
import asyncio
import pathlib
import sys

import socketio
import uvicorn


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--socket-path", default="socket.io")
    parser.add_argument("--transports", help="the only transports allowed, with commas between")
    parser.add_argument("--origin", action="append", help="an origin allowed; without it, the server's own")
    parser.add_argument("--connect", choices=["accept", "never"], default="accept")
    parser.add_argument("--help-endpoint", action="store_true", help="with the recipe of www/server-help")
    return parser.parse_args()


def server_of(args):
    options = {"async_mode": "asgi"}
    if args.transports:
        options["transports"] = args.transports.split(",")
    if args.origin:
        options["cors_allowed_origins"] = args.origin
    server = socketio.AsyncServer(**options)

    async def connect(sid, environ, *auth):
        if args.connect == "never":
            # As a handler that waits for a database or Redis which never answers.
            await asyncio.Event().wait()

    server.on("connect", connect)
    return server


async def web(scope, receive, send):
    """The rest of the application: its health endpoint, and 404 for what it does not know."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
        return
    known = scope["path"] == "/health"
    await send(
        {
            "type": "http.response.start",
            "status": 200 if known else 404,
            "headers": [(b"content-type", b"application/json")],
        }
    )
    body = b'{"status":"ok"}' if known else b'{"detail":"Not Found"}'
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    args = arguments()
    app = socketio.ASGIApp(server_of(args), web, socketio_path=args.socket_path)
    if args.help_endpoint:
        sys.path.append(str(pathlib.Path(__file__).parents[4] / "www/server-help"))
        from asgi import ConnectionDoctorHelp

        app = ConnectionDoctorHelp(app)
    uvicorn.run(app, host="127.0.0.1", port=args.port, log_level="info")
