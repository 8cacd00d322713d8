use parallelize::parallel;

#[parallel]
fn f(x: u64, function: &dyn Fn(u64) -> u64) -> u64 {
    function(x)
}

fn main() {}
