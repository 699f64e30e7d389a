"""The deliberate differences (D lines), each as what it changes about charms.reactive.

A world that comes out differently under Ensign is explained by a set of lines when charms.reactive with exactly these
changes comes to the same as Ensign, in every hook.

Not here are lines that no world can show: mistakes that do not compile (D22, D23); what Ensign has under other names
(`when_changed`: D4, D9); flags' values (D35); the tracer, executables and actions (D5, D6, D29); what
only a kill, a list of processes or a file shows (D13, D27, D30, D33); readers' cursors, of which the one-hook flags have
none (D15).
"""

import contextlib
import functools
import sys
from unittest import mock

from charmhelpers.core import hookenv, unitdata
import charms.reactive
from charms.reactive import bus, decorators, endpoints, flags, helpers
from charms.reactive.patterns import request_response
from charms.reactive.patterns.request_response import RequesterEndpoint, ResponderEndpoint
import config_flags

# In the order in which they are reported, each with what it says.
LINES = {
    'D1': 'a hook that does not settle fails',
    'D2': 'handlers of one iteration run in a fixed order',
    'D3': 'any real change tests the queue again, and no other does',
    'D7': '`leader_set` checks and writes before it changes flags',
    'D8': 'a second value in one hook is delivered, too',
    'D10': 'values are strings',
    'D11': 'an empty value removes',
    'D12': 'leader settings are read once, so what is there already is not written',
    'D14': 'a removed key and application data are changes',
    'D16': 'of departed units the names are kept, and not their data',
    'D17': 'what was known of a unit goes with it',
    'D18': 'of no requests, none is answered',
    'D19': 'what is asked for on one relation is not found on another',
    'D20': 'each endpoint of an interface has requests of its own',
    'D21': 'triggers that cause each other are refused',
    'D24': 'handlers without flags run in the flag phase only',
    'D25': 'a handler that runs once is known by its name, not by its line',
    'D26': '`peer` means `peers`',
    'D28': 'triggers do not outlive their hook',
    'D31': 'flags of options are derived, so nothing clears them at the end',
    'D32': 'flags, departed units and requests of an endpoint come from its relations',
    'D34': 'to stop the dispatch is a result, so the handler has completed',
    'D36': 'flags of requests follow within the hook in which a request or response is written',
    'D37': 'a request or response has no `changed` flag of its own',
}


def possible(world):
    """The lines that can matter to this world at all: the fewer, the sooner they are told apart."""
    versions = world['versions']
    handlers = [handler for version in versions for handler in version['handlers']]
    for version in versions:
        for interface in version.get('interfaces', {}).values():
            handlers += interface['handlers']
    ops = [op for handler in handlers for op in handler['ops'] if isinstance(op, dict)]
    values = [value for op in ops for value in op.get('leader_set', [{}])[0].values()]
    once = [handler['clauses'] for handler in handlers if 'only_once' in handler['clauses']]
    names = [[handler['id'] for handler in version['handlers']] for version in versions]
    events = [(hook['relation'], hook['hook'].rsplit('-')[-1], hook['unit'])
              for hook in world['hooks'] if 'relation' in hook]
    left = {(relation, unit) for relation, event, unit in events if event == 'departed'}
    triggers = any(version['triggers'] for version in versions)
    requests = any(place.get('requests') for version in versions for place in version.get('interfaces', {}).values())
    matters = {
        'D1': True,
        'D2': any(version != sorted(version) for version in names),
        'D3': True,
        'D7': bool(values),
        'D8': bool(values),
        'D10': any(isinstance(value, int) for value in values),
        'D11': '' in values,
        'D12': bool(values) and any(hook['broken'] for hook in world['hooks']) or any('elsewhere' in op for op in ops),
        'D21': triggers,
        'D24': ['only_once'] in once,
        'D25': bool(once) and len(versions) > 1,
        'D26': 'peer:' in repr(handlers),
        'D28': triggers or any('trigger' in op for op in ops),
        'D31': any('config.' in op['trigger'].get('when_not', '') for op in ops if 'trigger' in op),
        'D14': bool(events),
        'D16': bool(left) and 'look_departed' in repr(versions),
        'D17': any(event == 'joined' and (relation, unit) in left for relation, event, unit in events),
        'D32': any(event in ('departed', 'broken') for _, event, _ in events),
        'D18': requests,
        'D19': requests,
        'D20': requests,
        'D36': requests,
        'D37': requests,
        'D34': bool(once) and any('stop' in handler['ops'] for handler in handlers),
    }
    return [line for line in LINES if matters[line]]


