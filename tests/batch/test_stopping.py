"""Signals become a wish to stop, more urgent each time, and only while somebody listens."""

import os
import signal
import threading

from discover.batch.stopping import Stop, listening


def test_ctrl_c_is_heard_and_twice_means_now() -> None:
    before = signal.getsignal(signal.SIGINT)
    with listening() as stop:
        assert stop() == 0
        os.kill(os.getpid(), signal.SIGINT)
        assert stop() == 1
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert stop() == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_have_no_signals_and_do_not_mind() -> None:
    heard: list[int] = []

    def listen() -> None:
        with listening() as stop:
            heard.append(stop())

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert heard == [0]


def test_a_wish_grows_no_further_than_now() -> None:
    stop = Stop()
    for _ in range(5):
        stop.ask()
    assert stop() == 2
