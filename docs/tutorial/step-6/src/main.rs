ensign::main!(layer_status, layer_apt, layer_service, interface_redis, redis_tutorial);
