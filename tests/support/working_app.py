"""An app whose every request works for as many seconds as its body says, and tells the moments at which it did."""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_STEP = 0.02


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Time in which the app holds still is not worked in."""
        seconds = float(self.rfile.read(int(self.headers["Content-Length"] or 0)) or 0)
        moments = []
        for _ in range(round(seconds / _STEP)):
            time.sleep(_STEP)
            moments.append(str(time.time()))
        body = " ".join(moments).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 (http.server looks it up by this name)

    def log_message(self, *_):
        pass


ip, port = os.environ["ADDRESS"].rsplit(":", 1)
ThreadingHTTPServer((ip, int(port)), Handler).serve_forever()
