"""Crockford base 32: codes that people can read out over a bad telephone line.

No I, L, O or U, so nothing is mistaken for 1, 0 or V. Source: Douglas Crockford, "Base 32".
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_PRIME = 1021
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def normalise(text: str) -> str:
    """Upper case, without spaces and hyphens, look-alike letters read as the digits they resemble."""
    return "".join(text.upper().split()).replace("-", "").translate(_LOOKALIKES)


def random_code(length: int) -> str:
    """``length`` characters from the operating system's random source (5 bits each)."""
    return "".join([ALPHABET[byte & 31] for byte in secrets.token_bytes(length)])


def encode_int(value: int, length: int) -> str:
    """``value`` as exactly ``length`` characters, most significant first.

    Raises:
        ValueError: the value is negative or needs more characters.
    """
    if value < 0 or value >= 32**length:
        raise ValueError(f"{value} does not fit into {length} characters")
    chars = []
    for _ in range(length):
        value, digit = divmod(value, 32)
        chars.append(ALPHABET[digit])
    return "".join(reversed(chars))


def decode_int(text: str) -> int:
    """The number that ``text`` stands for. Raises ValueError on a foreign character."""
    value = 0
    for char in text:
        if char not in _VALUES:
            raise ValueError(f"{char!r} is not a base 32 character")
        value = value * 32 + _VALUES[char]
    return value


def checksum(body: str) -> str:
    """Two check characters (value modulo 1021, a prime below 32 squared).

    Finds every single wrong character and every swap of two neighbours, because 1021 is prime
    and larger than the alphabet.
    """
    return encode_int(decode_int(body) % CHECK_PRIME, 2)


def with_checksum(body: str) -> str:
    """``body`` followed by its two check characters."""
    return body + checksum(body)


def is_valid(code: str) -> bool:
    """Whether ``code`` (normalised) ends in the check characters of its beginning."""
    if len(code) < 3 or any(char not in _VALUES for char in code):
        return False
    return checksum(code[:-2]) == code[-2:]
