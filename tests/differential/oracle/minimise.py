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
        # Relations have a life: of that only the end can be left out.
        last = len(world['hooks']) - 1
        yield from (way for way in each('hooks') if 'relation' not in world['hooks'][way[1]] or way[1] == last)
    for version in range(len(world['versions'])):
        yield from each('versions', version, 'handlers')
        yield from each('versions', version, 'triggers')
        for place in world['versions'][version].get('interfaces', {}):
            way = 'versions', version, 'interfaces', place
            yield from each(*way, 'triggers')
            yield from each(*way, 'handlers')
            for handler in range(len(world['versions'][version]['interfaces'][place]['handlers'])):
                yield from each(*way, 'handlers', handler, 'ops')
        for handler in range(len(world['versions'][version]['handlers'])):
            way = 'versions', version, 'handlers', handler
            yield from each(*way, 'ops')
            if len(world['versions'][version]['handlers'][handler]['clauses']) > 1:
                yield from each(*way, 'clauses')
        for callback in range(len(world['versions'][version]['callbacks'])):
            yield from each('versions', version, 'callbacks', callback)
