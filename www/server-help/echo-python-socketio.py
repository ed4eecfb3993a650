"""Connection Doctor's echo for python-socketio; the README beside this file says what it is for.

connection_doctor_echo(sio)        # sio is the application's socketio.AsyncServer
"""

import secrets

INSTANCE = secrets.token_hex(8)  # another one in every process


def connection_doctor_echo(sio, event="connection-doctor", namespace="/"):
    async def echo(sid, room, text):
        room, text = f"connection-doctor:{room}"[:82], str(text)
        await sio.enter_room(sid, room, namespace=namespace)
        if text:  # In the background: a Redis that is down must not hold up the answer.
            sio.start_background_task(sio.emit, event, text[:64], room=room, namespace=namespace)
        return INSTANCE, len(text)

    sio.on(event, echo, namespace=namespace)
