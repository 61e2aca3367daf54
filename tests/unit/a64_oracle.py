#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The library's decoder of loads and stores against binutils' disassembler.

    a64_oracle.py A64_WORDS OBJDUMP [SEED]

Words by chance, most of them from the encodings of loads and stores. For each the disassembler's
text is read, and the library must say the same: that it is none of those that it carries out, or
which registers it moves, how many bytes, from where, and what becomes of the base.
"""
import os
import random
import re
import subprocess
import sys
import tempfile

WORDS = 300000

NONE, OTHER, UNPREDICTABLE = 0, 1, 2
LOAD, STORE, PREFETCH, ZERO_BLOCK, STORE_EXCLUSIVE, COMPARE_AND_SWAP, ATOMIC = range(7)
OFFSET, POST, PRE, REGISTER, LITERAL = range(5)
OPERATIONS = ["add", "clr", "eor", "set", "smax", "smin", "umax", "umin"]
EXTENSIONS = {"uxtw": 2, "lsl": 3, "sxtw": 6, "sxtx": 7}

# Fields of the library's line.
FIELDS = ("refusal kind index size count rt rt2 rs rn operation option shift vector signed wide "
          "offset").split()

BYTES = {"b": 1, "h": 2, "s": 4, "d": 8, "q": 16, "w": 4, "x": 8}


class Unknown(Exception):
    """A mnemonic that the library does not carry out."""


def register(text):
    """(its letter, its number)"""
    if text in ("sp", "wsp"):
        return "x", 31
    if text in ("wzr", "xzr"):
        return text[0], 31
    return text[0], int(text[1:])


def number(text):
    return int(text.lstrip("#"), 0)


def split(operands):
    """Operands, with what is in brackets in one piece."""
    return re.findall(r"\[[^\]]*\]!?|[^,\s][^,\[]*", operands)


def address(text, after):
    """index, rn, rs, option, shift, offset of a memory operand and what follows it."""
    inner = [part.strip() for part in text.strip("[]!").split(",")]
    found = {"index": OFFSET, "rn": register(inner[0])[1], "offset": 0}
    if after:
        found.update(index=POST, offset=number(after[0]))
    elif len(inner) > 1 and inner[1].startswith("#"):
        found["offset"] = number(inner[1])
        if text.endswith("!"):
            found["index"] = PRE
    elif len(inner) > 1:
        letter, rs = register(inner[1])
        extend = inner[2].split() if len(inner) > 2 else ["lsl"]
        found.update(index=REGISTER, rs=rs, option=EXTENSIONS[extend[0]],
                     shift=number(extend[1]) if len(extend) > 1 else 0)
        assert letter == ("w" if found["option"] in (2, 6) else "x"), text
    return found


def plain(name, parts, pc):
    """LDR, STR and their like, in all their forms of one or two registers."""
    match = re.fullmatch(r"(ld|st)(r|ur|tr|p|np|ar|lar|apr|apur|lr|llr|lur|xr|axr|xp|axp)"
                         r"(s?[bhw])?", name)
    if not match:
        raise Unknown(name)
    suffix = match.group(3) or ""
    count = 2 if match.group(2) in ("p", "np", "xp", "axp") else 1
    letter, rt = register(parts[0])
    if letter not in BYTES:
        raise Unknown(f"{name} of SVE")
    found = {"kind": LOAD if match.group(1) == "ld" else STORE, "count": count, "rt": rt,
             "vector": letter in "bhsdq", "signed": suffix.startswith("s"),
             "wide": suffix.startswith("s") and letter == "x",
             "size": {"b": 1, "h": 2, "w": 4}[suffix[-1]] if suffix else BYTES[letter]}
    if count == 2:
        found["rt2"] = register(parts[1])[1]
    rest = parts[count:]
    if rest[0].startswith("["):
        found.update(address(rest[0], rest[1:]))
        if (match.group(2) in ("apur", "lur") and found["vector"] or
                match.group(2) in ("apr", "lr") and (found["index"] != OFFSET or found["offset"])):
            raise Unknown(f"{name} of FEAT_LRCPC3, hidden from guests")
    else:
        found.update(index=LITERAL, offset=(int(rest[0], 0) - pc + (1 << 63)) % (1 << 64) - (1 << 63))
    return found


def store_exclusive(name, parts):
    match = re.fullmatch(r"stl?x([rp])([bh])?", name)
    letter, rt = register(parts[1])
    found = {"kind": STORE_EXCLUSIVE, "rs": register(parts[0])[1], "rt": rt,
             "count": 2 if match.group(1) == "p" else 1,
             "size": BYTES[match.group(2) or letter], **address(parts[-1], [])}
    if found["count"] == 2:
        found["rt2"] = register(parts[2])[1]
    return found


def compare_and_swap(name, parts):
    match = re.fullmatch(r"cas(p?)a?l?([bh])?", name)
    if not match:
        raise Unknown(name)
    letter, rs = register(parts[0])
    pair = match.group(1) == "p"
    return {"kind": COMPARE_AND_SWAP, "count": 2 if pair else 1, "rs": rs,
            "rt": register(parts[2 if pair else 1])[1],
            "size": BYTES[match.group(2) or letter], **address(parts[-1], [])}


def atomic(name, parts):
    match = re.fullmatch(r"(?:swp|(?:ld|st)(add|clr|eor|set|smax|smin|umax|umin))a?l?([bh])?", name)
    if not match:
        raise Unknown(name)
    letter, rs = register(parts[0])
    return {"kind": ATOMIC, "count": 1, "rs": rs,
            "operation": OPERATIONS.index(match.group(1)) if match.group(1) else 8,
            "rt": 31 if name.startswith("st") else register(parts[1])[1],
            "size": BYTES[match.group(2) or letter], **address(parts[-1], [])}


def understand(text, pc):
    """What the disassembler's text says, as the library's fields."""
    name, _, operands = text.partition("\t")
    parts = [part.strip() for part in split(operands)]
    if name in ("prfm", "prfum", "rprfm"):
        return {"kind": PREFETCH}
    if name == "dc" and parts[0] == "zva":
        return {"kind": ZERO_BLOCK, "rt": register(parts[1])[1]}
    if re.fullmatch(r"stl?x[rp][bh]?", name):
        return store_exclusive(name, parts)
    if name.startswith("cas"):
        return compare_and_swap(name, parts)
    try:
        return atomic(name, parts)
    except Unknown:
        return plain(name, parts, pc)


def is_unpredictable(found):
    """The rules of the Arm ARM's pseudocode for each instruction."""
    data = [found["rt"]] + ([found["rt2"]] if "rt2" in found else [])
    if found["kind"] == STORE_EXCLUSIVE:
        return found["rs"] in data or (found["rs"] == found["rn"] and found["rn"] != 31)
    if found["kind"] == LOAD and len(data) == 2 and data[0] == data[1]:
        return True
    return (found.get("index") in (PRE, POST) and not found["vector"] and found["rn"] != 31 and
            found["rn"] in data)


