"""What the steps of the fan_in example do."""

CELSIUS = {"roof": 21.5, "garden": 18.0, "cellar": 12.5}


def read_thermometer(*, place: str) -> dict[str, float]:
    return {"celsius": CELSIUS[place]}


def average(*, temperatures: list[float]) -> dict[str, float]:
    return {"average": round(sum(temperatures) / len(temperatures), 2)}
