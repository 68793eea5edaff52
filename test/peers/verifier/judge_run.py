#!/usr/bin/python3
"""Judges what validators of one network left behind: lanes, statements, cosignatures, certificates, evidence.

usage: judge_run.py PLAN   prints {validators: [...], certificates: [...]} as JSON

PLAN is a JSON file: {genesis, validators: [{lane, evidence, truth: [offset, ...], cosigned}], certificates: [file, ...]};
`truth` lists, in decimal, what TAI less the raw monotonic clock may truly have been, `cosigned` is the lane's checkpoint as
another validator serves it, or null. Of the evidence it judges the bytes, the digests and what the record says the interval
was; it does not recompute the interval from the samples.
"""

import collections
import json
import pathlib
import sys
import zlib

import certificate
import ed25519_rule
import genesis as genesis_records
import lane
import statement as statements
from statement import kid_of, require, sha256, strict

# The arithmetic in Python is slow; a run has thousands of signatures.
ed25519_rule.arithmetic_every = 50


def frames(data, magic, header, check):
    """The items of a journal or an evidence file: length, CRC-32 over what `check` gives, item."""
    require(data[:8] == magic, "frame-magic")
    at, items = 8, []
    while at + header <= len(data):
        size, crc = (int.from_bytes(data[at + i : at + i + 4], "big") for i in (0, 4))
        item = data[at + header : at + header + size]
        if size == 0 or len(item) != size or zlib.crc32(check(len(items), item)) != crc:
            break  # torn at the end: only whole frames count
        items.append(item)
        at += header + size
    return items


def lane_entries(folder, network, keys):
    """(key, entries under the checkpoint, entries after it), the first held against the checkpoint's root."""
    note = (folder / "checkpoint").read_text()
    origin, size, root = lane.checkpoint_of(lane.parse_note(note)[0])
    key = next(key for key in keys if origin == f"momentd/{network.hex()}/{kid_of(key).hex()}")
    lane.open_checkpoint(note, origin, key)
    entries = []
    while len(entries) < size:
        index, width = len(entries) // 256, min(256, size - len(entries))
        digits = f"{index:03}" if index < 1000 else f"x{index // 1000:03}/{index % 1000:03}"
        path = folder / "tile" / "entries" / digits
        if not path.exists():
            path = path.with_name(f"{path.name}.p") / str(width)
        entries += lane.tile_entries(path.read_bytes(), width)
    require(lane.root_of(entries) == root, "lane-damaged")
    after = []
    for segment in sorted((folder / "journal").iterdir()):
        first = int(segment.name)
        found = frames(segment.read_bytes(), b"momentdJ", 8, lambda i, item: (first + i).to_bytes(8, "big") + item)
        after += found[max(0, size + len(after) - first) :]
    return key, entries, after


def evidence_records(folder):
    records = {}
    for path in sorted(folder.iterdir()):
        for record in frames(path.read_bytes(), b"momentdE", 8, lambda _, item: item):
            records[sha256(record)] = record
    return records


def judge_evidence(record, signed):
    """As-of instant of a record whose interval the statement encloses."""
    item = strict(record, "evidence-format")
    require(list(item) == list(range(12)) and item[0] == 1, "evidence-format")
    require(item[11] == sha256(record[:-35]), "evidence-digest")
    result = item[9]
    low, high = result["earliest"], result["latest"]
    require(signed.t - signed.g <= low <= high <= signed.t + signed.g, "evidence-interval")
    require(signed.g == max(1, -(-(high - low) // 2)), "evidence-interval")
    require(result["tai-utc"] == signed.tai_utc, "evidence-leap")
    return item[2]


def judge_validator(plan, genesis):
    key, entries, after = lane_entries(pathlib.Path(plan["lane"]), genesis.network, genesis.keys)
    records = evidence_records(pathlib.Path(plan["evidence"]))
    kinds, held, widths = collections.Counter(), collections.Counter(), []
    previous = None
    for entry in entries + after:
        signed, body = lane.open_entry(entry, genesis.network, genesis.keys)
        require(signed.kid == kid_of(key), "lane-step-signer")
        if previous is None:
            require(signed.seq == 0, "lane-step-seq")
        else:
            statements.check_step(previous, signed)
            if signed.kind == "reports":
                statements.check_reports_step(previous, statements.reports(signed, body))
        previous = signed
        kinds[signed.kind] += 1
        widths.append(2 * signed.g)
        require(signed.evidence in records, "evidence-missing")
        as_of = judge_evidence(records[signed.evidence], signed)
        holds = [i for i, offset in enumerate(plan["truth"]) if abs(as_of + int(offset) - signed.t) <= signed.g]
        held[str(holds[0]) if holds else "none"] += 1
    cosigners = None
    if plan["cosigned"] is not None:
        origin = f"momentd/{genesis.network.hex()}/{kid_of(key).hex()}"
        parsed, size, root = lane.open_checkpoint(plan["cosigned"], origin, key)
        require(root == lane.root_of((entries + after)[:size]), "checkpoint-root")
        names = [(f"momentd/{genesis.network.hex()}/{kid_of(other).hex()}", other) for other in genesis.keys]
        cosigners = sum(lane.cosigned_at(parsed, name, other) is not None for name, other in names)
    return {
        "statements": len(widths),
        "checkpointed": len(entries),
        "kinds": kinds,
        "evidence": len(records),
        "holds": held,
        "widths": [min(widths), max(widths)] if widths else None,
        "cosigners": cosigners,
    }


def judged(judge, *given):
    try:
        return judge(*given)
    except statements.Refused as refused:
        return {"code": refused.code}


def main(plan):
    genesis = genesis_records.parse(pathlib.Path(plan["genesis"]).read_bytes())
    found = {
        "validators": [judged(judge_validator, one, genesis) for one in plan["validators"]],
        "certificates": [
            judged(lambda file: certificate.as_text(certificate.verify(file.read_bytes(), genesis)), pathlib.Path(path))
            for path in plan["certificates"]
        ],
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(json.loads(pathlib.Path(sys.argv[1]).read_text()))
