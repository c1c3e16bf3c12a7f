# SPDX-License-Identifier: Apache-2.0
"""A server that counts in memory: GET /next answers "LIFE N", with N the number of this answer.

LIFE is chosen at its start, so that it tells a server that goes on from one that began anew. Any other path answers "ready".
"""
import http.server
import itertools
import secrets

LIFE = secrets.token_hex(8)
numbers = itertools.count(1)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = f"{LIFE} {next(numbers)}\n" if self.path == "/next" else "ready\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """The probes would fill the log."""


http.server.HTTPServer(("", 8080), Answer).serve_forever()
