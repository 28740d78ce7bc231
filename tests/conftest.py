"""Settings for all tests."""

from hypothesis import settings

# How long an example takes says something about the machine, not about runfox.
settings.register_profile("runfox", deadline=None, print_blob=True)
settings.load_profile("runfox")
