"""FIB-4 worked out in decimal arithmetic, apart from the graph."""

from decimal import Decimal


def work(published: dict, patient: dict) -> dict[str, float]:
    age, ast, alt, platelets = (
        Decimal(str(patient[name])) for name in ["age", "ast_u_l", "alt_u_l", "platelets_10_9_l"]
    )
    return {"fib_4": float(age * ast / (platelets * alt.sqrt()))}
