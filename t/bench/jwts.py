# jwts.py N PATH SET: N distinct JSON Web Tokens of viewers of room demo, ES256,
# as the argument "viewer" of a path, a line each; the key goes into the file
# SET. jwcrypto would take a minute.

import base64
import json
import sys
import time

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def part(value):
    return b64(json.dumps(value, separators=(",", ":")).encode())


def signature(text):
    r, s = utils.decode_dss_signature(key.sign(text.encode(),
                                               ec.ECDSA(SHA256())))

    return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


key = ec.generate_private_key(ec.SECP256R1())
public = key.public_key().public_numbers()
now = int(time.time())

with open(sys.argv[3], "w") as file:
    json.dump({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k1",
                         "x": b64(public.x.to_bytes(32, "big")),
                         "y": b64(public.y.to_bytes(32, "big"))}]}, file)

for i in range(int(sys.argv[1])):
    text = part({"alg": "ES256", "kid": "k1"}) + "." + part({
        "exp": now + 7200, "iat": now, "sub": f"u{i}", "act": "view",
        "room": "demo"})

    print(f"{sys.argv[2]}?viewer={text}.{signature(text)}")
