use parallelize::parallel;

#[parallel(each(y = |i| i.to_string()))]
fn f(x: u64, y: &mut u64) -> u64 {
    x + *y
}

fn main() {}
