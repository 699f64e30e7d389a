ensign::main!(
    layer_status,
    layer_apt,
    interface_redis,
    interface_redis_cluster,
    redis
);
