"""The life of a unit's relations, as Juju tells of it: one hook after the other, each with what it can see then."""

import copy
import json

APPS = {'db': 'mysql', 'spare': 'mysql', 'web': 'proxy'}
FIELDS = ['host', 'port', 'tls']
VALUES = ['a', 'b', '1', '[1, "x"]', '{"n": 1}']
# What is asked for in worlds of requests, by this unit or of it.
JOBS = ['x', 'y']


class Relations:
    """Everything random comes from the world's maker."""

    def __init__(self, maker):
        self.maker = maker
        self.there = {}
        self.queue = []
        self.number = 0

    def visible(self):
        return copy.deepcopy(self.there)

    def next(self):
        """The next hook: its name, relation, and remote unit."""
        if not self.queue:
            self.happen()
        event = self.queue.pop(0)
        relation, name, unit = event
        bag = self.there.get(relation)
        if name == 'joined':
            # Who comes back, as when a relation was suspended, may have the same to say.
            before = bag['gone'].pop(unit, None)
            bag['units'][unit] = self.data() if before is None or self.maker.one_in(3) else before
            self.ask(relation, unit, bag['units'][unit])
        elif name == 'departed':
            bag['gone'][unit] = bag['units'].pop(unit)
        elif name == 'broken':
            del self.there[relation]
        elif name == 'changed' and unit is None:
            self.change(bag['data'])
        elif name == 'changed':
            # The first one after a unit has joined may tell of nothing new.
            if self.maker.one_in(2):
                self.change(bag['units'][unit])
            self.ask(relation, unit, bag['units'][unit])
        return {'hook': '{}-relation-{}'.format(relation.split(':')[0], name), 'relation': relation, 'unit': unit,
                'answers': self.answers(relation, name, unit)}

    def ask(self, relation, unit, bag):
        """The remote unit asks for something, asks for something else, or takes it back."""
        if not self.maker.about('requests') or not relation.startswith('web:') or self.maker.one_in(2):
            return
        id = '{}-{}'.format(unit.replace('/', '-'), self.maker.pick(['p', 'q'])) + relation.split(':')[1]
        if self.maker.one_in(4):
            bag.pop('request_' + id, None)
            return
        asked = {'job': self.maker.pick(JOBS), 'request_id': id, 'size': self.maker.pick([1, 2])}
        bag['request_' + id] = json.dumps(asked, sort_keys=True)

    def answers(self, relation, event, unit):
        """What the remote unit says, from now on, to what this one has asked for; nothing takes an answer back."""
        if not self.maker.about('requests') or relation.startswith('web:') or event != 'changed' or unit is None:
            return {}
        jobs = [job for job in JOBS if self.maker.one_in(2)]
        return {job: self.maker.pick([1, 2, 3, None]) for job in jobs}

    def happen(self):
        maker = self.maker
        if not self.there or len(self.there) < 3 and maker.one_in(4):
            endpoint = maker.pick(list(APPS))
            self.number += 1
            relation = '{}:{}'.format(endpoint, self.number)
            self.there[relation] = {'app': APPS[endpoint], 'units': {}, 'gone': {},
                                    'data': self.data() if maker.one_in(2) else {}}
            self.queue.append((relation, 'created', None))
            return
        relation = maker.pick(sorted(self.there))
        units = self.there[relation]['units']
        what = maker.pick(['join', 'join', 'change', 'change', 'app', 'leave', 'leave', 'break', 'break'])
        if what == 'break':
            self.queue += [(relation, 'departed', unit) for unit in sorted(units)]
            self.queue.append((relation, 'broken', None))
        elif what == 'app':
            self.queue.append((relation, 'changed', None))
        elif what == 'join' and len(units) < 3 or not units:
            absent = ['{}/{}'.format(self.there[relation]['app'], number) for number in range(3)]
            unit = maker.pick(sorted(self.there[relation]['gone']) or [unit for unit in absent if unit not in units])
            self.queue += [(relation, 'joined', unit), (relation, 'changed', unit)]
        else:
            event = 'departed' if what == 'leave' else 'changed'
            self.queue.append((relation, event, maker.pick(sorted(units))))

    def data(self):
        return {field: self.maker.pick(VALUES) for field in self.maker.some(FIELDS, 2)}

    def change(self, bag):
        field = self.maker.pick(FIELDS)
        if field in bag and self.maker.one_in(2):
            del bag[field]
        else:
            bag[field] = self.maker.pick(VALUES)
