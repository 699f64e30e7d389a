use ensign::prelude::*;

// Nothing says whose endpoints are meant.
#[when("endpoint.{endpoint_name}.joined")]
fn no_interface() {}

trigger!(when = "endpoint.{endpoint_name}.joined", set = "a");

mod another_type {
    use ensign::prelude::*;

    const INTERFACE: &str = "redis";

    #[when_changed(endpoint = "{endpoint_name}.host")]
    fn changed() {}
}

mod constants {
    use ensign::prelude::*;

    const READY: Flag = Flag::new("{endpoint_name}.ready");

    #[when(READY)]
    fn by_constant() {}

    trigger!(when = READY, set = "a");
}

fn main() {}
