//! `lxd-profile.yaml`: what LXD gives to the charm's machines.

use crate::yaml::{Node, Reader};

/// Reads and checks the file.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) {
    for entry in reader.entries(node, "lxd-profile") {
        match entry.key.name() {
            "description" => drop(reader.text(&entry.node, "description")),
            "config" => {
                for option in reader.entries(&entry.node, "config") {
                    let name = option.key.name();
                    reader.text(&option.node, &format!("config.{name}"));
                    if ["boot", "limits", "migration"]
                        .iter()
                        .any(|start| name.starts_with(start))
                    {
                        let message = format!("Juju refuses `{name}` in an LXD profile");
                        reader.error(
                            option.key.place,
                            message,
                            "remove it: Juju decides that itself",
                        );
                    }
                }
            }
            "devices" => devices(&entry.node, reader),
            _ => {}
        }
    }
}

fn devices(node: &Node, reader: &mut Reader<'_>) {
    for device in reader.entries(node, "devices") {
        let path = format!("devices.{}", device.key.name());
        for field in reader.entries(&device.node, &path) {
            let path = format!("{path}.{}", field.key.name());
            if field.key.name() == "type" {
                reader.choice(
                    &field.node,
                    &path,
                    &["unix-char", "unix-block", "gpu", "usb"],
                );
            } else {
                reader.text(&field.node, &path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn profiles_follow_jujus_rules() {
        let good = "config: {security.nesting: 'true'}\ndevices: {tun: {path: /dev/net/tun, type: unix-char}}\n";
        assert_eq!(found("lxd-profile.yaml", good), [""; 0]);
        let bad = "config:\n  boot.autostart: 'true'\n  x: 1\ndevices: {eth: {type: nic}}\n";
        assert_eq!(
            found("lxd-profile.yaml", bad),
            [
                "2 Juju refuses `boot.autostart` in an LXD profile",
                "3 `config.x` must be a text, found the number 1",
                "4 `devices.eth.type` cannot be \"nic\"",
            ]
        );
    }
}
