use parallelize::parallel;

#[parallel(each(y))]
fn absent(x: u64, y: &mut u64) -> u64 {
    x + *y
}

#[parallel(each(y = x + 1))]
fn value(x: u64, y: u64) -> u64 {
    x + y
}

#[parallel(each(y = |i, j| i + j))]
fn two(x: u64, y: u64) -> u64 {
    x + y
}

#[parallel(each(z = |i| i))]
fn other(x: u64, y: u64) -> u64 {
    x + y
}

#[parallel(each(y = |i| i), local(y = 1))]
fn twice(x: u64, y: &mut usize) -> usize {
    *y
}

fn main() {}
