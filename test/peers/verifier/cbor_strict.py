"""Deterministic CBOR as docs/spec/statement.md, "Conventions", has it: a reader that accepts one encoding per value.

Values: int, bytes, str, list, dict (keys int or str, in the order read), Tag, bool, None. Tags are not interpreted.
"""

from collections import namedtuple

Tag = namedtuple("Tag", "number value")

DEPTH_MAX = 16


class NotCanonical(Exception):
    pass


def loads(data):
    value, end = _read(data, 0, 0)
    if end != len(data):
        raise NotCanonical("trailing bytes")
    return value


def head(major, argument):
    """Initial byte and argument in the shortest form."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * size:
            return bytes([major << 5 | info]) + argument.to_bytes(size, "big")
    raise ValueError("too large")


def dumps(value):
    """Writes the values our records use; map keys ascend by their encoding."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        encoded = value.encode("utf-8")
        return head(3, len(encoded)) + encoded
    if isinstance(value, Tag):
        return head(6, value.number) + dumps(value.value)
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(dumps, value))
    pairs = sorted((dumps(key), dumps(item)) for key, item in value.items())
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def _read(data, at, depth):
    if depth > DEPTH_MAX:
        raise NotCanonical("too deep")
    if at >= len(data):
        raise NotCanonical("truncated")
    major, info = data[at] >> 5, data[at] & 31
    if major == 7:
        if info not in (20, 21, 22):
            raise NotCanonical("unsupported")
        return {20: False, 21: True, 22: None}[info], at + 1
    argument, at = _argument(data, at, info)
    if major == 0:
        return argument, at
    if major == 1:
        if argument >= 1 << 63:
            raise NotCanonical("integer range")
        return -1 - argument, at
    if major in (2, 3):
        if argument > len(data) - at:
            raise NotCanonical("truncated")
        raw = bytes(data[at : at + argument])
        if major == 2:
            return raw, at + argument
        try:
            return raw.decode("utf-8"), at + argument
        except UnicodeDecodeError:
            raise NotCanonical("utf-8") from None
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _read(data, at, depth + 1)
            items.append(item)
        return items, at
    if major == 6:
        value, at = _read(data, at, depth + 1)
        return Tag(argument, value), at
    result, previous = {}, None
    for _ in range(argument):
        start = at
        key, at = _read(data, at, depth + 1)
        if isinstance(key, bool) or not isinstance(key, (int, str)):
            raise NotCanonical("key type")
        encoded = bytes(data[start:at])
        if previous is not None and encoded <= previous:
            raise NotCanonical("key order")
        previous = encoded
        result[key], at = _read(data, at, depth + 1)
    return result, at


def _argument(data, at, info):
    if info < 24:
        return info, at + 1
    if info > 27:
        raise NotCanonical("indefinite or reserved")
    size = 1 << (info - 24)
    raw = data[at + 1 : at + 1 + size]
    if len(raw) < size:
        raise NotCanonical("truncated")
    argument = int.from_bytes(raw, "big")
    if argument < (24 if size == 1 else 1 << 4 * size):
        raise NotCanonical("long form")
    return argument, at + 1 + size
