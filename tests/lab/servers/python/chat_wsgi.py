"""A chat server on WSGI threads: python-socketio on werkzeug, WebSocket off as Open WebUI turns it off.

A deployment like this offers no upgrade (`"upgrades":[]`), and is whole.
"""

import argparse

import socketio
from werkzeug.serving import run_simple


def web(environ, start_response):
    """The rest of the application: its health endpoint, and 404 for what it does not know."""
    known = environ["PATH_INFO"] == "/health"
    start_response("200 OK" if known else "404 Not Found", [("Content-Type", "application/json")])
    return [b'{"status":"ok"}' if known else b'{"detail":"Not Found"}']


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    args = parser.parse_args()
    server = socketio.Server(async_mode="threading", transports=["polling"], allow_upgrades=False)
    run_simple("127.0.0.1", args.port, socketio.WSGIApp(server, web), threaded=True)
