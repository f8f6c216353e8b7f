"""ONNX graphs in Triton's Python backend, under the name of the backend that Triton looks for beside a model.onnx.

Triton's own is not in the Python package. What this one says of a graph follows the other's rules, and the rest is Triton's:
a model whose tensors all leave their first axis open takes batches of up to TRITON_MAX_BATCH_SIZE rows, and that axis is
then no part of a tensor's dims; a tensor that has no other axis becomes one of width 1, reshaped on its way. With 0 the
dims are the graph's own. A configuration that names its inputs and outputs is left as it is.
"""

import os

import onnxruntime
import triton_python_backend_utils as triton

DATA_TYPES = {
    "tensor(float)": "TYPE_FP32",
    "tensor(double)": "TYPE_FP64",
    "tensor(int64)": "TYPE_INT64",
    "tensor(int32)": "TYPE_INT32",
    "tensor(bool)": "TYPE_BOOL",
}


def opened(folder: str, version: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        os.path.join(folder, version, "model.onnx"), options, providers=["CPUExecutionProvider"]
    )


def folder_of(model: str) -> str:
    folders = os.environ["TRITON_REPOSITORIES"].split(os.pathsep)
    return next(path for path in (os.path.join(folder, model) for folder in folders) if os.path.isdir(path))


def shape_of(tensor) -> list:
    return [axis if isinstance(axis, int) else -1 for axis in tensor.shape]


def described(tensor, in_batches: bool) -> dict:
    dims = shape_of(tensor)[1 if in_batches else 0 :]
    tensor_config = {"name": tensor.name, "data_type": DATA_TYPES[tensor.type], "dims": dims or [1]}
    return tensor_config if dims else {**tensor_config, "reshape": {"shape": []}}


class TritonPythonModel:
    @staticmethod
    def auto_complete_config(given):
        config = given.as_dict()
        if config["input"] and config["output"]:
            return given
        session = opened(folder_of(config["name"]), "1")
        tensors = session.get_inputs() + session.get_outputs()
        most = int(os.environ["TRITON_MAX_BATCH_SIZE"])
        in_batches = most > 0 and all(shape_of(tensor)[:1] == [-1] for tensor in tensors)
        if in_batches:
            given.set_max_batch_size(most)
        if in_batches and most > 1:
            given.set_dynamic_batching()
        config["input"] = [described(tensor, in_batches) for tensor in session.get_inputs()]
        config["output"] = [described(tensor, in_batches) for tensor in session.get_outputs()]
        return given

    def initialize(self, args):
        self._session = opened(args["model_repository"], args["model_version"])

    def execute(self, requests):
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        feeds = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
        names = list(request.requested_output_names())
        values = self._session.run(names, feeds)
        return triton.InferenceResponse([triton.Tensor(*output) for output in zip(names, values)])
