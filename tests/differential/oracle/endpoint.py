"""What handlers do with endpoints, as an author of charms.reactive writes it."""

import json

from charms.reactive import clear_flag, endpoint_from_name

import differences


def install(world, juju):
    """Puts the functions where handlers find them."""

    def endpoint(name):
        return endpoint_from_name(name)

    def publish(name, pairs):
        for relation in endpoint(name).relations:
            for key, value in pairs.items():
                relation.to_publish_raw[key] = value

    def publish_json(name, pairs):
        for relation in endpoint(name).relations:
            for key, value in pairs.items():
                relation.to_publish[key] = value

    def publish_default(name, key, value):
        for relation in endpoint(name).relations:
            # A key that is to be removed is there with nothing in it.
            if relation.to_publish_raw.get(key) is None:
                relation.to_publish_raw[key] = value

    def publish_app(name, pairs):
        if not juju.leader:
            return
        for relation in endpoint(name).relations:
            for key, value in pairs.items():
                relation.to_publish_app_raw[key] = value

    def look_units(name):
        units = [unit.relation.relation_id + ' ' + unit.unit_name for unit in endpoint(name).all_joined_units]
        world.look('units', name, units)

    def look_relations(name):
        world.look('relations', name, endpoint(name).relations.keys())

    def look_received(name, field):
        world.look('received', name, [endpoint(name).all_joined_units.received[field]])

    def look_app(name, field):
        # Of a relation without units charms.reactive does not know the application.
        told = [relation.received_app[field] for relation in endpoint(name).relations if relation.units]
        world.look('app', name, told)

    def look_published(name):
        told = [dict(relation.to_publish_raw) for relation in endpoint(name).relations]
        world.look('published', name, [{k: v for k, v in bag.items() if v is not None and is_plain(k)} for bag in told])

    def look_departed(name):
        told = []
        for unit in endpoint(name).all_departed_units:
            try:
                data = dict(unit.received_raw)
            except Exception:
                data = None
            told.append([unit.relation.relation_id + ' ' + unit.unit_name, data])
        world.look('departed', name, sorted(told, key=lambda one: one[0]))

    def forget_departed(name):
        endpoint(name).all_departed_units.clear()
        clear_flag('endpoint.{}.departed'.format(name))

    def request(name, job, size):
        asking = endpoint(name)
        for relation in asking.relations:
            asking.REQUEST_CLASS.create_or_update(match_fields=['job'], relation=relation, job=job, size=size)
            differences.request_written(asking)

    def respond(name, result):
        asked = endpoint(name)
        for received in list(asked.new_requests):
            received.respond(result=result)
            differences.request_written(asked)

    def look_requests(name):
        told = [[one._source.relation_id, one.job, one.size, one.response.result if one.response else None]
                for one in endpoint(name).requests]
        world.look('requests', name, sorted(told, key=text))

    def look_asked(name):
        new = {one.request_id for one in endpoint(name).new_requests}
        told = [[one._source.relation.relation_id, one._source.unit_name, one.request_id, one.job, one.size,
                 one.request_id in new] for one in endpoint(name).all_requests]
        world.look('asked', name, sorted(told, key=text))

    for function in [publish, publish_json, publish_default, publish_app, look_units, look_relations, look_received,
                     look_app, look_published, look_departed, forget_departed, request, respond, look_requests,
                     look_asked]:
        setattr(world, function.__name__, function)


def text(told):
    """As the other side sorts it."""
    return json.dumps(told, separators=(',', ':'))


def is_plain(key):
    """Not JSON, of which there is more than one way to write the same."""
    return key != 'json' and not key.startswith(('request_', 'response_'))
