"""Runs the items of `compare.rs` by `mpi4py.futures`: `futures.py ROUNDS CHUNKSIZE ..`.

Prints a line for each round and chunk size: the chunk size and the seconds.
"""

import sys
import time

from mpi4py.futures import MPIPoolExecutor


def millisecond(i):
    end = time.thread_time() + 1e-3
    while time.thread_time() < end:
        pass
    return i


if __name__ == "__main__":
    rounds, *chunksizes = map(int, sys.argv[1:])
    with MPIPoolExecutor() as executor:
        list(executor.map(millisecond, range(10)))
        for _ in range(rounds):
            for chunksize in chunksizes:
                start = time.perf_counter()
                results = list(executor.map(millisecond, range(1000), chunksize=chunksize))
                print(chunksize, time.perf_counter() - start)
                assert results == list(range(1000))
