"""What the steps do: a function for each ``fn``, here for each step. The inputs come as keyword arguments."""

from time import sleep


def plan(*, guests: int) -> dict[str, float]:
    if guests < 1:
        # Whatever a function raises is the failure of its step.
        raise ValueError(f"a dinner for {guests}?")
    return {"kilos": guests * 0.4}


def shop(*, kilos: float) -> dict[str, str]:
    sleep(0.8)
    return {"bought": f"{kilos:.1f} kg of potatoes"}


def lay_table(*, guests: int) -> dict[str, int]:
    sleep(0.5)
    return {"plates": guests}


def season(*, grams: float) -> dict[str, float]:
    sleep(0.3)
    # Every output is merged into the state, which later steps, and later turns of this one, read.
    return {"grams": grams + 8}


def taste(*, grams: float, kilos: float) -> dict[str, float]:
    sleep(0.2)
    return {"salt": round(grams / kilos / 10, 2)}


def serve(*, guests: int, grams: float) -> dict[str, str]:
    return {"menu": f"potatoes for {guests}, with {grams:.0f} g of salt"}
