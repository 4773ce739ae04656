"""Steps that lag behind in a thread of their own, in their order, and end with the first that fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType


class Behind:
    """At most `most` steps are left to do while the caller goes on.

    After one that failed, or where the caller leaves with an error, no further step is begun: a later one may rest on
    it. The error comes to the caller with its next step, or in the end.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most, self._over = most, False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> Behind:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.catch_up()
        finally:
            self._over = True
            self._pool.shutdown()

    def do(self, step: Callable[..., None], *given: object) -> None:
        """Call it with these arguments when all before it are done."""
        self._waiting.append(self._pool.submit(self._guarded, step, given))
        while len(self._waiting) > self._most:
            self._waiting.popleft().result()

    def catch_up(self) -> None:
        """Wait until all are done."""
        while self._waiting:
            self._waiting.popleft().result()

    def _guarded(self, step: Callable[..., None], given: tuple[object, ...]) -> None:
        if self._over:
            return
        try:
            step(*given)
        except BaseException:
            self._over = True
            raise
