"""IBM's diffprivlib: a two-dimensional histogram with geometric noise."""

from diffprivlib import BudgetAccountant, tools
from timing import Answer, Tables, main


def release(tables: Tables) -> Answer:
    """Return what answers one table."""
    accountant = BudgetAccountant()

    def one(first: str, second: str) -> None:
        sizes = [tables.levels[name] for name in (first, second)]
        tools.histogram2d(
            tables.columns[first],
            tables.columns[second],
            epsilon=0.1,
            bins=sizes,
            range=[(-0.5, size - 0.5) for size in sizes],
            accountant=accountant,
        )

    return one


if __name__ == "__main__":
    main(release, "diffprivlib")
