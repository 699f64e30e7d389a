"""A version of a world's charm as the Python that a charm author would write."""

CLAUSES = {
    'when': 'when', 'when_any': 'when_any', 'when_not': 'when_not', 'when_not_all': 'when_not_all',
    'not_unless': 'not_unless', 'hook': 'hook',
}

HEAD = '''\
import sys

from charms.reactive import (
    clear_flag, collect_metrics, hook, is_flag_set, meter_status_changed, not_unless, only_once, register_trigger,
    set_flag, toggle_flag, when, when_any, when_not, when_not_all)
from charmhelpers.core import hookenv
from reactive import leadership
from world import elsewhere, look
'''


def text(version):
    """The module `reactive/charm.py`."""
    # The rest of a moved version stands lower in its file, as after an edit.
    parts = [HEAD + '\n' * version.get('moved', 0)]
    for index, ops in enumerate(version['callbacks']):
        parts.append('\ndef c{:02}():\n{}'.format(index, body(ops)))
    for trigger in version['triggers']:
        parts.append('\n' + register(trigger) + '\n')
    for handler in version['handlers']:
        lines = [decorator(clause) for clause in handler['clauses']]
        parts.append('\n{}def {}():\n{}'.format(''.join(lines), handler['id'], body(handler['ops'])))
    return '\n'.join(parts)


def decorator(clause):
    if isinstance(clause, str):
        return '@{}{}\n'.format(clause, '' if clause == 'only_once' else '()')
    (kind, names), = clause.items()
    return '@{}({})\n'.format(CLAUSES[kind], ', '.join(map(repr, names)))


def body(ops):
    return ''.join('    {}\n'.format(line) for op in ops for line in statement(op)) or '    pass\n'


def statement(op):
    if isinstance(op, str):
        return {'fail': ["raise RuntimeError('the world says so')"], 'stop': ['sys.exit(0)']}[op]
    (kind, value), = op.items()
    if kind == 'set':
        return ['set_flag({!r})'.format(value)]
    if kind == 'clear':
        return ['clear_flag({!r})'.format(value)]
    if kind == 'toggle':
        return ['toggle_flag({!r}, {!r})'.format(*value)]
    if kind == 'leader_set':
        group, ignored = value
        call = 'leadership.leader_set({!r})'.format(group)
        return ['try:', '    ' + call, 'except Exception:', '    pass'] if ignored else [call]
    if kind == 'look_flag':
        return ["look('flag', {0!r}, is_flag_set({0!r}))".format(value)]
    if kind == 'look_leader':
        return ["look('leader', {0!r}, leadership.leader_get({0!r}))".format(value)]
    if kind == 'look_config':
        return ["look('config', {0!r}, hookenv.config().get({0!r}))".format(value)]
    if kind == 'trigger':
        return [register(value)]
    if kind == 'elsewhere':
        return ['elsewhere({!r}, {!r})'.format(*value)]
    raise ValueError(kind)


def register(trigger):
    words = [('when', 'when'), ('when_not', 'when_not'), ('set', 'set_flag'), ('clear', 'clear_flag')]
    given = ['{}={!r}'.format(name, trigger[key]) for key, name in words if trigger.get(key)]
    if trigger.get('callback') is not None:
        given.append('callback=c{:02}'.format(trigger['callback']))
    return 'register_trigger({})'.format(', '.join(given))
