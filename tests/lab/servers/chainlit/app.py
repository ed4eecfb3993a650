"""The smallest Chainlit application; with CHAINLIT_AUTH_SECRET in its environment it asks for a password."""

import os

import chainlit as cl

if os.environ.get("CHAINLIT_AUTH_SECRET"):

    @cl.password_auth_callback
    def sign_in(username: str, password: str):
        return cl.User(identifier=username) if (username, password) == ("lab", "lab") else None


@cl.on_message
async def answer(message: cl.Message):
    await cl.Message(content=f"You said: {message.content}").send()
