"""Bytes from outside, broken at random."""


def broken(rng, data):
    """The data with some bytes changed, left out, doubled or cut off."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0 if at < len(data):
                data[at] = rng.randrange(256)
            case 1 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 2:
                del data[at : at + rng.randrange(8)]
            case 3:
                data[at:at] = data[at : at + rng.randrange(32)]
            case 4 if rng.random() < 0.3:
                del data[at:]
    return bytes(data)
