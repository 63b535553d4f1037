"""Writes src/Ledger/Accounts/canonical.txt: what normalization form C needs of the Unicode Character Database (UAX 15, UAX 44).

    python3 tools/Unicode/canonical.py > src/Ledger/Accounts/canonical.txt

Lines are hexadecimal. "D c a [b]": c decomposes to a, b. "X c a [b]": the same, and is not composed again. "C from to class":
the characters from..to have that canonical combining class. Hangul syllables are computed and stand in no line.
"""
import sys
import unicodedata

HANGUL = range(0xAC00, 0xD7A4)

print(f"# Canonical decompositions and combining classes of Unicode {unicodedata.unidata_version}; written by tools/Unicode/canonical.py")
for point in range(sys.maxunicode + 1):
    mapping = unicodedata.decomposition(chr(point))
    if mapping and not mapping.startswith("<") and point not in HANGUL:
        parts = [int(part, 16) for part in mapping.split()]
        composed = unicodedata.normalize("NFC", "".join(map(chr, parts)))
        print("D" if composed == chr(point) else "X", f"{point:x}", *(f"{part:x}" for part in parts))

start = None
for point in range(sys.maxunicode + 2):
    kind = unicodedata.combining(chr(point)) if point <= sys.maxunicode else 0
    if start is not None and kind != start[1]:
        print("C", f"{start[0]:x}", f"{point - 1:x}", f"{start[1]:x}")
        start = None
    if start is None and kind:
        start = (point, kind)
