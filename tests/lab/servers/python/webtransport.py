"""A WebTransport server (aioquic) that sends back what it hears. At /refused it takes no session, at /silent it never answers."""

import argparse
import asyncio

from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DatagramReceived, HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated


class Sessions(QuicConnectionProtocol):
    http = None

    def quic_event_received(self, event):
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic, enable_webtransport=True)
        for heard in self.http.handle_event(event) if self.http else ():
            if isinstance(heard, HeadersReceived):
                self.answer(heard)
            elif isinstance(heard, DatagramReceived):
                self.http.send_datagram(heard.stream_id, heard.data)
            elif isinstance(heard, WebTransportStreamDataReceived):
                self._quic.send_stream_data(heard.stream_id, heard.data, end_stream=heard.stream_ended)
        self.transmit()

    def answer(self, request):
        path = dict(request.headers).get(b":path")
        if path == b"/silent":
            return
        status = b"404" if path == b"/refused" else b"200"
        headers = [(b":status", status), (b"sec-webtransport-http3-draft", b"draft02")]
        self.http.send_headers(request.stream_id, headers, end_stream=status != b"200")


async def main(args):
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=False, max_datagram_frame_size=65536)
    configuration.load_cert_chain(args.certificate, args.key)
    await serve("127.0.0.1", args.port, configuration=configuration, create_protocol=Sessions)
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    asyncio.run(main(parser.parse_args()))