def should_be_one(word):
    """Has the word a zero among the bits that should be one? Then it need not be what it looks like."""
    exclusive = word & 0x3f000000 == 0x08000000
    ordered = exclusive and word & 0x00a00000 == 0x00800000
    single = exclusive and not word & 0x00200000
    load = exclusive and word & 0x00400000 and (not word & 0x00200000 or
                                                word & 0x80a00000 == 0x80200000)
    rt2_free = exclusive and word & 0x80a00000 == 0x80200000
    return bool(exclusive and ((not rt2_free and word & 0x7c00 != 0x7c00) or
                               ((ordered or (load and (single or rt2_free))) and
                                word & 0x1f0000 != 0x1f0000)))


def choose(source):
    word = source.getrandbits(32)
    kind = source.randrange(8)
    if kind == 0:
        return word
    word = word & ~(1 << 25) | 1 << 27  # loads and stores
    if kind == 1:
        word = word & 0xc0ffffff | 0x08000000  # exclusives and their like,
        return word | 0x7c00 | (0x1f0000 if source.randrange(2) else 0)
    if kind == 2:
        return word & 0xc0fff3ff | 0x38200000  # atomics,
    if kind == 3:
        return word & 0xc0dff3ff | 0x19000000  # LDAPUR
    if kind == 4 and not source.randrange(10):
        return word & 0x1f | 0xd50b7400 | source.randrange(8) << 5  # DC
    return word


def disassemble(objdump, words):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "words")
        with open(path, "wb") as file:
            file.write(b"".join(word.to_bytes(4, "little") for word in words))
        text = subprocess.run([objdump, "-D", "-z", "-b", "binary", "-m", "aarch64", path],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = re.findall(r"^ *[0-9a-f]+:\t[0-9a-f]{8} \t(.*)$", text, re.MULTILINE)
    assert len(lines) == len(words)
    return [re.split(r"\s*(?://|;)", line)[0].strip() for line in lines]


def compare(word, text, got, pc):
    """What is wrong, None if nothing is; and whether the word is carried out."""
    try:
        want = understand(text, pc)
    except Unknown:
        return (None if got["refusal"] else "is none of its own"), False
    if should_be_one(word):
        return (None if got["refusal"] else "has a zero that should be a one"), False
    if want["kind"] == COMPARE_AND_SWAP and want["count"] == 2 and (want["rs"] | want["rt"]) & 1:
        return (None if got["refusal"] == OTHER else "has an odd register"), False
    if want["kind"] not in (PREFETCH, ZERO_BLOCK) and is_unpredictable(want):
        return (None if got["refusal"] == UNPREDICTABLE else "is unpredictable"), False
    if got["refusal"]:
        return f"is refused ({got['refusal']})", False
    wrong = [f"{key} is {got[key]}, not {int(value)}" for key, value in want.items()
             if got[key] != int(value)]
    return ", ".join(wrong) or None, True


def main():
    program, objdump = sys.argv[1:3]
    source = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    words = [choose(source) for _ in range(WORDS)]
    texts = disassemble(objdump, words)
    lines = subprocess.run([program], input=b"".join(w.to_bytes(4, sys.byteorder) for w in words),
                           stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    bad, seen = 0, {}
    for i, (word, text, line) in enumerate(zip(words, texts, lines, strict=True)):
        problem, handled = compare(word, text, dict(zip(FIELDS, map(int, line.split()))), 4 * i)
        if problem:
            bad += 1
            if bad <= 20:
                print(f"{word:08x} {text}: {problem}")
        elif handled:
            seen[text.split("\t")[0]] = seen.get(text.split("\t")[0], 0) + 1
    print(f"{sum(seen.values())} of {WORDS} words are carried out, by {len(seen)} names; {bad} wrong")
    # The dice reached all of it: every name that the disassembler has for one.
    sys.exit(0 if bad == 0 and len(seen) >= 230 else 1)


if __name__ == "__main__":
    main()
