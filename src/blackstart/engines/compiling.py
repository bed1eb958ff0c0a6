"""How the timed engine's functions are compiled (docs/decisions/0002-flat-kernel.md).

No allocation happens in them, so they run without reference counting: calls then cost next to nothing. A function that only
compiled code calls is a *part*: it gets no wrapper for Python and no place in the cache, and it is not optimised and turned into
machine code by itself; that is done once, together with what calls it. numba would do it for each function and all that
it calls, again at every level of calls.
"""

from __future__ import annotations

from typing import Any

from numba import njit
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


_HOW: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True, "no_rewrites": True}
_PART = {"no_cpython_wrapper": True, "pipeline_class": _PartCompiler}

compiled = njit(cache=True, pipeline_class=_Compiler, **_HOW)  # called by Python
inner = njit(**_HOW, **_PART)  # called by compiled code only
hot = njit(forceinline=True, **_HOW, **_PART)  # a copy for each call
