"""PipelineDP on its local backend: counts by a pair of columns as public partitions, Gaussian noise."""

from itertools import product

import pipeline_dp
from timing import Answer, Tables, main


def release(tables: Tables) -> Answer:
    """Return what answers one table."""

    def one(first: str, second: str) -> None:
        budget = pipeline_dp.NaiveBudgetAccountant(total_epsilon=0.1, total_delta=1e-6)
        engine = pipeline_dp.DPEngine(budget, pipeline_dp.LocalBackend())
        rows = list(enumerate(zip(tables.columns[first].tolist(), tables.columns[second].tolist(), strict=True)))
        wanted = pipeline_dp.AggregateParams(
            noise_kind=pipeline_dp.NoiseKind.GAUSSIAN,
            metrics=[pipeline_dp.Metrics.COUNT],
            max_partitions_contributed=1,
            max_contributions_per_partition=1,
        )
        parts = pipeline_dp.DataExtractors(
            partition_extractor=lambda row: row[1],
            privacy_id_extractor=lambda row: row[0],
            value_extractor=lambda _: 1,
        )
        cells = list(product(range(tables.levels[first]), range(tables.levels[second])))
        noisy_sums = engine.aggregate(rows, wanted, parts, public_partitions=cells)
        budget.compute_budgets()
        list(noisy_sums)

    return one


if __name__ == "__main__":
    main(release, "pipeline-dp")
