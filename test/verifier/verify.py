#!/usr/bin/env python3
"""A second verifier of the ledger, written from docs/ledger-format.md with Python's standard library alone.

    verify.py export DIR [--trust FILE] [--since CHECKPOINT]
                                verifies an exported folder; prints {verdict, entries, lanes, findings}.
                                CHECKPOINT is one that you kept; without --trust the folder's own keys are believed
    verify.py vectors FILE      checks the golden vectors; prints how many agree
    verify.py signatures FILE   of rows of key, message and signature (hex): prints which are genuine
    verify.py entries FILE      of rows of key and entry (hex): prints which are genuine

It shares no code with the verifier in src/: two programs that agree are less likely to be wrong in one way.
"""
import base64
import functools
import hashlib
import json
import os
import sys

# --- Ed25519 verification (RFC 8032, section 5.1.7) ---------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def add(a, b):
    """Extended coordinates (X, Y, Z, T)."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return (x * y % P, z * t % P, y * z % P, x * t % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    x = recover_x(y & ((1 << 255) - 1), y >> 255)
    y &= (1 << 255) - 1
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def has_small_order(point):
    x, y, z, _ = multiply(8, point)
    return x == 0 and (y - z) % P == 0


@functools.lru_cache(maxsize=1_024)  # the records of a run show the same signature
def ed25519_verify(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = decompress(key), decompress(signature[:32])
    if a is None or r is None or has_small_order(a) or has_small_order(r):
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- RFC 6962 ------------------------------------------------------------------------------------------------


def sha(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha(b"\x00" + entry)


def node_hash(left, right):
    return sha(b"\x01" + left + right)


def root_of(hashes):
    """MTH, by folding the roots of complete subtrees from the right."""
    stack = []
    for value in hashes:
        size = 1
        while stack and stack[-1][0] == size:
            value, size = node_hash(stack.pop()[1], value), size * 2
        stack.append((size, value))
    if not stack:
        return sha(b"")
    result = stack.pop()[1]
    while stack:
        result = node_hash(stack.pop()[1], result)
    return result


def split(n):
    return 1 << ((n - 1).bit_length() - 1)


def inclusion_root(leaf, index, size, path):
    """The root that an audit path leads to; None when it has the wrong length."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    k = split(size)
    if index < k:
        below = inclusion_root(leaf, index, k, path[:-1])
        return None if below is None else node_hash(below, path[-1])
    below = inclusion_root(leaf, index - k, size - k, path[:-1])
    return None if below is None else node_hash(path[-1], below)


def consistency_roots(old, size, path, old_root, whole=True):
    """(root of the first `old` leaves, root of all) that a consistency proof leads to; None when it does not fit."""
    if old == size:
        if whole:
            return (old_root, old_root) if not path else None
        return (path[0], path[0]) if len(path) == 1 else None
    if not path:
        return None
    k = split(size)
    if old <= k:
        below = consistency_roots(old, k, path[:-1], old_root, whole)
        return None if below is None else (below[0], node_hash(below[1], path[-1]))
    below = consistency_roots(old - k, size - k, path[:-1], old_root, False)
    return None if below is None else (node_hash(path[-1], below[0]), node_hash(path[-1], below[1]))


# --- signed notes and checkpoints (C2SP) ---------------------------------------------------------------------


def b64(text):
    return base64.b64decode(text, validate=True)


def b64_as_written(text):
    """Nothing where the text is not the one way to write these bytes: decoders differ in what else they take."""
    try:
        data = b64(text)
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""


def parse_vkey(vkey):
    name, key_id, encoded = vkey.strip().split("+", 2)
    data = b64(encoded)
    if sha(name.encode() + b"\n" + data)[:4].hex() != key_id:
        raise ValueError("the id of a vkey does not match")
    return {"name": name, "id": key_id, "type": data[0], "key": data[1:]}


def open_note(note, vkeys):
    """(text, names of the keys that signed it); cosigners as (name, time). Raises when a known key did not."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    keys = [parse_vkey(vkey) for vkey in vkeys]
    signed, cosigned = [], []
    for line in lines.strip("\n").split("\n"):
        dash, name, encoded = line.split(" ")
        data = b64(encoded)
        for key in keys:
            if dash != "\u2014" or key["name"] != name or key["id"] != data[:4].hex():
                continue
            if key["type"] == 1:
                if not ed25519_verify(key["key"], text.encode(), data[4:]):
                    raise ValueError("the signature of a known key does not match")
                signed.append(name)
            elif key["type"] == 4:
                time = int.from_bytes(data[4:12], "big")
                message = f"cosignature/v1\ntime {time}\n{text}".encode()
                if ed25519_verify(key["key"], message, data[12:]):
                    cosigned.append((name, time))
    return text, signed, cosigned


def open_checkpoint(note, origin, vkeys):
    text, signed, _ = open_note(note, vkeys)
    lines = text.split("\n")
    if lines[0] != origin or not signed:
        raise ValueError("no trusted key of this log signed the checkpoint")
    return int(lines[1]), b64(lines[2])


# --- records -------------------------------------------------------------------------------------------------


def canonical(value):
    """RFC 8785 for what records hold: objects, arrays, strings, integers, booleans, null."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def parsed(data):
    """What these bytes say; raises ValueError where they are not UTF-8 JSON."""

    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def whole(value):
    return type(value) in (int, float) and value == value // 1 and abs(value) < 2**53


