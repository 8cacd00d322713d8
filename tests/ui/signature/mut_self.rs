use parallelize::parallel;

struct Model(u64);

impl Model {
    #[parallel]
    fn f(&mut self, x: u64) {
        self.0 += x;
    }
}

fn main() {}
