"""Trees, tiles, notes, checkpoints and the witness call, from docs/spec/lane.md and what it refers to: RFC 6962 (with the
verification algorithms of RFC 9162 section 2.1) and C2SP tlog-tiles, signed-note, tlog-checkpoint, tlog-cosignature,
tlog-witness.
"""

import base64
import re

import statement as statements
from ed25519_rule import signature_fault
from statement import Refused, merkle_root, require, sha256, strict

ENTRIES_MAX = 2**48
TILE_PATH = re.compile(r"tile/(0|[1-9][0-9]?|entries)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")
CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n\Z")
KEY_NAME = re.compile(r"[^\s+\x00-\x1f\x7f-\x9f]+\Z")


def leaf_hash(entry):
    return sha256(b"\x00", entry)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def root_of(entries):
    return merkle_root([leaf_hash(entry) for entry in entries])


def is_included(leaf, index, size, root, proof):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def is_consistent(old_size, old_root, new_size, new_root, proof):
    """RFC 9162 section 2.1.4.2; from nothing and between equal sizes the proof is empty."""
    if old_size > new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == sha256()
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


def parse_tile_path(path):
    """(level, index, width) or None."""
    match = TILE_PATH.match(path)
    if match is None:
        return None
    level, groups, width = match.groups()
    if level != "entries" and int(level) > 63:
        return None
    if width is not None and int(width) > 255:
        return None
    if groups.startswith("x000/"):
        return None
    index = int(groups.replace("x", "").replace("/", ""))
    return level if level == "entries" else int(level), index, 256 if width is None else int(width)


def tile_entries(data, width):
    entries = []
    at = 0
    while len(entries) < width:
        size = int.from_bytes(data[at : at + 2], "big")
        require(at + 2 + size <= len(data), "lane-tile-format")
        entries.append(data[at + 2 : at + 2 + size])
        at += 2 + size
    require(at == len(data), "lane-tile-format")
    return entries


def key_id(name, kind, key):
    return sha256(name.encode(), b"\n", bytes([kind]), key)[:4]


def parse_vkey(vkey):
    """(name, type, public key)."""
    name, _, rest = vkey.partition("+")
    identifier, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    assert key_id(name, raw[0], raw[1:]).hex() == identifier
    return name, raw[0], raw[1:]


def parse_note(note):
    """(text, [(name, key id, rest)])."""
    require(not re.search(r"[\x00-\x09\x0b-\x1f]", note), "note-format")
    text, gap, lines = note.rpartition("\n\n")
    require(gap and text and lines.endswith("\n") and len(lines) > 1, "note-format")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        require(len(parts) == 3 and parts[0] == "\u2014" and KEY_NAME.match(parts[1]), "note-format")
        raw = _base64(parts[2])
        require(raw is not None and len(raw) > 4, "note-format")
        signatures.append((parts[1], raw[:4], raw[4:]))
    return text + "\n", signatures


def _base64(text):
    """One form only: padded, no stray bits."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def signed_by(note, name, kind, key):
    """Signature blobs of that key."""
    _, signatures = note
    return [blob for signer, identifier, blob in signatures if signer == name and identifier == key_id(name, kind, key)]


def note_holds(note, name, key):
    parsed = parse_note(note)
    blobs = signed_by(parsed, name, 1, key)
    return bool(blobs) and all(_holds(key, parsed[0], blob) for blob in blobs)


def _holds(key, text, blob):
    return len(blob) == 64 and signature_fault(key, text.encode(), blob) is None


def checkpoint_of(text):
    """(origin, size, root) of a checkpoint's text."""
    match = CHECKPOINT.match(text)
    require(match, "checkpoint-format")
    origin, size, root = match.group(1), int(match.group(2)), _base64(match.group(3))
    require(KEY_NAME.match(origin) and size <= ENTRIES_MAX and root is not None, "checkpoint-format")
    return origin, size, root