class NotSettled(Exception):
    pass


class TriggerLoop(Exception):
    pass


@contextlib.contextmanager
def applied(lines):
    """charms.reactive with these differences."""
    with contextlib.ExitStack() as stack:
        for line in LINES:
            if line in lines and line in PATCHES:
                for patch in PATCHES[line]():
                    stack.enter_context(patch)
        stack.enter_context(leadership(lines))
        yield


def d1():
    """At the end of a dispatch that used up its iterations, whoever is still due has not settled."""
    reset = bus.FlagWatch.reset

    def checked():
        if bus.FlagWatch._get()['iteration'] == 99 and unitdata.kv().get('reactive.dispatch.phase') == 'other':
            bus.FlagWatch.iteration(100)
            if any(handler.test() for handler in bus.Handler.get_handlers()):
                raise NotSettled
        reset()
    yield mock.patch.object(bus.FlagWatch, 'reset', checked)


def name(handler):
    """The function's, and of a method of an interface its endpoint's."""
    *_, function, last = handler.id().split(':')
    return last if function.isdigit() else '{}({})'.format(function, last)


def d2():
    """By name."""
    def ordered():
        return sorted(bus.Handler._HANDLERS.values(), key=name)
    yield mock.patch.object(bus.Handler, 'get_handlers', ordered)


def d3():
    """What asks for another test is a change, set or clear, and no longer the call of `clear_flag`."""
    asked = 'reactive.dispatch.removed_state'
    change = bus.FlagWatch.change
    write = unitdata.kv().set

    def changed(flag):
        change(flag)
        write(asked, True)

    def filtered(key, value):
        return value if key == asked and value else write(key, value)
    yield mock.patch.object(bus.FlagWatch, 'change', changed)
    yield mock.patch.object(unitdata.kv(), 'set', filtered)


def d21():
    """A loop is one among the triggers of the charm's modules, whether it would ever be walked or not."""
    discover = bus.discover

    def checked():
        discover()
        effects = {}
        for kind, there in [('set', True), ('clear', False)]:
            prefix = 'reactive.flag_{}_triggers.'.format(kind)
            for flag, trigger in unitdata.kv().getrange(prefix, strip=True).items():
                effects[flag, there] = ([(name, True) for name in trigger['set_flag']] +
                                        [(name, False) for name in trigger['clear_flag']])
        for start in effects:
            seen, todo = set(), list(effects[start])
            while todo:
                event = todo.pop()
                if event == start:
                    raise TriggerLoop
                if event not in seen:
                    seen.add(event)
                    todo += effects.get(event, [])
    yield mock.patch.object(bus, 'discover', checked)


def d24():
    """A handler that names neither flags nor hooks waits for the flag phase."""
    test = bus.Handler.test

    def tested(handler):
        bound = any(getattr(predicate, 'func', None) in (helpers._hook, helpers._restricted_hook)
                    for predicate in handler._predicates)
        if not (bound or handler._flags) and unitdata.kv().get('reactive.dispatch.phase') != 'other':
            return False
        return test(handler)
    yield mock.patch.object(bus.Handler, 'test', tested)


def d25():
    """The mark is the function's name."""
    for name in ['was_invoked', 'mark_invoked']:
        function = getattr(decorators, name)

        def named(mark, function=function):
            return function(mark.rsplit(':', 1)[-1])
        yield mock.patch.object(decorators, name, named)


def d26():
    expand = hookenv.role_and_interface_to_relations

    @functools.wraps(expand)
    def expanded(role, interface):
        return expand('peers' if role == 'peer' else role, interface)
    yield mock.patch.object(hookenv, 'role_and_interface_to_relations', expanded)


def d28():
    """What an earlier hook has left behind is forgotten before the charm is loaded."""
    discover = bus.discover

    def fresh():
        for kind in ['set', 'clear']:
            unitdata.kv().unsetrange(prefix='reactive.flag_{}_triggers.'.format(kind))
        discover()
    yield mock.patch.object(bus, 'discover', fresh)


def d31():
    """They go without a change of them that anything could follow."""
    def forget():
        for flag in flags.get_flags():
            if flag.startswith('config.'):
                unitdata.kv().unset('reactive.states.' + flag)
    calls = [(forget, (), {}) if call[0] is config_flags.forget else call for call in hookenv._atexit]
    yield mock.patch.object(hookenv, '_atexit', calls)


