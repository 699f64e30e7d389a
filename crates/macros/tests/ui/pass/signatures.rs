use ensign::prelude::*;

#[derive(Clone)]
struct Port(u16);

impl FromContext for Port {
    fn from_context(_ctx: &mut Context) -> Result<Self> {
        Ok(Port(80))
    }
}

#[when("a")]
fn nothing() {}

#[when("a")]
fn unit() -> () {}

#[when("a")]
fn context(_ctx: &mut Context) -> Result {
    Ok(())
}

#[when("a")]
fn by_path(_: &mut ensign::Context) -> std::result::Result<(), ensign::Error> {
    Ok(())
}

#[when("a")]
fn reads_only(_ctx: &Context) {}

#[when("a")]
fn lifetime<'a>(_ctx: &'a mut Context) -> ensign::Result<()>
where
    'a: 'a,
{
    Ok(())
}

#[when("a")]
pub(crate) fn arguments(_ctx: &mut Context, Port(_port): Port, _hook: Hook) -> Result<Outcome> {
    Ok(Stop)
}

#[when("a")]
fn only_arguments(_hook: Hook, mut _port: Port) -> Result {
    Ok(())
}

#[when("a")]
const extern "C" fn qualified() {}

fn main() {
    // Handlers stay ordinary functions.
    nothing();
    only_arguments(Hook::named("install"), Port(1)).ok();
}