def open_checkpoint(note, origin, key):
    """(parsed note, size, root)."""
    parsed = parse_note(note)
    found, size, root = checkpoint_of(parsed[0])
    require(found == origin, "checkpoint-origin")
    blobs = signed_by(parsed, origin, 1, key)
    require(blobs, "checkpoint-unsigned")
    require(all(_holds(key, parsed[0], blob) for blob in blobs), "checkpoint-signature")
    return parsed, size, root


def cosigned_at(parsed, name, key):
    """POSIX seconds of a cosignature that holds, or None."""
    for blob in signed_by(parsed, name, 4, key):
        seconds = int.from_bytes(blob[:8], "big")
        message = f"cosignature/v1\ntime {seconds}\n{parsed[0]}"
        if len(blob) == 72 and _holds(key, message, blob[8:]):
            return seconds
    return None


PRUNED = re.compile(
    r"momentd-pruned/v1\n([^\n]+)\n([1-9][0-9]{0,15})\n(0|[1-9][0-9]{0,15})\n([1-9][0-9]{0,15})\n([^\n]+)\n([^\n]+)\n\Z"
)


def open_prune_record(note, origin, network, key):
    """(index, index of the record before, size, root): rule 14."""
    text, signatures = parse_note(note)
    match = PRUNED.match(text)
    require(match, "prune-record-format")
    index, before, size = (int(match.group(at)) for at in (2, 3, 4))
    root, last = _base64(match.group(5)), _base64(match.group(6))
    require(root is not None and len(root) == 32 and last is not None, "prune-record-format")
    require(size <= ENTRIES_MAX and index % 256 == 0 and before % 256 == 0, "prune-record-format")
    require(before < index <= size - 1024, "prune-record-format")
    require(match.group(1) == origin and len(signatures) == 1, "prune-record-unsigned")
    blobs = signed_by((text, signatures), origin, 1, key)
    require(len(blobs) == 1 and _holds(key, text, blobs[0]), "prune-record-unsigned")
    require(statements.decode(last)[0].seq == index - 1, "prune-record-format")
    statements.verify(last, network, [key])
    return index, before, size, root


OLD_LINE = re.compile(r"old (0|[1-9][0-9]{0,15})\Z")


def answer_add_checkpoint(body, origin, key, witnessed):
    """What a witness answers (tlog-witness, add-checkpoint); witnessed: (size, root) or None."""
    head, gap, note = body.partition("\n\n")
    old_line, *lines = head.split("\n")
    match = OLD_LINE.match(old_line)
    hashes = [_base64(line) for line in lines]
    if not gap or match is None or len(hashes) > 63 or any(item is None or len(item) != 32 for item in hashes):
        return {"status": 400}
    old = int(match.group(1))
    try:
        _, size, root = open_checkpoint(note, origin, key)
    except Refused as refused:
        status = {"checkpoint-origin": 404, "checkpoint-signature": 403, "checkpoint-unsigned": 403}.get(refused.code, 400)
        return {"status": status, "code": refused.code}
    if old > size:
        return {"status": 400, "code": "witness-request"}
    known_size, known_root = witnessed or (0, sha256())
    if old != known_size:
        return {"status": 409, "body": f"{known_size}\n", "code": "witness-old-size"}
    if size == known_size and root != known_root:
        return {"status": 409, "body": f"{known_size}\n", "code": "witness-fork"}
    if not is_consistent(known_size, known_root, size, root, hashes):
        return {"status": 422, "code": "witness-proof"}
    return {"status": 200, "remembers": size}


def open_entry(data, network, keys):
    """(statement, body or None) of one lane entry, its body bound to its statement: rules 1 to 3 of "Entry"."""
    require(len(data) <= 65_535, "lane-entry-format")
    item = strict(data, "lane-entry-format")
    require(isinstance(item, list) and len(item) == 2 and isinstance(item[0], bytes), "lane-entry-format")
    require(item[1] is None or isinstance(item[1], bytes), "lane-entry-format")
    signed, body = statements.verify(item[0], network, keys), item[1]
    if signed.kind in ("reports", "cut-vote"):
        require(body is not None, "lane-entry-body")
    if signed.kind == "reports":
        statements.reports(signed, body)
    elif body is not None:
        require(sha256(body) == signed.subject, "lane-entry-body")
    return signed, body
