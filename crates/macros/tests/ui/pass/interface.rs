use ensign::prelude::*;

mod provides {
    use ensign::prelude::*;

    const INTERFACE: Interface = Interface::provides("redis");
    const READY: Flag = Flag::new("{endpoint_name}.ready");

    #[when("endpoint.{endpoint_name}.joined")]
    #[when_not(READY)]
    fn publish(ctx: &mut Context, redis: Endpoint) -> Result {
        redis.publish(ctx, [("port", "6379")])?;
        ctx.set_flag(redis.expand_name(READY.name()))
    }

    #[hook("{endpoint_name}-relation-broken")]
    fn broken(_ctx: &mut Context, _redis: ensign::Endpoint) {}

    #[when_changed(endpoint = "{endpoint_name}.host")]
    fn changed(redis: Endpoint) {
        let _ = redis.name();
    }

    trigger!(when_not = "endpoint.{endpoint_name}.joined", clear = "{endpoint_name}.ready");

    pub mod deeper {
        use super::INTERFACE;
        use ensign::prelude::*;

        #[when("{endpoint_name}.ready")]
        fn ready() {}
    }
}

const JOINED: Flag = Flag::new("endpoint.db.joined");

#[when(JOINED)]
fn joined(ctx: &mut Context) -> Result {
    ctx.endpoint("db")?.is_joined(ctx).map(|_| ())
}

fn main() {}