def is_of_run(data):
    """Whether a record's bytes say that it was signed with its run: `v` is the last of the sorted members."""
    return len(data) > 6 and data.endswith(b'"v":2}')


def record_of(data):
    """The record that these bytes are; raises ValueError where they are none."""
    record = parsed(data)
    if not isinstance(record, dict):
        raise ValueError("it is no object")
    texts = all(isinstance(record.get(name), str) for name in ["prev", "type", "time", "trace"])
    places = all(whole(record.get(name)) for name in ["v", "lane", "seq"])
    if not texts or not places or not isinstance(record.get("data"), dict):
        raise ValueError("it has not the members of a record")
    if record["v"] != (2 if is_of_run(data) else 1):
        raise ValueError("its version is not at its end")
    return record


class Signed:
    """An entry taken apart. `run` is None where it was signed alone, else (size, index, path)."""

    def __init__(self, entry):
        hashes = entry[-1] - 0x80 if entry else -1
        start = max(len(entry) - (67 + 32 * hashes), 0)
        with_run = 0 <= hashes <= 8 and is_of_run(entry[:start])
        at = start if with_run else max(len(entry) - 64, 0)
        self.data, self.signature, self.run = entry[:at], entry[at:], None
        if with_run:
            path = [self.signature[64 + 32 * n : 96 + 32 * n] for n in range(hashes)]
            self.run = (self.signature[-2] + 1, self.signature[-3], path)

    def link(self):
        """What the next record of the lane has as its `prev`."""
        return leaf_hash(self.data if is_of_run(self.data) else self.data + self.signature).hex()

    def is_by(self, key):
        """Whether `key` signed it, alone or with its run, as its bytes say."""
        if self.run is None:
            return not is_of_run(self.data) and ed25519_verify(key, self.data, self.signature)
        size, index, path = self.run
        root = inclusion_root(leaf_hash(self.data), index, size, path) if index < size else None
        if root is None:
            return False
        return ed25519_verify(key, f"chancery/run/v1\nsize {size}\n".encode() + root, self.signature[:64])


def certificate_key(text, signature, lane, trust):
    """(the lane's public key, None) if a trusted authority certified it for this lane, else (None, the verdict)."""
    data = text.encode(errors="replace")
    try:
        certificate, by = parsed(data), b64_as_written(signature)
        start, key = certificate["start"], b64(certificate["public_key"])
    except (ValueError, KeyError, TypeError):
        return None, "FORMAT"
    signers = [one for one in trust["authorities"] if ed25519_verify(b64(one["public_key"]), data, by)]
    if not signers:
        return None, "KEY"
    if certificate["lane"] != lane:
        return None, "MODIFIED"
    in_range = signers[0]["from_lane"] <= lane <= signers[0].get("to_lane", lane)
    in_time = start <= signers[0].get("not_after", start)
    return (key, None) if certificate["origin"] == trust["origin"] and in_range and in_time else (None, "KEY")


