"""The frauds of the invented world, of four kinds, each of which looks like something that honest holders do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from vertikit_finance.samples.fraud_world import DAYS, HALF, HOMES, ONLINE, START, Card, Payment, World

SHARES = {"terminal": 0.008, "stolen": 0.003, "testing": 0.003, "single": 0.001}
"""Of all payments, by kind. A wave that has begun runs to its end, so small files hold a little more."""
TILL_SHARE = (0.6, 0.95)
"""Share of the payments at a compromised terminal that are frauds, drawn evenly between."""
BUSIEST = 90
"""No terminal with more payments than this is compromised: one alone would be all that a file shows of the kind."""


def payments(rows: int, world: World) -> list[Payment]:
    """As many payments as `rows`, honest and not, in no order."""
    wanted = {kind: round(rows * share) for kind, share in SHARES.items()}
    added = [*_stolen(wanted["stolen"], world), *_testing(wanted["testing"], world)][:rows]
    honest = world.honest(rows - len(added))
    marked = _terminal(wanted["terminal"], honest, world)
    rest = [at for at in range(len(honest)) if at not in marked]
    # What a holder does not know can look like anything: these cannot be found.
    single = set(world.random.sample(rest, min(len(rest), wanted["single"])))
    for at, payment in enumerate(honest):
        kind = "terminal" if at in marked else "single" if at in single else ""
        added.append(replace(payment, kind=kind) if kind else payment)
    return added


def _terminal(wanted: int, honest: list[Payment], world: World) -> set[int]:
    """Positions of payments whose card was copied at the terminal: ordinary ones, told only by where they are."""
    random = world.random
    visits = defaultdict(list)
    for at, payment in enumerate(honest):
        visits[payment.terminal].append(at)
    # Drawn by number of payments, without return (Efraimidis and Spirakis, 2006).
    drawn = sorted(visits, key=lambda terminal: -(random.random() ** (1 / len(visits[terminal]))))
    starts, found = _dealt(world, -6, DAYS - 12), set[int]()
    for terminal in drawn:
        if len(found) >= wanted:
            break
        start, share = next(starts), random.uniform(*TILL_SHARE)
        wave = range(start, start + random.randint(18, 30))
        within = [at for at in visits[terminal] if honest[at].day in wave]
        if len(within) <= BUSIEST:
            found.update(at for at in within if random.random() < share)
    return found


def _stolen(wanted: int, world: World) -> list[Payment]:
    """Numbers of cards in use by thieves for some days: larger amounts, mostly online, at any hour."""
    random = world.random
    made: list[Payment] = []
    # Most waves come early: the mix of kinds changes over the file.
    starts = _dealt(world, 0, DAYS - 6, early=True)
    while len(made) < wanted:
        start, length = next(starts), random.randint(2, 5)
        card = _holder(world, start)
        for _ in range(random.randint(4, 12)):
            day = min(DAYS - 1, start + random.randrange(length))
            place = ONLINE if random.random() < 0.8 else random.choice(HOMES)
            hour = random.uniform(0, 24) if random.random() < 0.5 else random.gauss(card.hour, 4) % 24
            time = START + timedelta(days=day, seconds=min(86399, int(hour * 3600)))
            amount = card.mean * random.uniform(2, 8) * random.lognormvariate(0, 0.3)
            made.append(world.pay(time, card, world.terminal(place, day), amount, "stolen"))
    return made


def _testing(wanted: int, world: World) -> list[Payment]:
    """Tiny payments within an hour that try whether a number works, then a large one; a trick of the second half."""
    random = world.random
    made: list[Payment] = []
    starts = _dealt(world, HALF, DAYS)
    while len(made) < wanted:
        day = next(starts)
        card = _holder(world, day)
        begins = START + timedelta(days=day, seconds=random.randrange(21 * 3600))
        shops = [world.terminal(ONLINE, day) for _ in range(2)]
        for _ in range(random.randint(4, 10)):
            time = begins + timedelta(seconds=random.randrange(3600))
            made.append(world.pay(time, card, random.choice(shops), random.uniform(0.5, 4), "testing"))
        time = begins + timedelta(seconds=random.randint(3600, 9000))
        amount = card.mean * random.uniform(3, 9)
        made.append(world.pay(time, card, world.terminal(ONLINE, day), amount, "testing"))
    return made


def _holder(world: World, day: int) -> Card:
    """Any card that is open by then; an old one always is, for few are new."""
    return world.random.choice([card for card in world.cards if card.opened <= day] or world.cards)


def _dealt(world: World, low: int, high: int, early: bool = False) -> Iterator[int]:
    """Days dealt from a shuffled deck, not drawn: no seed has all its waves in one week."""
    while True:
        deck = list(range(low, high, 4))
        deck += deck[: len(deck) // 2] if early else []
        world.random.shuffle(deck)
        yield from (min(high - 1, day + world.random.randrange(4)) for day in deck)
