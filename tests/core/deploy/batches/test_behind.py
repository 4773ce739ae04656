"""Steps that lag behind: in their order, never too many, and none after one that failed."""

import threading
import time

import pytest

from vertikit.deploy.batches.behind import Behind


def test_steps_are_done_in_their_order_and_all_of_them_by_the_end() -> None:
    done: list[int] = []
    with Behind(2, "test") as behind:
        for number in range(20):
            behind.do(done.append, number)
    assert done == list(range(20))


def test_the_caller_is_never_more_steps_ahead_than_allowed() -> None:
    gate, begun = threading.Event(), []

    def step(number: int) -> None:
        begun.append(number)
        gate.wait(5)

    with Behind(2, "test") as behind:
        behind.do(step, 0)
        behind.do(step, 1)
        third = threading.Thread(target=behind.do, args=(step, 2))
        third.start()
        third.join(0.2)
        assert third.is_alive()
        gate.set()
        third.join(5)
        assert not third.is_alive()
    assert begun == [0, 1, 2]


def test_no_step_is_begun_after_one_that_failed_and_the_caller_hears_of_it() -> None:
    done: list[str] = []

    def fails() -> None:
        time.sleep(0.05)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"), Behind(5, "test") as behind:
        behind.do(fails)
        behind.do(done.append, "named although rows are missing")
    assert done == []


def test_no_step_is_begun_after_the_caller_was_interrupted() -> None:
    done: list[str] = []
    gate = threading.Event()
    with pytest.raises(KeyboardInterrupt), Behind(5, "test") as behind:
        behind.do(gate.wait, 5)
        behind.do(done.append, "late")
        threading.Timer(0.1, gate.set).start()
        raise KeyboardInterrupt
    assert done == []


def test_catching_up_leaves_nothing_to_do() -> None:
    done: list[int] = []
    with Behind(5, "test") as behind:
        behind.do(lambda: time.sleep(0.05))
        behind.do(done.append, 1)
        behind.catch_up()
        assert done == [1]
