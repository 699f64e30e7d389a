"""Random worlds: a charm's handlers and triggers, and the hooks of one unit's life. A seed makes the same world always."""

import copy
import random

import relations

METADATA = {
    'name': 'charm', 'summary': 's', 'description': 'd',
    'requires': {'db': {'interface': 'sql'}, 'spare': {'interface': 'sql'}},
    'provides': {'web': {'interface': 'http'}},
}
OPTIONS = {
    'port': {'type': 'int', 'default': 80},
    'name': {'type': 'string', 'default': ''},
    'debug': {'type': 'boolean', 'default': False},
    'free': {'type': 'string'},
}
VALUES = {'port': [80, 0, 8080], 'name': ['', 'x', 'y'], 'debug': [False, True], 'free': [None, 'z', '']}
PEERS = {'cluster': {'interface': 'charm-peers'}}
FLAGS = ['a', 'b', 'c.one', 'c.two', 'd-e']
KEYS = ['k', 'key.two']
HOOKS = ['install', 'config-changed', 'start', 'update-status', 'leader-elected', 'leader-settings-changed',
         'pre-series-upgrade', 'post-series-upgrade', 'stop']
RELATION_HOOKS = ['{}-relation-{}'.format(endpoint, event)
                  for endpoint in ['db', 'spare', 'web']
                  for event in ['created', 'joined', 'changed', 'departed', 'broken']]
# A peer relation lasts as long as the unit.
PEER_HOOKS = ['cluster-relation-{}'.format(event) for event in ['created', 'joined', 'changed', 'departed']]
RESTRICTED = ['collect-metrics', 'meter-status-changed']
PATTERNS = ['install', 'config-changed', '{start,stop}', 'update-status', 'leader-{elected,settings-changed}',
            '{requires:sql}-relation-{joined,changed}', '{peers:charm-peers}-relation-changed',
            '{peer:charm-peers}-relation-{joined,created}', '{peer:charm-peers}-relation-departed', 'db-relation-{created,broken}', '{provides:http}-relation-joined',
            '{requires:none}-relation-joined']
# What stands between `endpoint.NAME.` and the end.
OF_ENDPOINT = ['joined', 'changed', 'departed'] + ['changed.' + field for field in relations.FIELDS]
# The same in the files of interfaces, and flags that those manage.
OF_INTERFACE = ['endpoint.{endpoint_name}.' + flag for flag in OF_ENDPOINT] + ['{endpoint_name}.' + n for n in ['ready', 'told']]
PLACES = ['requires/sql', 'provides/http']
# What is there besides in worlds of requests, by place.
OF_REQUESTS = {'requires/sql': ['has_responses', 'all_responses'], 'provides/http': ['has_requests', 'new_requests']}
PLACE_OF = {'db': 'requires/sql', 'spare': 'requires/sql', 'web': 'provides/http'}
JSON = [1, [1, 2], {'b': [True], 'a': 'x'}, False]
# What a world may be about, and how often.
THEMES = {
    'shuffled': 0.4, 'leadership': 0.5, 'config': 0.4, 'triggers': 0.35, 'registered': 0.25, 'once': 0.3, 'hooks': 0.4,
    'relations': 0.3, 'endpoints': 0.3, 'requests': 0.5, 'restricted': 0.3, 'upgrade': 0.3, 'failures': 0.25, 'restless': 0.12, 'strange': 0.3,
}


def make(seed):
    return Maker(seed).world()


