"""Measures one contender in one row, and prints a number: see `run`."""

import importlib
import sys
import time

import work

WORKERS = 2


def start_workers(module):
    """Returns a function that maps on new workers, which have defaults for all else."""
    if module.__name__ == "multiprocessing.pool":
        return module.Pool(WORKERS).map
    if module.__name__ == "joblib":
        pool, delayed = module.Parallel(n_jobs=WORKERS), module.delayed
        return lambda function, items: pool(delayed(function)(item) for item in items)
    pool = module.WorkerPool(n_jobs=WORKERS, keep_alive=True)
    # mpire would take a list for several arguments, and join arrays into one.
    return lambda function, items: pool.map(
        function, [(item,) for item in items], concatenate_numpy_output=False
    )


def speedup(length, function, call):
    """Returns the time of the plain loop divided by that of a call."""
    # The workers start.
    for _ in range(2):
        call(function, range(8))

    def timed(run):
        start = time.perf_counter()
        results = run()
        return time.perf_counter() - start, results

    def plain():
        return timed(lambda: [function(i) for i in range(length)])

    # Before and after, since the cores may become faster or slower meanwhile.
    before, expected = plain()
    elapsed, results = timed(lambda: call(function, range(length)))
    after, _ = plain()
    assert results == expected
    return (before + after) / 2 / elapsed


def seconds(length, item, function, call):
    """Returns the seconds for each item of a second call; in the first one, the workers start."""
    call(function, [item(i) for i in range(length)])
    items = [item(i) for i in range(length)]
    start = time.perf_counter()
    results = call(function, items)
    elapsed = time.perf_counter() - start
    assert len(results) == length
    return elapsed / length


def main():
    contender, row = sys.argv[1:]
    module = importlib.import_module(contender)
    start = time.perf_counter()
    call = start_workers(module)
    if row == "start":
        assert len(call(work.ms10, range(2))) == 2
        return time.perf_counter() - start - 0.010
    if row == "1ms":
        return speedup(400, work.ms1, call)
    if row == "10ms":
        return speedup(60, work.ms10, call)
    length, item, function = {
        "cheap": (50_000, int, work.increment),
        "lists": (50, work.thousand, work.increment_all),
        "text_in": (100, work.make_text, work.take_text),
        "text_out": (100, int, work.make_text),
        "bytes_in": (100, work.make_bytes, work.take_bytes),
        "bytes_out": (100, int, work.make_bytes),
        "floats_in": (100, work.make_floats, work.take_floats),
        "floats_out": (100, int, work.make_floats),
    }[row]
    return seconds(length, item, function, call)


if __name__ == "__main__":
    print(main())
