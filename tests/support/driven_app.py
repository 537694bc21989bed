"""An app as people push them, driven by its environment: prints, waits, listens on ADDRESS, answers as told."""

import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

print("app: hello from", os.environ.get("NAME", "?"), flush=True)
time.sleep(float(os.environ.get("WAIT", "0")))
if code := os.environ.get("EXIT"):
    print("app: giving up", flush=True)
    sys.exit(int(code))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/die":
            os._exit(3)
        if self.path == "/hang":
            os.kill(os.getpid(), signal.SIGSTOP)
        if self.path == "/close":
            server.socket.close()
        if self.path == "/ponder":
            threading.Event().wait()
        if "minispaces-health" in self.headers["User-Agent"]:
            print("app: asked how it is", flush=True)
        if self.path == "/say":
            print("app: something", flush=True)
        body = os.environ.get("NAME", "?").encode() + b" " + self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(int(os.environ.get("STATUS", "200")))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 (http.server looks it up by this name)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


ip, port = os.environ["ADDRESS"].rsplit(":", 1)
server = Server((ip, int(os.environ.get("LISTEN", port))), Handler)
server.serve_forever()
