"""The few words of JSON Schema that our schemas use."""

from __future__ import annotations

import re


def departures(value: object, schema: dict, where: str = "$") -> list[str]:
    """Where ``value`` departs from ``schema``."""
    types = schema.get("type")
    if types and not any(fits(value, kind) for kind in ([types] if isinstance(types, str) else types)):
        return [f"{where}: not {types}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: not one of {schema['enum']}"]
    if "const" in schema and value != schema["const"]:
        return [f"{where}: not {schema['const']}"]
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{where}: not {schema['pattern']}"]
    found = []
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            if name in schema["properties"]:
                found += departures(item, schema["properties"][name], f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{where}.{name}: unknown")
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += departures(item, schema["items"], f"{where}[{number}]")
    return found


def fits(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None)}
    return isinstance(value, kinds[kind])
