use parallelize::parallel;

#[parallel]
fn apply<T>(x: T, function: &dyn Fn(T) -> T) -> T {
    function(x)
}

fn main() {
    let offset = 1;
    apply_parallel([1, 2], &|x| x + offset);
}