def d34():
    """`exit(0)` is how upstream stops."""
    invoke = bus.Handler.invoke

    def invoked(handler):
        try:
            invoke(handler)
        except SystemExit as stop:
            if not stop.code:
                for callback in handler._post_callbacks:
                    callback()
            raise
    yield mock.patch.object(bus.Handler, 'invoke', invoked)


def d14():
    """Whatever an endpoint compares, it compares with all that it found last time."""
    manage = endpoints.Endpoint.manage_flags

    def compared(endpoint):
        last = unitdata.kv().get('d14.' + endpoint.endpoint_name, {})
        # A relation that drops out with its last unit is there again in the next hook, with the same data.
        now = {member: bag for member, bag in last.items() if member in hookenv.subprocess.relations}
        for relation in endpoint.relations:
            app = hookenv.subprocess.relations[relation.relation_id]['app']
            now[relation.relation_id] = hookenv.relation_get(app=app, rid=relation.relation_id)
            for unit in relation.units:
                now[relation.relation_id + ' ' + unit.unit_name] = dict(unit.received_raw)
        for member, bag in now.items():
            before = last.get(member, {})
            fields = set(before) - set(bag)
            for field in fields:
                unitdata.kv().unset(digest(endpoint, *member.partition(' ')[::2]) + field)
            if ' ' not in member:
                fields |= {field for field in bag if before.get(field) != bag[field]}
            for flag in ['changed.' + field for field in fields] + ['changed'] * bool(fields):
                endpoints.set_flag(endpoint.expand_name(flag))
        unitdata.kv().set('d14.' + endpoint.endpoint_name, now)
        manage(endpoint)
    yield mock.patch.object(endpoints.Endpoint, 'manage_flags', compared)


def digest(endpoint, relation, unit):
    """What the keys begin with under which digests of a unit's fields are kept."""
    return 'reactive.data_changed.endpoint.{}.{}.{}.'.format(endpoint.endpoint_name, relation, unit)


def d16():
    """It is read from Juju."""
    def named(unit):
        return {'relation': unit.relation._serialize(), 'unit_name': unit.unit_name}

    def read(data):
        return endpoints.RelatedUnit(endpoints.Relation._deserialize(data['relation']), data['unit_name'])
    yield mock.patch.object(endpoints.RelatedUnit, '_serialize', named)
    yield mock.patch.object(endpoints.RelatedUnit, '_deserialize', read)


def d17():
    """In the hook that tells of its departure."""
    manage = endpoints.Endpoint._manage_departed

    def managed(endpoint):
        manage(endpoint)
        if hookenv.hook_name() == endpoint.endpoint_name + '-relation-departed':
            unitdata.kv().unsetrange(prefix=digest(endpoint, hookenv.relation_id(), hookenv.remote_unit()))
    yield mock.patch.object(endpoints.Endpoint, '_manage_departed', managed)


def d32():
    """No flag of a change outlives the last relation; who is back has not left, and nobody has left twice."""
    manage = endpoints.Endpoint._manage_flags

    def managed(endpoint):
        manage(endpoint)
        if not endpoint.relations:
            prefix = 'endpoint.{}.changed'.format(endpoint.endpoint_name)
            for flag in flags.get_flags():
                if flag == prefix or flag.startswith(prefix + '.'):
                    flags.clear_flag(flag)
        there = {(unit.relation.relation_id, unit.unit_name) for unit in endpoint.all_units}
        left = {(unit.relation.relation_id, unit.unit_name): unit for unit in endpoint.all_departed_units}
        kept = [unit for key, unit in sorted(left.items()) if key not in there]
        if len(kept) != len(endpoint.all_departed_units):
            endpoint.all_departed_units.clear()
            endpoint.all_departed_units.extend(kept)
    yield mock.patch.object(endpoints.Endpoint, '_manage_flags', managed)

    def requests(endpoint):
        """One that drops out with its last unit has none any more."""
        there = set(endpoint.relations.keys())
        return [one for one in endpoint.REQUEST_CLASS.get_all() if one._source.relation_id in there]
    yield mock.patch.object(RequesterEndpoint, 'requests', property(requests))


def request_flags(endpoint):
    """As the endpoint sets them when a hook starts."""
    if isinstance(endpoint, RequesterEndpoint):
        told = {'has_responses': endpoint.responses, 'all_responses': all_responses(endpoint)}
    else:
        told = {'has_requests': endpoint.all_requests, 'new_requests': endpoint.new_requests}
    for flag, there in told.items():
        flags.toggle_flag(endpoint.expand_name(flag), there)


def all_responses(endpoint):
    return len(endpoint.responses) == len(endpoint.requests)


