"""A day of hourly funding rates through batches with signed premiums, recomputed in Python integers from what the batches publish.

    python3 testvectors/reference/funding_day.py RATES.csv 2023-12-03 DOGE,SUI,SOL --program target/release/zkmargin

RATES.csv has the columns t (seconds, near the full hour), market and rate (a fraction per hour). Two accounts hold odd sizes of each
market. Markets tick in the first seconds of each hour and at odd moments within it; seven signers state the hour's rate as premium.
Exit codes: 0 all agrees, 1 something differs.
"""

import argparse
import csv
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

INDEX_SCALE = 2**48
RATE_SCALE = 3_600 * 10**9
HOUR, DAY = 3_600, 86_400
SIZES = [12_345, 19_134, 25_923, 7, 1]
LONG, SHORT = 600, 601


def rates_of(path, day, names):
    """The rates of the day by market and hour, 10^-9 per hour."""
    rates = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            hour = (int(row["t"]) - day + HOUR // 2) // HOUR
            if row["market"] in names and 0 <= hour < 24:
                rates[row["market"], hour] = round(float(row["rate"]) * 10**9)
    missing = [f"{name} {hour}:00" for name in names for hour in range(24) if (name, hour) not in rates]
    if missing:
        sys.exit(f"{path} has no rate for {', '.join(missing[:5])}")
    return rates


def first_price(number):
    """Of a market, in thousandths."""
    return 1_000 + 100 * number


def events(day, names, rates):
    """Lines of events: listings, deposits, a trade of each market, ticks, and deposits that settle at the end."""
    draw = random.Random(7)
    lines = [{"event": "header", "quote_decimals": 6}]
    price = {name: first_price(number) for number, name in enumerate(names)}

    def add(after, event, **fields):
        lines.append({"event": event, "time": day + after, **fields})

    def shown(ticks):
        return f"{ticks // 1_000}.{ticks % 1_000:03}"

    cap = max(map(abs, rates.values())) + 1
    for name in names:
        add(-600, "market", market=name, price=shown(price[name]), price_decimals=3, size_decimals=0, funding_cap=cap)
    for user in ("alice", "bob"):
        add(-590, "deposit", user=user, amount="1000000")
    for number, name in enumerate(names):
        terms = {"market": name, "price": shown(price[name]), "size": str(SIZES[number])}
        add(-580 + number, "order", id=f"a{number}", user="alice", side="buy", **terms)
        add(-580 + number, "order", id=f"b{number}", user="bob", side="sell", **terms)
        add(-580 + number, "fill", maker=f"a{number}", taker=f"b{number}", size=terms["size"])
    for hour in range(24):
        for moment in [5, *sorted(draw.sample(range(20, HOUR - 10, 10), draw.randrange(4)))]:
            for name in names:
                price[name] += draw.randrange(-9, 10)
                add(HOUR * hour + moment, "tick", market=name, price=shown(price[name]), rate=rates[name, hour])
    for user in ("alice", "bob"):
        add(DAY - 1, "deposit", user=user, amount="1")
    return lines


def audited(program, run, *options):
    """What `zkmargin audit` says of a run; exit code 3 is a clean run on its own genesis."""
    done = subprocess.run([program, "audit", str(run), "--json", *options], capture_output=True, text=True)
    if done.returncode != 3:
        sys.exit(f"audit: exit code {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def check_ticks(names, rates, day, ticks, opened, last):
    """Every published index, and the rate of every tick; returns the indices at the end, paid until the last batch."""
    markets = {number + 1: {"index": 0, "owed": 0, "paid": opened} for number in range(len(names))}

    def pay(market, until):
        owed = market["rate"] * market["price"] * 2**16 * (until - market["paid"]) + market["owed"]
        market["index"] += owed // RATE_SCALE
        market["owed"], market["paid"] = owed % RATE_SCALE, until

    for tick in ticks:
        market, fields = markets[tick["market"]], dict(tick["details"])
        market["rate"], market["price"] = int(fields["rate"]), int(fields["price"])
        pay(market, tick["time"])
        hour = (tick["time"] - day) // HOUR
        stated = rates[names[tick["market"] - 1], min(hour, 23)]
        for what, found, expected in [
            ("rate", market["rate"], stated),
            ("index", int(fields["funding_index"]), market["index"]),
        ]:
            if found != expected:
                sys.exit(f"batch {tick['batch']}, market {tick['market']}: {what} {found}, expected {expected}")
    for market in markets.values():
        pay(market, last)
    return [market["index"] for market in markets.values()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rates")
    parser.add_argument("day")
    parser.add_argument("markets")
    parser.add_argument("--program", default="target/release/zkmargin")
    options = parser.parse_args()
    names = options.markets.split(",")
    if not pathlib.Path(options.program).is_file():
        sys.exit(f"--program {options.program}: no such file; make it with `cargo build --release -p zkmargin`")
    if len(names) > len(SIZES):
        sys.exit(f"at most {len(SIZES)} markets")
    day = int(datetime.datetime.fromisoformat(options.day + "T00:00:00+00:00").timestamp())
    rates = rates_of(options.rates, day, names)
    with tempfile.TemporaryDirectory() as folder:
        tape, run = pathlib.Path(folder, "day.ndjson"), pathlib.Path(folder, "run")
        tape.write_text("".join(json.dumps(line) + "\n" for line in events(day, names, rates)))
        replay = ["replay", "--events", str(tape), "--format", "ndjson", "--shape", "trade-64", "--signers", "7", "--out", str(run)]
        done = subprocess.run([options.program, *replay], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"replay: exit code {done.returncode}: {done.stderr.strip()}")
        opened = audited(options.program, run, "--to", "1")["time"]
        whole = audited(options.program, run, "--events", "ticks")
        accounts = [audited(options.program, run, "--account", str(id))["accounts_shown"][0] for id in (LONG, SHORT)]
        genesis = json.loads((run / "genesis.json").read_text())
    ticks = whole["events_shown"]
    indices = check_ticks(names, rates, day, ticks, opened, whole["time"])
    sizes = [size * int(market["lot"]) for size, market in zip(SIZES, genesis["markets"])]
    # Prices of thousandths, quote quanta of millionths.
    spent = sum(size * first_price(number) * 1_000 for number, size in enumerate(SIZES[: len(names)]))
    paid = sum(index * size for index, size in zip(indices, sizes))
    held = []
    for account, side in zip(accounts, (1, -1)):
        expected = ((1_000_001 * 10**6 - side * spent) * INDEX_SCALE - side * paid) // INDEX_SCALE
        whole_part, _, rest = account["collateral"].partition(".")
        found = int(whole_part + rest.ljust(6, "0"))
        if found != expected:
            sys.exit(f"account {account['id']}: collateral {found}, expected {expected}")
        held.append(found)
    lost = 2 * 1_000_001 * 10**6 - sum(held)
    if lost not in (0, 1):
        sys.exit(f"the two accounts hold {lost} quanta less than was paid in: at most one is dust")
    for number, name in enumerate(names):
        of_day = [rates[name, hour] for hour in range(24)]
        count = sum(tick["market"] == number + 1 for tick in ticks)
        print(f"{name}: {count} ticks, rates {min(of_day)} to {max(of_day)} in 10^-9 per hour, index {indices[number]}: exact")
    print(f"the long paid {-(-paid // INDEX_SCALE)} quanta, and {lost} went to dust")


if __name__ == "__main__":
    main()
