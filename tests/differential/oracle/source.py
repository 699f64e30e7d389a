"""A version of a world's charm as the Python that a charm author would write."""

CLAUSES = {
    'when': 'when', 'when_any': 'when_any', 'when_not': 'when_not', 'when_not_all': 'when_not_all',
    'not_unless': 'not_unless', 'hook': 'hook',
}

OF_ENDPOINTS = ['publish', 'publish_json', 'publish_default', 'publish_app', 'look_units', 'look_relations',
                'look_received', 'look_app', 'look_published', 'look_departed', 'forget_departed',
                'request', 'respond', 'look_requests', 'look_asked']

HEAD = '''\
import sys

from charms.reactive import (
    clear_flag, collect_metrics, hook, is_flag_set, meter_status_changed, not_unless, only_once, register_trigger,
    set_flag, toggle_flag, when, when_any, when_not, when_not_all)
from charmhelpers.core import hookenv
from reactive import leadership
import world
from world import elsewhere, look
'''

INTERFACE = '''
from charms.reactive import Endpoint


class {name}(Endpoint):
    def register_triggers(self):
        pass
'''

REQUESTS = '''
# charms.reactive takes functions for methods of endpoints where it sees this name.
from charms.reactive import Endpoint
from charms.reactive.patterns import request_response as pattern


class Answer(pattern.BaseResponse):
    result = pattern.Field('what came of it')


class Job(pattern.BaseRequest):
    RESPONSE_CLASS = Answer
    job = pattern.Field('what to do')
    size = pattern.Field('how much of it')


class {name}(pattern.{base}):
    REQUEST_CLASS = Job

    def register_triggers(self):
        pass
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
        # Who waits for the flag of an endpoint is handed it.
        parts.append('\n{}def {}(*_):\n{}'.format(''.join(lines), handler['id'], body(handler['ops'])))
    return '\n'.join(parts)


def interface(place, described):
    """The file of an interface and role, such as `reactive/relations/sql/requires.py`."""
    base = 'RequesterEndpoint' if place.startswith('requires/') else 'ResponderEndpoint'
    head = REQUESTS if described.get('requests') else INTERFACE
    parts = [HEAD + head.format(name=''.join(word.title() for word in place.split('/')), base=base)]
    for trigger in described['triggers']:
        parts.append('        {}\n'.format(register(trigger, expanded)))
    for handler in described['handlers']:
        lines = ['    ' + decorator(clause) for clause in handler['clauses']]
        text = body(handler['ops'], expanded).replace('    ', '        ')
        parts.append('\n{}    def {}(self):\n{}'.format(''.join(lines), handler['id'], text))
    return ''.join(parts)


def expanded(name):
    """A name in a method of an endpoint's class."""
    return repr(name) if name != '{endpoint_name}' and '{' not in name else 'self.expand_name({!r})'.format(name)


def decorator(clause):
    if isinstance(clause, str):
        return '@{}{}\n'.format(clause, '' if clause == 'only_once' else '()')
    (kind, names), = clause.items()
    return '@{}({})\n'.format(CLAUSES[kind], ', '.join(map(repr, names)))


def body(ops, name=repr):
    return ''.join('    {}\n'.format(line) for op in ops for line in statement(op, name)) or '    pass\n'


def statement(op, name=repr):
    if isinstance(op, str):
        return {'fail': ["raise RuntimeError('the world says so')"], 'stop': ['sys.exit(0)']}[op]
    (kind, value), = op.items()
    if kind == 'set':
        return ['set_flag({})'.format(name(value))]
    if kind == 'clear':
        return ['clear_flag({})'.format(name(value))]
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
    if kind in OF_ENDPOINTS:
        endpoint, *rest = value if isinstance(value, list) else [value]
        return ['world.{}({})'.format(kind, ', '.join([name(endpoint)] + [repr(item) for item in rest]))]
    if kind == 'elsewhere':
        return ['elsewhere({!r}, {!r})'.format(*value)]
    raise ValueError(kind)


def register(trigger, name=repr):
    words = [('when', 'when'), ('when_not', 'when_not'), ('set', 'set_flag'), ('clear', 'clear_flag')]
    given = ['{}={}'.format(word, name(trigger[key])) for key, word in words if trigger.get(key)]
    if trigger.get('callback') is not None:
        given.append('callback=c{:02}'.format(trigger['callback']))
    return 'register_trigger({})'.format(', '.join(given))
