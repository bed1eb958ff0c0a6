"""How the timed engine's functions are compiled (docs/decisions/0002-flat-kernel.md).

No allocation happens in them, so they run without reference counting: calls then cost next to nothing. A function that only
compiled code calls is a *part*: it gets no wrapper for Python and no place in the cache, and it is not optimised and turned into
machine code by itself; that is done once, together with what calls it. numba would do it for each function and all that
it calls, again at every level of calls.

What Python calls is kept on disk. numba would look only at the file in which a function stands, not at the parts it calls in
others; ours is taken again only if no source of compiled code has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import AnnotateTypes, NativeLowering
from numba.core.untyped_passes import InlineClosureLikes


class _Part(JITCodeLibrary):
    """A function as it was translated, waiting for whoever calls it: no optimisation, no machine code."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0

    @property
    def codegen(self) -> _Part:
        return self

    def set_env(self, name: str, env: Any) -> None:
        """What a function would need to raise exceptions stands in machine code; these raise none."""


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(NativeLowering):
    _name = "lower_part"

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        return super().run_pass(state)


class _Compiler(CompilerBase):
    """numba's compiler without the steps that look for what is not there: closures, and somebody who reads annotations."""

    lowering = NativeLowering

    def define_pipelines(self) -> list:
        passes = PassManager("engine")
        for step, what in DefaultPassBuilder.define_nopython_pipeline(self.state).passes:
            if step not in (InlineClosureLikes, AnnotateTypes):
                passes.add_pass(self.lowering if step is NativeLowering else step, what)
        passes.finalize()
        return [passes]


class _PartCompiler(_Compiler):
    """The same, but that its result is a part."""

    lowering = _LowerPart


SOURCES = ("engines", "curves")  # the folders with functions that are compiled, and all that these are made of


@cache
def _stamp() -> str:
    """A digest of all sources of compiled code, and of whether places outside their arrays are looked for."""
    digest = blake2b(str(config.BOUNDSCHECK).encode(), digest_size=16)
    package = Path(__file__).parent.parent
    for source in sorted(path for folder in SOURCES for path in (package / folder).rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()


class _Kept(FunctionCache):
    """numba's cache of a function, good for as long as no source of compiled code has changed."""

    def __init__(self, function: Callable) -> None:
        super().__init__(function)
        stamp = (self._impl.locator.get_source_stamp(), _stamp())
        self._cache_file = IndexDataCacheFile(self._cache_path, self._impl.filename_base, stamp)


_HOW: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True, "no_rewrites": True}
_PART = {"no_cpython_wrapper": True, "pipeline_class": _PartCompiler}

inner = njit(**_HOW, **_PART)  # called by compiled code only
hot = njit(forceinline=True, **_HOW, **_PART)  # a copy for each call


def compiled(function: Callable) -> Any:
    """A function that Python calls, kept on disk."""
    made = njit(pipeline_class=_Compiler, **_HOW)(function)
    made._cache = _Kept(function)
    return made
