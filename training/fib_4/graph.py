"""FIB-4 (Sterling et al. 2006) as an ONNX graph: age x AST / (platelets x sqrt(ALT))."""

from pathlib import Path

import onnx
from columns import Columns


def build(coefficients: Path) -> onnx.ModelProto:  # the formula has no coefficient
    g = Columns()
    age, ast, alt, platelets = (g.input(name) for name in ["age", "ast_u_l", "alt_u_l", "platelets_10_9_l"])
    g.output("fib_4", g.div(g.mul(age, ast), g.mul(platelets, g.op("Sqrt", alt))))
    return g.model("fib-4")
