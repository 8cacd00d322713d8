use parallelize::parallel;

struct Model;

impl Model {
    #[parallel]
    fn f(&self) -> u64 {
        1
    }
}

fn main() {}
