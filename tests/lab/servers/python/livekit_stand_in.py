"""A stand-in for a LiveKit server, and not LiveKit: the real one is a Go program that none of the lab's registries has.

It says so in its `Server` header and in the JoinResponse (`server_info.debug_info`). What it answers was read in
livekit/livekit (pkg/service); its messages are LiveKit's own (PyPI livekit-protocol), tokens are really checked, and its
media is a real WebRTC stack (aiortc), so that the page's codec is never tested against itself.

It has no tracks, no Twirp, no JSON frames and no resuming (a resume is told STATE_MISMATCH, as one that came too late).
aiortc has no ICE over TCP: a bridge from RFC 4571 frames to a UDP socket stands where LiveKit listens on rtc.tcp_port.
LiveKit is ICE lite and never sends the first check; so the page's candidates are ignored here.

`--print-token KIND` prints a token and ends. On stdout: `listening on PORT`, then a line for each thing that happened.
"""

import argparse
import asyncio
import base64
import gzip
import json
import re
import socket
import struct
import sys
import time

import aioice.ice
import jwt
from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

NAME = "livekit-stand-in"
# Nobody's address here: what a server behind NAT offers without use_external_ip.
PRIVATE = "10.20.30.40"
# Public, and nobody's by RFC 5737 (TEST-NET-3).
PUBLIC = "203.0.113.7"
CANDIDATES = re.compile(r"a=(candidate:.*|end-of-candidates)\r\n")
TOKENS = ["good", "expired", "early", "wrong-key", "wrong-secret", "no-grant", "no-video", "no-subscribe"]
# The same faults in the words of go-jose (servers until 2026) and of golang-jwt (since).
EXPIRED = "/jwt: validation failed, token is expired (exp)", "token has invalid claims: token is expired"
EARLY = "/jwt: validation failed, token not valid yet (nbf)", "token has invalid claims: token is not valid yet"
FORGED = ": error in cryptographic primitive", "token signature is invalid: signature is invalid"
FAULTS = {jwt.ExpiredSignatureError: EXPIRED, jwt.ImmatureSignatureError: EARLY, jwt.InvalidSignatureError: FORGED}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int)
    parser.add_argument("--key", default="lab-key")
    parser.add_argument("--secret", default="a-secret-of-the-lab-and-of-nobody-else")
    parser.add_argument("--print-token", choices=TOKENS)
    parser.add_argument("--identity", default="lab-person", help="in a printed token")
    parser.add_argument("--ice-servers", type=json.loads, default=[], help="a JSON list; `urls` are lists")
    own = next(iter(aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=False)), "127.0.0.1")
    parser.add_argument("--address", default=own, help="where media listens: this machine's first, or loopback")
    for name, help, *choices in [
        ("--not-ready", "/ answers 406, and no session begins"),
        ("--no-v1", "older than 1.9.2: no /rtc/v1, and errors that show the token"),
        ("--no-auto-create", "room.auto_create is off, and no room exists"),
        ("--close-after-open", "the WebSocket opens, and closes with 1000"),
        ("--candidates", "whose addresses the server offers", "real", "private", "private-too", "public", "none"),
        ("--media", "silent: UDP and TCP both", "answers", "silent"),
        ("--udp", "silent: offered, and never answers", "on", "off", "silent"),
        ("--tcp", "as --udp", "on", "off", "silent"),
        ("--join", "never: the WebSocket opens, and not a word", "answers", "never"),
    ]:
        how = {"choices": choices, "default": choices[0]} if choices else {"action": "store_true"}
        parser.add_argument(name, help=help, **how)
    args = parser.parse_args()
    if args.media == "silent":
        args.udp = args.tcp = "silent"
    return args


