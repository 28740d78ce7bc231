"""One tick of a stack machine: a pure function from counter and stack to the next ones."""

from collections.abc import Callable
from typing import Any

BINARY: dict[str, Callable[[int, int], list[int]]] = {
    "add": lambda a, b: [a + b],
    "sub": lambda a, b: [a - b],
    "mul": lambda a, b: [a * b],
    "swap": lambda a, b: [b, a],
    "over": lambda a, b: [a, b, a],
}


def tick(*, program: list[str], counter: int, stack: list[int]) -> dict[str, Any]:
    name, *arguments = program[counter].split()
    counter += 1
    match name, arguments:
        case "push", [number]:
            stack = [*stack, int(number)]
        case "dup", []:
            stack = [*stack, stack[-1]]
        case "drop", []:
            stack = stack[:-1]
        case "jump", [target]:
            counter = int(target)
        case "jump_if_zero", [target]:
            *stack, top = stack
            counter = int(target) if top == 0 else counter
        case _:
            stack = _binary(name, stack)
    return {"counter": counter, "stack": stack, "at_end": counter == len(program)}


def _binary(name: str, stack: list[int]) -> list[int]:
    if name not in BINARY:
        raise ValueError(f"no instruction {name!r}")
    *rest, a, b = stack
    return [*rest, *BINARY[name](a, b)]
