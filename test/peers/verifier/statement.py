"""Statements, reports bodies and steps of a lane, from docs/spec/statement.md."""

import hashlib
from collections import namedtuple

import cbor2

import cbor_strict
from cbor_strict import NotCanonical, Tag
from ed25519_rule import signature_fault

I64_MAX = 2**63 - 1
ZERO = bytes(32)
KINDS = ["heartbeat", "reports", "challenge-answer", "checkpoint", "cut-vote"]

Statement = namedtuple("Statement", "bytes id kid network epoch seq previous kind t g subject tai_utc evidence")
Report = namedtuple("Report", "subject earliest latest")


class Refused(Exception):
    def __init__(self, code, verdict="reject"):
        super().__init__(code)
        self.code = code
        self.verdict = verdict


def require(claim, code):
    if not claim:
        raise Refused(code)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def kid_of(key):
    return sha256(key)[:8]


def is_integer(value, low=0, high=I64_MAX):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_bytes(value, size):
    return isinstance(value, bytes) and len(value) == size


def strict(data, code):
    try:
        return cbor_strict.loads(data)
    except NotCanonical:
        raise Refused(code) from None


def open_envelope(data):
    """(kid, payload, signature), rules 2 to 5."""
    require(data[:2] == b"\xd2\x84", "cose-envelope")
    require(data[2:8] == bytes.fromhex("4da201270448") and len(data) >= 16, "cose-protected")
    require(data[16:17] == b"\xa0", "cose-unprotected")
    size, at = _payload_size(data, 17)
    end = at + size
    require(data[end : end + 2] == b"\x58\x40" and len(data) == end + 66, "cose-envelope")
    kid, payload, signature = data[8:16], data[at:end], data[-64:]
    # A library that knows nothing of us reads the same envelope.
    tag = cbor2.loads(data)
    assert tag.tag == 18 and tag.value == [data[3:16], {}, payload, signature]
    return kid, payload, signature


def _payload_size(data, at):
    raw = data[at : at + 3]
    for length in (1, 2, 3):
        if len(raw) < length:
            continue
        size = raw[0] - 0x40 if length == 1 else int.from_bytes(raw[1:length], "big")
        if 0 <= size <= 16384 and cbor_strict.head(2, size) == raw[:length]:
            return size, at + length
    raise Refused("cose-envelope")


def signed_bytes(kid, payload):
    return cbor2.dumps(["Signature1", b"\xa2\x01\x27\x04\x48" + kid, b"", payload])


def decode(data):
    """Rules 1 to 14."""
    require(len(data) <= 341, "statement-too-long")
    kid, payload, signature = open_envelope(data)
    require(len(payload) <= 256, "statement-too-long")
    fields = strict(payload, "statement-not-canonical")
    require(isinstance(fields, dict) and list(fields) == list(range(10)), "statement-keys")
    require(is_integer(fields[0], 1, 1), "statement-version")
    require(all(is_bytes(fields[key], 32) for key in (1, 4, 7, 9)), "statement-type")
    require(is_integer(fields[2]) and is_integer(fields[3]), "statement-type")
    require(is_integer(fields[5], 0, 4), "statement-kind")
    t, g = _time(fields[6])
    require(is_integer(fields[8], 10, 255), "statement-tai-utc")
    require((fields[3] == 0) == (fields[4] == ZERO), "statement-previous")
    require((fields[5] == 0) == (fields[7] == ZERO), "statement-subject")
    message = signed_bytes(kid, payload)
    statement = Statement(
        data,
        sha256(message),
        kid,
        *(fields[key] for key in (1, 2, 3, 4)),
        KINDS[fields[5]],
        t,
        g,
        *(fields[key] for key in (7, 8, 9)),
    )
    return statement, message, signature


def _time(value):
    require(isinstance(value, Tag) and value.number == 1001 and isinstance(value.value, dict), "statement-time")
    time = value.value
    require(set(time) | {-2, -4} == {1, -1, -2, -4, -8, -9}, "statement-time")
    require(is_integer(time[-1], 1, 1), "statement-time")
    require(-2 not in time or is_integer(time[-2], 0, 255), "statement-time")
    require(-4 not in time or is_integer(time[-4], 0x17, 0x31), "statement-time")
    guarantee = time[-8]
    require(isinstance(guarantee, dict) and set(guarantee) == {1, -9}, "statement-time")
    t, g = _nanoseconds(time), _nanoseconds(guarantee)
    require(g >= 1 and t - g >= 0 and t + g <= I64_MAX, "statement-interval")
    return t, g


def _nanoseconds(parts):
    require(is_integer(parts[1], 0, 9_223_372_036) and is_integer(parts[-9], 0, 999_999_999), "statement-time")
    return parts[1] * 10**9 + parts[-9]


def verify(data, network, keys):
    """Rules 1 to 17. keys: registered public keys."""
    statement, message, signature = decode(data)
    require(statement.network == network, "statement-network")
    key = next((key for key in keys if kid_of(key) == statement.kid), None)
    if key is None:
        raise Refused("key-unknown", "ignore")
    fault = signature_fault(key, message, signature)
    require(fault is None, fault)
    return statement


def merkle_root(leaves):
    """RFC 6962 section 2.1 over leaf hashes."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", merkle_root(leaves[:split]), merkle_root(leaves[split:]))


def reports(statement, body):
    require(statement.kind == "reports", "reports-unexpected")
    require(len(body) <= 56_320, "reports-too-long")
    entries = strict(body, "reports-format")
    require(isinstance(entries, list) and 1 <= len(entries) <= 1024, "reports-format")
    read = []
    for entry in entries:
        require(isinstance(entry, list) and len(entry) == 3 and is_bytes(entry[0], 32), "reports-format")
        subject, earliest, latest = entry
        require(is_integer(earliest, -(2**63), 2**64) and is_integer(latest, -(2**63), 2**64), "reports-format")
        require(earliest <= latest and earliest >= -60_000_000_000 and latest <= statement.g, "reports-interval")
        require(not read or read[-1].subject < subject, "reports-order")
        read.append(Report(subject, statement.t + earliest, statement.t + latest))
    root = merkle_root([sha256(b"\x00", cbor_strict.dumps(entry)) for entry in entries])
    require(root == statement.subject, "reports-root")
    return read


def check_step(a, b):
    require(a.network == b.network and a.kid == b.kid, "lane-step-signer")
    require(b.seq == a.seq + 1, "lane-step-seq")
    require(b.epoch >= a.epoch, "lane-step-epoch")
    require(b.previous == a.id, "lane-step-link")
    require(b.t > a.t, "lane-step-time")


def check_reports_step(a, b_reports):
    require(all(report.latest > a.t for report in b_reports), "lane-step-report")
