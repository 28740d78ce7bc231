"""Runs that start by themselves: when, and the loop that starts them."""

from runfox.schedule.scheduler import Scheduler

__all__ = ["Scheduler"]
