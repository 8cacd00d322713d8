use parallelize::parallel;

struct Model(u64);

impl Model {
    #[parallel]
    fn f(self: &mut Self, x: u64) {
        self.0 += x;
    }
}

fn main() {}
