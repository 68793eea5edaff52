#!/usr/bin/python3
"""An independent verifier: reads vector files, ignores what they expect, prints what it finds.

usage: judge_vectors.py FOLDER   prints {file: {vector name: judgement}} as JSON

Written from docs/spec alone, with Debian's python3-cbor2 and python3-cryptography.
"""

import functools
import json
import pathlib
import sys

import certificate
import ed25519_rule
import fault_proof
import genesis as genesis_records
import lane
import statement as statements
from statement import Refused


def judge_statement(common, given):
    try:
        read = statements.verify(unhex(given["statement"]), *judge_of(common))
    except Refused as refused:
        return {"verdict": refused.verdict, "code": refused.code}
    return {
        "verdict": "accept",
        "id": read.id.hex(),
        "kid": read.kid.hex(),
        "kind": read.kind,
        "epoch": str(read.epoch),
        "seq": str(read.seq),
        "earliest_ns": str(read.t - read.g),
        "latest_ns": str(read.t + read.g),
        "tai_utc_seconds": read.tai_utc,
    }


def judge_reports(common, given):
    body = unhex(given["body"]) if "body" in given else bytes(given["body_zero_bytes"])
    signed = statements.verify(unhex(given["statement"]), *judge_of(common))
    try:
        read = statements.reports(signed, body)
    except Refused as refused:
        return {"code": refused.code}
    return {
        "reports": [
            {"subject": report.subject.hex(), "earliest_ns": str(report.earliest), "latest_ns": str(report.latest)}
            for report in read
        ]
    }


def judge_step(_, given):
    # One vector is of two networks: the statements are valid by themselves, here only the step is judged.
    previous, _, _ = statements.decode(unhex(given["previous"]))
    following, _, _ = statements.decode(unhex(given["next"]))
    try:
        statements.check_step(previous, following)
        if "body" in given:
            statements.check_reports_step(previous, statements.reports(following, unhex(given["body"])))
    except Refused as refused:
        return {"code": refused.code}
    return {"code": None}


def judge_signature(_, given):
    key, message, signature = (unhex(given[name]) for name in ("public_key", "message", "signature"))
    fault = ed25519_rule.key_fault(key)
    if fault is not None:
        return {"key": fault}
    return {"key": None, "signature": ed25519_rule.signature_fault(key, message, signature)}


def judge_genesis(_, given):
    if "json" in given:
        data = given["json"].encode()
    elif "cbor" in given:
        data = unhex(given["cbor"])
    else:
        data = bytes(given["cbor_zero_bytes"])
    try:
        record = genesis_records.parse(data)
    except Refused as refused:
        return {"code": refused.code}
    return {"network": record.network.hex(), **genesis_records.quorum(record)}


def judge_fault(common, given):
    text = given["proof"] if "proof" in given else " " * given["proof_spaces"]
    try:
        code, kid = fault_proof.verify(text, genesis_records.parse(unhex(common["genesis"])))
    except Refused as refused:
        return {"code": refused.code}
    return {"code": None, "fault": code, "kid": kid.hex()}


def judge_certificate(common, given):
    try:
        read = certificate.verify(unhex(given["certificate"]), common_genesis(common["genesis"]))
    except Refused as refused:
        return {"verdict": refused.verdict, "code": refused.code}
    return {"verdict": "accept", **certificate.as_text(read)}


def judge_merkle(_, given):
    if given["kind"] == "root":
        return {"root": lane.root_of([unhex(entry) for entry in given["entries"]]).hex()}
    proof = [unhex(item) for item in given["proof"]]
    if given["kind"] == "inclusion":
        leaf = lane.leaf_hash(unhex(given["entry"]))
        return {"valid": lane.is_included(leaf, given["index"], given["size"], unhex(given["root"]), proof)}
    roots = unhex(given["oldRoot"]), unhex(given["newRoot"])
    return {"valid": lane.is_consistent(given["oldSize"], roots[0], given["newSize"], roots[1], proof)}


def judge_tile(_, given):
    if given["kind"] == "path":
        found = lane.parse_tile_path(given["path"])
        return {"fault": True} if found is None else dict(zip(("level", "index", "width"), found))
    try:
        return {"entries": [entry.hex() for entry in lane.tile_entries(unhex(given["bytes"]), given["width"])]}
    except Refused as refused:
        return {"fault": refused.code}


def judge_note(_, given):
    name, _, key = lane.parse_vkey(given["vkey"])
    try:
        return {"valid": lane.note_holds(given["note"], name, key)}
    except Refused:
        return {"valid": False}


def judge_checkpoint(_, given):
    try:
        parsed, size, root = lane.open_checkpoint(given["note"], given["origin"], unhex(given["publicKey"]))
    except Refused as refused:
        return {"fault": refused.code}
    found = {"size": size, "root": root.hex()}
    if "cosigner" in given:
        cosigner = given["cosigner"]
        found["cosignedAtPosixSeconds"] = lane.cosigned_at(parsed, cosigner["origin"], unhex(cosigner["publicKey"]))
    return found


def judge_witness(_, given):
    witnessed = given["witnessed"] and (given["witnessed"]["size"], unhex(given["witnessed"]["root"]))
    return lane.answer_add_checkpoint(given["body"], given["origin"], unhex(given["publicKey"]), witnessed)


def judge_prune_record(_, given):
    network, key = unhex(given["network"]), unhex(given["publicKey"])
    try:
        index, before, size, root = lane.open_prune_record(given["note"], given["origin"], network, key)
    except Refused as refused:
        return {"fault": refused.code}
    return {"index": index, "from": before, "size": size, "root": root.hex()}


JUDGES = {
    "statement.json": judge_statement,
    "statement-reports.json": judge_reports,
    "statement-step.json": judge_step,
    "ed25519.json": judge_signature,
    "genesis.json": judge_genesis,
    "certificate.json": judge_certificate,
    "fault-proof.json": judge_fault,
    "merkle.json": judge_merkle,
    "tile.json": judge_tile,
    "note.json": judge_note,
    "checkpoint.json": judge_checkpoint,
    "prune-record.json": judge_prune_record,
    "witness.json": judge_witness,
}


@functools.lru_cache
def common_genesis(text):
    """The keys of a record are checked once, not for every vector."""
    return genesis_records.parse(unhex(text))


def judge_of(common):
    return unhex(common["network"]), [unhex(key) for key in common["keys"]]


def unhex(text):
    return bytes.fromhex(text)


def main(folder):
    found = {}
    for name, judge in JUDGES.items():
        content = json.loads((folder / name).read_text())
        found[name] = {vector["name"]: judge(content, vector["input"]) for vector in content["vectors"]}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
