"""The disk is full: that is said, nothing is lost, and the runs go on when there is room again."""

import subprocess
from contextlib import contextmanager

import pytest

from tests.faults import full_disk, shim


@contextmanager
def mounted(folder, size):
    """A file system in memory of that size; only root may have one."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        check=True,
        capture_output=True,
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def may_mount(folder):
    try:
        with mounted(folder, "64k"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@pytest.mark.parametrize("room", [300_000, 500_000, 1_500_000])
def test_a_disk_that_is_full_loses_nothing(tmp_path, room):
    library = shim.build(tmp_path)
    env = shim.environment(library, tmp_path / "life.db")
    acknowledged, finished = map(int, shim.run("full_disk", room, env=env).split())
    assert acknowledged >= 5
    assert finished >= 1


@pytest.mark.parametrize("size", [500, 900])
def test_a_real_disk_that_is_full_loses_nothing_either(tmp_path, size):
    """Where this user may mount one; elsewhere the disk is the shim's, as above."""
    if not may_mount(tmp_path):
        return
    with mounted(tmp_path, f"{size}k"):
        grow = ["mount", "-o", "remount,size=20m", tmp_path]
        acknowledged, finished = full_disk.fill(
            tmp_path / "life.db", lambda: subprocess.run(grow, check=True)
        )
    assert acknowledged >= 5
    assert finished >= 1
