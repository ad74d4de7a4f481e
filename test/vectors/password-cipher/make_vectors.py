"""Makes vectors.json with an AES-GCM that is neither Node's nor OpenSSL's; it imports nothing of Latchkey.

    python3 -m venv /tmp/vectors && /tmp/vectors/bin/pip install pycryptodome==4.4.0
    /tmp/vectors/bin/python make_vectors.py > vectors.json
"""

import base64
import json
import struct
import sys

from Crypto.Cipher import AES

KEY = bytes(range(32))
AUDIENCE = "eu-west-1_Latchkey1"
PROVISIONING_ID = "v1.AAAAAAAAAAAAAAAAAAAAAA.AQEBAQEBAQEBAQEBAQEBAQ"
NOW = 1_800_000_000


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def additional_data(purpose="latchkey:create-user", audience=AUDIENCE, provisioning_id=PROVISIONING_ID):
    fields = ["audience", audience, "provisioning_id", provisioning_id, "purpose", purpose]
    return b"".join(struct.pack(">I", len(field.encode())) + field.encode() for field in fields)


def contents(password, **changes):
    fields = {
        "v": 1,
        "username": "svc-reports",
        "provisioning_id": PROVISIONING_ID,
        "not_after": NOW + 600,
        "password": password,
        **changes,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def seal(iv, plaintext, key=KEY, aad=None):
    cipher = AES.new(key, AES.MODE_GCM, nonce=iv, mac_len=16)
    cipher.update(additional_data() if aad is None else aad)
    return cipher.encrypt_and_digest(plaintext)


def envelope(iv, ciphertext, tag):
    return ".".join(["latchkey.v1.a256gcm", b64url(iv), b64url(ciphertext), b64url(tag)])


def opens(name, iv, password):
    plaintext = contents(password)
    return {
        "name": name,
        "password": password,
        "contents_base64": base64.b64encode(plaintext).decode("ascii"),
        "envelope": envelope(iv, *seal(iv, plaintext)),
    }


IV = bytes.fromhex("cafebabefacedbaddecaf888")
PLAINTEXT = contents("Correct-Horse7")
CIPHERTEXT, TAG = seal(IV, PLAINTEXT)


def refused(name, reason, text):
    return {"name": name, "reason": reason, "envelope": text}


def sealed(plaintext, **how):
    return envelope(IV, *seal(IV, plaintext, **how))


def truncated(count):
    return envelope(IV, CIPHERTEXT, TAG[:count])


wide_iv = bytes(16)
vectors = {
    "key_base64": base64.b64encode(KEY).decode("ascii"),
    "audience": AUDIENCE,
    "username": "svc-reports",
    "provisioning_id": PROVISIONING_ID,
    "sealed_at_ms": NOW * 1000,
    "opens": [
        opens("ASCII", IV, "Correct-Horse7"),
        opens("JSON escapes", bytes(12), 'Quote"Back\\slash/7'),
        opens("two, three and four bytes of UTF-8", b"\xff" * 12, "Straße-Zürich-東京-🔑-7"),
        opens("256 characters", bytes(range(12)), "Aa1!" + "x" * 252),
    ],
    "refused": [
        refused("another key", "not_authentic", sealed(PLAINTEXT, key=bytes(32))),
        refused("another purpose", "not_authentic", sealed(PLAINTEXT, aad=additional_data(purpose="latchkey:other"))),
        refused("another pool", "not_authentic", sealed(PLAINTEXT, aad=additional_data(audience="eu-west-1_Other"))),
        refused(
            "another request outside",
            "not_authentic",
            sealed(PLAINTEXT, aad=additional_data(provisioning_id="v1.BBBBBBBBBBBBBBBBBBBBBA.AQEBAQEBAQEBAQEBAQEBAQ")),
        ),
        refused("no additional data", "not_authentic", sealed(PLAINTEXT, aad=b"")),
        refused("tag of 4 bytes", "malformed_envelope", truncated(4)),
        refused("tag of 12 bytes", "malformed_envelope", truncated(12)),
        refused("tag of 15 bytes", "malformed_envelope", truncated(15)),
        refused("IV of 16 bytes", "malformed_envelope", envelope(wide_iv, *seal(wide_iv, PLAINTEXT))),
        refused(
            "another request inside",
            "bound_to_another_request",
            sealed(contents("Correct-Horse7", provisioning_id="v1.BBBBBBBBBBBBBBBBBBBBBA.AQEBAQEBAQEBAQEBAQEBAQ")),
        ),
        refused("another username", "bound_to_another_request", sealed(contents("Correct-Horse7", username="svc-other"))),
        refused("another version", "malformed_contents", sealed(contents("Correct-Horse7", v=2))),
        refused("an unknown field", "malformed_contents", sealed(contents("Correct-Horse7", admin=True))),
        refused("a fractional time", "malformed_contents", sealed(contents("Correct-Horse7", not_after=NOW + 0.5))),
        refused("contents that are not UTF-8", "malformed_contents", sealed(PLAINTEXT[:-4] + b"\xff" + PLAINTEXT[-3:])),
        refused("a byte order mark", "malformed_contents", sealed(b"\xef\xbb\xbf" + PLAINTEXT)),
        refused("time that is over", "expired", sealed(contents("Correct-Horse7", not_after=NOW))),
        refused("time without end", "expires_too_late", sealed(contents("Correct-Horse7", not_after=NOW + 31_536_000))),
        refused("the other cipher", "wrong_cipher", "latchkey.v1.kms." + b64url(CIPHERTEXT)),
    ],
    "kms_envelopes": [
        {"ciphertext_base64": base64.b64encode(blob).decode("ascii"), "envelope": "latchkey.v1.kms." + b64url(blob)}
        for blob in [b"\x00", b"\xfb\xff", b"\xff\xfe\xfd", bytes(range(256)), b"\xfa" * 6144]
    ],
}

json.dump(vectors, sys.stdout, indent=2, ensure_ascii=False)
sys.stdout.write("\n")
