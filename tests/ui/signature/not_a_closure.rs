use parallelize::parallel;

fn f() {
    #[parallel]
    let f = |x: u64| x;
    f(1);
}

fn main() {}
