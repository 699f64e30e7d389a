//! Handlers in Rust beside those in bash. Each waits for a flag that only its own tests set.

use ensign::prelude::*;

// Only its scripts name endpoints.
ensign::endpoints!();

/// Runs before any script: executables come last in an iteration.
#[when("rust.clears")]
fn clears(ctx: &mut Context) -> Result {
    ctx.clear_flag("rust.clears")?;
    ctx.clear_flag("wanted")
}

#[when("rust.sets")]
#[when_not("unwanted")]
fn sets(ctx: &mut Context) -> Result {
    ctx.set_flag("unwanted")
}

#[when("from.bash")]
fn follows(ctx: &mut Context) -> Result {
    ctx.set_flag("rust.saw.bash")
}

/// Fails in the iteration after the one in which a script set the flag.
#[when("from.bash", "rust.fails")]
fn fails(_ctx: &mut Context) -> Result {
    Err(Error::new(ErrorKind::Other, "as the test wants it"))
}

#[when("rust.without.environment")]
fn calls_without_environment(ctx: &mut Context) -> Result {
    ctx.clear_flag("rust.without.environment")?;
    let command = ctx.env().charm_dir.join("bin/charms.reactive");
    let output = ctx.command(command).args(["set_flag", "lost"]).wait()?;
    ctx.kv()
        .set("said", &String::from_utf8_lossy(&output.stderr))?;
    Ok(())
}
