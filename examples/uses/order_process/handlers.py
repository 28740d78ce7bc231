"""What the steps of the order process do. Effects go into a file, so that a test can count them.

Each effect is written under the idempotency key of its step: one that is repeated after a crash is the same one.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

PRICES = {"coffee": 12.0, "mill": 240.0, "machine": 900.0}
PACE = float(os.environ.get("ORDER_PROCESS_PACE", "0"))  # seconds that each step takes


class Declined(Exception):
    """The bank says no."""


def execute(fn: str, inputs: dict[str, Any], context: Any) -> dict[str, Any]:
    time.sleep(PACE)
    output: dict[str, Any] = globals()[f"_{fn}"](**inputs)
    _note(context.idempotency_key, fn, inputs)
    return output


def _note(key: str, fn: str, inputs: dict[str, Any]) -> None:
    told = os.environ.get("ORDER_PROCESS_EFFECTS")
    if told:
        with Path(told).open("a", encoding="utf-8") as file:
            shown = {name: value for name, value in inputs.items() if name != "key"}
            file.write(json.dumps({"key": key, "fn": fn, "inputs": shown}) + "\n")


def _reserve(*, sku: str, quantity: int, place: int) -> dict[str, Any]:
    return {"reservation": f"{place}-{sku}", "price": PRICES[sku] * quantity}


def _give_back(*, reservation: str) -> dict[str, Any]:
    return {"given_back": reservation}


def _price(*, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"total": sum(line["price"] for line in lines), "log": "priced"}


def _look_up(*, customer: str) -> dict[str, Any]:
    return {"score": 10 * len(customer)}


def _judge(*, score: int, amount: float) -> dict[str, Any]:
    return {"trusted": score > 0 or amount < 1000}


def _authorise(*, order: str, card: str, amount: float, key: str) -> dict[str, Any]:
    if card == "declined":
        raise Declined(f"the card of order {order} was declined")
    return {"authorisation": f"{order}/{amount:.2f}/{len(key)}"}


def _capture(*, authorisation: str) -> dict[str, Any]:
    return {"payment": f"paid-{authorisation}", "log": "paid"}


def _refund(*, payment: str) -> dict[str, Any]:
    return {"refunded": payment}


def _apologise(*, order: str) -> dict[str, Any]:
    return {"log": f"apologised for {order}"}


def _book(*, carrier: str, order: str) -> dict[str, Any]:
    return {"booking": f"{carrier}-{order}"}


def _ship(*, bookings: list[str]) -> dict[str, Any]:
    return {
        "parcels": 1,
        "parcels_needed": 2,
        "log": f"a parcel, booked with {len(bookings)} carrier",
    }


def _notify(*, order: str, status: str) -> dict[str, Any]:
    return {"told": f"{order}: {status}"}
