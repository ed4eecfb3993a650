"""A chat server: python-socketio on uvicorn, as its documentation shows it.

Also the wrong-version server: run with the old packages (python-socketio 4, python-engineio 3), the same lines give
a server that refuses `EIO=4`.
"""

import argparse
import asyncio
import importlib.util
import itertools
import pathlib

import socketio
import uvicorn


# The application's own stream, as a language model's answer comes: waits in seconds, and a word after each.
STREAMS = {
    "flowing": [0.19] * 8,
    "at-once": [0] * 8,
    "pausing": [0.2, 0.2, 0.2, 6, 0.2, 0.2],
    "endless": itertools.repeat(1),
}


def recipe(name):
    """A file of www/server-help, just as an operator takes it."""
    file = pathlib.Path(__file__).parents[4] / "www/server-help" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--socket-path", default="socket.io")
    parser.add_argument("--transports", help="the only transports allowed, with commas between")
    parser.add_argument("--origin", action="append", help="an origin allowed; without it, the server's own")
    parser.add_argument("--connect", choices=["accept", "never"], default="accept")
    parser.add_argument("--help-endpoint", action="store_true", help="with the recipe of www/server-help")
    parser.add_argument("--stream-endpoint", action="store_true", help="with the recipe of www/server-help for streams")
    parser.add_argument("--answers", choices=STREAMS, help="how the application's own stream comes, at /api/answer")
    parser.add_argument("--echo", metavar="EVENT", help="with the recipe of www/server-help for the echo")
    parser.add_argument("--redis", metavar="URL", help="the Redis that several processes share their events by")
    parser.add_argument("--like-open-webui", action="store_true", help="set up as Open WebUI sets its own up")
    parser.add_argument("--ping-interval", type=float, default=25)
    parser.add_argument("--ping-timeout", type=float, default=20)
    parser.add_argument("--silent", action="store_true", help="it never pings")
    parser.add_argument("--ws-max-size", type=int, default=16 * 1024 * 1024, help="the largest frame that uvicorn takes")
    return parser.parse_args()


def server_of(args):
    options = {"async_mode": "asgi", "ping_interval": args.ping_interval, "ping_timeout": args.ping_timeout}
    if args.like_open_webui:
        # open_webui/socket/main.py, where ENABLE_WEBSOCKET_SUPPORT is on and WEBSOCKET_MANAGER is redis.
        options |= {"cors_allowed_origins": "*", "transports": ["websocket"], "allow_upgrades": True, "always_connect": True}
    if args.redis:
        options["client_manager"] = socketio.AsyncRedisManager(args.redis)
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
    if args.echo:
        recipe("echo-python-socketio").connection_doctor_echo(server, args.echo)
    if args.silent:
        from engineio.async_socket import AsyncSocket

        AsyncSocket.schedule_ping = lambda self: None
    return server


async def answer(waits, send):
    """Words one by one, each an event, in a format of the application's own."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    for number, wait in enumerate(waits):
        await asyncio.sleep(wait)
        word = b'data: {"choices":[{"delta":{"content":"word %d "}}]}\n\n' % number
        await send({"type": "http.response.body", "body": word, "more_body": True})
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


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
    if scope["path"] == "/api/answer" and args.answers:
        return await answer(STREAMS[args.answers], send)
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
        app = recipe("asgi").ConnectionDoctorHelp(app)
    if args.stream_endpoint:
        app = recipe("stream-asgi").ConnectionDoctorStream(app)
    uvicorn.run(app, host="127.0.0.1", port=args.port, log_level="info", ws_max_size=args.ws_max_size)
