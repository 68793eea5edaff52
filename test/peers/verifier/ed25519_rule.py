"""The signature rule of docs/spec/statement.md and the key rules of docs/spec/genesis.md.

The equation is checked twice: by the cryptography package (OpenSSL, cofactorless) and by the curve arithmetic below,
written from RFC 8032 section 5.1. They must agree.
"""

import hashlib
import itertools

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER_Y = {0, 1, P - 1, Y8, P - Y8}
LOW_255 = (1 << 255) - 1


def _y(encoded):
    return int.from_bytes(encoded, "little") & LOW_255


def decode_point(encoded):
    """(x, y), or None when no point has this encoding (RFC 8032 section 5.1.3)."""
    y = _y(encoded)
    sign = encoded[31] >> 7
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x % 2 != sign else x), y


def encode_point(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return x, y


def multiply(scalar, point):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def key_fault(key):
    if len(key) != 32 or _y(key) >= P:
        return "key-not-canonical"
    if _y(key) in SMALL_ORDER_Y:
        return "key-small-order"
    point = decode_point(key)
    if point is None or multiply(L, point) != (0, 1):
        return "key-mixed-order"
    return None


# Of how many signatures one is judged by the arithmetic too; OpenSSL judges all, after the checks of the encodings.
arithmetic_every = 1
_judged = itertools.count()


def signature_fault(key, message, signature):
    """None when the signature holds; the key is a registered one."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        return "signature-s-range"
    if _y(r) >= P:
        return "signature-r-not-canonical"
    if _y(r) in SMALL_ORDER_Y:
        return "signature-r-small-order"
    if next(_judged) % arithmetic_every != 0:
        return None if _openssl(key, message, signature) else "signature-invalid"
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    x, y = decode_point(key)
    holds = encode_point(add(multiply(s, BASE), multiply(k, (P - x, y)))) == r
    if holds != _openssl(key, message, signature):
        raise AssertionError("the arithmetic and OpenSSL disagree: " + (key + message + signature).hex())
    return None if holds else "signature-invalid"


def _openssl(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False
