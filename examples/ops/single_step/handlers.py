"""What the step of the single_step example does."""


def greet(*, name: str) -> dict[str, str]:
    return {"greeting": f"Hello, {name}!"}
