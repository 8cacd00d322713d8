use parallelize::parallel;

unsafe extern "C" {
    #[parallel]
    safe fn abs(x: i32) -> i32;
}

fn main() {}
