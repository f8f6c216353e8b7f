"""A small writer of ONNX graphs whose every value is a column: one number or truth per row, shape [N]."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class Columns:
    """Collects nodes; every method returns the name of the column it made."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["N"]))
        return name

    def output(self, name: str, column: str, kind: int = TensorProto.DOUBLE) -> None:
        self._nodes.append(helper.make_node("Identity", [column], [name], name=f"output_{name}"))
        self._outputs.append(helper.make_tensor_value_info(name, kind, ["N"]))

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: object, dtype: type = np.float64) -> str:
        array = np.asarray(value, dtype=dtype)
        name = f"constant_{len(self._constants)}"
        for known, tensor in self._constants.items():
            same = numpy_helper.to_array(tensor)
            if same.dtype == array.dtype and same.shape == array.shape and same.tobytes() == array.tobytes():
                return known
        self._constants[name] = numpy_helper.from_array(array, name)
        return name

    def _column(self, value: object) -> str:
        return value if isinstance(value, str) else self.constant(value)

    def add(self, a: object, b: object) -> str:
        return self.op("Add", self._column(a), self._column(b))

    def sub(self, a: object, b: object) -> str:
        return self.op("Sub", self._column(a), self._column(b))

    def mul(self, a: object, b: object) -> str:
        return self.op("Mul", self._column(a), self._column(b))

    def div(self, a: object, b: object) -> str:
        return self.op("Div", self._column(a), self._column(b))

    def min(self, a: object, b: object) -> str:
        return self.op("Min", self._column(a), self._column(b))

    def max(self, a: object, b: object) -> str:
        return self.op("Max", self._column(a), self._column(b))

    def less(self, a: object, b: object) -> str:
        return self.op("Less", self._column(a), self._column(b))

    def at_least(self, a: object, b: object) -> str:
        return self.op("GreaterOrEqual", self._column(a), self._column(b))

    def at_most(self, a: object, b: object) -> str:
        return self.op("LessOrEqual", self._column(a), self._column(b))

    def equal(self, a: object, b: object) -> str:
        return self.op("Equal", self._column(a), self._column(b))

    def both(self, a: str, b: str) -> str:
        return self.op("And", a, b)

    def either(self, a: str, b: str) -> str:
        return self.op("Or", a, b)

    def no(self, a: str) -> str:
        return self.op("Not", a)

    def where(self, condition: str, a: object, b: object) -> str:
        return self.op("Where", condition, self._column(a), self._column(b))

    def number(self, truth: str) -> str:
        return self.op("Cast", truth, to=TensorProto.DOUBLE)

    def truth(self, code: str) -> str:
        """A column of 0 and 1 as truths."""
        return self.at_least(code, 0.5)

    def exp(self, a: object) -> str:
        return self.op("Exp", self._column(a))

    def log(self, a: object) -> str:
        """Natural. Of anything that is not positive: NaN, never an infinity that a later step would swallow."""
        column = self._column(a)
        return self.op("Log", self.where(self.less(0.0, column), column, float("nan")))

    def power(self, a: object, b: object) -> str:
        return self.op("Pow", self._column(a), self._column(b))

    def floor(self, a: object) -> str:
        return self.op("Floor", self._column(a))

    def clamp(self, a: object, low: float, high: float) -> str:
        return self.min(self.max(a, low), high)

    def sum(self, columns: list[str]) -> str:
        """Added from left to right."""
        total, *rest = columns
        for column in rest:
            total = self.add(total, column)
        return total

    def index(self, code: str) -> str:
        """A column of whole numbers, for `row`."""
        return self.op("Cast", code, to=TensorProto.INT64)

    def row(self, values: list[float], index: str) -> str:
        """Each row's entry of a small table."""
        return self.op("Gather", self.constant(values), index, axis=0)

    def banded(self, value: str, bands: dict) -> str:
        """Points of the first band whose highest value is not exceeded, else those above the last band."""
        points = bands["above"]
        for highest, given in reversed(bands["up_to"]):
            points = self.where(self.at_most(value, highest), given, points)
        return points

    def reached(self, value: str, limits: list) -> str:
        """Points of the highest limit that the value reaches; limits are [limit, points] with rising limits."""
        points = 0.0
        for limit, given in limits:
            points = self.where(self.at_least(value, limit), given, points)
        return points

    def cox(self, survival: object, exponent: str) -> str:
        """1 - survival ^ exp(exponent)."""
        return self.sub(1.0, self.exp(self.mul(self.log(survival), self.exp(exponent))))

    def model(self, name: str) -> onnx.ModelProto:
        """The checked model, without producer, date or any other metadata."""
        graph = helper.make_graph(
            self._nodes, name, self._inputs, self._outputs, list(self._constants.values())
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        model.producer_name = ""
        model.producer_version = ""
        onnx.checker.check_model(model, full_check=True)
        return model