class Lane:
    """Follows one lane through the log."""

    def __init__(self, number, trust):
        self.number, self.trust = number, trust
        self.key, self.next, self.prev, self.closed, self.time = None, 0, "0" * 64, False, ""
        self.bad, self.misplaced = set(), {}
        self.unopened = "MISSING"  # what is wrong where there is no key

    def check(self, signed, record):
        """None, or the verdict on this record."""
        place, self.next = self.next, self.next + 1
        expected, self.prev = self.prev, signed.link()
        text, by = (record["data"].get(name) for name in ["certificate", "authority_signature"])
        opens = record["type"] == "ledger.lane_opened" and record["seq"] == 0
        if place == 0 and opens and isinstance(text, str) and isinstance(by, str):
            self.key, self.unopened = certificate_key(text, by, self.number, self.trust)
        if self.key is None:
            return self.unopened
        closes = record["type"] == "ledger.lane_closed"
        # a record of a run is none, whatever it says: with others only a lane signs
        tombstone = closes and record["data"].get("reason") == "tombstone" and record["v"] == 1
        keys = [b64(one["public_key"]) for one in self.trust["authorities"]] if tombstone else [self.key]
        if not any(signed.is_by(key) for key in keys):
            # its link proves nothing of the record behind it
            self.prev = None
            self.bad.add(place)
            return "MODIFIED"
        if record["seq"] != place:
            self.prev, self.misplaced[place] = None, record["seq"]
            return None
        if (expected is not None and record["prev"] != expected) or self.closed:
            return "FORK"
        self.closed = closes
        earlier, self.time = record["time"] < self.time, record["time"]
        return "FORMAT" if earlier else None

    def end(self):
        """(verdict, place) of genuine records that stand in a wrong one: moved, repeated, or moved up where one is gone."""
        gone = [place for place in self.misplaced if place not in self.misplaced.values()]
        moved = [
            place
            for place, own in self.misplaced.items()
            if own >= self.next or own in self.misplaced or own in self.bad
        ]
        repeated = [("DUPLICATE", place) for place in self.misplaced if place not in moved]
        lost = [("MISSING", place) for place in gone if place in moved]
        return repeated + (lost or [("MODIFIED", place) for place in moved])


# --- an exported folder --------------------------------------------------------------------------------------


def path_of(kind, n, width):
    groups = [f"{n % 1000:03d}"]
    while n >= 1000:
        n //= 1000
        groups.insert(0, f"x{n % 1000:03d}")
    return f"tile/{kind}/" + "/".join(groups) + ("" if width == 256 else f".p/{width}")


def read(folder, name):
    path = os.path.join(folder, name)
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError(0, "it is no file", path)  # a pipe would be waited for, a device read for ever
    with open(path, "rb") as file:
        return file.read()


def read_either(folder, kind, n, width):
    """The tile of this width, or the full one in its place: then there is more in it."""
    try:
        return read(folder, path_of(kind, n, width)), False
    except OSError:
        if width == 256:
            raise
        return read(folder, path_of(kind, n, 256)), True


def bundle(data):
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(data):
        raise ValueError("the lengths of a bundle do not add up")
    return entries


# worst first, as docs/ledger-format.md lists them
WORST = ["KEY", "FORK", "MODIFIED", "MISSING", "TRUNCATED", "DUPLICATE", "FORMAT"]


def before(note, origin):
    """The size that a write-once copy says was signed before it; 0 of copies that do not say."""
    name = origin + "/before"
    key_id = sha(name.encode() + b"\n\xffbefore")[:4]
    for line in note.rpartition("\n\n")[2].strip("\n").split("\n"):
        _, whose, encoded = line.split(" ")
        data = b64(encoded)
        if whose == name and data[:4] == key_id and len(data) == 12:
            return int.from_bytes(data[4:], "big")
    return 0


def place_of(entry):
    """(lane, seq) that an entry says it has; (None, None) of what is no record."""
    try:
        record = record_of(Signed(entry).data)
        return record["lane"], record["seq"]
    except ValueError:
        return None, None


def follow(entries, spoilt, trust, find):
    """Checks each lane through the tree and says how many there are. `spoilt`: those that are not what was signed."""
    lanes, unread = {}, 0
    for at, entry in enumerate(entries):
        try:
            signed = Signed(entry)
            record = None if at in spoilt else record_of(signed.data)
        except ValueError:
            record = None
            find("FORMAT", f"entry {at} is no record")
        if record is None:
            unread += 1
            continue
        number, seq = record["lane"], record["seq"]
        lane = lanes.setdefault(number, Lane(number, trust))
        if 0 < seq - lane.next <= unread:
            # what could not be read stood there
            find("MISSING", "the record is not there", number, lane.next)
            unread -= seq - lane.next
            lane.next, lane.prev = seq, None
        verdict = lane.check(signed, record)
        if verdict:
            find(verdict, "the record does not follow", number, seq)
    for lane in lanes.values():
        for verdict, place in lane.end():
            find(verdict, "the record is not the one of this place", lane.number, place)
    return len(lanes)


