use parallelize::parallel;

trait Unit: Sync {
    fn name(&self) -> &str;
}

#[parallel(cluster)]
fn f(x: u64, unit: &dyn Unit) -> String {
    format!("{x} {}", unit.name())
}

fn main() {}
