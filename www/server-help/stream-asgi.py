"""Connection Doctor's stream for any ASGI application; the README beside this file says what it is for.

Starlette, FastAPI:  app.add_middleware(ConnectionDoctorStream)
Any other:           app = ConnectionDoctorStream(app)
"""

import asyncio
import time

PATH = "/connection-doctor-stream"
HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]


class ConnectionDoctorStream:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) != PATH:
            return await self.app(scope, receive, send)
        asked = scope["query_string"].partition(b"seconds=")[2].partition(b"&")[0]
        seconds = min(max(int(asked), 2), 60) if asked.isdigit() else None
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        begun, count = time.monotonic(), seconds or 10
        for n in range(1, count + 2):
            name = "connection-doctor" if n <= count else "connection-doctor-end"
            await asyncio.sleep(0 if n > count else 1 if seconds else 0.2)
            event = f'event: {name}\ndata: {{"n":{n},"at":{round(1000 * (time.monotonic() - begun))}}}\n\n'
            await send({"type": "http.response.body", "body": event.encode(), "more_body": n <= count})
