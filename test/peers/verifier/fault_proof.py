"""Fault proofs, from docs/spec/fault-proof.md; checkpoints as far as E3 needs them, from docs/spec/lane.md."""

import base64
import binascii
import json
import re

import statement as statements
from ed25519_rule import signature_fault
from statement import Refused, kid_of, require, sha256

HEX = re.compile(r"(?:[0-9a-f]{2})*\Z")
CHECKPOINT = re.compile(r"(momentd/([0-9a-f]{64})/([0-9a-f]{16}))\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n\Z")


def verify(text, genesis):
    """(fault code, kid) of what is proven."""
    require(len(text) <= 131_072, "fault-too-long")
    try:
        proof = json.loads(text)
    except ValueError:
        raise Refused("fault-format") from None
    require(isinstance(proof, dict), "fault-format")
    own = {"E1": ["statements"], "E2": ["statements", "body"], "E3": ["checkpoints"], "E4": ["statements"]}
    code = proof.get("code")
    require(code in own, "fault-format")
    require(set(proof) == {"momentd_fault", "network", "code", *own[code]}, "fault-format")
    network = _hex(proof["network"])
    require(proof["momentd_fault"] == 1 and len(network) == 32, "fault-format")
    exhibits = proof[own[code][0]]
    require(isinstance(exhibits, list) and len(exhibits) == 2, "fault-format")
    require(all(isinstance(exhibit, str) for exhibit in exhibits), "fault-format")
    if code != "E3":
        exhibits = [_hex(exhibit) for exhibit in exhibits]
    body = None if proof.get("body") is None else _hex(proof["body"])
    require(network == genesis.network, "fault-network")
    if code == "E3":
        return code, _fork(exhibits, genesis)
    a, b = (_exhibit(exhibit, genesis) for exhibit in exhibits)
    require(a.kid == b.kid and a.epoch == b.epoch, "fault-not-shown")
    require(_shows(code, a, b, body), "fault-not-shown")
    return code, a.kid


def _shows(code, a, b, body):
    ran_back = a.seq < b.seq and b.t <= a.t
    if code == "E1":
        return a.seq == b.seq and a.id < b.id
    if code == "E4":
        return b.seq == a.seq + 1 and b.previous != a.id and not ran_back
    if body is None:
        return ran_back
    try:
        reports = statements.reports(b, body)
    except Refused:
        return False
    return b.seq == a.seq + 1 and any(report.latest <= a.t for report in reports)


def _exhibit(data, genesis):
    try:
        return statements.verify(data, genesis.network, genesis.keys)
    except Refused:
        raise Refused("fault-exhibit") from None


def _fork(notes, genesis):
    (origin_a, size_a, root_a, kid), (origin_b, size_b, root_b, _) = (_checkpoint(note, genesis) for note in notes)
    require(origin_a == origin_b and size_a == size_b and root_a < root_b, "fault-not-shown")
    return kid


def _checkpoint(note, genesis):
    text, _, signatures = note.rpartition("\n\n")
    match = CHECKPOINT.match(text + "\n")
    require(match and signatures.endswith("\n"), "fault-exhibit")
    origin, network, kid, size, root = match.groups()
    require(bytes.fromhex(network) == genesis.network, "fault-exhibit")
    key = next((key for key in genesis.keys if kid_of(key).hex() == kid), None)
    require(key is not None, "fault-exhibit")
    key_id = sha256(origin.encode(), b"\n\x01", key)[:4]
    held = False
    for line in signatures[:-1].split("\n"):
        dash, name, blob = (line.split(" ") + ["", ""])[:3]
        try:
            raw = base64.b64decode(blob, validate=True)
        except binascii.Error:
            raise Refused("fault-exhibit") from None
        require(dash == "\u2014" and len(line.split(" ")) == 3 and len(raw) > 4, "fault-exhibit")
        if name != origin or raw[:4] != key_id:
            continue
        require(len(raw) == 68 and signature_fault(key, (text + "\n").encode(), raw[4:]) is None, "fault-exhibit")
        held = True
    require(held, "fault-exhibit")
    return origin, int(size), base64.b64decode(root), bytes.fromhex(kid)


def _hex(value):
    require(isinstance(value, str) and HEX.match(value), "fault-format")
    return bytes.fromhex(value)
