"""A subscriber in Python, with its standard library alone: python3 subscriber.py

PORT    where it listens               TOPIC   the address that was subscribed to
SECRET  what was sent as hub.secret
"""
import base64, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SECRET, TOPIC = os.environ["SECRET"].encode(), os.environ["TOPIC"]
seen = set()  # A delivery may come twice. Keep the ids where a restart does not lose them.


def is_signed(headers, body):
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(headers.get("X-Hub-Signature", ""), expected):
        return False
    # Standard Webhooks: webhooks of an owner have these headers, and subscribers that asked for hub.signature=standard. If you did, do without this line.
    if "webhook-signature" not in headers:
        return True
    name, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent.isdecimal() or abs(time.time() - int(sent)) > 300:
        return False  # Overheard, and sent again later.
    content = f"{name}.{sent}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(SECRET, content, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, expected) for one in headers["webhook-signature"].split(" "))


class Subscriber(BaseHTTPRequestHandler):
    def do_GET(self):
        # The hub asks whether this subscription is wanted: the challenge back says yes, a 404 says no.
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if query.get("hub.topic") == TOPIC and query.get("hub.mode") in ("subscribe", "unsubscribe"):
            return self.answer(200, query["hub.challenge"])
        if query.get("hub.mode") == "denied":
            print("denied:", query.get("hub.reason"), flush=True)
            return self.answer(200, "")
        self.answer(404, "")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not is_signed(self.headers, body):
            return self.answer(401, "")  # Not from the hub, or not from now: nothing is done with it.
        for item in reversed(json.loads(body)["items"]):  # The newest stands first.
            if item["id"] not in seen:
                seen.add(item["id"])
                print(item["title"], flush=True)
        # Only now: what is answered with 2xx is not sent again.
        self.answer(204, "")

    def answer(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Subscriber).serve_forever()
