"""An app with a port written into its code, as people push them; it does what the test posts, and answers `answer`."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply("hello")

    def do_POST(self):
        scope = {}
        exec(self.rfile.read(int(self.headers["content-length"])), scope)
        self.reply(str(scope.get("answer")))

    def reply(self, text):
        body = text.encode("utf-8", "surrogateescape")
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


print("app begins", flush=True)
server = ThreadingHTTPServer((sys.argv[1] if len(sys.argv) > 1 else "0.0.0.0", 7860), Handler)
print("app listens", flush=True)
server.serve_forever()