def token(args, kind):
    now = int(time.time())
    video = {"room": "lab-room", "roomJoin": kind != "no-grant", "canSubscribe": kind != "no-subscribe"}
    claims = {
        "iss": "another-key" if kind == "wrong-key" else args.key,
        "sub": args.identity,
        "nbf": now + 3600 if kind == "early" else now - 7200,
        "exp": now - 3600 if kind == "expired" else now + 7200,
    } | ({} if kind == "no-video" else {"video": video})
    secret = "another-secret-which-this-server-knows-not" if kind == "wrong-secret" else args.secret
    return jwt.encode(claims, secret, algorithm="HS256")


class Transport:
    """One of the server's peer connections: the subscriber's, which offers, or the publisher's, which answers."""

    def __init__(self, args, target):
        self.args, self.target = args, target
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.open = []
        name = rtc.SignalTarget.Name(target).lower()
        self.pc.on("connectionstatechange", lambda: print("media", name, self.pc.connectionState))

    def ice(self):
        return self.pc.sctp.transport.transport._connection

    async def accept(self, description):
        await self.pc.setRemoteDescription(RTCSessionDescription(CANDIDATES.sub("", description.sdp), description.type))

    async def describe(self, offer=None):
        """The answer to an offer, or its own offer."""
        if offer:
            await self.accept(offer)
        else:
            self.pc.createDataChannel("_reliable")
            self.pc.createDataChannel("_lossy", maxRetransmits=0)
        await self.pc.setLocalDescription()
        if not offer:
            # aiortc is never lite, and leads where it offers; a lite server never leads.
            self.ice().ice_controlling = False
        local = self.pc.localDescription
        sdp = CANDIDATES.sub("", local.sdp).replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n", 1)
        sdp = re.sub(r"(m=\w+ )\d+( .*\r\nc=IN IP4 )\S+", r"\g<1>9\g<2>0.0.0.0", sdp)
        return rtc.SessionDescription(type=local.type, sdp=sdp, id=offer.id if offer else 1)

    async def candidates(self):
        """UDP as aioice listens, TCP where the bridge does; once."""
        if self.open or self.args.candidates == "none":
            return []
        own = self.args.address
        # private-too: beside its real address, as a server with several networks has it.
        told = {"private": [PRIVATE], "private-too": [PRIVATE, own], "public": [PUBLIC]}.get(self.args.candidates, [own])
        # Bound and never read: behind a firewall that drops.
        deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        deaf.bind((self.args.address, 0))
        tcp = await asyncio.start_server(self.bridge if self.args.tcp == "on" else lambda *_: None, self.args.address, 0)
        self.open = [deaf, tcp]
        lines = []
        if self.args.udp != "off":
            port = self.ice().local_candidates[0].port if self.args.udp == "on" else deaf.getsockname()[1]
            lines += [f"candidate:1{place} 1 udp 2130706431 {host} {port} typ host" for place, host in enumerate(told)]
        if self.args.tcp != "off":
            port = tcp.sockets[0].getsockname()[1]
            lines += [f"candidate:2{place} 1 tcp 1671430143 {host} {port} typ host tcptype passive" for place, host in enumerate(told)]
        mid = re.search(r"a=mid:(\S+)", self.pc.localDescription.sdp)[1]
        inits = [json.dumps({"candidate": line, "sdpMid": mid, "sdpMLineIndex": 0}) for line in lines]
        return [rtc.TrickleRequest(candidateInit=init, target=self.target, final=init is inits[-1]) for init in inits]

    async def bridge(self, reader, writer):
        """ICE over TCP: frames of RFC 4571 become datagrams to this peer connection, and back."""

        class Back(asyncio.DatagramProtocol):
            def datagram_received(self, data, _):
                writer.write(struct.pack("!H", len(data)) + data)

        media = (self.args.address, self.ice().local_candidates[0].port)
        there, _ = await asyncio.get_running_loop().create_datagram_endpoint(Back, remote_addr=media)
        try:
            while True:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                there.sendto(await reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            there.close()
            writer.close()

    async def close(self):
        for listener in self.open:
            listener.close()
        await self.pc.close()


class Session:
    """One participant on one WebSocket."""

    def __init__(self, args, ws, claims, join, query):
        self.args, self.ws, self.join = args, ws, join
        self.room = claims["video"].get("room", "")
        self.identity = "#".join(filter(None, [claims["sub"], query.get("publish")]))
        subscribes = claims["video"].get("canSubscribe", True) and not query.get("publish")
        self.subscriber_primary = join is None and subscribes and int(query.get("protocol") or 0) > 2
        self.transports = {}

    async def send(self, **message):
        await self.ws.send_bytes(rtc.SignalResponse(**message).SerializeToString())

    async def send_leave(self, reason, action):
        await self.send(leave=rtc.LeaveRequest(reason=reason, action=action))
        await self.ws.close()

    async def describe(self, target, offer=None):
        """Its own offer, or the answer to one; then its candidates."""
        if target not in self.transports:
            self.transports[target] = Transport(self.args, target)
        transport = self.transports[target]
        await self.send(**{"answer" if offer else "offer": await transport.describe(offer)})
        for candidate in await transport.candidates():
            await self.send(trickle=candidate)

    def welcome(self):
        info = models.ServerInfo(version="1.9.12", protocol=16, node_id=f"ND_{NAME}", debug_info=NAME)
        return rtc.JoinResponse(
            room=models.Room(sid=f"RM_{self.room}", name=self.room),
            participant=models.ParticipantInfo(sid=f"PA_{id(self):x}", identity=self.identity, state="JOINED"),
            server_version=info.version,
            server_info=info,
            ice_servers=[rtc.ICEServer(**server) for server in self.args.ice_servers],
            subscriber_primary=self.subscriber_primary,
            ping_interval=5,
            ping_timeout=15,
        )

    async def run(self):
        print("joined", self.identity)
        how = "socket"
        try:
            await self.send(join=self.welcome())
            await self.send(refresh_token=token(self.args, "good"))
            if self.subscriber_primary:
                await self.describe(rtc.SignalTarget.SUBSCRIBER)
            if self.join and self.join.HasField("publisher_offer"):
                await self.describe(rtc.SignalTarget.PUBLISHER, self.join.publisher_offer)
            async for frame in self.ws:
                request = rtc.SignalRequest.FromString(frame.data)
                if request.HasField("leave"):
                    how = "leave"
                    break
                await self.handle(request)
        except (ConnectionError, DecodeError, KeyError, TypeError) as fault:
            how = repr(fault)
        finally:
            await self.ws.close()
            for transport in self.transports.values():
                await transport.close()
            print("left", self.identity, how)

    async def handle(self, request):
        now = int(time.time() * 1000)
        if request.HasField("ping"):
            await self.send(pong=now)
        elif request.HasField("ping_req"):
            await self.send(pong_resp=rtc.Pong(last_ping_timestamp=request.ping_req.timestamp, timestamp=now))
        elif request.HasField("offer"):
            await self.describe(rtc.SignalTarget.PUBLISHER, request.offer)
        elif request.HasField("answer"):
            await self.transports[rtc.SignalTarget.SUBSCRIBER].accept(request.answer)


class Server:
    def __init__(self, args):
        self.args = args
        self.sessions = {}

    def claims(self, request):
        """The token middleware: on every path, where a token is given."""
        header = request.headers.get("Authorization", "")
        given = header.removeprefix("Bearer ") or request.query.get("access_token")
        if not given:
            return {}
        try:
            key = jwt.decode(given, options={"verify_signature": False}).get("iss", "")
        except jwt.InvalidTokenError:
            raise web.HTTPUnauthorized(text="invalid authorization token")
        if key != self.args.key:
            raise web.HTTPUnauthorized(text=f"invalid API key: {key}")
        try:
            return jwt.decode(given, self.args.secret, algorithms=["HS256"], leeway=60, options={"verify_iat": False})
        except tuple(FAULTS) as fault:
            old, new = FAULTS[type(fault)]
            was = f"invalid token: {given}, error: go-jose/go-jose{old}"
            raise web.HTTPUnauthorized(text=was if self.args.no_v1 else f"invalid authorization token: {new}")

    def validate(self, query, claims, version):
        """What the validate paths ask, and the handshake before its 101; the join request of version 1, decoded."""
        join = None
        if version == 1:
            if not query.get("join_request"):
                raise web.HTTPBadRequest(text="join_request is required")
            try:
                wrapped = rtc.WrappedJoinRequest.FromString(base64.urlsafe_b64decode(query["join_request"]))
                packed = wrapped.compression == rtc.WrappedJoinRequest.GZIP
                join = rtc.JoinRequest.FromString(gzip.decompress(wrapped.join_request) if packed else wrapped.join_request)
            except (ValueError, OSError, DecodeError):
                raise web.HTTPBadRequest(text="cannot unmarshal join request")
        if "video" not in claims:
            raise web.HTTPUnauthorized(text="no permissions to access the room")
        if not claims["video"].get("roomJoin"):
            raise web.HTTPUnauthorized(text="permissions denied")
        if not claims.get("sub"):
            raise web.HTTPBadRequest(text="identity cannot be empty")
        if self.args.no_auto_create:
            raise web.HTTPNotFound(text="requested room does not exist")
        return join

    async def answer(self, request):
        path = "/" + request.path.lstrip("/")
        claims = self.claims(request)
        if path == "/" and self.args.not_ready:
            raise web.HTTPNotAcceptable(text="Not Ready\nNode Updated At 1970-01-01 00:00:00 +0000 UTC")
        if path == "/":
            return web.Response(text="OK")
        known = re.fullmatch(r"/rtc(/v1)?(/validate)?", path)
        if not known or (known[1] and self.args.no_v1):
            raise web.HTTPNotFound(text="404 page not found\n")
        if not known[2] and request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(status=404)
        join = self.validate(request.query, claims, 1 if known[1] else 0)
        if known[2]:
            return web.Response(text="success")
        if self.args.not_ready:
            # A node that no longer reports itself is given no session, and only then would be upgraded.
            raise web.HTTPServiceUnavailable(text="could not find any available nodes")
        return await self.serve(request, claims, join)

    async def serve(self, request, claims, join):
        ws = web.WebSocketResponse(heartbeat=10)
        await ws.prepare(request)
        session = Session(self.args, ws, claims, join, request.query)
        if self.args.join == "never":
            async for _ in ws:
                pass
        elif self.args.close_after_open:
            await ws.close()
        elif request.query.get("reconnect") in ("1", "true") or (join and join.reconnect):
            await session.send_leave("STATE_MISMATCH", "RECONNECT")
        else:
            if session.identity in self.sessions:
                print("displaced", session.identity)
                await self.sessions[session.identity].send_leave("DUPLICATE_IDENTITY", "DISCONNECT")
            self.sessions[session.identity] = session
            await session.run()
            if self.sessions.get(session.identity) is session:
                del self.sessions[session.identity]
        return ws


async def dress(request, response):
    """CORS as rs/cors gives it to any origin; the validate paths say `*`."""
    response.headers["Server"] = NAME
    origin = "*" if request.path.endswith("/validate") else request.headers.get("Origin")
    if origin:
        response.headers.update({"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "*"})


if __name__ == "__main__":
    given = arguments()
    sys.stdout.reconfigure(line_buffering=True)
    if given.print_token:
        sys.exit(print(token(given, given.print_token)))
    # aioice leaves loopback out and takes every other interface.
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [given.address]
    app = web.Application()
    app.on_response_prepare.append(dress)
    app.router.add_route("*", "/{path:.*}", Server(given).answer)
    options = {"host": "127.0.0.1", "port": given.port, "access_log": None, "shutdown_timeout": 1}
    web.run_app(app, print=lambda _: print("listening on", given.port), **options)
