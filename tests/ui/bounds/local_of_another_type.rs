use parallelize::parallel;

#[parallel(local(buffer = 1))]
fn f(x: u64, buffer: &mut String) -> u64 {
    x + buffer.len() as u64
}

fn main() {}
