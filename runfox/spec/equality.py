"""When two JSON values are the same: 1 and 1.0 are, 1 and true are not, the order of keys is nothing."""

from runfox.values import Json, canonical


def identity(value: Json) -> object:
    """Return something hashable that equal JSON values, and only they, share."""
    kind = type(value)
    if kind is str or kind is int:
        return value
    if kind is float:
        return _levelled(value)
    if value is None or kind is bool:
        return (value,)  # a bare True would equal 1
    return (canonical(_levelled(value)),)


def _levelled(value: Json) -> Json:
    """Return the value with whole numbers written as integers, at any depth."""
    kind = type(value)
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is dict:
        return {name: _levelled(item) for name, item in value.items()}
    if kind is list:
        return [_levelled(item) for item in value]
    return value
