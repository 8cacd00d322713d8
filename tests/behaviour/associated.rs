//! Functions without `self`. Where they stand decides how they are called.

use parallelize::parallel;

struct Circle {
    radius: f64,
}

// { "impl Circle {" in a comment or a string is not an impl: '{'
const _NOISE: &str = "impl Nothing { '";

#[parallel]
fn area(radius: f64, pi: f64) -> f64 {
    -(radius * pi)
}

impl Circle {
    #[parallel]
    fn area(radius: f64, pi: f64) -> f64 {
        radius * radius * pi
    }

    #[parallel]
    fn new(radius: f64) -> Self {
        Self { radius }
    }

    #[parallel]
    fn try_new(radius: f64) -> Option<Self> {
        (radius > 0.0).then_some(Self { radius })
    }

    #[parallel]
    fn unit(scale: f64) -> f64 {
        Self::new(scale).radius
    }

    fn nested() -> Vec<f64> {
        #[parallel]
        fn double(x: f64) -> f64 {
            x * 2.0
        }
        double_parallel([1.0, 2.0])
    }
}

struct Wrapper<T>(T);

impl<T: Clone> Wrapper<T> {
    #[parallel]
    fn twice(value: T, count: &usize) -> Vec<T> {
        vec![value; *count]
    }

    #[parallel]
    fn wrap(value: T) -> Self {
        Self(value)
    }
}

impl<I> Wrapper<I> {
    #[parallel]
    fn same(value: u8) -> u8 {
        value
    }
}

mod inner {
    impl super::Circle {
        #[parallelize::parallel]
        pub(super) const fn half(x: u64) -> u64 {
            x / 2
        }
    }
}

#[test]
fn a_function_in_a_module_has_a_companion() {
    assert_eq!(area_parallel([1.0, 2.0], 3.0), [-3.0, -6.0]);
}

#[test]
fn associated_functions_have_companions() {
    assert_eq!(Circle::area_parallel([1.0, 2.0], 3.0), [3.0, 12.0]);
    assert_eq!(Circle::new_parallel([1.0])[0].radius, 1.0);
    assert_eq!(
        Circle::try_new_parallel([1.0, -1.0])
            .iter()
            .flatten()
            .count(),
        1
    );
    assert_eq!(Circle::unit_parallel([1.0, 2.0]), [1.0, 2.0]);
    assert_eq!(Circle::half_parallel(0..4), [0, 0, 1, 1]);
}

#[test]
fn associated_functions_of_a_generic_type_have_companions() {
    assert_eq!(Wrapper::twice_parallel([1, 2], &2), [[1, 1], [2, 2]]);
    assert_eq!(Wrapper::wrap_parallel(["a"])[0].0, "a");
    assert_eq!(Wrapper::<u8>::same_parallel(0..2), [0, 1]);
}

#[test]
fn a_function_in_a_function_has_a_companion() {
    assert_eq!(Circle::nested(), [2.0, 4.0]);

    #[parallel]
    fn triple(x: u64) -> u64 {
        x * 3
    }
    assert_eq!(triple_parallel(0..3), [0, 3, 6]);
}
