"""Conway's Game of Life on a board of strings: `#` lives, everything beyond the edge is dead."""

from typing import Any


def sow(*, picture: str) -> dict[str, Any]:
    return {"board": picture.split(), "generation": 0}


def live(*, board: list[str], generation: int) -> dict[str, Any]:
    after = [
        "".join(_cell(board, row, column) for column in range(len(line)))
        for row, line in enumerate(board)
    ]
    return {
        "board": after,
        "generation": generation + 1,
        "alive": "".join(after).count("#"),
        "still": after == board,
    }


def _cell(board: list[str], row: int, column: int) -> str:
    rows = board[max(row - 1, 0) : row + 2]
    block = "".join(line[max(column - 1, 0) : column + 2] for line in rows)
    alive = board[row][column] == "#"
    neighbours = block.count("#") - alive
    return "#" if neighbours == 3 or (alive and neighbours == 2) else "."
