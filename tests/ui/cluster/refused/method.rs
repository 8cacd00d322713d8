use parallelize::parallel;

struct Model(u64);

impl Model {
    #[parallel(cluster)]
    fn add(&self, x: u64) -> u64 {
        x + self.0
    }

    #[parallel(cluster)]
    fn new(x: u64) -> Self {
        Self(x)
    }
}

trait Shape {
    #[parallel(cluster)]
    fn area(&self, scale: f64) -> f64;
}

fn main() {}
