"""What the command line itself cannot do, beside what the engine refuses."""

from runfox.errors import RequestError


class Refused(RequestError):
    """A command was understood and cannot be carried out as things are. Says the way out."""
