"""Who waits for whom: rows gather while others are answered, and nothing piles up."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from vertikit.serve.batching import Batcher
from vertikit.serve.cells import Given
from vertikit.serve.problems import Problem


def given(*values, name="x"):
    return Given([{name: value} for value in values])


class Counted:
    """Answers with what it was asked, and remembers what was asked together."""

    def __init__(self, seconds=0.0):
        self.batches, self.seconds = [], seconds
        self.go = threading.Event()
        self.go.set()

    def __call__(self, together):
        self.go.wait(10)
        time.sleep(self.seconds)
        values = [[row["x"] for row in each.rows] for each in together]
        self.batches.append(values)
        if any(value == "broken" for own in values for value in own):
            raise RuntimeError("broken")
        return values


@pytest.fixture
def batcher():
    made = []

    def make(answer, **options):
        chosen = {"combines": True, "wait": 0.05, "rows": 8, "waiting": 20, "seconds": 30.0} | options
        made.append(Batcher("test", answer, told=lambda *_: None, **chosen))
        return made[-1]

    yield make
    for each in made:
        each.close()


def gathered(batcher, *asked):
    async def all_of_them():
        return await asyncio.gather(*(batcher.submit(each) for each in asked), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_what_comes_while_one_is_answered_is_answered_together(batcher):
    answer = Counted()
    answer.go.clear()
    threading.Timer(0.3, answer.go.set).start()
    found = gathered(batcher(answer), *(given(at) for at in range(7)))
    assert found == [[at] for at in range(7)]
    assert len(answer.batches) <= 3


def test_a_lone_client_does_not_wait_for_others(batcher):
    slow = batcher(Counted(), wait=5.0)

    async def one_after_another():
        started = time.monotonic()
        for at in range(5):
            assert await slow.submit(given(at)) == [at]
        return time.monotonic() - started

    assert asyncio.run(one_after_another()) < 4.0


def test_no_batch_is_larger_than_allowed_unless_one_request_is(batcher):
    answer = Counted(seconds=0.01)
    gathered(batcher(answer), given(*range(20)), *(given(at, at, at) for at in range(9)))
    sizes = [sum(map(len, batch)) for batch in answer.batches]
    assert sum(sizes) == 47 and max(sizes) == 20 and sorted(sizes)[-2] <= 8


def test_one_that_cannot_be_answered_does_not_harm_those_beside_it(batcher):
    found = gathered(batcher(Counted(), wait=0.2), *(given(at) for at in (1, "broken", 3)))
    assert found[0] == [1] and found[2] == [3] and isinstance(found[1], RuntimeError)


def test_requests_that_must_not_meet_are_answered_one_by_one(batcher):
    answer = Counted()
    gathered(batcher(answer, combines=False), *(given(at) for at in range(5)))
    assert len(answer.batches) == 5


def test_too_many_are_refused_at_once_with_the_time_to_come_again(batcher):
    answer = Counted()
    answer.go.clear()
    threading.Timer(0.5, answer.go.set).start()
    found = gathered(batcher(answer, waiting=3), *(given(at) for at in range(10)))
    refused = [each for each in found if isinstance(each, Problem)]
    assert 6 <= len(refused) <= 7 and all(each.status == 503 and each.retry >= 1 for each in refused)


def test_rows_that_would_wait_longer_than_anyone_is_patient_are_refused(batcher):
    answer = Counted(seconds=0.2)
    slow = batcher(answer, seconds=1.0, rows=1, waiting=1000)
    gathered(slow, given(0))  # by which it learns what a row takes
    found = gathered(slow, *(given(at) for at in range(40)))
    refused = [each for each in found if isinstance(each, Problem)]
    assert 20 <= len(refused) < 40 and all(each.retry >= 1 for each in refused)


def test_what_waits_is_answered_before_the_end(batcher):
    answer = Counted(seconds=0.05)
    ending = batcher(answer, rows=1)

    async def ask_and_end():
        asked = [asyncio.create_task(ending.submit(given(at))) for at in range(4)]
        await asyncio.sleep(0)
        await asyncio.to_thread(ending.close)
        with pytest.raises(Problem):
            await ending.submit(given(9))
        return await asyncio.gather(*asked)

    assert asyncio.run(ask_and_end()) == [[0], [1], [2], [3]]


def test_a_request_that_was_given_up_is_not_answered(batcher):
    answer = Counted()
    answer.go.clear()
    held = batcher(answer, rows=1)

    async def give_up():
        first = asyncio.create_task(held.submit(given(0)))
        second = asyncio.create_task(held.submit(given(1)))
        await asyncio.sleep(0.1)
        second.cancel()
        await asyncio.sleep(0)
        answer.go.set()
        return await first

    assert asyncio.run(give_up()) == [0]
    held.close()
    assert answer.batches == [[[0]]]


def test_long_work_lets_others_have_their_turn(batcher):
    answer = Counted()
    shared = batcher(answer)
    order = []

    def long_work():
        time.sleep(0.2)
        shared.between()
        order.extend(answer.batches)
        return "done"

    async def both():
        long = asyncio.create_task(shared.submit(given(0), long_work))
        await asyncio.sleep(0.05)
        return await shared.submit(given(7)), await long

    assert asyncio.run(both()) == ([7], "done")
    assert order == [[[7]]]
