#!/usr/bin/env python3
"""Fails when a folder of src/ includes a folder that is not below it, or another folder's private header."""
import pathlib
import re
import sys

LADDER = [{"base"}, {"loop"}, {"resilience"}, {"net", "media"}, {"store"}, {"journal", "queue"},
          {"realtime", "pipeline"}, {"services"}, {"api"}, {"main"}]
RUNG = {folder: height for height, folders in enumerate(LADDER) for folder in folders}


def complaints(src):
    for file in sorted(src.rglob("*.[ch]")):
        here = file.relative_to(src).parts[0]
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+"(\w+)/(.+)"', line)
            if not found or found[1] == here:
                continue
            if RUNG.get(found[1], 99) >= RUNG[here] or found[2].endswith("_private.h"):
                yield f"{file}:{number}: {here}/ must not include {found[1]}/{found[2]}"


wrong = list(complaints(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")))
print("\n".join(wrong) or "layers: ok")
sys.exit(bool(wrong))
