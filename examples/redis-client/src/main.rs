ensign::main!(layer_status, layer_apt, interface_redis, redis_client);
