//! A charm for the tests of external handlers.

ensign::main!(bash_charm);
