"""A named tuple of arrays, handed to compiled code as one address.

numba passes an array as seven numbers and a tuple of arrays as all of theirs: a call with the system, the world and the
memory would push three hundred numbers. A `Bundle` holds the tuple and one array of words in which the addresses and lengths
stand; compiled code receives the address of the words and reads from them what it uses, when it uses it, as C would. In
compiled code a bundle looks like the tuple: `M.live[c]`, `S.levels`.

The words never change while compiled code runs (loads are marked invariant, so that they are not repeated after every
store). The arrays live as long as their bundle. What numba has no public way for stands in this file only.
"""

from __future__ import annotations

import hashlib
import operator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import numpy_support
from numba.np.arrayobj import load_item, store_item

WORD = 8  # bytes


class Bundle:
    """A named tuple of C-contiguous arrays (one or two dimensions), floats and integers, for compiled code."""

    __slots__ = ("address", "held", "kind", "words")

    def __init__(self, held: NamedTuple) -> None:
        words: list[int] = []
        fields = []
        for name, value in zip(held._fields, held, strict=True):  # type: ignore[attr-defined]
            words += _words(name, value)
            fields.append((name, value.dtype, value.ndim) if isinstance(value, np.ndarray) else (name, type(value), 0))
        self._keep(held, np.array(words, np.uint64), _kind(type(held).__name__, tuple(fields)))

    def _keep(self, held: NamedTuple, words: np.ndarray, kind: BundleType) -> None:
        self.held, self.words, self.kind = held, words, kind
        self.address = _address(words)

    def _replace(self, **others: np.ndarray) -> Bundle:
        """A bundle with other arrays of the same type under these names, as a named tuple gives it: cheaper than a new one."""
        words = self.words.copy()
        for name, value in others.items():
            at, of = self.kind.place(name)  # type: ignore[misc]
            assert of == _numba_type(value.dtype, value.ndim), f"{name}: {value.dtype}"
            new = _words(name, value)
            words[at : at + len(new)] = new
        bundle = Bundle.__new__(Bundle)
        bundle._keep(self.held._replace(**others), words, self.kind)  # type: ignore[attr-defined]
        return bundle


def _words(name: str, value: Any) -> list[int]:
    """What stands for a value: the address and the lengths of an array; the bits of a number."""
    if not isinstance(value, np.ndarray):
        return [int(np.array(value, np.float64 if isinstance(value, float) else np.int64).view(np.uint64))]
    assert value.flags.c_contiguous and value.flags.aligned, f"{name} does not lie in memory in one piece"
    return [_address(value), *value.shape]


def _address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]  # three times as fast as array.ctypes.data


_kinds: dict[tuple, BundleType] = {}


def _kind(name: str, fields: tuple) -> BundleType:
    if (name, fields) not in _kinds:
        _kinds[name, fields] = BundleType(name, tuple((field, _numba_type(of, ndim)) for field, of, ndim in fields))
    return _kinds[name, fields]


@cache
def _numba_type(of: Any, ndim: int) -> types.Type:
    if ndim:
        return Column(numpy_support.from_dtype(of), ndim, "C")
    return types.float64 if of is float else types.int64


class Column(types.Array):
    """An array of a bundle. Unlike numba's, its places are never counted from the end, which would be looked at in every loop."""


class BundleType(types.Type):
    """What numba knows of a bundle: names and types of its fields."""

    def __init__(self, name: str, fields: tuple[tuple[str, types.Type], ...]) -> None:
        self.fields = fields
        self.places: dict[str, tuple[int, types.Type]] = {}
        at = 0
        for field, of in fields:
            self.places[field] = at, of
            at += 1 + (of.ndim if isinstance(of, types.Array) else 0)
        short = hashlib.blake2b(str(fields).encode(), digest_size=8).hexdigest()  # the name is part of every symbol
        super().__init__(f"{name}{short}")

    def place(self, attribute: str) -> tuple[int, types.Type] | None:
        """Number of the first word of a field, and its type."""
        return self.places.get(attribute)


