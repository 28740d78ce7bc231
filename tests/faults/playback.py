"""What may be on a disk after a power cut, reckoned from a log of what was done to its files.

Data is on the disk once its file was synced, the names of files once the folder was, and neither before. Of the
rest anything may have got there: every sector of 512 bytes may be as it was at any moment since the last sync, the
size of a file too, and of the changes to the folder any first few.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

from tests.faults.shim import Event

SECTOR = 512


class File:
    """The content of one file: what is certainly on the disk, and what was done since."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.since: list[Event] = []

    def sync(self) -> None:
        for event in self.since:
            _apply(self.kept, event)
        self.since = []

    def lost(self, _: Random) -> bytes:
        """Nothing that was not synced."""
        return bytes(self.kept)

    def subset(self, random: Random) -> bytes:
        """Any part of what was not synced, sector by sector."""
        whole = bytearray(self.kept)
        sizes = [len(whole)]
        touched: dict[int, list[Event]] = defaultdict(list)
        for event in self.since:
            first, end = _span(event, sizes[-1])
            sizes.append(event.offset if event.kind == "T" else max(sizes[-1], end))
            for sector in range(first // SECTOR, -(-end // SECTOR)):
                touched[sector].append(event)
        whole.extend(bytes(max(sizes) - len(whole)))
        # Some cuts lose nearly everything, and some nearly nothing: both are worth more than the even middle.
        likely = random.choice((0.02, 0.5, 0.98))
        for sector, changes in touched.items():
            kept = random.randrange(len(changes) + 1) if random.random() > likely else len(changes)
            for event in changes[:kept]:
                _apply_to(whole, event, sector * SECTOR, (sector + 1) * SECTOR)
        return bytes(whole[: random.choice((sizes[-1], sizes[0], random.choice(sizes)))])


def _span(event: Event, size: int) -> tuple[int, int]:
    if event.kind == "T":
        return min(event.offset, size), size
    return event.offset, event.offset + len(event.data)


def _apply(whole: bytearray, event: Event) -> None:
    if event.kind == "T":
        del whole[event.offset :]
        whole.extend(bytes(event.offset - len(whole)))
        return
    _, end = _span(event, len(whole))
    whole.extend(bytes(max(0, end - len(whole))))
    whole[event.offset : end] = event.data


def _apply_to(whole: bytearray, event: Event, start: int, stop: int) -> None:
    """Apply as much of a change as is in one sector."""
    if event.kind == "T":
        start = max(start, event.offset)
        whole[start:stop] = bytes(len(whole[start:stop]))
        return
    low, high = max(start, event.offset), min(stop, event.offset + len(event.data))
    whole[low:high] = event.data[low - event.offset : high - event.offset]


class Disk:
    """The files of one folder."""

    def __init__(self) -> None:
        self.now: dict[str, File] = {}
        self._kept: dict[str, File] = {}
        self._since: list[tuple[str, File | None]] = []

    def play(self, event: Event) -> None:
        match event.kind:
            case "C":
                self.now[event.name] = File()
                self._since.append((event.name, self.now[event.name]))
            case "U":
                del self.now[event.name]
                self._since.append((event.name, None))
            case "S" if event.name == ".":
                self._kept = dict(self.now)
                self._since = []
            case "S":
                self.now[event.name].sync()
            case _:
                self.now[event.name].since.append(event)

    def cut(self, folder: Path, random: Random, *, subset: bool) -> None:
        """Write into a folder what is there after the power is cut now."""
        changes = random.randrange(len(self._since) + 1) if subset else 0
        names = {**self._kept, **dict(self._since[:changes])}
        content: Callable[[File, Random], bytes] = File.subset if subset else File.lost
        for name, file in names.items():
            if file is not None:
                (folder / name).write_bytes(content(file, random))


def cuts(told: list[Event], places: Iterable[int]) -> Iterator[tuple[int, Disk, list[bytes]]]:
    """Return, for each place in a log, the disk there, and what had been acknowledged by then."""
    disk = Disk()
    acknowledged: list[bytes] = []
    done = 0
    for place in sorted(places):
        for event in told[done:place]:
            if event.kind == "A":
                acknowledged.append(event.data)
            else:
                disk.play(event)
        done = place
        yield place, disk, acknowledged
