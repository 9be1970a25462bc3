"""`python -m tests.fuzz`: mutated files of all kinds or of one, and the bombs."""

import argparse
import sys

from tests.fuzz.bombs import bombs
from tests.fuzz.seeds import seeds
from tests.fuzz.trying import Outcome, Trial


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--kind", choices=[*seeds(), "bombs"], action="append", help="all by default")
    parser.add_argument("--count", type=int, default=1000, help="mutated files of each kind (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="another one makes other files (default: 0)")
    options = parser.parse_args()
    trial, outcomes = Trial(), []
    print("| kind | files | read | refused | unforeseen | longest | most memory |")
    print("|---|---:|---:|---:|---:|---:|---:|", flush=True)
    for kind in options.kind or [*seeds(), "bombs"]:
        outcome = _bombs(trial) if kind == "bombs" else trial.run(kind, options.count, options.seed)
        outcomes.append(outcome)
        print(
            f"| {kind} | {outcome.n_files:,} | {outcome.n_read:,} | {outcome.n_refused:,} | "
            f"{len(outcome.unforeseen):,} | {outcome.seconds:.2f} s | {outcome.n_bytes / 1e6:,.0f} MB |",
            flush=True,
        )
    trial.close()
    for outcome in outcomes:
        for text, count in outcome.summary.most_common(20):
            numbers = [number for number, one in outcome.unforeseen.items() if text in one][:3]
            print(f"{outcome.kind}: {count} × {text} (files {', '.join(map(str, numbers))})")
    return int(any(outcome.unforeseen for outcome in outcomes))


def _bombs(trial: Trial) -> Outcome:
    outcome = Outcome("bombs")
    for number, bomb in enumerate(bombs()):
        trial.note(outcome, bomb.reads, bomb.make(), bomb.name, number, may_end=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
