#!/usr/bin/env python3
"""Writes a C file with the numbered SQL files of one driver: embed_migrations.py DRIVER OUT FILE…"""
import pathlib
import re
import sys

driver, out, *files = sys.argv[1:]
lines = ['#include "store/store_private.h"', "", f"const struct store_migration store_migrations_{driver}[] = {{"]
for expected, file in enumerate(sorted(pathlib.Path(name) for name in files), 1):
    found = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
    if not found or int(found[1]) != expected:
        sys.exit(f"{file}: migrations are named NNNN_name.sql and numbered without a gap from 0001")
    lines.append(f'    {{{expected}, "{found[2]}",')
    for text in file.read_text(encoding="ascii").splitlines():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'     "{escaped}\\n"')
    lines[-1] += "},"
lines += ['    {0, NULL, NULL},', "};", ""]
pathlib.Path(out).write_text("\n".join(lines))
