use parallelize::parallel;

struct Circle(f64);

impl From<f64> for Circle {
    #[parallel]
    fn from(radius: f64) -> Self {
        Self(radius)
    }
}

fn main() {}