def verify_export(folder, trust_file=None, since_file=None):
    with open(trust_file or os.path.join(folder, "trust.json"), encoding="utf-8") as file:
        trust = json.load(file)
    if trust_file is None:
        print("the keys of the folder itself are believed; give --trust FILE", file=sys.stderr)
    findings = []

    def find(verdict, detail, lane=None, seq=None):
        findings.append({"verdict": verdict, "lane": lane, "seq": seq, "detail": detail})

    def result(size, lanes):
        found = [verdict for verdict in WORST if any(one["verdict"] == verdict for one in findings)]
        verdict = found[0] if found else ("OK" if size else "MISSING")
        return {"verdict": verdict, "entries": size, "lanes": lanes, "findings": findings}

    def opened(note, where):
        try:
            return open_checkpoint(note, trust["origin"], trust["log_keys"])
        except (ValueError, IndexError) as error:
            known = "does not match" in str(error)
            find("MODIFIED" if known else "KEY", f"{where}: {error}")
            return None

    try:
        published = opened(read(folder, "checkpoint").decode(), "the published checkpoint")
    except OSError:
        find("MISSING", "there is no checkpoint")
        published = None
    except ValueError:
        find("FORMAT", "the checkpoint is no text")
        published = None
    if published is None:
        return result(0, 0)
    size, root = published
    kept, named = {size: root}, {size}
    copies = set()
    for base, _, names in os.walk(os.path.join(folder, "worm")):
        for name in names:
            path = os.path.join(base, name)
            digits = "".join(path.split(os.sep)[-4:])
            if len(digits) != 12 or not digits.isdecimal():
                continue
            expected = 999_999_999_999 - int(digits)
            copies.add(expected)
            try:
                note = read(base, name).decode()
                note.rindex("\n\n")
            except OSError as error:
                find("MISSING", f"{error.filename} cannot be read")
                continue
            except ValueError:
                find("FORMAT", f"the write-once copy of {expected} is no signed note")
                continue
            copy = opened(note, f"the write-once copy of {expected}")
            if copy is None:
                continue
            at, its_root = copy
            if at != expected:
                find("MODIFIED", f"the write-once copy of {expected} is one of size {at}")
            named.add(before(note, trust["origin"]))
            if kept.setdefault(at, its_root) != its_root:
                find("FORK", f"two trees of size {at} were signed")
    if os.path.isdir(os.path.join(folder, "worm")):
        for at in sorted(named - copies - {0}):
            find("MISSING", f"the write-once checkpoint of size {at} is not there")
    if since_file is not None:
        with open(since_file, encoding="utf-8") as file:
            since = opened(file.read(), "the checkpoint that was kept elsewhere")
        if since is not None and since[0] > max(kept):
            find("TRUNCATED", f"a checkpoint of {since[0]} was kept, and the log ends at {max(kept)}")
        elif since is not None and kept.setdefault(since[0], since[1]) != since[1]:
            find("FORK", f"two trees of size {since[0]} were signed")
    if max(kept) > size:
        find("TRUNCATED", f"a checkpoint of {max(kept)} was signed, and {size} is published")

    entries, listed, whole_tree = [], [], True
    for n in range((size + 255) // 256):
        width = min(256, size - 256 * n)
        try:
            data, longer = read_either(folder, "entries", n, width)
            shown = bundle(data)
            if len(shown) < width or (len(shown) > width and not longer):
                raise ValueError("it has not as many entries as the tree")
            tile, longer = read_either(folder, "0", n, width)
            if len(tile) < 32 * width or (len(tile) > 32 * width and not longer):
                find("MODIFIED", f"tile {n} has not as many hashes as the tree")
        except OSError as error:
            find("MISSING", f"{error.filename} is not there")
            whole_tree = False
            break
        except ValueError as error:
            find("FORMAT", f"bundle {n}: {error}")
            whole_tree = False
            break
        entries.extend(shown[:width])
        tile = tile[: 32 * width]
        listed.extend(tile[at : at + 32] for at in range(0, len(tile), 32))
    leaves = [leaf_hash(entry) for entry in entries]
    odd = [at for at, hashed in enumerate(leaves) if at >= len(listed) or hashed != listed[at]]
    # where the tiles are what was signed, the entries were changed, and are evidence against nobody
    spoilt = odd if whole_tree and root_of(listed) == root else []
    lanes = follow(entries, set(spoilt), trust, find)
    if not whole_tree:
        return result(size, lanes)
    for at in spoilt:
        find("MODIFIED", f"entry {at} is not the one that was signed", *place_of(entries[at]))
    if odd and not spoilt and root_of(leaves) == root:
        find("MODIFIED", "a tile is not what the entries give")
    if spoilt:
        leaves = listed
    for at, its_root in kept.items():
        if at <= size and root_of(leaves[:at]) != its_root:
            find("FORK", f"the entries do not make the tree of size {at} that was signed")
    return result(size, lanes)


# --- golden vectors ------------------------------------------------------------------------------------------


def check_vectors(vectors):
    trust, agreed = vectors["trust"], 0

    def expect(truth, what):
        nonlocal agreed
        if not truth:
            raise SystemExit(f"disagrees on {what}")
        agreed += 1

    for one in vectors["records"]:
        data = bytes.fromhex(one["bytes"])
        expect(canonical(one["record"]).encode() == data, "the bytes of a record")
        expect(leaf_hash(data + b64(one["signature"])).hex() == one["hash"], "a record hash")
        expect(ed25519_verify(b64(one["key"]), data, b64(one["signature"])), "a record signature")
        broken = data[:-1] + bytes([data[-1] ^ 1])
        expect(not ed25519_verify(b64(one["key"]), broken, b64(one["signature"])), "a broken record")
    for one in vectors["runs"]:
        data, signature = bytes.fromhex(one["bytes"]), b64(one["signature"])
        signed = Signed(data + signature)
        expect(signed.is_by(b64(one["key"])) == one["genuine"], f"a run: {one['what']}")
        if one["genuine"]:
            expect((signed.data, signed.signature) == (data, signature), "where the signature begins")
            expect((signed.run[0], signed.run[1]) == (one["size"], one["index"]), "the place in a run")
            expect(canonical(record_of(data)).encode() == data, "the bytes of a record of a run")
            expect((leaf_hash(data + signature).hex(), signed.link()) == (one["hash"], one["link"]), "its hashes")
    for one in vectors["certificates"]:
        key, _ = certificate_key(one["text"], one["signature"], one["lane"], trust)
        expect((key and base64.b64encode(key).decode()) == one["key"], "a certificate")
    for one in vectors["roots"]:
        expect(root_of([bytes.fromhex(leaf) for leaf in one["leaves"]]).hex() == one["root"], "a root")
    for one in vectors["checkpoints"]:
        text, signed, cosigned = open_note(one["note"], trust["log_keys"] + trust["witnesses"])
        expect(signed == one["signed"] and [list(pair) for pair in cosigned] == one["cosigned"], "a note")
        expect(open_checkpoint(one["note"], trust["origin"], trust["log_keys"])[0] == one["size"], "a checkpoint")
        expect(before(one["note"], trust["origin"]) == one["before"], "the copy before a copy")
    for one in vectors["inclusions"]:
        path = [bytes.fromhex(value) for value in one["path"]]
        found = inclusion_root(bytes.fromhex(one["leaf"]), one["index"], one["size"], path)
        expect((found is not None and found.hex() == one["root"]) == one["holds"], "an inclusion proof")
    for one in vectors["consistencies"]:
        path = [bytes.fromhex(value) for value in one["path"]]
        found = consistency_roots(one["old"], one["size"], path, bytes.fromhex(one["old_root"]))
        holds = found is not None and found[0].hex() == one["old_root"] and found[1].hex() == one["root"]
        expect(holds == one["holds"], "a consistency proof")
    return agreed


def no_export(folder, options):
    """Why there is nothing to verify: a mistake of whoever asks is no finding about the log."""
    for file in [options.get("--trust", os.path.join(folder, "trust.json")), options.get("--since")]:
        if file is not None and not os.path.isfile(file):
            return f"there is no file {file}"
    if os.path.isdir(os.path.join(folder, "log")) and not os.path.exists(os.path.join(folder, "tile")):
        return f"{folder} is a data folder: `chancery ledger export DIR --folder {folder}` makes an export of it"
    return None


def main(arguments):
    options = dict(zip(arguments[2::2], arguments[3::2]))
    known = arguments[:1] == ["export"] and len(arguments) % 2 == 0 and set(options) <= {"--trust", "--since"}
    if known and len(arguments) >= 2:
        mistake = no_export(arguments[1], options)
        if mistake:
            print(mistake, file=sys.stderr)
            return 2
        result = verify_export(arguments[1], options.get("--trust"), options.get("--since"))
        print(json.dumps(result))
        return 0 if result["verdict"] == "OK" else 1
    if len(arguments) == 2 and arguments[0] == "vectors":
        with open(arguments[1], encoding="utf-8") as file:
            print(f"{check_vectors(json.load(file))} vectors agree")
        return 0
    if len(arguments) == 2 and arguments[0] == "signatures":
        with open(arguments[1], encoding="utf-8") as file:
            rows = [[bytes.fromhex(part) for part in row] for row in json.load(file)]
        print(json.dumps([ed25519_verify(*row) for row in rows]))
        return 0
    if len(arguments) == 2 and arguments[0] == "entries":
        with open(arguments[1], encoding="utf-8") as file:
            rows = [[bytes.fromhex(part) for part in row] for row in json.load(file)]
        print(json.dumps([Signed(entry).is_by(key) for key, entry in rows]))
        return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
