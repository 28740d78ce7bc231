"""Settings for all tests."""

import signal

from hypothesis import settings

# How long an example takes says something about the machine, not about runfox.
settings.register_profile("runfox", deadline=None, print_blob=True)
settings.load_profile("runfox")

# Where this runs in the background, SIGINT may be ignored, and every process started here would ignore it too:
# those that a test interrupts would never hear of it. With a handler here they begin with the default.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
