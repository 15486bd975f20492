"""Every benchmark, by the name that `toli bench` knows it by."""

from toli.bench import (
    card,
    crypto,
    dispatch,
    enrol,
    import_,
    opens,
    plan,
    poster,
    recall,
    seats,
    telegram,
    territory,
    trail,
    waves,
    webhooks,
)
from toli.bench.result import Benchmark

_ALL = (
    card.BENCHMARK,
    poster.BENCHMARK,
    enrol.BENCHMARK,
    seats.BENCHMARK,
    territory.BENCHMARK,
    crypto.BENCHMARK,
    import_.BENCHMARK,
    trail.BENCHMARK,
    plan.BENCHMARK,
    waves.BENCHMARK,
    opens.BENCHMARK,
    dispatch.BENCHMARK,
    webhooks.BENCHMARK,
    telegram.BENCHMARK,
    recall.BENCHMARK,
)
BENCHMARKS: dict[str, Benchmark] = {benchmark.name: benchmark for benchmark in _ALL}
