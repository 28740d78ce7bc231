"""What the steps of the accumulation example do. Each returns only what it adds."""

FREE_SHIPPING_CENTS = 6000
SHIPPING_CENTS = 500
TAX_PERCENT = 20


def price(*, unit_cents: int, quantity: int) -> dict[str, int]:
    return {"goods_cents": unit_cents * quantity}


def ship(*, goods_cents: int) -> dict[str, int]:
    return {"shipping_cents": 0 if goods_cents >= FREE_SHIPPING_CENTS else SHIPPING_CENTS}


def tax(*, net_cents: int) -> dict[str, int]:
    tax_cents = net_cents * TAX_PERCENT // 100
    return {"tax_cents": tax_cents, "total_cents": net_cents + tax_cents}
