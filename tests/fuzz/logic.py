"""Random logic that makes much out of little: loops in loops, texts that double, paths without end."""

from runfox import expressions

DATA = {
    "a": {"b": [1, 2], "c": "x"},
    "l": list(range(300)),
    "big": [["x" * 50] * 20] * 60,
    "d": {str(number): number for number in range(100)},
    "s": "abc" * 5_000,
    "input": {"n": 1},
}

NAMES = sorted(set(expressions.OPERATORS) - {"var", "vars", "literal"})
PATHS = ("", "a", "l", "current", "accumulator", "big", "item", "index", "d", "s", "gone", "a.b.0")
QUERIES = (
    "l[*]",
    "*",
    "a[*].b",
    "big[*]",
    "..",
    "**",
    "[*][*]",
    "l[99999999999999999999]",
    "[" * 500,
)
LEAVES = (0, 1, -1, 2**62, 2**70, 1e308, 0.1, "x", "ab" * 20, "%0999999999d", "1e999", True, None)


def leaf(chance):
    return chance.choice(
        [
            {"var": chance.choice(PATHS)},
            {"var": [chance.choice(PATHS), chance.choice(LEAVES)]},
            {"vars": chance.choice(QUERIES)},
            {"literal": {"a": [1] * 5}},
            [],
            [1, 2, 3],
            chance.choice(LEAVES),
        ]
    )


def logic(chance, depth):
    """Return an expression of that depth at most, in which most operators have as many arguments as they take."""
    if depth == 0 or not chance.randint(0, 9):
        return leaf(chance)
    name = chance.choice(NAMES)
    operator = expressions.OPERATORS[name]
    most = 5 if operator.most is None else min(operator.most, 5)
    count = chance.randint(operator.least, max(operator.least, most))
    if not chance.randint(0, 19):
        count += chance.choice([-1, 1])
    return {name: [logic(chance, depth - 1) for _ in range(max(0, count))]}
