"""The invented world of the card payments: its terminals, its cards with their habits, and what honest holders do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, cycle
from random import Random

START = datetime(2025, 3, 1)
DAYS = 60
HALF = DAYS // 2
HOMES = ("NL-north", "NL-west", "NL-south", "BE-east", "DE-west")
ABROAD = ("ES", "IT", "FR", "GB", "US", "TR")
ONLINE = "online"
SHOPS = ("NL", "NL", "NL", "BE", "DE", "IE", "GB", "US", "CN")
"""Countries of online shops, drawn evenly."""
# Share of the shops in a street, share of those online, amount against the mean of the card.
CATEGORIES = {
    "groceries": (26, 6, 0.9),
    "restaurants": (16, 5, 0.8),
    "transport": (11, 4, 0.3),
    "fuel": (9, 0, 1.5),
    "clothing": (8, 22, 1.7),
    "pharmacy": (7, 4, 0.5),
    "entertainment": (6, 9, 0.8),
    "household": (5, 8, 1.3),
    "electronics": (3, 13, 3.8),
    "digital goods": (0, 16, 0.25),
    "health": (3, 2, 2.0),
    "travel": (1.5, 7, 5.0),
    "furniture": (1.5, 2, 5.5),
    "jewellery": (0.7, 1, 7.0),
    "charity": (0.4, 2, 0.6),
}
CARD_EVERY, TERMINAL_EVERY, FEWEST_TERMINALS = 65, 80, 40
NEW_TERMINALS, NEW_CARDS, HOLIDAYS, PLAYERS = 0.14, 0.09, 0.4, 0.06
LARGE = 0.02


@dataclass(frozen=True, eq=False)
class Terminal:
    """Where a card is used: a till in a place, or a shop `ONLINE`. It opens on day `opens` of the file."""

    key: str
    place: str
    country: str
    category: str
    visited: float
    opens: int
    old: bool

    @property
    def dear(self) -> float:
        return CATEGORIES[self.category][2]


@dataclass(frozen=True, eq=False)
class Card:
    """A card and the habits of its holder; days count from the first of the file, `opened` mostly lies before it."""

    key: str
    home: str
    opened: int
    mean: float
    online: float
    touches: float
    hour: float
    plays: bool
    away: range
    abroad: str
    favourites: tuple[Terminal, ...]
    shops: tuple[Terminal, ...]
    days: tuple[float, ...]
    """How much it is used up to and with each day, cumulated."""


@dataclass(frozen=True, eq=False)
class Payment:
    """One use of a card, before it becomes a row; `kind` names the fraud, "" where it is honest."""

    time: datetime
    card: Card
    terminal: Terminal
    amount: float
    channel: str
    kind: str = ""

    @property
    def day(self) -> int:
        return (self.time - START).days


class World:
    """The terminals and cards of a file of `rows` rows; all chances come from `random`."""

    def __init__(self, rows: int, random: Random) -> None:
        self.random = random
        self.terminals = _terminals(max(FEWEST_TERMINALS, rows // TERMINAL_EVERY), random)
        self._at = {place: _at(self.terminals, place) for place in (*HOMES, *ABROAD, ONLINE)}
        self.cards = [self._card(number) for number in range(1, max(5, rows // CARD_EVERY) + 1)]
        self._uses = list(accumulate(card.days[-1] for card in self.cards))

    def terminal(self, place: str, day: int) -> Terminal:
        """One of a place that is open that day, the popular ones more often."""
        terminals, visits = self._at[place]
        while True:
            found = self.random.choices(terminals, cum_weights=visits)[0]
            if found.opens <= day:
                return found

    def honest(self, count: int) -> list[Payment]:
        """`count` honest payments, in no order."""
        made: list[Payment] = []
        while len(made) < count:
            card = self.random.choices(self.cards, cum_weights=self._uses)[0]
            day = self.random.choices(range(DAYS), cum_weights=card.days)[0]
            # Games sell in small pieces: a series of tiny payments is not fraud by itself.
            made += (
                self._evening(card, day)
                if card.plays and self.random.random() < 0.1
                else [self._one(card, day)]
            )
        return made[:count]

    def moment(self, card: Card, day: int) -> datetime:
        """A time of that day at which the holder is likely to pay."""
        usual = self.random.random() < 0.92
        hour = self.random.gauss(card.hour, 3.2) % 24 if usual else self.random.uniform(0, 24)
        return START + timedelta(days=day, seconds=min(86399, int(hour * 3600)))

    def pay(self, time: datetime, card: Card, terminal: Terminal, amount: float, kind: str = "") -> Payment:
        amount = max(0.01, round(amount, 2))
        return Payment(time, card, terminal, amount, self._channel(card, terminal, amount), kind)

    def _one(self, card: Card, day: int) -> Payment:
        random = self.random
        terminal, abroad = self._visited(card, day)
        amount = card.mean * terminal.dear * random.lognormvariate(-0.15, 0.55) * (1.3 if abroad else 1.0)
        # The one large purchase of a year is as far from the habits of a card as a thief's.
        amount *= random.uniform(2, 6) if random.random() < LARGE else 1.0
        return self.pay(self.moment(card, day), card, terminal, amount)

    def _visited(self, card: Card, day: int) -> tuple[Terminal, bool]:
        random = self.random
        if day in card.away and random.random() < 0.85:
            return self.terminal(card.abroad, day), True
        online = random.random() < card.online
        known = card.shops if online else card.favourites
        if random.random() < 0.75:
            terminal = random.choices(known, [1 / (rank + 1) for rank in range(len(known))])[0]
            if terminal.opens <= day:
                return terminal, False
        return self.terminal(ONLINE if online else card.home, day), False

    def _evening(self, card: Card, day: int) -> list[Payment]:
        time, shop, random = self.moment(card, day), self.terminal(ONLINE, day), self.random
        made = []
        for _ in range(random.randint(3, 8)):
            made.append(self.pay(time, card, shop, random.choice((0.99, 1.99, 2.99, 4.99, 9.99))))
            time += timedelta(seconds=random.randint(60, 900))
        return [payment for payment in made if payment.day == day]

    def _channel(self, card: Card, terminal: Terminal, amount: float) -> str:
        if terminal.place == ONLINE:
            return "online"
        if self.random.random() < (0.5 if terminal.old else 0.02):
            return "magstripe"
        return "contactless" if amount < 50 and self.random.random() < card.touches else "chip"

    def _card(self, number: int) -> Card:
        random = self.random
        home, abroad = random.choice(HOMES), random.choice(ABROAD)
        new = random.random() < NEW_CARDS
        opened = random.randrange(DAYS - 8) if new else -1 - int(random.expovariate(1 / 900))
        leaves = random.randrange(DAYS) if random.random() < HOLIDAYS else DAYS
        away = range(leaves, leaves + random.randint(4, 14))
        rate, weekend = random.lognormvariate(0, 0.6), random.uniform(0.6, 2.0)
        uses = []
        for day in range(DAYS):
            use = rate * (weekend if (START + timedelta(days=day)).weekday() > 4 else 1.0)
            use *= 2.2 if day in away else 1.0
            uses.append(0.0 if day < opened else use * (2.0 if day < opened + 8 else 1.0))
        return Card(
            key=f"c{number:04d}",
            home=home,
            opened=opened,
            mean=random.lognormvariate(3.3, 0.5),
            online=random.betavariate(2, 5),
            touches=random.betavariate(4, 2),
            hour=random.choice((9.0, 12.5, 15.0, 17.5, 19.0, 20.5)),
            plays=random.random() < PLAYERS,
            away=away,
            abroad=abroad,
            favourites=tuple(self.terminal(home, DAYS) for _ in range(8)),
            shops=tuple(self.terminal(ONLINE, DAYS) for _ in range(5)),
            days=tuple(accumulate(uses)),
        )


def _terminals(count: int, random: Random) -> list[Terminal]:
    """Dealt in turn to streets, the web and countries abroad, so that none stays empty; the last open late."""
    turns, homes, abroad = cycle("hhhohhhohhhoahhaohao"), cycle(HOMES), cycle(ABROAD)
    made = []
    for number in range(1, count + 1):
        turn = next(turns)
        place = ONLINE if turn == "o" else next(homes if turn == "h" else abroad)
        shares = [online if place == ONLINE else street for street, online, _ in CATEGORIES.values()]
        late = turn != "a" and number > count * (1 - NEW_TERMINALS)
        made.append(
            Terminal(
                key=f"m{number:04d}",
                place=place,
                country=random.choice(SHOPS) if place == ONLINE else place[:2],
                category=random.choices(list(CATEGORIES), shares)[0],
                visited=random.lognormvariate(0, 0.5),
                opens=HALF + random.randrange(5) if late else 0,
                old=random.random() < 0.08,
            )
        )
    return made


def _at(terminals: Sequence[Terminal], place: str) -> tuple[list[Terminal], list[float]]:
    found = [terminal for terminal in terminals if terminal.place == place]
    return found, list(accumulate(terminal.visited for terminal in found))
