"""Timestamp certificates, from docs/spec/certificate.md, and order entries, from docs/spec/ordering.md."""

from collections import namedtuple

import cbor_strict
import lane
import statement as statements
from genesis import quorum
from statement import is_bytes, is_integer, kid_of, require, sha256, strict

OrderEntry = namedtuple("OrderEntry", "index subject moment lo hi slot late")
Certificate = namedtuple("Certificate", "entry lanes voters order_root")


def verify(data, genesis):
    """Rules 1 to 9, in their order."""
    require(len(data) <= 16 * 1024 * 1024, "certificate-too-long")
    record = strict(data, "certificate-format")
    _check_shape(record, len(genesis.keys))
    require(record[1] == genesis.network, "certificate-network")
    entry = order_entry(record[3])
    slot, size, root = record[5]
    sides = quorum(genesis)
    votes = _votes(record, genesis, sides["q"])
    listed, of_reports = _reports(record, genesis, sides["q"], entry.slot)
    epochs = {item.epoch for item in votes + of_reports}
    require(len(epochs) == 1, "certificate-epoch")
    leaf = lane.leaf_hash(record[3])
    require(lane.is_included(leaf, entry.index, size, root, record[4]), "certificate-order-proof")
    _check_entry(entry, record[2], slot, listed, genesis, sides)
    return Certificate(entry, [item[0] for item in record[8]], [item[0] for item in record[7]], root)


def as_text(read):
    entry = read.entry
    return {
        "subject": entry.subject.hex(),
        "index": str(entry.index),
        "moment_ns": str(entry.moment),
        "earliest_ns": str(entry.lo),
        "latest_ns": str(entry.hi),
        "slot": str(entry.slot),
        "late": str(entry.late).lower(),
        "lanes": " ".join(map(str, read.lanes)),
        "voters": " ".join(map(str, read.voters)),
    }


def order_entry(data):
    code = "order-entry-format"
    require(len(data) <= 96, code)
    item = strict(data, code)
    require(isinstance(item, list) and len(item) == 7, code)
    entry = OrderEntry(*item)
    require(is_integer(entry.index, 0, 2**48) and is_integer(entry.slot, 0, 2**48), code)
    require(is_bytes(entry.subject, 32) and isinstance(entry.late, bool), code)
    require(all(is_integer(value, -(2**63)) for value in (entry.moment, entry.lo, entry.hi)), code)
    require(entry.lo <= entry.hi, code)
    return entry


def _check_shape(record, n):
    code = "certificate-format"
    require(isinstance(record, dict) and list(record) == list(range(9)), code)
    require(record[0] == "momentd certificate v1", code)
    require(is_bytes(record[1], 32) and is_bytes(record[2], 32) and isinstance(record[3], bytes), code)
    _check_proof(record[4])
    cut = record[5]
    require(isinstance(cut, list) and len(cut) == 3 and is_bytes(cut[2], 32), code)
    require(is_integer(cut[0], 0, 2**48) and is_integer(cut[1], 0, 2**48), code)
    require(isinstance(record[6], list) and len(record[6]) == n, code)
    for prefix in record[6]:
        require(isinstance(prefix, list) and len(prefix) == 2, code)
        require(is_integer(prefix[0], 0, 2**48) and is_bytes(prefix[1], 32), code)
    for key, length in ((7, 2), (8, 3)):
        require(isinstance(record[key], list) and len(record[key]) <= 1024, code)
        for item in record[key]:
            require(isinstance(item, list) and len(item) == length, code)
            require(is_integer(item[0]) and isinstance(item[1], bytes), code)
            if length == 3:
                _check_proof(item[2])


def _check_proof(proof):
    require(isinstance(proof, list) and len(proof) <= 63, "certificate-format")
    require(all(is_bytes(item, 32) for item in proof), "certificate-format")


def _ascend(indexes, n):
    return all(a < b for a, b in zip(indexes, indexes[1:])) and all(index < n for index in indexes)


def _votes(record, genesis, q):
    require(_ascend([voter for voter, _ in record[7]], len(genesis.keys)), "certificate-voters")
    require(len(record[7]) >= q, "certificate-votes-too-few")
    slot, size, root = record[5]
    body = cbor_strict.dumps([slot, sha256(cbor_strict.dumps(record[6])), size, root])
    signed = []
    for voter, data in record[7]:
        vote = statements.verify(data, genesis.network, genesis.keys)
        require(vote.kid == kid_of(genesis.keys[voter]) and vote.kind == "cut-vote", "certificate-vote")
        require(vote.subject == sha256(body) and vote.t >= (slot + 1) * genesis.slot, "certificate-vote")
        signed.append(vote)
    return signed


def _reports(record, genesis, q, entry_slot):
    """The lanes' reports of the subject, and the statements that carry them."""
    require(_ascend([index for index, _, _ in record[8]], len(genesis.keys)), "certificate-lanes")
    require(len(record[8]) >= q, "certificate-reports-too-few")
    listed, signed = [], []
    for index, data, proof in record[8]:
        statement, body = lane.open_entry(data, genesis.network, genesis.keys)
        require(statement.kid == kid_of(genesis.keys[index]), "certificate-report")
        size, root = record[6][index]
        require(lane.is_included(lane.leaf_hash(data), statement.seq, size, root, proof), "certificate-lane-proof")
        require(statement.kind == "reports", "certificate-report")
        require(statement.t < (entry_slot + 1) * genesis.slot, "certificate-report")
        require(statement.g <= genesis.guarantee_max, "certificate-report")
        reports = statements.reports(statement, body)
        require(all(report.latest > statement.t - genesis.tick_max for report in reports), "certificate-report")
        own = [report for report in reports if report.subject == record[2]]
        require(own, "certificate-report")
        listed.append(own[0])
        signed.append(statement)
    return listed, signed


def _check_entry(entry, subject, cut_slot, listed, genesis, sides):
    code = "certificate-order-entry"
    require(entry.subject == subject and entry.slot <= cut_slot, code)
    require(entry.hi <= (entry.slot + 1) * genesis.slot - genesis.tick_max and entry.moment >= entry.lo, code)
    absent = sides["n"] - len(listed)
    earliest = sorted(report.earliest for report in listed)
    latest = sorted(report.latest for report in listed)
    for value, among, place in ((entry.lo, earliest, sides["f"] + 1), (entry.hi, latest, sides["q"])):
        require(place - absent >= 1 and among[place - absent - 1] <= value, code)
        require(len(among) < place or value <= among[place - 1], code)
