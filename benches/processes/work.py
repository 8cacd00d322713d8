"""The functions, in the order of `src/work.rs`. In a module, as workers import them by name."""

import ctypes
import os

MB = 1_000_000
STEPS_PER_MS = int(os.environ["STEPS_PER_MS"])

spin = ctypes.CDLL(os.environ["SPIN"]).spin
spin.restype = ctypes.c_uint64
spin.argtypes = [ctypes.c_uint64, ctypes.c_uint64]


def ms1(seed):
    return spin(seed, STEPS_PER_MS)


def ms10(seed):
    return spin(seed, 10 * STEPS_PER_MS)


def increment(number):
    return number + 1


def increment_all(numbers):
    return [number + 1 for number in numbers]


def thousand(first):
    return list(range(first, first + 1_000))


def take_text(text):
    return len(text)


def make_text(_):
    return "0123456789" * (MB // 10)


def take_bytes(data):
    return len(data)


def make_bytes(_):
    return bytes(range(250)) * (MB // 250)


def take_floats(floats):
    return float(floats[-1])


def make_floats(_):
    # Here, since the workers of the other rows would import it for nothing.
    import numpy

    return numpy.full(MB // 8, 0.1)
