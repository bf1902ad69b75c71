"""Damaged inputs, as a faulty program may send them."""

import numpy as np

ODD_NUMBERS = [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 0.0, -1.0]


def corrupt(value, rng):
    """Returns a damaged array of the same shape and type.

    Args:
      value: Bytes objects or numbers.
      rng: A NumPy generator.
    """
    flat = value.reshape(-1).copy()
    place = rng.integers(flat.size)
    if value.dtype == object:
        flat[place] = corrupt_bytes(flat[place], rng)
    else:
        flat[place] = rng.choice(ODD_NUMBERS).astype(value.dtype)
    return flat.reshape(value.shape)


def corrupt_bytes(content, rng):
    """Flips, cuts, repeats, moves or inserts some bytes."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 9)):
        a, b = sorted(rng.integers(0, len(content) + 1, 2))
        part = content[a:b]
        kind = rng.integers(6)
        if kind == 0 and content:
            content[min(a, len(content) - 1)] ^= 1 << rng.integers(8)
        elif kind == 1:
            content[a : a + 16] = b""
        elif kind == 2:
            content[a:a] = part[:4096]
        elif kind == 3:
            content[a:b] = part[::-1]
        elif kind == 4:
            content[a:a] = rng.bytes(rng.integers(1, 64))
        else:
            content[a:a] = rng.choice([b"\x00", b"\xff", b"\t\r\n", b"\xc3("])
    return bytes(content)
