"""Genesis records, from docs/spec/genesis.md."""

import json
import re
from collections import namedtuple

import cbor_strict
from ed25519_rule import key_fault, signature_fault
from statement import Refused, is_bytes, is_integer, kid_of, require, sha256, strict

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
CAPABILITY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9:-]{0,30}[A-Za-z0-9])?\Z")
DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
HEX = re.compile(r"(?:[0-9a-f]{2})*\Z")
REGIONS = ["NA", "EU", "APAC"]
PARAMETERS = ["tick_ns", "tick_ns_max", "slot_ns", "window_ns", "guarantee_ns_max", "stake_min", "stake_lock_seconds"]

Genesis = namedtuple("Genesis", "bytes network name keys tick_max slot guarantee_max")


def parse(data):
    require(len(data) <= 1_048_576, "genesis-too-long")
    return decode(_from_json(data) if data[:1] == b"{" else data)


def decode(data):
    record = strict(data, "genesis-not-canonical")
    require(_is_exact(record, 5) and is_integer(record[0], 1, 1), "genesis-format")
    require(isinstance(record[1], str) and NAME.match(record[1]), "genesis-format")
    require(is_integer(record[2]), "genesis-format")
    require(_is_exact(record[3], 7) and all(map(is_integer, record[3].values())), "genesis-format")
    tick, tick_max, slot, window, guarantee_max, stake_min, _ = record[3].values()
    require(0 < tick <= tick_max <= slot <= window and guarantee_max > 0, "genesis-parameters")
    validators = record[4]
    require(isinstance(validators, list) and 1 <= len(validators) <= 1024, "genesis-validators")
    keys, names = [], set()
    for validator in validators:
        _check_validator(validator)
        name, key, _, stake, _, _ = validator.values()
        require((not keys or keys[-1] < key) and name not in names, "genesis-validators")
        require(stake >= stake_min, "genesis-stake")
        keys.append(key)
        names.add(name)
    require(len(set(map(kid_of, keys))) == len(keys), "genesis-validators")
    for validator in validators:
        _check_registration(record[1], validator[1], validator[5])
    return Genesis(data, sha256(data), record[1], keys, tick_max, slot, guarantee_max)


def quorum(genesis):
    n = len(genesis.keys)
    f = (n - 1) // 3
    return {"n": n, "f": f, "q": n - f}


def _is_exact(value, size):
    return isinstance(value, dict) and list(value) == list(range(size))


def _check_validator(validator):
    require(_is_exact(validator, 6), "genesis-validators")
    name, key, region, stake, capabilities, possession = validator.values()
    require(isinstance(name, str) and NAME.match(name), "genesis-validators")
    require(is_bytes(key, 32) and is_bytes(possession, 64), "genesis-validators")
    require(is_integer(region, 0, 2) and is_integer(stake), "genesis-validators")
    require(isinstance(capabilities, list) and len(capabilities) <= 16, "genesis-validators")
    for i, word in enumerate(capabilities):
        require(isinstance(word, str) and CAPABILITY.match(word), "genesis-validators")
        require(i == 0 or capabilities[i - 1] < word, "genesis-validators")


def _check_registration(network_name, key, possession):
    fault = key_fault(key)
    require(fault is None, fault)
    message = cbor_strict.dumps(["momentd key possession v1", network_name, "validator", key])
    require(signature_fault(key, message, possession) is None, "key-possession")


def _from_json(data):
    try:
        top = json.loads(data)
    except ValueError:
        raise Refused("genesis-format") from None
    _keys(top, ["momentd_genesis", "name", "created_tai_ns", "parameters", "validators"])
    require(top["momentd_genesis"] == 1, "genesis-format")
    _keys(top["parameters"], PARAMETERS)
    require(isinstance(top["validators"], list) and isinstance(top["name"], str), "genesis-format")
    parameters = {i: _decimal(top["parameters"][name]) for i, name in enumerate(PARAMETERS)}
    validators = sorted((_validator(item) for item in top["validators"]), key=lambda validator: validator[1])
    return cbor_strict.dumps(
        {0: 1, 1: top["name"], 2: _decimal(top["created_tai_ns"]), 3: parameters, 4: validators}
    )


def _validator(item):
    _keys(item, ["name", "public_key", "region", "stake", "capabilities", "possession"])
    words = item["capabilities"]
    require(item["region"] in REGIONS and isinstance(item["name"], str), "genesis-format")
    require(isinstance(words, list) and all(isinstance(word, str) for word in words), "genesis-format")
    return {
        0: item["name"],
        1: _hex(item["public_key"]),
        2: REGIONS.index(item["region"]),
        3: _decimal(item["stake"]),
        4: sorted(words),
        5: _hex(item["possession"]),
    }


def _keys(value, keys):
    require(isinstance(value, dict) and set(value) == set(keys), "genesis-format")


def _decimal(value):
    require(isinstance(value, str) and DECIMAL.match(value), "genesis-format")
    return int(value)


def _hex(value):
    require(isinstance(value, str) and HEX.match(value), "genesis-format")
    return bytes.fromhex(value)
