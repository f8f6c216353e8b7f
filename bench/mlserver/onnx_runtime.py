"""An MLServer runtime for ONNX graphs: MLServer has none of its own. One session, one thread, as auscult's runner has."""

import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, MetadataTensor, ResponseOutput

DATATYPES = {
    "tensor(float)": ("FP32", np.float32),
    "tensor(double)": ("FP64", np.float64),
    "tensor(int64)": ("INT64", np.int64),
    "tensor(bool)": ("BOOL", np.bool_),
}


def metadata(value) -> MetadataTensor:
    shape = [axis if isinstance(axis, int) else -1 for axis in value.shape]
    return MetadataTensor(name=value.name, datatype=DATATYPES[value.type][0], shape=shape)


class OnnxModel(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            self._settings.parameters.uri, options, providers=["CPUExecutionProvider"]
        )
        self._types = {each.name: DATATYPES[each.type] for each in self._session.get_inputs()}
        self._outputs = {each.name: DATATYPES[each.type][0] for each in self._session.get_outputs()}
        self.inputs = [metadata(each) for each in self._session.get_inputs()]
        self.outputs = [metadata(each) for each in self._session.get_outputs()]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {each.name: self._array(each) for each in payload.inputs}
        names = [each.name for each in payload.outputs or []] or list(self._outputs)
        values = self._session.run(names, feeds)
        outputs = [
            ResponseOutput(
                name=name,
                datatype=self._outputs[name],
                shape=list(value.shape),
                data=value.ravel().tolist(),
            )
            for name, value in zip(names, values)
        ]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)

    def _array(self, tensor) -> np.ndarray:
        data = tensor.data.root
        dtype = self._types[tensor.name][1]
        if isinstance(data, bytes):
            return np.frombuffer(data, dtype=dtype).reshape(tensor.shape)
        return np.array(data, dtype=dtype).reshape(tensor.shape)
