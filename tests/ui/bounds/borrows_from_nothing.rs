use parallelize::parallel;

#[parallel]
fn name(number: u8) -> &str {
    if number == 1 { "one" } else { "many" }
}

fn main() {}
