//! Sums of numbers, which a process may compute for another one.

#[cfg(feature = "cluster")]
use std::{
    any::{Any, TypeId},
    iter,
};

/// The number of consecutive results that are added from left to right. Their sums are added
/// pairwise.
pub(crate) const LEAF: usize = 64;

#[cfg(feature = "cluster")]
macro_rules! numbers {
    ($($number:ty)+) => {
        /// Returns whether `R` and `S` are one type of number. Its sums are those of any process.
        pub(crate) fn are_same_numbers<R, S>() -> bool {
            let result = typeid::of::<R>();
            result == typeid::of::<S>() && [$(TypeId::of::<$number>()),+].contains(&result)
        }

        /// Returns what adds two results if they are numbers.
        pub(crate) fn adder<R: 'static>() -> Option<fn(R, R) -> R> {
            $(
                let add: fn($number, $number) -> $number =
                    |left, right| iter::once(left).chain(iter::once(right)).sum();
                if let Some(add) = (&add as &dyn Any).downcast_ref::<fn(R, R) -> R>() {
                    return Some(*add);
                }
            )+
            None
        }
    };
}

#[cfg(feature = "cluster")]
numbers!(f32 f64 u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
