"""A small writer of ONNX graphs over tensors whose first axis is the patients ("N")."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
OPSET_ML = 3
IR_VERSION = 8
DTYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}


class NetworkGraph:
    """Collects nodes; every method returns the name of the tensor it made."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._domains = {"": OPSET}

    def input(self, name: str, *axes: int, dtype: str = "float32") -> str:
        self._inputs.append(helper.make_tensor_value_info(name, DTYPES[dtype], ["N", *axes]))
        return name

    def output(self, name: str, tensor: str, *axes: int) -> None:
        self._nodes.append(helper.make_node("Identity", [tensor], [name], name=f"output_{name}"))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *axes]))

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(self, kind: str, count: int, *inputs: str, domain: str = "", **attributes: object) -> list[str]:
        """A node with several outputs."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        made = [name if at == 0 else f"{name}_{at}" for at in range(count)]
        self._nodes.append(helper.make_node(kind, list(inputs), made, name=name, domain=domain, **attributes))
        if domain:
            self._domains[domain] = OPSET_ML
        return made

    def constant(self, value: object, dtype: type = np.float32) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def shape(self, *sizes: int) -> str:
        return self.constant(sizes, np.int64)

    def dense(self, tensor: str, weight: np.ndarray, bias: np.ndarray) -> str:
        """tensor [N, in] x weight [in, out] + bias [out]."""
        return self.op("Gemm", tensor, self.constant(weight), self.constant(bias))

    def squeeze(self, tensor: str, axis: int) -> str:
        return self.op("Squeeze", tensor, self.shape(axis))

    def derivative_of_tanh(self, tanh: str) -> str:
        return self.op("Sub", self.constant(1.0), self.op("Mul", tanh, tanh))

    def positive(self, tensor: str) -> str:
        """1 where the tensor is above 0, else 0."""
        return self.op("Cast", self.op("Greater", tensor, self.constant(0.0)), to=TensorProto.FLOAT)

    def model(self) -> onnx.ModelProto:
        """The checked model, without producer, date or any other metadata."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in self._domains.items()]
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = IR_VERSION
        model.producer_name = ""
        model.producer_version = ""
        onnx.checker.check_model(model, full_check=True)
        return model
