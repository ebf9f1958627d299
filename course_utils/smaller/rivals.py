"""The same stack of linear maps in 8 bits, as three libraries do it.

Each function takes an `nn.Sequential` of `nn.Linear` and `nn.ReLU` and returns a
function of x, or None where its library is not installed or no longer does this.
"""

import contextlib
import io
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.smaller.kernels import packed_bits

__all__ = [
    "onnx_session",
    "onnxruntime_int8",
    "rivals",
    "torch_dynamic_int8",
    "torchao_int8",
]

Run = Callable[[Tensor], Tensor]


def rivals() -> dict[str, Callable[[nn.Sequential], Run | None]]:
    """Return every rival by its name."""
    return {
        "torch quantize_dynamic": torch_dynamic_int8,
        "torchao quantize_": torchao_int8,
        "onnxruntime int8": onnxruntime_int8,
    }


def torch_dynamic_int8(stack: nn.Sequential) -> Run | None:
    """Use torch's older quantizer: one scale for all activations of a call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is deprecated, and says so
        try:
            from torch.ao.quantization import quantize_dynamic

            small = quantize_dynamic(stack, {nn.Linear}, dtype=torch.qint8)
        except (ImportError, AttributeError, RuntimeError):
            return None
    return small


def torchao_int8(stack: nn.Sequential) -> Run | None:
    """Use torchao: a scale for each token and each row of the weight."""
    import copy

    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")  # it names kernels that this machine lacks
        try:
            from torchao.quantization import (
                Int8DynamicActivationInt8WeightConfig,
                quantize_,
            )

            small = copy.deepcopy(stack)
            quantize_(small, Int8DynamicActivationInt8WeightConfig())
        except (ImportError, AttributeError, RuntimeError):
            return None
    return small


def onnxruntime_int8(stack: nn.Sequential) -> Run | None:
    """Use onnxruntime: a scale for each output, one for all activations of a call."""
    try:
        import onnxruntime  # noqa: F401
        from onnxruntime.quantization import quantize_dynamic  # noqa: F401
    except ImportError:
        return None
    session = onnx_session(_as_onnx(stack))
    return lambda x: torch.from_numpy(session.run(None, {"x0": x.numpy()})[0])


def onnx_session(whole: bytes) -> Any:
    """Return an `InferenceSession` of a float32 model in int8, on one thread.

    Set as its manual advises for this processor: int8 weights with a scale for each
    output, in 7 bits where sums of 8 would saturate (no VNNI). Unsigned weights and
    graphs optimized beforehand were slower here.

    Source: onnxruntime 1.32, `quantization.quantize`, "Choosing parameters for CPU
    inference".
    """
    import onnxruntime
    from onnxruntime.quantization import quantize_dynamic

    settings = {"per_channel": True, "reduce_range": packed_bits() < 8}
    with tempfile.TemporaryDirectory() as folder:
        float32, int8 = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        float32.write_bytes(whole)
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            _quietly(lambda: quantize_dynamic(float32, int8, **settings))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(int8.read_bytes(), options)


def _quietly(function: Callable[[], None]) -> None:
    """Call a function whose advice goes to the root logger."""
    import logging

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        function()
    finally:
        logging.disable(before)


def _as_onnx(stack: nn.Sequential) -> bytes:
    """Return the stack as an ONNX graph, built by hand."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights, name, width = [], [], "x0", None
    for number, part in enumerate(stack, 1):
        out = f"x{number}"
        if isinstance(part, nn.Linear):
            w, b = f"w{number}", f"b{number}"
            matrix = part.weight.detach().T.contiguous().numpy()
            weights.append(numpy_helper.from_array(matrix, w))
            weights.append(numpy_helper.from_array(part.bias.detach().numpy(), b))
            nodes.append(helper.make_node("MatMul", [name, w], [f"m{number}"]))
            nodes.append(helper.make_node("Add", [f"m{number}", b], [out]))
            width = part.out_features
        else:
            nodes.append(helper.make_node("Relu", [name], [out]))
        name = out
    first = stack[0].in_features
    graph = helper.make_graph(
        nodes,
        "stack",
        [helper.make_tensor_value_info("x0", TensorProto.FLOAT, ["rows", first])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width])],
        weights,
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    return model.SerializeToString()
