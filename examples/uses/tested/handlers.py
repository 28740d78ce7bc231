"""What the steps of the order example do."""


def reserve(*, order):
    return {"reserved": order}


def release(*, order):
    return {"released": order}


def charge(*, total):
    return {"receipt": f"{total:.2f}"}


def label(*, order):
    return {"tracking": f"T-{order}"}
