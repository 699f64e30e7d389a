"""The smallest part of a world that still shows what the world shows."""

import copy


def smallest(world, shows):
    """Leaves out hooks, handlers, triggers, clauses and operations for as long as `shows` says that it still does."""
    again = True
    while again:
        again = False
        for smaller in parts(world):
            if shows(smaller):
                world, again = smaller, True
                break
    return world


def parts(world):
    """The world less one thing, the greatest first."""
    for place in places(world):
        smaller = copy.deepcopy(world)
        *way, last = place
        node = smaller
        for step in way:
            node = node[step]
        del node[last]
        yield smaller


def places(world):
    def each(*way):
        node = world
        for step in way:
            node = node[step]
        return [way + (index,) for index in reversed(range(len(node)))]

    if len(world['hooks']) > 1:
        yield from each('hooks')
    for version in range(len(world['versions'])):
        yield from each('versions', version, 'handlers')
        yield from each('versions', version, 'triggers')
        for handler in range(len(world['versions'][version]['handlers'])):
            way = 'versions', version, 'handlers', handler
            yield from each(*way, 'ops')
            if len(world['versions'][version]['handlers'][handler]['clauses']) > 1:
                yield from each(*way, 'clauses')
        for callback in range(len(world['versions'][version]['callbacks'])):
            yield from each('versions', version, 'callbacks', callback)