def request_written(endpoint):
    """A request or response has been written; charms.reactive does nothing about it."""


def d18():
    manage = RequesterEndpoint._manage_flags
    this = sys.modules[__name__]

    def answered(endpoint):
        return bool(endpoint.requests) and len(endpoint.responses) == len(endpoint.requests)

    def managed(endpoint):
        with mock.patch.object(request_response, 'toggle_flag', toggle):
            manage(endpoint)

    def toggle(flag, there):
        if flag.endswith('.all_responses'):
            there = answered(charms.reactive.endpoint_from_name(flag.split('.')[1]))
        flags.toggle_flag(flag, there)
    yield mock.patch.object(RequesterEndpoint, '_manage_flags', managed)
    yield mock.patch.object(this, 'all_responses', answered)


def d19():
    @classmethod
    def find(cls, relation=None, **fields):
        for request in cls.find_all(**fields):
            if relation is None or request._source.relation_id == relation.relation_id:
                return request
        return None
    yield mock.patch.object(request_response.BaseRequest, 'find', find)


def d20():
    """A class of its own, since a class has one cache."""
    def own(init):
        def began(endpoint, *args, **kwargs):
            base = type(endpoint).REQUEST_CLASS
            endpoint.REQUEST_CLASS = type(base)(base.__name__, (base,), {})
            init(endpoint, *args, **kwargs)
        return began
    for kind in [RequesterEndpoint, ResponderEndpoint]:
        yield mock.patch.object(kind, '__init__', own(kind.__init__))


def d36():
    yield mock.patch.object(sys.modules[__name__], 'request_written', request_flags)


def d37():
    """Of `changed.FIELD`; that something has changed is told."""
    def set_flag(flag):
        if not any('.changed.' + kind in flag for kind in ['request_', 'response_']):
            flags.set_flag(flag)
    yield mock.patch.object(endpoints, 'set_flag', set_flag)


PATCHES = {
    'D18': d18, 'D19': d19, 'D20': d20, 'D36': d36, 'D37': d37,
    'D1': d1, 'D2': d2, 'D3': d3, 'D14': d14, 'D16': d16, 'D17': d17, 'D32': d32, 'D21': d21, 'D24': d24, 'D25': d25, 'D26': d26, 'D28': d28, 'D31': d31, 'D34': d34,
}

LAYER_LINES = {'D7', 'D8', 'D10', 'D11', 'D12'}


@contextlib.contextmanager
def leadership(lines):
    """The lines that speak of the leadership layer replace its functions, once it has been loaded."""
    if not lines & LAYER_LINES:
        yield
        return
    discover = bus.discover

    def replaced():
        discover()
        from reactive import leadership as layer
        if lines - {'D12'} & LAYER_LINES:
            layer.leader_set = functools.partial(leader_set, lines, layer)
        if 'D12' in lines:
            snapshot = {}

            def leader_get(key=None):
                if not snapshot:
                    snapshot['all'] = dict(hookenv.leader_get())
                return snapshot['all'] if key is None else snapshot['all'].get(key)
            layer.leader_get = leader_get
            layer.snapshot = snapshot
    with mock.patch.object(bus, 'discover', replaced):
        yield


def leader_set(lines, layer, settings):
    """The layer's function with these lines."""
    if 'D10' in lines:
        settings = {key: value if value is None else str(value) for key, value in settings.items()}
    if 'D11' in lines:
        settings = {key: value if value != '' else None for key, value in settings.items()}
    if 'D12' in lines and hookenv.is_leader():
        there = layer.leader_get()
        if all((value or None) == there.get(key) for key, value in settings.items()):
            return
    if 'D7' in lines:
        hookenv.leader_set(settings)
    remembered = unitdata.kv().getrange(layer.MEMORY, strip=True)
    for key, value in settings.items():
        if value != remembered.get(key):
            for flag in ['leadership.changed', 'leadership.changed.' + key]:
                if 'D8' in lines and flags.is_flag_set(flag):
                    # It tells of something new.
                    bus.FlagWatch.change(flag)
                flags.set_flag(flag)
        flags.toggle_flag('leadership.set.' + key, value is not None)
    if 'D7' not in lines:
        hookenv.leader_set(settings)
    unitdata.kv().update(settings, layer.MEMORY)
    if 'D12' in lines:
        written = {key: '' if value is None else str(value) for key, value in settings.items()}
        layer.snapshot['all'].update(written)
        for key in [key for key, value in layer.snapshot['all'].items() if not value]:
            del layer.snapshot['all'][key]
