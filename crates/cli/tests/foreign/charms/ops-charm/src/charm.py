"""A charm written with ops. What it meets it writes to /var/log/foreign, one line an event."""

import pathlib

import ops

LABEL = 'shared'


class OpsCharm(ops.CharmBase):
    stored = ops.StoredState()

    def __init__(self, framework):
        super().__init__(framework)
        self.stored.set_default(events=0)
        for event in [
            self.on.install, self.on.leader_elected, self.on.config_changed, self.on.start, self.on.update_status,
            self.on.upgrade_charm, self.on.stop, self.on.remove, self.on.secret_changed, self.on.secret_remove,
            self.on.cluster_relation_created, self.on.cluster_relation_joined, self.on.cluster_relation_changed,
            self.on.cluster_relation_departed,
        ]:
            framework.observe(event, self.met)
        framework.observe(self.on.greet_action, self.greet)
        framework.observe(self.on.refuse_action, self.refuse)
        framework.observe(self.on.rotate_action, self.rotate)

    def met(self, event):
        self.stored.events += 1
        self.write_down(event)
        relation = self.model.get_relation('cluster')
        if isinstance(event, ops.SecretRemoveEvent):
            event.secret.remove_revision(event.revision)
        if isinstance(event, ops.SecretChangedEvent):
            event.secret.get_content(refresh=True)
        # While the unit is torn down there is nothing to bring up to date.
        if isinstance(event, (ops.StopEvent, ops.RemoveEvent)) or relation is None or relation.app is None:
            return
        relation.data[self.unit]['number'] = self.unit.name.split('/')[1]
        if self.unit.is_leader():
            self.lead(relation)
        secret = relation.data[self.app].get('secret')
        if secret:
            content = self.model.get_secret(id=secret).get_content(refresh=True)
            pathlib.Path('/etc/foreign-secret').write_text(content['password'])
        if token := relation.data[self.app].get('token'):
            pathlib.Path('/etc/foreign-token').write_text(token)
        others = sorted(relation.data[unit]['number'] for unit in relation.units if 'number' in relation.data[unit])
        self.unit.status = ops.ActiveStatus('port {}, motto {}, others {}'.format(
            self.config['port'], self.config.get('motto', '-'), ' '.join(others) or '-'))

    def lead(self, relation):
        data = relation.data[self.app]
        if 'token' not in data:
            data['token'] = 'made by {}'.format(self.unit.name)
        if 'secret' not in data:
            secret = self.app.add_secret({'password': 'first'}, label=LABEL)
            data['secret'] = secret.id or secret.get_info().id
        self.app.status = ops.ActiveStatus('led by {}'.format(self.unit.name))
        self.unit.set_workload_version(pathlib.Path('version').read_text().strip())

    def write_down(self, event):
        details = [event.handle.kind]
        if isinstance(event, ops.RelationEvent):
            details.append(event.unit.name if event.unit else event.app.name)
        if isinstance(event, ops.RelationDepartedEvent):
            details.append(event.departing_unit.name)
        if isinstance(event, ops.SecretEvent):
            details.append(event.secret.label or '-')
        details += ['leads' if self.unit.is_leader() else 'follows', 'events={}'.format(self.stored.events)]
        with open('/var/log/foreign', 'a') as log:
            log.write(' '.join(details) + '\n')

    def greet(self, event):
        event.log('about to greet')
        event.set_results({'greeting': 'hello {}'.format(event.params['name']), 'of': {'unit': self.unit.name}})

    def refuse(self, event):
        event.fail('not today')

    def rotate(self, event):
        self.model.get_secret(label=LABEL).set_content({'password': 'second'})


if __name__ == '__main__':
    ops.main(OpsCharm)
