ensign::main!(layer_status, layer_apt, layer_service, redis_tutorial);
