ensign::main!(password);
