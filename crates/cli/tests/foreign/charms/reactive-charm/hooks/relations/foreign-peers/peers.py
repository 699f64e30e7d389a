"""The peer relation as an endpoint."""

from charms.reactive import Endpoint


class ForeignPeers(Endpoint):
    def publish(self, **values):
        for relation in self.relations:
            relation.to_publish_raw.update(values)

    def publish_app(self, **values):
        for relation in self.relations:
            relation.to_publish_app_raw.update(values)

    def numbers(self):
        found = [unit.received_raw['number'] for unit in self.all_joined_units]
        return sorted(number for number in found if number)

    def app_value(self, key):
        for relation in self.relations:
            # A peer reads its own application's data where it published them, too.
            value = relation.received_app_raw[key] or relation.to_publish_app_raw.get(key)
            if value:
                return value
