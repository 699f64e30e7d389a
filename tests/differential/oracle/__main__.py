"""Runs random worlds under charms.reactive and under Ensign, and explains every difference by the D lines.

    python3 tests/differential/oracle PROGRAM [--worlds N] [--seed S] [--forked N]

PROGRAM is Ensign's half. World i has the seed S+i: `--worlds 1 --seed S` runs one again, and prints it.
"""

import argparse
import collections
import multiprocessing
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, '../../../crates/cli/tests/foreign/charms/reactive-charm/lib'))
sys.dont_write_bytecode = True

from unit import Charm, Unit  # noqa: E402  (first: it prepares charmhelpers)
import compare  # noqa: E402
import minimise  # noqa: E402
import source  # noqa: E402
import worlds  # noqa: E402
from differences import LINES  # noqa: E402
import differences  # noqa: E402
from ensign import Ensign  # noqa: E402


def explained(world, ours):
    """The lines that explain how Ensign differs, as few as can be; None if they do not."""
    with Charm(world) as charm:
        return lines_between(charm, world, ours)


def lines_between(charm, world, ours):
    def same(lines):
        """The first hook that differs is the last that runs."""
        left = list(ours)
        for seen in Unit(charm, world, lines).hooks():
            if not left or compare.difference([left.pop(0)], [seen]) is not None:
                return False
        return not left

    if same(()):
        return []
    lines = differences.possible(world)
    if not same(lines):
        return None
    for line in list(lines):
        fewer = [other for other in lines if other != line]
        if same(fewer):
            lines = fewer
    return lines


def show(world, ours):
    """A world as a person reads it, with what both sides did."""
    with Charm(world) as charm:
        theirs = Unit(charm, world).live()
        changed = Unit(charm, world, LINES).live()
    for index, version in enumerate(world['versions']):
        print('--- version {}, reactive/charm.py\n{}'.format(index, source.text(version)))
    for index, hook in enumerate(world['hooks']):
        print('--- hook {}: {}'.format(index, hook))
        for name, seen in [('Ensign', ours), ('charms.reactive', theirs), ('... with the D lines', changed)]:
            seen = seen[index]
            runs = ['{}.{} {} {}'.format(run['phase'], run['iteration'], run['handler'], run['looks'] or '').strip()
                    for run in seen['runs'][:30]]
            print('{:>22}: {} {}\n{:24}flags {}\n{:24}settings {}'.format(
                name, 'ok' if seen['ok'] else 'FAILED', '; '.join(runs), '', seen['flags'], '', seen['settings']))
            if seen.get('error'):
                print('{:24}{}'.format('', seen['error']))


def main():
    parser = argparse.ArgumentParser(prog='oracle')
    parser.add_argument('program')
    parser.add_argument('--worlds', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--forked', type=int, default=25, help='so many worlds run with a process for each hook, too')
    parser.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    first, last = arguments.seed, arguments.seed + arguments.worlds - 1
    print('worlds {} to {}'.format(first, last), flush=True)
    began = time.monotonic()
    counts = collections.Counter()
    unexplained = []
    with tempfile.TemporaryDirectory() as folder:
        # What Python has compiled of a world serves its other lives, and goes with them.
        sys.pycache_prefix, sys.dont_write_bytecode = folder, False
        tasks = [(seed, seed - first < arguments.forked) for seed in range(first, last + 1)]
        with multiprocessing.Pool(arguments.jobs, begin, [arguments.program]) as pool:
            for seed, seen, lines, trouble in pool.imap_unordered(one, tasks, 8):
                counts.update(seen)
                counts.update(lines or ())
                counts['differing'] += bool(lines)
                for line in trouble:
                    print('world {}: {}'.format(seed, line), flush=True)
                if trouble or lines is None:
                    unexplained.append(seed)
        ensign = Ensign(arguments.program)
        for seed in sorted(unexplained)[:3]:
            report(worlds.make(seed), ensign)
        if arguments.worlds == 1:
            world = worlds.make(first)
            ours = ensign.live(world)
            show(world, ours)
            print('explained by', explained(world, ours))
        ensign.close()
    summary(arguments.worlds, counts, len(unexplained), time.monotonic() - began)
    # The rarest of them may be missing by chance.
    unseen = [line for line in LINES if not counts[line]]
    tame = arguments.worlds >= 2000 and len(unseen) > 2
    if tame:
        print('no world has shown {}: the worlds have become too tame'.format(', '.join(unseen)))
    return 1 if unexplained or tame else 0


def begin(program):
    """A process of the pool has an Ensign of its own."""
    global own
    own = Ensign(program)


def one(task):
    """One world: what it has counted, how its differences are explained, what else is wrong."""
    seed, forked = task
    world = worlds.make(seed)
    ours = own.live(world)
    seen = {
        'hooks': len(ours),
        'failed': sum(not hook['ok'] for hook in ours),
        'runs': sum(len(hook['runs']) for hook in ours),
    }
    trouble = []
    if forked:
        with Charm(world) as charm:
            apart = compare.difference(Unit(charm, world, fork=True).live(), Unit(charm, world).live())
        if apart is not None:
            trouble.append('in processes of their own the hooks do something else: ' + apart)
    return seed, seen, explained(world, ours), trouble


def report(world, ensign):
    def shows(smaller):
        return explained(smaller, ensign.live(smaller)) is None

    if not shows(world):
        return
    small = minimise.smallest(world, shows)
    ours = ensign.live(small)
    with Charm(small) as charm:
        what = compare.difference(ours, Unit(charm, small, LINES).live())
    print('world {}: no D line explains this: {}'.format(world['seed'], what))
    show(small, ours)
    print('again: scripts/differential --worlds 1 --seed {}'.format(world['seed']), flush=True)


def summary(count, counts, unexplained, seconds):
    print('{} worlds, {} hooks ({} failed), {} runs of handlers, {:.0f} s'.format(
        count, counts['hooks'], counts['failed'], counts['runs'], seconds))
    print('{} differ, each explained:'.format(counts['differing']))
    for line, meaning in LINES.items():
        print('{:>6} by {:<4} {}'.format(counts[line], line, meaning))
    print('{} not explained'.format(unexplained))


sys.exit(main())
