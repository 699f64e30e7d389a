#!/bin/bash
source charms.reactive.sh

@when 'noticeboard.ready'
@when_not 'motd.written'
function write_motd() {
    config-get motd > "$CHARM_DIR/notice.txt"
    set_flag 'motd.written'
}

reactive_handler_main
