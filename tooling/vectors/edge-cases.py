"""Makes odd-keys.json, rsa-oaep.json, rsa-pss.json and aes-cbc.json in fixtures/.

    python3 edge-cases.py           writes the files
    python3 edge-cases.py --check   fails if the files are not what it would write

Needs Python 3.10 or newer and the package cryptography; the files were made with cryptography 48.0.0 on OpenSSL 4.0.0.
EME-OAEP and EMSA-PSS (RFC 8017) are written out here, because no library makes what must be refused; RSA is Python's
pow(). Every case is then given to cryptography, which has to agree with the verdict, with one exception named below.
Nothing is drawn at random: bytes come from SHAKE-256 of a name, so the files are the same on every run.
"""

import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

FIXTURES = pathlib.Path(__file__).parent / "fixtures"


def drawn(name: str, length: int) -> bytes:
    return hashlib.shake_256(name.encode()).digest(length)


def counting(length: int) -> bytes:
    return bytes(i & 0xFF for i in range(length))


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def flip(data: bytes, at: int, mask: int = 1) -> bytes:
    changed = bytearray(data)
    changed[at] ^= mask
    return bytes(changed)


def mgf1(seed: bytes, length: int, hash_name: str) -> bytes:
    out = b""
    for counter in range(-(-length // hashlib.new(hash_name).digest_size)):
        out += hashlib.new(hash_name, seed + counter.to_bytes(4, "big")).digest()
    return out[:length]


# --- keys ---------------------------------------------------------------------------------------------------------


def is_prime(n: int) -> bool:
    if any(n % p == 0 for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for i in range(20):
        x = pow(int.from_bytes(drawn(f"witness {i} {n}", 16), "big") + 2, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(name: str, bits: int) -> int:
    top = 3 << (bits - 2)
    candidate = (int.from_bytes(drawn(name, bits // 8 + 1), "big") % (1 << bits)) | top | 1
    while not is_prime(candidate) or (candidate - 1) % 65537 == 0:
        candidate += 2
    return candidate


def odd_key(bits: int) -> rsa.RSAPrivateKey:
    """A modulus of exactly so many bits, which OpenSSL makes for some sizes only."""
    p, q = sorted((prime(f"p {bits}", (bits + 1) // 2), prime(f"q {bits}", bits // 2)), reverse=True)
    n, d = p * q, pow(65537, -1, (p - 1) * (q - 1))
    assert n.bit_length() == bits
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(65537, n)
    )
    return numbers.private_key()


def pem(key: rsa.RSAPrivateKey) -> str:
    none = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none).decode()


class Key:
    def __init__(self, name: str, key: rsa.RSAPrivateKey):
        self.name, self.key, self.public = name, key, key.public_key()
        numbers = key.private_numbers()
        self.n, self.e, self.d = numbers.public_numbers.n, numbers.public_numbers.e, numbers.d
        self.p, self.q = numbers.p, numbers.q
        self.dp, self.dq, self.qinv = numbers.dmp1, numbers.dmq1, numbers.iqmp
        self.bits = self.n.bit_length()
        self.k = (self.bits + 7) // 8
        self.em_length = (self.bits + 6) // 8
        self.salt_length = self.em_length - 66

    def bytes(self, integer: int) -> bytes:
        return integer.to_bytes(self.k, "big")

    def fits(self, encoded: bytes) -> bool:
        return int.from_bytes(encoded, "big") < self.n

    def encrypted(self, encoded: bytes) -> bytes:
        assert self.fits(encoded)
        return self.bytes(pow(int.from_bytes(encoded, "big"), self.e, self.n))

    def signed(self, encoded: bytes) -> bytes:
        m = int.from_bytes(encoded, "big")
        assert m < self.n
        a, b = pow(m % self.p, self.dp, self.p), pow(m % self.q, self.dq, self.q)
        return self.bytes(b + (a - b) * self.qinv % self.p * self.q)


# --- RSAES-OAEP ---------------------------------------------------------------------------------------------------

EMPTY = hashlib.sha1(b"").digest()


def oaep_encode(key: Key, db: bytes, seed: bytes, first: int = 0, mgf: str = "sha1") -> bytes:
    masked = xor(db, mgf1(seed, len(db), mgf))
    return bytes([first]) + xor(seed, mgf1(masked, len(seed), mgf)) + masked


def data_block(key: Key, message: bytes, l_hash: bytes = EMPTY, separator: bytes = b"\x01") -> bytes:
    fill = key.k - 1 - 2 * len(l_hash) - len(separator) - len(message)
    return l_hash + bytes(fill) + separator + message


def oaep_decrypts(key: Key, ciphertext: bytes) -> bytes | None:
    sha1 = hashes.SHA1()
    try:
        return key.key.decrypt(ciphertext, padding.OAEP(padding.MGF1(sha1), sha1, None))
    except ValueError:
        return None


def seeds(name: str):
    yield from (drawn(f"{name} {i}", 20) for i in range(5000))


def oaep_cases(key: Key) -> dict:
    longest = key.k - 42
    message = b"buy 3"
    good = data_block(key, message)
    seed = drawn(f"seed {key.name}", 20)

    def make(db: bytes, **more) -> bytes:
        return key.encrypted(oaep_encode(key, db, seed, **more))

    near = [0, 1, 2, 15, 16, 17, 19, 20, 21, 31, 32, 33, 63, 64, 65, 127, 128, 129, longest - 1, longest]
    lengths = range(longest + 1) if key.name == "server2048" else near
    valid = [(f"{length} bytes", counting(length), make(data_block(key, counting(length)))) for length in lengths]
    special = {
        "zeros": bytes(20),
        "zeros, as many as fit": bytes(longest),
        "bytes 01": b"\x01" * 20,
        "bytes ff, as many as fit": b"\xff" * longest,
        "00 01, like the end of the padding": b"\x00\x01" * 10,
        "lHash": EMPTY,
    }
    valid += [(what, text, make(data_block(key, text))) for what, text in special.items()]
    for what, fixed in (("a seed of zeros", bytes(20)), ("a seed of ff", b"\xff" * 20)):
        valid.append((what, message, key.encrypted(oaep_encode(key, good, fixed))))
    stripped = next(c for s in seeds("stripped") if (c := key.encrypted(oaep_encode(key, good, s)))[0] == 0)
    valid.append(("a ciphertext that begins with 00", message, stripped))
    small = next(
        c
        for s in seeds("small")
        if int.from_bytes(c := key.encrypted(oaep_encode(key, good, s)), "big") + key.n < 256**key.k
    )
    valid.append(("a small ciphertext", message, small))
    ciphertext = valid[5][2]

    first_not_zero = []
    for first in (1, 2, 0x7F):
        found = next(
            (e for s in seeds("first") if key.fits(e := oaep_encode(key, good, s, first=first))), None
        )
        if found is not None:
            first_not_zero.append((f"first byte {first:02x}", key.encrypted(found)))
    assert first_not_zero

    fill = key.k - 1 - 40 - 1 - len(message)
    wide = {name: hashlib.new(name, b"").digest() for name in ("sha256", "sha384", "sha512")}
    refused = [
        *first_not_zero,
        *(
            (f"{name} for both hashes", key.encrypted(oaep_encode(
                key, data_block(key, message, l_hash), drawn(f"{name} {key.name}", len(l_hash)), mgf=name)))
            for name, l_hash in wide.items()
        ),
        ("MGF1 with sha256", make(good, mgf="sha256")),
        ("MGF1 with sha512", make(good, mgf="sha512")),
        ("lHash of sha256, cut to 20 bytes", make(data_block(key, message, wide["sha256"][:20]))),
        ("the label 'label'", make(data_block(key, message, hashlib.sha1(b"label").digest()))),
        ("a label of one zero byte", make(data_block(key, message, hashlib.sha1(b"\x00").digest()))),
        ("a label of 64 zero bytes", make(data_block(key, message, hashlib.sha1(bytes(64)).digest()))),
        *((f"lHash with byte {at} changed", make(flip(good, at))) for at in (0, 9, 19)),
        ("lHash with its highest bit changed", make(flip(good, 0, 0x80))),
        ("lHash of zeros", make(bytes(20) + good[20:])),
        ("no separator, zeros to the end", make(EMPTY + bytes(key.k - 41))),
        *(
            (f"separator {byte:02x}", make(data_block(key, message, separator=bytes([byte]))))
            for byte in (0x02, 0x03, 0x81, 0xFE, 0xFF)
        ),
        ("separator 00, so that the message begins later", make(data_block(key, message, separator=b"\x00"))),
        ("first byte of PS not zero", make(flip(good, 20, 0x02))),
        ("first byte of PS ff", make(flip(good, 20, 0xFF))),
        ("last byte of PS not zero", make(flip(good, 20 + fill - 1, 0x02))),
        ("a byte in the middle of PS not zero", make(flip(good, 20 + fill // 2, 0x80))),
        ("PS of ff", make(good[:20] + b"\xff" * fill + good[20 + fill :])),
        ("message directly after lHash", make(EMPTY + b"\x42" * (key.k - 41))),
        ("data block of zeros", make(bytes(len(good)))),
        ("maskedSeed with one bit changed", key.encrypted(flip(oaep_encode(key, good, seed), 7))),
        ("maskedDB with its last bit changed at no message", key.encrypted(
            flip(oaep_encode(key, data_block(key, b""), seed), key.k - 1))),
        ("PKCS#1 v1.5", key.encrypted(b"\x00\x02" + b"\x11" * (key.k - 3 - len(message)) + b"\x00" + message)),
        ("no padding at all", key.encrypted(bytes(key.k - len(message)) + message)),
        ("EMSA-PSS of the message", key.encrypted(bytes(key.k - key.em_length) + pss_encode(key, message))),
        ("ciphertext 0", key.bytes(0)),
        ("ciphertext 1", key.bytes(1)),
        ("ciphertext 2", key.bytes(2)),
        ("ciphertext n - 1", key.bytes(key.n - 1)),
        ("ciphertext n", key.bytes(key.n)),
        ("ciphertext n + 1", key.bytes(key.n + 1)),
        ("ciphertext + n", key.bytes(int.from_bytes(small, "big") + key.n)),
        ("n - ciphertext", key.bytes(key.n - int.from_bytes(ciphertext, "big"))),
        ("all bytes ff", b"\xff" * key.k),
        ("empty", b""),
        ("one zero byte", b"\x00"),
        ("a byte too few", ciphertext[:-1]),
        ("a zero byte after it", ciphertext + b"\x00"),
        ("a zero byte before it", b"\x00" + ciphertext),
        ("the leading zero cut off", stripped[1:]),
        ("twice", ciphertext + ciphertext),
        ("one bit changed", flip(ciphertext, key.k - 1)),
        ("first bit that is less than n changed", flip(ciphertext, 1)),
        ("reversed", key.bytes(int.from_bytes(ciphertext, "little") % key.n)),
    ]
    for what, plain, made in valid:
        assert oaep_decrypts(key, made) == plain, what
    for what, made in refused:
        # The library takes a ciphertext whose leading zero was cut off; the protocol does not.
        assert what == "the leading zero cut off" or oaep_decrypts(key, made) is None, what
    return {
        "key": key.name,
        "valid": [{"what": w, "plain": p.hex(), "ciphertext": c.hex()} for w, p, c in valid],
        "refused": [{"what": w, "ciphertext": c.hex()} for w, c in refused],
    }


# --- RSASSA-PSS ---------------------------------------------------------------------------------------------------


def pss_encode(
    key: Key,
    data: bytes,
    salt: bytes | None = None,
    *,
    digest: str = "sha512",
    mgf: str | None = None,
    trailer: int = 0xBC,
    before_salt: bytes | None = None,
    prefix: bytes = bytes(8),
    hashed_salt: bytes | None = None,
    change_h=lambda h: h,
) -> bytes:
    size = hashlib.new(digest).digest_size
    if salt is None:
        salt = drawn(f"salt {key.name} {digest}", key.em_length - size - 2)
    m_hash = hashlib.new(digest, data).digest()
    h = change_h(hashlib.new(digest, prefix + m_hash + (salt if hashed_salt is None else hashed_salt)).digest())
    if before_salt is None:
        before_salt = bytes(key.em_length - len(salt) - size - 2) + b"\x01"
    db = before_salt + salt
    masked = bytearray(xor(db, mgf1(h, len(db), mgf or digest)))
    masked[0] &= 0xFF >> (8 * key.em_length - (key.bits - 1))
    encoded = bytes(masked) + h + bytes([trailer])
    assert len(encoded) == key.em_length
    return encoded


def pss_verifies(key: Key, data: bytes, signature: bytes) -> bool:
    scheme = padding.PSS(padding.MGF1(hashes.SHA512()), key.salt_length)
    try:
        key.public.verify(signature, data, scheme, hashes.SHA512())
        return True
    except InvalidSignature:
        return False


def pss_cases(key: Key, other: Key) -> dict:
    data = b"sell 4"
    most = key.salt_length
    encoded = pss_encode(key, data)
    unused = 8 * key.em_length - (key.bits - 1)

    def salted(name: str, length: int = most) -> bytes:
        return drawn(f"{name} {key.name}", length)

    def make(**more) -> bytes:
        return key.signed(pss_encode(key, data, **more))

    good = make()
    s = int.from_bytes(good, "big")
    tries = [salted(f"try {i}") for i in range(2000)]
    stripped = next(made for salt in tries if (made := make(salt=salt))[0] == 0)
    small = next(m for salt in tries if int.from_bytes(m := make(salt=salt), "big") + key.n < 256**key.k)
    valid = [
        ("a salt", data, good),
        ("no data", b"", key.signed(pss_encode(key, b""))),
        ("one zero byte", b"\x00", key.signed(pss_encode(key, b"\x00"))),
        ("1,000 bytes", counting(1000), key.signed(pss_encode(key, counting(1000)))),
        ("a salt of zeros", data, make(salt=bytes(most))),
        ("a salt of ff", data, make(salt=b"\xff" * most)),
        ("a salt that begins with 00 01", data, make(salt=b"\x00\x01" + salted("a")[2:])),
        ("a signature that begins with 00", data, stripped),
        ("a small signature", data, small),
    ]

    def raised(salts, change):
        """The first encoding, over these salts, whose changed form is still an integer below n."""
        return next(e for salt in salts if key.fits(e := change(pss_encode(key, data, salt))))

    above = (
        [("a bit above the encoding set", raised(tries, lambda e: b"\x01" + e))]
        if key.k > key.em_length
        else [("the unused bit set", raised(tries, lambda e: flip(e, 0, 0x80)))]
    )
    assert (unused == 0) == (key.k > key.em_length)
    sha1_info = bytes.fromhex("3051300d060960864801650304020305000440")
    digest = hashlib.sha512(data).digest()
    v15 = b"\x00\x01" + b"\xff" * (key.k - 3 - 19 - 64) + b"\x00" + sha1_info + digest
    iso9796 = b"\x6a" + bytes(key.k - 66) + digest + b"\xbc" if key.bits % 8 == 0 else None
    refused = [
        *((f"a salt of {n} bytes", make(salt=salted("s", n))) for n in (0, 20, 32, 64, most - 2, most - 1)),
        ("a salt of one byte too many, in the place of 01", make(salt=salted("t", most + 1), before_salt=b"")),
        *(
            (f"{name} for both hashes", make(digest=name))
            for name in ("sha1", "sha256", "sha384", "sha512_256", "sha3_512")
        ),
        *((f"MGF1 with {name}", make(mgf=name)) for name in ("sha1", "sha256", "sha384", "sha3_512")),
        ("sha384 with MGF1 of sha512", make(digest="sha384", mgf="sha512")),
        *((f"trailer {byte:02x}", make(trailer=byte)) for byte in (0x00, 0xCC, 0xBD, 0x3C, 0xFF)),
        *((f"{byte:02x} in the place of 01", make(before_salt=bytes([byte]))) for byte in (0x00, 0x02, 0x03, 0x41)),
        *((what, key.signed(changed)) for what, changed in above),
        ("first byte of maskedDB changed", key.signed(raised(tries, lambda e: flip(e, 0, 0x02)))),
        ("two bits of maskedDB changed", key.signed(raised(tries, lambda e: flip(e, 0, 0x03)))),
        ("last byte of the salt changed", key.signed(flip(encoded, len(encoded) - 66))),
        ("H with its first bit changed", key.signed(flip(encoded, len(encoded) - 65, 0x80))),
        ("H with its last bit changed", key.signed(flip(encoded, len(encoded) - 2))),
        ("H of zeros", make(change_h=lambda h: bytes(len(h)))),
        ("H with its first byte changed before it is used", make(change_h=lambda h: flip(h, 0))),
        ("H with its last byte changed before it is used", make(change_h=lambda h: flip(h, 63))),
        ("another salt in H", make(hashed_salt=salted("another"))),
        ("no salt in H", make(hashed_salt=b"")),
        ("no zeros before the digest in H", make(prefix=b"")),
        ("ones before the digest in H", make(prefix=b"\x01" * 8)),
        ("the data hashed twice", key.signed(pss_encode(key, digest))),
        ("H and maskedDB exchanged", key.signed(bytes(key.k - len(encoded) + 1) + encoded[-64:-1] + encoded[:-65] + b"\xbc")),
        ("zeros and the trailer", key.signed(bytes(key.k - 1) + b"\xbc")),
        ("the bare digest", key.signed(bytes(key.k - 64) + digest)),
        ("PKCS#1 v1.5", key.signed(v15)),
        *([("the trailer of ISO 9796-2", key.signed(iso9796))] if iso9796 and key.fits(iso9796) else []),
        ("of other data", key.signed(pss_encode(key, b"sell 5"))),
        ("by another key", other.signed(pss_encode(other, data)).rjust(key.k, b"\x00")[-key.k :]),
        ("0", key.bytes(0)),
        ("1", key.bytes(1)),
        ("n - 1", key.bytes(key.n - 1)),
        ("n", key.bytes(key.n)),
        ("n + 1", key.bytes(key.n + 1)),
        ("n - s", key.bytes(key.n - s)),
        ("s + n", key.bytes(int.from_bytes(small, "big") + key.n)),
        ("s + 1", key.bytes(s + 1)),
        ("all bytes ff", b"\xff" * key.k),
        ("empty", b""),
        ("one zero byte", b"\x00"),
        ("a byte too few", good[:-1]),
        ("a zero byte after it", good + b"\x00"),
        ("a zero byte before it", b"\x00" + good),
        ("the leading zero cut off", stripped[1:]),
        ("twice", good + good),
        ("reversed", key.bytes(int.from_bytes(good, "little") % key.n)),
        ("the encoding itself", encoded.rjust(key.k, b"\x00")),
    ]
    for what, text, made in valid:
        assert pss_verifies(key, text, made), what
    for what, made in refused:
        assert what == "the leading zero cut off" or not pss_verifies(key, data, made), what
    return {
        "key": key.name,
        "valid": [{"what": w, "data": t.hex(), "signature": m.hex()} for w, t, m in valid],
        "refused": [{"what": w, "data": data.hex(), "signature": m.hex()} for w, m in refused],
    }


# --- AES-256-CBC with PKCS#7 --------------------------------------------------------------------------------------


def cbc(aes_key: bytes, iv: bytes, padded: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(aes_key), modes.CBC(iv)).encryptor()
    return iv + encryptor.update(padded) + encryptor.finalize()


def unpad(aes_key: bytes, frame: bytes) -> bytes | None:
    if len(frame) < 32 or len(frame) % 16 != 0:
        return None
    decryptor = Cipher(algorithms.AES(aes_key), modes.CBC(frame[:16])).decryptor()
    padded = decryptor.update(frame[16:]) + decryptor.finalize()
    count = padded[-1]
    return padded[:-count] if 1 <= count <= 16 and padded.endswith(bytes([count]) * count) else None


def cbc_cases() -> dict:
    aes_key, iv = drawn("AES key", 32), drawn("IV", 16)

    def make(padded: bytes) -> bytes:
        return cbc(aes_key, iv, padded)

    def pad(plain: bytes) -> bytes:
        count = 16 - len(plain) % 16
        return plain + bytes([count]) * count

    valid = [(f"{n} bytes", counting(n), make(pad(counting(n)))) for n in range(34)]
    for byte in (0x00, 0x01, 0x10, 0x80, 0xFF):
        for n in (15, 16, 31):
            plain = bytes([byte]) * n
            valid.append((f"{n} bytes {byte:02x}", plain, make(pad(plain))))
    body = counting(48)
    valid.append(("a block of 0f", body[:16] + b"\x0f", make(body[:16] + b"\x0f" * 16)))
    frame = make(pad(counting(40)))
    refused = [
        ("padding 00", make(body[:15] + b"\x00")),
        ("a block of 00", make(body[:16] + bytes(16))),
        *((f"padding {n:02x} at the end", make(body[:31] + bytes([n]))) for n in range(17, 256)),
        *((f"a block of {n:02x}", make(body[:16] + bytes([n]) * 16)) for n in (17, 32, 127, 128, 255)),
        *(
            (f"padding {n:02x} with its byte {at} changed", make(flip(body[: 32 - n] + bytes([n]) * n, 32 - n + at)))
            for n in range(2, 17)
            for at in sorted({0, n // 2, n - 2})
        ),
        *(
            (f"padding {n:02x} with the highest bit of its first byte changed",
             make(flip(body[: 32 - n] + bytes([n]) * n, 32 - n, 0x80)))
            for n in range(2, 17)
        ),
        ("32 bytes of padding", make(b"\x20" * 32)),
        ("the padding in the block before", make(body[:11] + b"\x05" * 5 + counting(16)[::-1])),
        ("zeros as padding", make(body[:20] + bytes(12))),
        ("ANSI X9.23", make(body[:20] + bytes(11) + b"\x0c")),
        ("ISO 10126", make(body[:20] + drawn("ISO 10126", 11) + b"\x0c")),
        ("ISO/IEC 7816-4", make(body[:20] + b"\x80" + bytes(11))),
        ("spaces as padding", make(body[:20] + b" " * 12)),
        ("no padding", make(body)),
        ("empty", b""),
        ("one zero byte", b"\x00"),
        ("half an IV", iv[:8]),
        ("the IV only", iv),
        *((f"{n} bytes", frame[:n]) for n in range(17, 32)),
        *((f"{n} bytes of ciphertext too many", frame + bytes(n)) for n in (1, 8, 15)),
        ("the last byte cut off", frame[:-1]),
        ("the last block cut off", frame[:-16]),
        ("one block and no IV", make(pad(b"abc"))[16:]),
        ("the last block twice", frame + frame[-16:]),
        ("a block of zeros after it", frame + bytes(16)),
        ("the last two blocks exchanged", frame[:-32] + frame[-16:] + frame[-32:-16]),
        ("the last bit changed", flip(frame, len(frame) - 1)),
        ("the block before the padding changed at its last bit", flip(frame, len(frame) - 17)),
        ("under another key", cbc(drawn("another key", 32), iv, pad(body))),
    ]
    for what, plain, made in valid:
        assert unpad(aes_key, made) == plain, what
    for what, made in refused:
        assert unpad(aes_key, made) is None, what
    return {
        "aesKey": aes_key.hex(),
        "valid": [{"what": w, "plain": p.hex(), "frame": f.hex()} for w, p, f in valid],
        "refused": [{"what": w, "frame": f.hex()} for w, f in refused],
    }


# --- files --------------------------------------------------------------------------------------------------------


def odd_key_cases(key: Key) -> dict:
    longest = counting(key.k - 42)
    ciphertext = key.encrypted(oaep_encode(key, data_block(key, longest), drawn("odd seed", 20)))
    signature = key.signed(pss_encode(key, longest))
    assert oaep_decrypts(key, ciphertext) == longest and pss_verifies(key, longest, signature)
    return {
        "bits": key.bits,
        "privatePkcs8": pem(key.key),
        "plain": longest.hex(),
        "ciphertext": ciphertext.hex(),
        "signature": signature.hex(),
    }


def main() -> None:
    stored = json.loads((FIXTURES / "keys.json").read_text())["keys"]
    names = ["server2048", "client2049", "server3072", "client4096"]
    keys = [
        Key(name, serialization.load_pem_private_key(stored[name]["privatePkcs8"].encode(), None)) for name in names
    ]
    files = {
        "odd-keys.json": [odd_key_cases(Key(f"odd{bits}", odd_key(bits))) for bits in (1033, 3073)],
        "rsa-oaep.json": [oaep_cases(key) for key in keys],
        "rsa-pss.json": [pss_cases(key, keys[(i + 1) % len(keys)]) for i, key in enumerate(keys)],
        "aes-cbc.json": cbc_cases(),
    }
    different = []
    for name, content in files.items():
        text = json.dumps(content, indent=1) + "\n"
        if "--check" not in sys.argv:
            (FIXTURES / name).write_text(text)
        elif (FIXTURES / name).read_text() != text:
            different.append(name)
    if different:
        sys.exit(f"other than what is made now: {', '.join(different)}")


if __name__ == "__main__":
    main()
