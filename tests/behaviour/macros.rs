//! Functions that a `macro_rules!` defines.

use parallelize::parallel;

macro_rules! whole {
    ($($name:ident: $ty:ty),*) => {
        $(
            #[parallel]
            fn $name(x: $ty, k: &$ty) -> $ty {
                let local = x;
                local + *k
            }
        )*
    };
}

whole!(add_int: i64, add_float: f64);

macro_rules! in_an_impl {
    ($ty:ident, $($name:ident $k:expr),*) => {
        struct $ty;

        impl $ty {
            $(
                #[parallel]
                fn $name(x: u64) -> u64 {
                    x + $k
                }
            )*

            #[parallel]
            fn method(&self, text: &str) -> usize {
                text.len()
            }
        }
    };
}

in_an_impl!(Numbers, one 1, two 2);

macro_rules! pass_through {
    ($($item:item)*) => { $($item)* };
}

pass_through! {
    #[parallel]
    fn passed(text: &str, mut count: usize) -> &str {
        count += 1;
        &text[count..]
    }

    struct Passed;

    impl Passed {
        #[parallel]
        fn associated(x: u64) -> u64 {
            x + 1
        }
    }
}

macro_rules! with_parts {
    ($vis:vis $name:ident($arg:ident: $ty:ty, $pat:pat_param) -> $out:ty $body:block) => {
        #[parallel(over($arg))]
        $vis fn $name($pat: (u8, u8), $arg: $ty) -> $out $body
    };
}

with_parts!(pub(crate) parts(text: &str, (a, _)) -> &str { &text[usize::from(a)..] });

#[test]
fn companions_of_functions_from_macros_agree() {
    assert_eq!(add_int_parallel([1, 2], &1), [2, 3]);
    assert_eq!(add_float_parallel([1.0, 2.0], &1.0), [2.0, 3.0]);
    assert_eq!(Numbers::one_parallel([1]), [2]);
    assert_eq!(Numbers::two_parallel([1]), [3]);
    assert_eq!(Numbers.method_parallel(["a"]), [1]);
    assert_eq!(passed_parallel(["abc"], 1), ["c"]);
    assert_eq!(Passed::associated_parallel([1]), [2]);
    assert_eq!(parts_parallel((1, 2), ["abc"]), ["bc"]);
}
