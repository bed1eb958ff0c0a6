"""Pieces of JSON Schema, for the contract of results."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def number(meaning: str, least: float | None = None) -> Schema:
    return {"type": "number", "description": meaning} | ({} if least is None else {"minimum": least})


def list_of(items: Schema, meaning: str = "") -> Schema:
    return {"type": "array", "items": items} | ({"description": meaning} if meaning else {})


def map_of(values: Schema, meaning: str = "") -> Schema:
    return {"type": "object", "additionalProperties": values} | ({"description": meaning} if meaning else {})


def row_of(meaning: str, **fields: Schema) -> Schema:
    """An object with just these fields; a trailing underscore of a name is not part of it (`in_`)."""
    return object_of(meaning, {name.rstrip("_"): schema for name, schema in fields.items()})


def object_of(meaning: str, fields: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": meaning,
        "properties": fields,
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }


def since_later(row: Schema, **fields: Schema) -> Schema:
    """A row with fields that results of earlier versions do not have."""
    return row | {"properties": row["properties"] | fields}


def tuple_of(*items: Schema) -> Schema:
    return {"type": "array", "prefixItems": list(items), "items": False, "minItems": len(items)}
