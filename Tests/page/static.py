"""Serves the page's files and the unit tests as the server does: the same types, the same policy."""

import http.server
import pathlib
import threading

HERE = pathlib.Path(__file__).resolve().parent
FILES = HERE.parent.parent / "Sources/Server/Page/Files"
TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "html": "text/html; charset=utf-8",
         "svg": "image/svg+xml"}
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        folder, _, name = self.path.lstrip("/").partition("/")
        place = {"page": FILES, "unit": HERE / "unit"}.get(folder)
        file = place / name if place and "/" not in name else None
        if not file or not file.is_file():
            self.send_error(404)
            return
        body = file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(file.suffix[1:], "application/octet-stream"))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
