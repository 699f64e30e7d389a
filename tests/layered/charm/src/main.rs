//! A charm of several layers.

ensign::main!(interface_notice, layer_templates, layer_noticeboard, board);