class Maker:
    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.themes = {theme for theme, chance in THEMES.items() if self.random.random() < chance}
        if self.about('endpoints'):
            # A unit whose hook fails gets that hook again and again, so nothing else happens to it: `failures` are dull.
            self.themes -= {'relations', 'failures'}
        else:
            self.themes -= {'requests'}

    def about(self, *themes):
        return self.themes.issuperset(themes)

    def one_in(self, n):
        return self.random.randrange(n) == 0

    def pick(self, items):
        return self.random.choice(items)

    def some(self, items, most):
        return self.random.sample(items, self.random.randint(1, min(most, len(items))))

    def world(self):
        versions = [self.version()]
        if self.about('upgrade'):
            versions.append(self.upgraded(versions[0]))
        metadata = dict(METADATA)
        if not self.about('leadership'):
            # With a peer endpoint Ensign keeps more with leader settings than upstream has, for the move to Juju 4.
            metadata['peers'] = PEERS
        return {'seed': self.seed, 'metadata': metadata, 'options': OPTIONS, 'versions': versions,
                'hooks': self.hooks(len(versions))}

    def version(self):
        callbacks = []
        if self.about('registered'):
            callbacks = [self.ops(callback=True) for _ in range(2)]
        handlers = [self.handler(index, len(callbacks)) for index in range(self.random.randint(2, 9))]
        if self.about('shuffled'):
            self.random.shuffle(handlers)
        triggers = []
        if self.about('triggers'):
            triggers = [self.trigger(0) for _ in range(self.random.randint(1, 3))]
        version = {'handlers': handlers, 'triggers': triggers, 'callbacks': callbacks}
        if self.about('endpoints'):
            version['interfaces'] = {place: self.interface(place, index) for index, place in enumerate(PLACES)}
        return version

    def interface(self, place, index):
        """The file of an interface and role: handlers that are there for each of its endpoints, and triggers."""
        handlers = []
        for number in range(self.random.randint(0, 3)):
            kinds = self.some(['when', 'when', 'when_any', 'when_not', 'when_not_all'], 2)
            names = list(OF_INTERFACE)
            if self.about('requests') and self.one_in(2):
                names = ['endpoint.{endpoint_name}.' + flag for flag in OF_REQUESTS[place]] + names[-2:]
            clauses = [{kind: sorted(set(self.some(names, 2)))} for kind in sorted(set(kinds))]
            if not any('endpoint_name' in repr(clause) for clause in clauses):
                continue
            ops = [self.endpoint_op('{endpoint_name}', place) for _ in range(self.random.randint(0, 2))]
            if self.one_in(2) and not self.about('restless'):
                done = '{endpoint_name}.' + self.pick(['ready', 'told'])
                clauses.append({'when_not': [done]})
                ops = [op for op in ops if op != {'clear': done}] + [{'set': done}]
            handlers.append({'id': 'i{}{}'.format(index, number), 'clauses': clauses, 'ops': ops})
        triggers = []
        if self.about('triggers') and self.one_in(2):
            trigger = {self.pick(['when', 'when_not']): self.pick(OF_INTERFACE[:-2])}
            for word in self.some(['set', 'clear'], 2):
                trigger[word] = '{endpoint_name}.' + self.pick(['ready', 'told'])
            triggers.append(trigger)
        return {'handlers': handlers, 'triggers': triggers, 'requests': self.about('requests')}

    def endpoint_op(self, endpoint, place):
        if self.about('requests') and self.one_in(2):
            return self.request_op(endpoint, place)
        if self.one_in(8):
            return {'look_departed': endpoint}
        what = self.pick(['clear', 'clear', 'set', 'publish', 'publish', 'publish_json', 'publish_default',
                          'publish_app', 'look_units', 'look_relations', 'look_received', 'look_app', 'look_published',
                          'look_departed', 'forget_departed'])
        if what == 'clear':
            flags = ['endpoint.{}.{}'.format(endpoint, flag) for flag in ['changed', 'departed', self.pick(OF_ENDPOINT[3:])]]
            return {'clear': self.pick(flags + ['{}.ready'.format(endpoint)])}
        if what == 'set':
            return {'set': '{}.{}'.format(endpoint, self.pick(['ready', 'told']))}
        if what in ['publish', 'publish_app']:
            values = ['x', 'y', 'z', None]
            return {what: [endpoint, {field: self.pick(values) for field in self.some(['user', 'name'], 2)}]}
        if what == 'publish_json':
            return {what: [endpoint, {'json': self.pick(JSON)}]}
        if what == 'publish_default':
            return {what: [endpoint, self.pick(['user', 'name']), self.pick(['x', 'w'])]}
        if what in ['look_received', 'look_app']:
            return {what: [endpoint, self.pick(relations.FIELDS)]}
        return {what: endpoint}

    def request_op(self, endpoint, place):
        if place == 'requires/sql':
            if self.one_in(3):
                return {'look_requests': endpoint}
            return {'request': [endpoint, self.pick(relations.JOBS), self.pick([1, 2])]}
        if self.one_in(3):
            return {'look_asked': endpoint}
        return {'respond': [endpoint, self.pick([1, 2])]}

    def upgraded(self, version):
        """The next version: something is gone, something is new, or lines have moved."""
        version = copy.deepcopy(version)
        version['moved'] = self.random.randint(0, 2)
        if self.one_in(2):
            version['handlers'].remove(self.pick(version['handlers']))
        if self.one_in(2):
            version['handlers'].append(self.handler(9, len(version['callbacks'])))
        if self.one_in(2) or self.about('restricted'):
            version['triggers'] = [self.trigger(0)] if self.about('triggers') and self.one_in(2) else []
        return version

    def flag(self):
        """One that a condition may name."""
        names = list(FLAGS)
        if self.about('leadership') and self.one_in(2):
            names = ['leadership.is_leader', 'leadership.changed']
            names += ['leadership.{}.{}'.format(what, key) for what in ['set', 'changed'] for key in KEYS]
        elif self.about('config') and self.one_in(2):
            names = ['config.changed'] + ['config.{}.{}'.format(what, option)
                                          for what in ['changed', 'set', 'default'] for option in OPTIONS]
        elif self.about('endpoints') and self.one_in(2):
            endpoint = self.pick(list(relations.APPS))
            names = ['endpoint.{}.{}'.format(endpoint, flag) for flag in OF_ENDPOINT] + [endpoint + '.ready']
            if self.about('requests') and self.one_in(2):
                names = ['endpoint.{}.{}'.format(endpoint, flag) for flag in OF_REQUESTS[PLACE_OF[endpoint]]]
        elif self.one_in(20):
            names = ['upgrade.series.in-progress']
        return self.pick(names)

    def flags(self):
        return sorted({self.flag() for _ in range(self.pick([1, 1, 1, 2, 2, 3]))})

    def handler(self, index, callbacks):
        clauses = self.clauses()
        ops = self.ops(callbacks=callbacks)
        if clauses[0] in ('collect_metrics', 'meter_status_changed'):
            ops = []
        elif not self.about('restless') and 'hook' not in clauses[0] and self.one_in(3):
            # As many handlers do: say that it is done, and wait for that not to be said.
            done = self.pick(FLAGS)
            clauses.append({'when_not': [done]})
            ops = [op for op in ops if op not in ({'clear': done}, {'toggle': [done, False]})] + [{'set': done}]
        if 'only_once' in clauses and self.about('failures') and self.one_in(3):
            ops.append('stop')
        return {'id': 'h{:02}'.format(index), 'clauses': clauses, 'ops': ops}

    def clauses(self):
        once = ['only_once'] if self.about('once') and self.one_in(3) else []
        if self.about('restricted') and self.one_in(4):
            return [self.pick(['collect_metrics', 'meter_status_changed'])]
        if self.about('hooks') and self.one_in(3):
            return [{'hook': self.some(PATTERNS, 2)}] + once
        if once and self.one_in(3):
            return once
        kinds = self.some(['when', 'when', 'when_any', 'when_not', 'when_not_all'], 2)
        clauses = [{kind: self.flags()} for kind in sorted(set(kinds))]
        if self.one_in(10):
            clauses.append({'not_unless': self.flags()})
        return clauses + once

    def ops(self, callbacks=0, callback=False):
        ops = []
        for _ in range(self.pick([0, 1, 1, 2, 2, 3])):
            ops.append(self.op(callbacks, callback))
            if 'elsewhere' in ops[-1]:
                ops.append({'look_leader': ops[-1]['elsewhere'][0]})
        return ops

    def op(self, callbacks, callback):
        if self.about('failures') and self.one_in(15) and not callback:
            return self.pick(['fail', 'fail', 'stop'])
        if self.about('registered') and self.one_in(4) and not callback:
            return {'trigger': self.trigger(callbacks)}
        if self.about('endpoints') and self.one_in(2) and not callback:
            endpoint = self.pick(list(relations.APPS))
            return self.endpoint_op(endpoint, PLACE_OF[endpoint])
        if self.about('leadership') and self.one_in(3) and not callback:
            if self.one_in(6):
                return {'elsewhere': [self.pick(KEYS), self.pick(['1', '2'])]}
            return {'leader_set': [self.group(), self.one_in(2)]}
        if self.one_in(5) and not callback:
            looks = [{'look_flag': self.flag()}, {'look_leader': self.pick(KEYS)},
                     {'look_config': self.pick(list(OPTIONS))}]
            return self.pick(looks)
        often = 3 if self.about('restless') else 6
        if self.one_in(often):
            return {'clear': self.pick(FLAGS)}
        if self.one_in(often):
            return {'toggle': [self.pick(FLAGS), self.one_in(2)]}
        return {'set': self.pick(FLAGS)}

    def group(self):
        values = ['1', '2', 'x', None]
        if self.about('strange'):
            values += [1, 2, '']
        return {key: self.pick(values) for key in self.some(KEYS, 2)}

    def trigger(self, callbacks):
        if callbacks and self.about('config') and self.one_in(4):
            return {'when_not': 'config.set.' + self.pick(list(OPTIONS)), 'callback': self.random.randrange(callbacks)}
        flag = self.flag()
        while flag.startswith('endpoint.'):
            # Those belong into the files of interfaces: before the endpoint's flags are brought up to date.
            flag = self.flag()
        trigger = {self.pick(['when', 'when', 'when_not']): flag}
        for word in self.some(['set', 'clear'] + ['callback'] * bool(callbacks), 2):
            trigger[word] = self.random.randrange(callbacks) if word == 'callback' else self.pick(FLAGS)
        return trigger

    def hooks(self, versions):
        config = {option: choices[0] for option, choices in VALUES.items()}
        hooks = []
        version = 0
        leader = self.one_in(2)
        life = relations.Relations(self)
        for _ in range(self.random.randint(4, 11) if self.about('endpoints') else self.random.randint(2, 8)):
            if self.about('config') and self.one_in(2):
                option = self.pick(list(OPTIONS))
                config[option] = self.pick(VALUES[option])
            if self.one_in(4):
                leader = not leader
            if version + 1 < versions and self.one_in(3):
                if self.about('restricted') and hooks:
                    # What the old version leaves behind here meets the new one.
                    left = {key: value for key, value in hooks[-1].items() if key not in ['relation', 'unit', 'answers']}
                    hooks.append(dict(left, hook=self.pick(RESTRICTED), elsewhere={}, broken=False))
                version += 1
            names = HOOKS
            if self.about('relations') and self.one_in(2):
                names = PEER_HOOKS if self.one_in(2) and not self.about('leadership') else RELATION_HOOKS
            elif self.about('restricted') and self.one_in(3):
                names = RESTRICTED
            elsewhere = {}
            if self.about('leadership') and self.one_in(3):
                elsewhere = {self.pick(KEYS): self.pick(['1', '2', None])}
            hook = {'hook': self.pick(names)}
            if self.about('endpoints'):
                if not self.one_in(4):
                    hook = life.next()
                hook['relations'] = life.visible()
            hooks.append({**hook, 'version': version, 'leader': leader, 'config': dict(config), 'elsewhere': elsewhere,
                          'broken': self.about('leadership', 'failures') and self.one_in(4)})
        return hooks
