use std::borrow::Cow;

use parallelize::parallel;

#[parallel]
fn trimmed(text: Cow<'text, str>) -> String {
    text.trim().to_owned()
}

fn main() {}
