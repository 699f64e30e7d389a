"""Where two lives of one world differ."""

import collections


def difference(ours, theirs):
    """The first difference, as a sentence; None if there is none."""
    for index, (our, their) in enumerate(zip(ours, theirs)):
        for what, look in [('succeeded', lambda seen: seen['ok']), ('handlers run', handlers), ('seen', looks),
                           ('flags', lambda seen: seen['flags']), ('leader settings', lambda seen: seen['settings']),
                           ('relation data', lambda seen: seen['published'])]:
            if look(our) != look(their):
                return 'hook {}: {}: Ensign {}, charms.reactive {}'.format(
                    index, what, shown(look(our), look(their)), shown(look(their), look(our)))
    if len(ours) != len(theirs):
        return 'hooks: Ensign {}, charms.reactive {}'.format(len(ours), len(theirs))
    return None


def handlers(seen):
    """The handlers of each iteration. Their order in it is open."""
    batches = collections.defaultdict(list)
    for run in seen['runs']:
        batches[run['phase'], run['iteration']].append(run['handler'])
    return {batch: sorted(names) for batch, names in batches.items()}


def looks(seen):
    """What each of them saw."""
    return {(run['phase'], run['iteration'], run['handler']): run['looks'] for run in seen['runs'] if run['looks']}


def shown(this, other):
    """Of mappings only what is not the same on the other side."""
    if isinstance(this, dict):
        return {key: value for key, value in this.items() if other.get(key, ()) != value}
    return this