def for_compiled(held: NamedTuple) -> Any:
    """What to hand to compiled code: a bundle; the tuple itself where compilation is switched off."""
    return held if config.DISABLE_JIT else Bundle(held)


register_model(BundleType)(models.OpaqueModel)
register_model(Column)(models.ArrayModel)


@typeof_impl.register(Bundle)
def _typeof(value: Bundle, _context: Any) -> BundleType:
    return value.kind


@unbox(BundleType)
def _unbox(_kind: BundleType, obj: Any, c: Any) -> NativeValue:
    number = c.pyapi.object_getattr_string(obj, "address")
    address = c.pyapi.long_as_ulonglong(number)
    c.pyapi.decref(number)
    return NativeValue(c.builder.inttoptr(address, cgutils.voidptr_t), is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


@infer_getattr
class _Attributes(AttributeTemplate):
    key = BundleType

    def generic_resolve(self, kind: BundleType, attribute: str) -> types.Type | None:
        found = kind.place(attribute)
        return found[1] if found else None


@lower_getattr_generic(BundleType)
def _getattr(context: Any, builder: Any, kind: BundleType, value: Any, attribute: str) -> Any:
    at, of = kind.place(attribute)  # type: ignore[misc]
    words = builder.bitcast(value, ir.IntType(64).as_pointer())

    def word(k: int) -> Any:
        loaded = builder.load(builder.gep(words, [ir.Constant(ir.IntType(64), at + k)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if not isinstance(of, types.Array):
        return builder.bitcast(word(0), context.get_value_type(of))
    shape = [word(1 + k) for k in range(of.ndim)]
    width = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(of.dtype)))
    model = context.data_model_manager[of]
    whole = ir.Constant(model.get_value_type(), None)
    parts = {
        "nitems": builder.mul(*shape) if of.ndim == 2 else shape[0], "itemsize": width, "shape": cgutils.pack_array(builder, shape),
        "data": builder.inttoptr(word(0), context.get_data_type(of.dtype).as_pointer()),
        "strides": cgutils.pack_array(builder, [builder.mul(shape[1], width), width] if of.ndim == 2 else [width]),
    }  # fmt: skip
    for name, part in parts.items():
        whole = builder.insert_value(whole, part, model.get_field_position(name))
    return whole


def _place(context: Any, builder: Any, column: Column, array: Any, index_type: types.Type, index: Any) -> Any:
    """The address of an item."""
    kinds, numbers = [index_type], [index]
    if isinstance(index_type, types.BaseTuple):
        kinds, numbers = list(index_type.types), cgutils.unpack_tuple(builder, index, len(index_type.types))
    at, *inner = (context.cast(builder, number, kind, types.intp) for kind, number in zip(kinds, numbers, strict=True))
    model = context.data_model_manager[column]
    for one in inner:
        columns = builder.extract_value(array, [model.get_field_position("shape"), 1])
        at = builder.add(builder.mul(at, columns), one)
    if config.BOUNDSCHECK:  # for whoever looks for a mistake: NUMBA_BOUNDSCHECK=1
        outside = builder.icmp_unsigned(">=", at, builder.extract_value(array, model.get_field_position("nitems")))
        with builder.if_then(outside):
            builder.call(builder.module.declare_intrinsic("llvm.trap", (), ir.FunctionType(ir.VoidType(), [])), [])
    return builder.gep(builder.extract_value(array, model.get_field_position("data")), [at])


@lower_builtin(operator.getitem, Column, types.Integer)
@lower_builtin(operator.getitem, Column, types.BaseTuple)
def _get_item(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    column, index_type = signature.args
    return load_item(context, builder, column, _place(context, builder, column, args[0], index_type, args[1]))


@lower_builtin(operator.setitem, Column, types.Integer, types.Any)
@lower_builtin(operator.setitem, Column, types.BaseTuple, types.Any)
def _set_item(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    column, index_type, of = signature.args
    item = context.cast(builder, args[2], of, column.dtype)
    store_item(context, builder, column, item, _place(context, builder, column, args[0], index_type, args[1]))
    return context.get_dummy_value()
