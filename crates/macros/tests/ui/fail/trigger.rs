ensign::trigger!();
ensign::trigger!(set = "b");
ensign::trigger!(when = "a");
ensign::trigger!(when = "a", when_not = "b", set = "c");
ensign::trigger!(when = "a", when = "b", set = "c");
ensign::trigger!(when = "a b", set = "c d");
ensign::trigger!(whn = "a", set = "b");
ensign::trigger!(on = "a", set = "b");
ensign::trigger!(when = "a", set_flag = "b");
ensign::trigger!(when = "a", callback = f);
ensign::trigger!(when = "a", set = ["b", "c"]);
ensign::trigger!("a", "b");
ensign::trigger!(when "a");
ensign::trigger!(when = 1, set = "b");

fn main() {}
