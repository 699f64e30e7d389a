#!/bin/bash
source charms.reactive.sh

@when 'noticeboard.ready'
@when_not 'motd.written'
function write_motd() {
    render_template motd.j2 "$CHARM_DIR/notice.txt" "at=$(date +%Y)" --mode=0640
    set_flag 'motd.written'
}

reactive_handler_main
