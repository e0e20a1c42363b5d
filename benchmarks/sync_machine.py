"""Random changes, crashes and unmounts of linked folders; after each settle catalog and index must equal the folders.

    python benchmarks/sync_machine.py [--steps 50000] [--seed 1] [--settle-every 20] [--keep]
            [--without STEP...]

The steps are those of `tests/e2e/test_sync_machine.py`, on one data folder from beginning to end. Prints a line every
1,000 steps and a JSON object at the end. At a failure: where they differ, and the steps since they last agreed.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from helpers.sync_world import WEIGHTS, OutOfStep, SyncWorld


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--settle-every", type=int, default=20, metavar="N", help="at the latest")
    parser.add_argument("--keep", action="store_true", help="leave folders and mounts after a failure")
    parser.add_argument("--without", nargs="*", default=(), metavar="STEP", choices=list(WEIGHTS))
    arguments = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="readingroom-machine-"))
    started = time.monotonic()
    world = SyncWorld(scratch)
    failed = ""
    try:
        world.begin()
        run(world, arguments, started)
    except (AssertionError, OSError) as error:
        failed = str(error)
        print(failed, file=sys.stderr)
        if not isinstance(error, OutOfStep):
            print("\n".join(["after:", *world.trail]), file=sys.stderr)
    if not (failed and arguments.keep):
        world.remove()
    else:
        print(f"kept in {scratch}; its `drive` and `stick` are mounted", file=sys.stderr)
        world.close(keep_mounts=True)
    result = {"seed": arguments.seed, "ok": not failed, "seconds": round(time.monotonic() - started, 1)}
    print(json.dumps(result | dict(world.counts)))
    return int(bool(failed))


def run(world: SyncWorld, arguments: argparse.Namespace, started: float) -> None:
    chance, without = random.Random(arguments.seed), set(arguments.without)
    names = [name for name in WEIGHTS if name not in without]
    weights = [WEIGHTS[name] for name in names]
    for number in range(1, arguments.steps + 1):
        (name,) = chance.choices(names, weights)
        world.step(name, chance.randrange(1000), chance.randrange(1000))
        if len(world.trail) >= arguments.settle_every:
            world.settle()
        if number % 1000 == 0:
            print(f"{number:6} steps, {time.monotonic() - started:7.1f} s, {world.summary()}", flush=True)
    world.settle()


if __name__ == "__main__":
    sys.exit(main())
