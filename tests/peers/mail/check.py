"""Sends e-mails with lbhost to aiosmtpd, over STARTTLS and over TLS, and reads them with Python's own parser.

check.py LBHOST CERTIFICATES: the program, and the directory that tests/servers/tls/make-certs.sh has filled.
"""

import email
import email.policy
import json
import logging
import pathlib
import socket
import ssl
import subprocess
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

logging.disable(logging.CRITICAL)  # the server logs each client that leaves
lbhost, certificates = sys.argv[1], pathlib.Path(sys.argv[2])
here = pathlib.Path(__file__).parent

LONG = "Grüße an alle, die hier schon so lange auf eine lange Betreffzeile gewartet haben: 日本語 " * 3
MESSAGES = [
    {"from": "Planner <notify@app.example>", "to": ["alice@app.example"], "subject": "News", "text": "Hello\n"},
    {"from": '"Pl, \\"A\\" ner" <notify@app.example>', "to": ['"Q, Z" <q@app.example>', "Žofie <z@app.example>"],
     "cc": ["c@app.example"], "subject": LONG.strip(), "text": ".\n..\n=C3 \n\t\n" + "é" * 500 + "\n",
     "html": "<p>" + "x = 1 &amp; ü" * 200 + "</p>\n"},
    {"from": "notify@app.example", "to": ["alice@app.example"], "subject": "=?UTF-8?Q?no?=", "html": "<b>\u2028</b>\n"},
]


class Inbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"app", "pässword".encode())
    return AuthResult(success=good, handled=good)


def context():
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificates / "good.pem", certificates / "good.key")
    return made


class AnyPort(Controller):
    """A controller on a port that the kernel chooses."""

    def found_port(self):
        return self.server.sockets[0].getsockname()[1]

    def _trigger_server(self):  # a first connection, without which start() does not end
        socket.create_connection(("127.0.0.1", self.found_port()), 5).close()


def start(inbox, implicit):
    options = {"auth_required": True, "authenticator": authenticate}
    if implicit:
        options.update(ssl_context=context(), auth_require_tls=False)
    else:
        options.update(tls_context=context(), require_starttls=True)
    controller = AnyPort(inbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    return controller, controller.found_port()


def send(url, message, **more):
    options = {"url": url, "user": "app", "password": "pässword", "ca_file": str(certificates / "ca.pem"), **message, **more}
    done = subprocess.run([lbhost, "run", str(here / "send.lua")], input=json.dumps(options), text=True, timeout=60,
                          capture_output=True)
    return done.stdout.strip() + done.stderr.strip()


def addresses(header):
    return [(one.display_name, one.addr_spec) for one in header.addresses] if header else []


def expected(texts):
    policy = email.policy.default
    return [pair for text in texts for pair in addresses(policy.header_factory("To", text))]


def check(message, received):
    sender, recipients, content = received
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert not parsed.defects, parsed.defects
    assert sender == "notify@app.example", sender
    everyone = message["to"] + message.get("cc", [])
    assert recipients == [address for _, address in expected(everyone)], recipients
    assert addresses(parsed["From"]) == expected([message["from"]]), parsed["From"]
    assert addresses(parsed["To"]) == expected(message["to"]), parsed["To"]
    assert parsed["Subject"] == message["subject"], parsed["Subject"]
    assert parsed["Date"].datetime is not None
    for kind, preferred in (("text", "plain"), ("html", "html")):
        if kind in message:
            body = parsed.get_body((preferred,)).get_content().replace("\r\n", "\n")
            assert body.rstrip("\n") == message[kind].rstrip("\n"), body


for implicit in (False, True):
    inbox = Inbox()
    controller, port = start(inbox, implicit)
    url = f"{'smtps' if implicit else 'smtp'}://127.0.0.1:{port}"
    try:
        for message in MESSAGES:
            assert send(url, message) == "sent", send(url, message)
            check(message, inbox.mails[-1])
        count = len(inbox.mails)
        wrong = send(url, MESSAGES[0], password="wrong")
        assert wrong.startswith("network 535"), wrong
        stranger = send(url, MESSAGES[0], ca_file=str(certificates / "self-signed.pem"))
        assert stranger.startswith("tls"), stranger
        assert len(inbox.mails) == count
    finally:
        controller.stop()
    print(f"{len(MESSAGES)} e-mails over {'TLS' if implicit else 'STARTTLS'} read as they were sent")
