#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A replica in Python's standard library alone, written from docs/protocol.md.

  anabranch_client.py STATE URL SPACE sync                        exchange until both hold the same
  anabranch_client.py STATE URL SPACE show TABLE                  the rows of a table, one JSON object a line
  anabranch_client.py STATE URL SPACE put TABLE KEY CELLS         insert or edit a row: put shop '["cup"]' '{"title": "Cup"}'
  anabranch_client.py STATE URL SPACE changes                     what the relay holds, as the relay's own JSON

STATE is a file of its own: the origin, and every change set held. A counter's cell is the amount to add. A token comes from
ANABRANCH_TOKEN. Columns of other rules than lww and counter are neither shown nor written; what they hold is kept and passed on.
"""
import base64, hashlib, json, os, struct, sys, time, urllib.error, urllib.parse, urllib.request, zlib

MEDIA_TYPE = "application/vnd.anabranch.sync"
ABSURD_RANK, ABSURD_STAMP, BATCH_BYTES = 2**63 - 2**32, 2**62, 1 << 20

# ---- Bytes
def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out + bytes([n]))

def zigzag(n): return varint(n << 1 if n >= 0 else (-n << 1) - 1)
def blob(b): return varint(len(b)) + b
def text(s): return blob(s.encode())
def hash16(*parts): return hashlib.sha256(b"".join(parts)).digest()[:16]

def value(v):
    if v is None: return b"\0"
    if isinstance(v, (bool, int)): return b"\1" + zigzag(int(v))
    if isinstance(v, float): return b"\2" + struct.pack(">d", v + 0.0)
    return b"\3" + text(v)

class Reader:
    def __init__(self, data): self.data, self.at = data, 0
    def raw(self, n):
        if n > len(self.data) - self.at: raise ValueError(f"cut short at byte {self.at}")
        self.at += n
        return self.data[self.at - n:self.at]
    def u8(self): return self.raw(1)[0]
    def varint(self):
        n = 0
        for shift in range(0, 70, 7):
            b = self.u8()
            n |= (b & 0x7F) << shift
            if b < 0x80: return n
        raise ValueError("a number of more than 10 bytes")
    def zigzag(self): n = self.varint(); return n >> 1 if n & 1 == 0 else -(n + 1 >> 1)
    def blob(self): return self.raw(self.varint())
    def text(self): return self.blob().decode()
    def origin(self): return self.raw(16)
    def many(self, read): return [read() for _ in range(self.varint())]
    def rest(self): return self.at < len(self.data)
    def head(self): seq = self.varint(); return (seq, self.raw(16)) if seq else (0, b"")
    def value(self):
        tag = self.u8()
        if tag == 0: return None
        if tag == 1: return self.zigzag()
        if tag == 2: return struct.unpack(">d", self.raw(8))[0]
        return self.blob().decode(errors="replace") if tag == 3 else self.blob()

# ---- Change sets
class ChangeSet:
    """A change set as the bytes that its origin wrote, with its header read; the operations wait until somebody asks."""
    def __init__(self, data):
        r = Reader(data)
        if r.u8() != 1: raise ValueError("a change set of another format")
        self.bytes, flags = data, r.u8()
        if flags & 1: raise ValueError("a change set in parts, which this example does not put together")
        self.origin, self.seq, self.previous, self.stamp = r.origin(), r.varint(), r.raw(16), r.varint()
        self.context = r.many(lambda: (r.origin(), r.varint(), r.raw(8)))
        start = data[:r.at]
        r.blob()  # A signature, some day.
        self.body = r.blob()
        self.hash = hash16(start, self.body)
    def operations(self):
        r = Reader(self.body)
        origins = [self.origin] + r.many(r.origin)
        count, dots = r.varint(), Reader(r.blob())
        dots = [(origins[dots.varint()], dots.varint()) for _ in range(count)]
        tables = r.many(r.text)
        columns = r.many(lambda: (r.varint(), r.text(), r.u8()))
        ops = Reader(r.blob())
        while ops.rest():
            kind, op = ops.varint(), Reader(ops.blob())
            if kind == 1: yield declaration(op)
            elif kind in (16, 17, 18):
                table, key = tables[op.varint()], tuple(op.many(op.value))
                some = lambda: op.many(lambda: dots[op.varint()])
                base = self.stamp + op.zigzag() if kind < 18 else 0
                if kind == 16:
                    yield "insert", table, key, base, op.u8(), some(), cells(op, columns, dots, base)
                elif kind == 17:
                    lives = op.many(lambda: (dots[op.varint()], some()))
                    yield "edit", table, key, lives, cells(op, columns, dots, base)
                else:
                    yield "delete", table, key, some()

def cells(op, columns, dots, base):
    def cell():
        _, name, kind = columns[op.varint()]
        if kind == 1:
            rank, replaces = base + op.varint(), op.varint()
            return name, "put", rank, op.value(), dots[replaces - 1] if replaces else None
        return (name, "add", op.zigzag()) if kind == 2 else (op.blob() and name, "unknown")
    return op.many(cell)

def declaration(op):
    def column():
        name, _, _, place, _, _, _, rule = (
            op.text(), op.text(), op.u8(), op.varint(), op.value(), op.text(), op.text(), op.u8())
        if rule & 0x80: op.text()
        elif rule == 4: op.zigzag()
        elif rule == 9: op.text(), op.varint()
        return name, place, rule & 0x7F
    name, _, policy = op.text(), op.u8(), op.u8()
    return "declare", name, policy, op.many(column)

# ---- What operations do to rows
class Rows:
    """The state of all rows: of each (table, key) its lives, by the dot of the insert that began each."""
    def __init__(self, log):
        self.rows, self.tables = {}, {}
        for change_set in log:
            if change_set.stamp < ABSURD_STAMP:
                for op in change_set.operations(): self.apply((change_set.origin, change_set.seq), change_set.stamp, op)
    def apply(self, dot, stamp, op):
        if op[0] == "declare":
            if op[1] not in self.tables or (stamp, dot[0]) < self.tables[op[1]][0]:
                self.tables[op[1]] = (stamp, dot[0]), *op[2:]
            return
        lives = self.rows.setdefault((op[1], op[2]), {})
        if op[0] == "insert" and 0 <= op[3] < ABSURD_RANK:
            lives[dot] = {"live": {dot}, "policy": op[4], "supersedes": set(op[5]), "put": {}, "sum": {}}
            self.write(lives[dot], dot, op[6])
        elif op[0] == "edit":
            for i, (name, seen) in enumerate(op[3]):
                life = lives.get(name)
                if life and life["policy"] == 0: life["live"] = life["live"] - set(seen) | {dot}
                if life and i == 0: self.write(life, dot, op[4])
        elif op[0] == "delete":
            for life in lives.values(): life["live"] -= set(op[3])
    def write(self, life, dot, cells):
        for name, kind, *cell in cells:
            if kind == "add": life["sum"][name] = life["sum"].get(name, 0) + cell[0]
            elif kind == "put" and 0 <= cell[0] < ABSURD_RANK:
                mine = (cell[0], dot[0], value(cell[1]) if not isinstance(cell[1], bytes) else b"\4" + blob(cell[1]))
                if name not in life["put"] or mine > life["put"][name][0]: life["put"][name] = mine, dot, cell[1]
    def shown(self, table, key):
        lives = self.rows.get((table, key), {})
        alive = {name: life for name, life in lives.items() if life["live"]}
        return {n: life for n, life in alive.items() if not any(n in other["supersedes"] for other in alive.values())}
    def put(self, shown, column):
        return max((life["put"][column] for life in shown.values() if column in life["put"]), default=None)
    def row(self, table, key):
        shown = self.shown(table, key)
        if not shown or table not in self.tables: return None
        row = {}
        for name, place, rule in self.tables[table][2]:
            if place: row[name] = key[place - 1]
            elif rule == 2: row[name] = sum(life["sum"].get(name, 0) for life in shown.values())
            elif rule == 1: row[name] = (self.put(shown, name) or [None])[-1]
        return row

# ---- A replica
class Replica:
    def __init__(self, path):
        saved = json.load(open(path)) if os.path.exists(path) else {"origin": os.urandom(16).hex(), "log": []}
        self.path, self.origin, self.log, self.purged = path, bytes.fromhex(saved["origin"]), [], b""
        self.heads, self.vector_at = {}, {}  # vector_at: what was held when an own change set was written.
        for data in saved["log"]: self.take(ChangeSet(base64.b64decode(data)))
    def save(self):
        with open(self.path + ".new", "w") as f:
            json.dump({"origin": self.origin.hex(), "log": [base64.b64encode(c.bytes).decode() for c in self.log]}, f)
            f.flush(), os.fsync(f.fileno())
        os.replace(self.path + ".new", self.path)
    def take(self, c):
        seq, last = self.heads.get(c.origin, (0, b"\0" * 16))
        if c.seq <= seq: return  # Held already.
        if c.seq != seq + 1 or c.previous != last: raise ValueError(f"{c.origin.hex()}:{c.seq} does not follow what is held")
        for origin, seen, prefix in c.context:
            if self.heads.get(origin, (0, b""))[0] < seen: raise ValueError("a change set came before what its writer had seen")
        if c.origin == self.origin: self.vector_at[c.seq] = dict(self.heads)
        self.log.append(c)
        self.heads[c.origin] = (c.seq, c.hash)
    def write(self, table, make):
        """Writes a change set of one operation: what make answers to the state, the stamp, and numbers for dots and columns."""
        rows = Rows(self.log)
        if table not in rows.tables: sys.exit(f"no table '{table}' is known here; sync first")
        seq, previous = self.heads.get(self.origin, (0, b"\0" * 16))
        seen = self.vector_at.get(seq, {})
        news = sorted((o, h) for o, h in self.heads.items() if o != self.origin and h != seen.get(o))
        context = varint(len(news)) + b"".join(o + varint(s) + h[:8] for o, (s, h) in news)
        stamp = max([int(time.time() * 1000) << 16] + [c.stamp + 1 for c in self.log if c.stamp < ABSURD_STAMP])
        origins, dots, columns = [self.origin], [], []
        number = lambda items, item: items.index(item) if item in items else items.append(item) or len(items) - 1
        kind, op = make(rows, stamp, lambda dot: number(dots, dot), lambda name, cell: number(columns, (name, cell)))
        pairs = b"".join(varint(number(origins, o)) + varint(s) for o, s in dots)
        body = (varint(len(origins) - 1) + b"".join(origins[1:]) + varint(len(dots)) + blob(pairs) + varint(1) + text(table)
                + varint(len(columns)) + b"".join(varint(0) + text(n) + bytes([k]) for n, k in columns)
                + blob(varint(kind) + blob(op)))
        header = b"\1\0" + self.origin + varint(seq + 1) + previous + varint(stamp) + context
        self.take(ChangeSet(header + varint(0) + blob(body)))
        self.save()
    def put(self, table, key, wanted):
        def make(rows, stamp, dot, column):
            rules = {name: rule for name, place, rule in rows.tables[table][2] if not place}
            shown, lives = rows.shown(table, key), rows.rows.get((table, key), {})
            names = lambda some: varint(len(some)) + b"".join(varint(dot(d)) for d in sorted(some))
            touch = lambda: b"".join(varint(dot(n)) + names(life["live"]) for n, life in sorted(shown.items()))
            head = varint(len(shown)) + touch() if shown else bytes([rows.tables[table][1]]) + names(lives)
            out = varint(len(wanted))
            for name, v in sorted(wanted.items()):
                if rules.get(name) not in (1, 2): sys.exit(f"'{name}' is no lww or counter column of '{table}'")
                out += varint(column(name, rules[name]))
                won = rows.put(shown, name) if rules[name] == 1 else None
                if rules[name] == 2: out += zigzag(v)
                # A put that saw a value always beats it: its rank is above, whatever the clocks say.
                elif won: out += varint(max(0, won[0][0] + 1 - stamp)) + varint(dot(won[1]) + 1) + value(v)
                else: out += b"\0\0" + value(v)
            return 17 if shown else 16, varint(0) + varint(len(key)) + b"".join(map(value, key)) + zigzag(0) + head + out
        self.write(table, make)
    # ---- The exchange
    def sum(self):
        terms = (hash16(o, struct.pack(">Q", s), h) for o, (s, h) in self.heads.items())
        return (sum(int.from_bytes(t, "big") for t in terms) % 2**128).to_bytes(16, "big")
    def message(self, change_sets):
        head, heads = lambda h: varint(h[0]) + h[1], sorted(self.heads.items())
        content = (self.origin + head(self.heads.get(self.origin, (0, b""))) + self.sum() + b"\0"
                   + varint(len(heads)) + b"".join(o + head(h) for o, h in heads) + varint(BATCH_BYTES)
                   + varint(len(change_sets)) + b"".join(blob(c.bytes) for c in change_sets)
                   + (varint(1) + varint(20) + blob(hash16(self.purged)) if self.purged else varint(0)))
        return b"AB\1\1" + hash16(content)[:8] + b"\0" + content
    def reply(self, data):
        r = Reader(data)
        if r.raw(4) != b"AB\1\2": raise ValueError("not a reply of protocol 1")
        check, length = r.raw(8), r.varint() if r.u8() else 0
        content = zlib.decompressobj(-15).decompress(r.data[r.at:], length) if length else r.data[r.at:]
        if hash16(content)[:8] != check: raise ValueError("the reply was damaged on its way")
        r = Reader(content)
        _, _, _, flags, peer_sum = r.origin(), r.raw(16), r.varint(), r.u8(), r.raw(16)
        changes, _ = r.many(lambda: (r.origin(), r.head())), r.head()
        change_sets = [ChangeSet(b) for b in r.many(r.blob)]
        extras = dict(r.many(lambda: (r.varint(), r.blob())))
        if 16 in extras: sys.exit("the beginning of this space is kept in a snapshot alone, which this example cannot read")
        if 19 in extras: self.heed(extras[19])
        return peer_sum, changes, change_sets
    def heed(self, vector):
        """Own change sets may be sent if their writer had seen all that is purged."""
        r = Reader(vector)
        purged, self.purged = dict(r.many(lambda: (r.origin(), r.varint()))), vector
        for seq in range(purged.pop(self.origin, 0) + 1, self.heads.get(self.origin, (0, b""))[0] + 1):
            if any(self.vector_at[seq].get(o, (0, b""))[0] < s for o, s in purged.items()):
                sys.exit("what was written here is too old to be sent: it had not seen what the space has purged since")
    def sync(self, url):
        send, sent, received = [], 0, 0
        while True:
            peer_sum, changes, change_sets = self.reply(request(url + "/sync", self.message(send), MEDIA_TYPE))
            peer = {**self.heads, **dict(changes)}
            for c in change_sets: self.take(c)
            if change_sets: self.save()
            sent, received = sent + len(send), received + len(change_sets)
            if peer_sum == self.sum(): return sent, received
            send, size = [], 0
            for c in (c for c in self.log if c.seq > peer.get(c.origin, (0, b""))[0]):
                if send and size + len(c.bytes) > BATCH_BYTES: break
                send, size = send + [c], size + len(c.bytes)
            if not send and not change_sets: sys.exit("the relay holds another history under one name")

def request(url, body=None, media_type=None):
    call = urllib.request.Request(url, data=body, headers={"Content-Type": media_type} if body else {})
    if os.environ.get("ANABRANCH_TOKEN"): call.add_header("Authorization", "Bearer " + os.environ["ANABRANCH_TOKEN"])
    try:
        with urllib.request.urlopen(call, timeout=60) as answer: return answer.read()
    except urllib.error.HTTPError as e:
        problem = json.loads(e.read() or b"{}")
        sys.exit(f"{problem.get('code', e.code)}: {problem.get('detail', e.reason)}")
    except urllib.error.URLError as e: sys.exit(f"no answer from {url}: {e.reason}; start the relay, or check the address")

def main(path, url, space, command, *args):
    replica, url = Replica(path), url.rstrip("/") + "/v1/spaces/" + urllib.parse.quote(space, safe="")
    key = tuple(json.loads(args[1])) if len(args) > 1 else ()
    if command == "sync": print("sent %d, received %d" % replica.sync(url))
    elif command == "put": replica.put(args[0], key, json.loads(args[2]))
    elif command == "changes": print(json.dumps(json.loads(request(url + "/changes")), indent=1, ensure_ascii=False))
    elif command == "show":
        rows = Rows(replica.log)
        for table, key in sorted(rows.rows, key=str):
            row = rows.row(table, key) if table == args[0] else None
            if row is not None: print(json.dumps(row, ensure_ascii=False, default=lambda b: b.hex()))
    else: sys.exit(__doc__)

if __name__ == "__main__":
    try: main(*sys.argv[1:]) if len(sys.argv) > 4 else sys.exit(__doc__)
    except (ValueError, IndexError) as e: sys.exit(f"this cannot be read: {e}; see the words at the top of this file")
