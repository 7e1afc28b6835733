#!/usr/bin/python3
"""Turns docs/openapi.yaml into the JSON that `vigil` serves: openapi_json.py IN.yaml OUT.json"""
import json
import sys

import yaml


class UniqueLoader(yaml.SafeLoader):
    """YAML forbids the same key twice, PyYAML takes the last one: we say so instead."""


def mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if not isinstance(key, str) or keys.count(key) > 1:
            raise yaml.YAMLError(f"{node.start_mark}: key {key!r} is doubled or is not text")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


def dangling(node, document):
    """Every $ref that points nowhere."""
    if isinstance(node, dict):
        target = document
        for part in node.get("$ref", "#").split("/")[1:]:
            target = target.get(part, {}) if isinstance(target, dict) else {}
        if "$ref" in node and not target:
            yield node["$ref"]
    if isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from dangling(child, document)


UniqueLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)

source, target = sys.argv[1:3]
with open(source, encoding="utf-8") as file:
    document = yaml.load(file, UniqueLoader)
lost = sorted(set(dangling(document, document)))
if lost:
    sys.exit(f"{source}: nothing at {', '.join(lost)}")
with open(target, "w", encoding="utf-8") as file:
    json.dump(document, file, ensure_ascii=False, separators=(",", ":"))
