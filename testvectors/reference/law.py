"""The law in Python integers: funding, settlement, requirements, prices, fees, changes, liquidations.

Written from the documents alone (the law's text; margin.md, state-market.md and ops-prices.md in circuits/spec/src/), without a look at
the Rust or the JavaScript program, so that they can be compared.

Standard input has one case per line, a JSON object with `rule` and the rule's operands; standard output has one JSON object of results for
each. Numbers are JSON integers of any size. A refusal is {"reject": name}, with the program's names. No floating point anywhere.
"""

import json
import sys

U = 2**32  # scale of prices, 32.32
M = 10**6  # parts per million
INDEX_SCALE = U * 2**16
RATE_SCALE = 3600 * 10**9  # a rate is in 10^-9 per hour


def ceil_div(a, b):
    return -(-a // b)


def sign(v):
    return (v > 0) - (v < 0)


def clamp(v, low, high):
    return max(low, min(v, high))


def refuse(name):
    return {"reject": name}


def signed(v, bits):
    return -(2 ** (bits - 1)) <= v < 2 ** (bits - 1)


# --- state-market.md ---


def funding(c):
    """state-market.md#funding, MKT-8, 9, 17 to 19: the market after an opening. `price` is the one after the tick, `tick` its rate or null."""
    since = c["time"] - c["paid_until"]
    late = since > c["interval"]
    seconds = c["interval"] if late else since
    arrears = c["rate"] != 0 and late
    rate = c["rate"]
    if c["tick"] is not None and not c["arrears"] and not arrears:
        rate = c["tick"]
    owed = rate * c["price"] * 2**16 * seconds + c["remainder"]
    index = c["index"] + owed // RATE_SCALE
    if not signed(index, 96):
        return refuse("FundingIndexRange")
    paid_until = c["paid_until"] + c["interval"] if arrears else c["time"]
    return {
        "index": index,
        "rate": rate,
        "remainder": owed % RATE_SCALE,
        "paid_until": paid_until,
        "arrears": arrears,
    }


def rate(c):
    """The law, funding: the rate of a tick where prices are signed. `premium` is the median of a quorum or null."""
    if c["observed"] // 3600 <= c["rated_hour"]:
        return {"rate": c["rate"]}
    average = 0 if c["premium"] is None else c["premium"]
    r = average + clamp(c["interest"] - average, -c["clamp"], c["clamp"])
    return {"rate": clamp(r, -c["cap"], c["cap"])}


def breaker(c):
    """state-market.md#breaker, MKT-5, 10, 25, 33, 34: price, side and stillness after an opening whose funding is paid. `asked` is a tick's price or null."""
    price, side, cut_at, last_tick = c["price"], c["side"], c["cut_at"], c["last_tick"]
    asked = asked_last = c["asked"]
    if asked is None:
        asked_last = c["asked_last"]
    else:
        last_tick = c["observed"]
        reach = c["price"] * c["band"] // M
        side = 1 if asked > price + reach else -1 if asked < price - reach else 0
        if side == 0:
            price = asked
        else:
            end = price + side * reach
            confirms = c["asked_last"] if c["observed"] - c["last_tick"] <= 900 else price
            # Outward distances: the furthest price is the end or the one asked for last; less extreme is nearer.
            furthest = max(side * end, side * confirms)
            price = side * min(side * asked, furthest)
        if price != asked:
            cut_at = c["observed"]
    return {
        "price": price,
        "side": side,
        "cut_at": cut_at,
        "asked_last": asked_last,
        "last_tick": last_tick,
        "still": side != 0
        or c["time"] < cut_at + 60
        or c["time"] - last_tick > c["still_age"]
        or c["status"] != 1,
    }


def interest(c):
    """state-market.md#interest: the initial fraction in force and the limit of open interest. `open_interest` is Σ |b|, twice the open interest."""
    grown = c["open_interest"] + 2 * c["growth"]
    if c["upper"] == 0:
        return {"imf": c["imf"], "limit": 2**64 - 1}
    span = (c["upper"] - c["lower"]) * 2 * U
    share = clamp(grown * c["price"] - c["lower"] * 2 * U, 0, span)
    rise = ceil_div((M - c["imf"]) * share, span)
    return {"imf": c["imf"] + rise, "limit": min(grown, c["upper"] * 2 * U // c["price"])}


# --- ops-prices.md ---


def median(c):
    """Lower median of the stated prices (0 states none), if more than two thirds of the registered signers stated one; else 0.

    By the definition, not by sorting: the price p among them with 2·#(<= p) >= n and 2·#(< p) < n."""
    stated = [p for p in c["prices"] if p != 0]
    n = len(stated)
    if 3 * n <= 2 * c["registered"]:
        return {"median": 0}
    found = {p for p in stated if 2 * sum(q <= p for q in stated) >= n and 2 * sum(q < p for q in stated) < n}
    (p,) = found
    return {"median": p}


# --- margin.md ---


def settlement(c):
    """margin.md, opening, 1: one floor for the account; what it cuts off is dust. Each position is [size, index of the market, its own]."""
    exact = c["collateral"] * INDEX_SCALE - sum((market - own) * size for size, market, own in c["positions"])
    collateral = exact // INDEX_SCALE
    if not signed(collateral, 64):
        return refuse("CollateralRange")
    return {"collateral": collateral, "dust": exact - collateral * INDEX_SCALE}


def tiered(tiers, fraction, notional):
    """margin.md, tiers: slope and requirement of a value of scale U. Each tier is [from, imf, mmf]; `fraction` is 1 for imf, 2 for mmf."""
    offset = 0
    slope = tiers[0][fraction]
    for tier in tiers[1:]:
        if notional <= tier[0] * U:
            break
        offset += tier[0] * (tier[fraction] - slope)
        slope = tier[fraction]
    return slope, slope * notional - offset * U


def requirements(c):
    """margin.md, opening, 2: what one position adds to IMR and MMR, scale U·M; and what it needs by tiers alone, with the slope of its MMR."""
    notional = abs(c["size"]) * c["price"]
    _, listed = tiered(c["tiers"], 1, notional)
    slope, maintenance = tiered(c["tiers"], 2, notional)
    least = max(c["in_force"], c["leverage_limit"])
    return {"initial": max(listed, notional * least), "listed": listed, "maintenance": maintenance, "slope": slope}


def trade(c):
    """margin.md, change of a slot: size, collateral and entry quote after `change` at `quote`."""
    before, change, quote = c["size"], c["change"], c["quote"]
    after = before + change
    increases = sign(before) != -sign(change) or abs(change) > abs(before)  # grows, opens or flips
    if before == 0 or sign(before) == sign(change):
        entry = c["entry"] + quote
    else:
        if sign(after) == sign(before) or after == 0:
            numerator, denominator = c["entry"] * abs(after), abs(before)
        else:
            numerator, denominator = quote * abs(after), abs(change)
        entry = numerator // denominator if after >= 0 else ceil_div(numerator, denominator)
    collateral = c["collateral"] - sign(change) * quote
    if abs(after) > c["max_size"]:
        return refuse("PositionTooLarge")
    if entry >= 2**63:
        return refuse("EntryQuoteRange")
    if not signed(collateral, 64):
        return refuse("CollateralRange")
    return {"size": after, "entry": entry, "collateral": collateral, "increases": increases}


def fee(c):
    """margin.md, trading fee: what a fill of `quote` at `rate` ppm owes and the carry that it leaves."""
    exact = c["rate"] * c["quote"] - c["carry"]
    owed = ceil_div(exact, M)
    return {"fee": owed, "carry": owed * M - exact}


def legal_change(c):
    """margin.md, legal change: what of `fee` is paid, or why the change is refused. Values have scale U, requirements U·M.

    `increases`: a position grew or flipped."""
    tv0, mmr0 = c["value_before"], c["maintenance_before"]
    tv1, mmr1 = c["value_after"], c["maintenance_after"]
    if M * (tv1 - c["fee"] * U) >= c["initial_after"]:
        return {"fee": c["fee"]}
    if c["increases"]:
        return refuse("BelowInitialMargin")
    if mmr1 > mmr0:
        return refuse("MaintenanceRises")
    if mmr0 == 0:
        room, unit = tv1 - tv0, U
    else:
        room, unit = tv1 * mmr0 - tv0 * mmr1, U * mmr0
    if room < 0:
        return refuse("RatioFalls")
    return {"fee": min(c["fee"], room // unit)}


def withdrawable(c):
    """margin.md, cash that leaves: the most that may leave, and the verdict on `amount`. The account held no still market."""
    cash, value, initial = c["cash"], c["value"], c["initial"]
    most = max(0, min(cash, (M * value - initial) // (M * U)))
    if cash - c["amount"] < 0:
        verdict = "UnrealisedProfit"
    elif M * (value - c["amount"] * U) < initial:
        verdict = "BelowInitialMargin"
    else:
        verdict = None
    return {"most": most, "reject": verdict}


def quotes(price_scaled, size, amount):
    """Quote of `amount` base quanta of a position of that sign: up for a long, down for a short."""
    return ceil_div(amount * price_scaled, U) if size > 0 else amount * price_scaled // U


def liquidation(c):
    """margin.md, liquidation: zero price by the slope of what remains, its quote and that of the oracle price."""
    s = sign(c["size"])
    slope, _ = tiered(c["tiers"], 2, c["rest"] * c["price"])
    discount = U * slope * c["value"] // c["maintenance"]
    zero_price = c["price"] - s * (c["price"] * discount // U)
    return {
        "zero_price": zero_price,
        "zero_quote": quotes(zero_price, c["size"], c["amount"]),
        "oracle_quote": quotes(c["price"], c["size"], c["amount"]),
    }


def liquidation_fee(c):
    """margin.md, liquidation: the fee of `quote`, at most what it leaves above the zero price's. The rate is at most a sixth of the slope."""
    room = sign(c["size"]) * (c["quote"] - c["zero_quote"])
    rate = min(c["rate"], c["slope"] // 6)
    return {"fee": min(ceil_div(c["quote"] * rate, M), room)}


def not_over(c):
    """margin.md, liquidation, size: one step less would not have reached the target. `whole`: nothing of the position is left."""
    x = c["amount"]
    step = min(c["min_lots"] * c["lot"], x) if c["whole"] else c["lot"]
    loss = c["value_before"] - c["value_after"]
    held, remains = (tiered(c["tiers"], 2, size * c["price"])[1] for size in (c["held"], c["held"] - (x - step)))
    left = c["maintenance_before"] - held + remains
    return {"legal": M * (c["value_before"] * x - loss * (x - step)) < x * left}


RULES = {
    rule.__name__: rule
    for rule in (
        funding,
        rate,
        breaker,
        interest,
        median,
        settlement,
        requirements,
        trade,
        fee,
        legal_change,
        withdrawable,
        liquidation,
        liquidation_fee,
        not_over,
    )
}


def main():
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps(RULES[case["rule"]](case), separators=(",", ":")))


if __name__ == "__main__":
    main()
