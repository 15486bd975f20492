"""Every benchmark, by the name that `toli bench` knows it by."""

from toli.bench import enrol, territory
from toli.bench.result import Benchmark

BENCHMARKS: dict[str, Benchmark] = {benchmark.name: benchmark for benchmark in (enrol.BENCHMARK, territory.BENCHMARK)}
