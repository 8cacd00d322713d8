//! The attribute `#[parallel]` of [`parallelize`](https://docs.rs/parallelize). Use that crate: it
//! re-exports the attribute, and has what the generated code calls.
//!
//! The stages: the attribute becomes `Options`, the function a `Signature`, both are checked,
//! and `companion` generates code from them. Each stage uses those before it.
#![forbid(unsafe_code)]

mod check;
mod companion;
mod errors;
mod expand;
mod fallback;
mod options;
mod signature;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod stress;

use expand::expand;

// Documented here, since editors show this and not what stands at a re-export. The page is that of
// the facade, and the links lead there. They are written out, since rustdoc resolves no other links
// where a macro is re-exported.
/// Gives a function a companion that runs it on all cores: `f_parallel` beside `f`.
///
/// ```
/// use parallelize::parallel;
///
/// #[parallel]
/// fn power(base: u64, exponent: u32) -> u64 {
///     base.pow(exponent)
/// }
///
/// // The function stays as it is. Its companion runs it for each item.
/// assert_eq!(power(3, 2), 9);
/// assert_eq!(power_parallel(0..5, 2), [0, 1, 4, 9, 16]);
/// ```
///
/// One argument varies: by default the first that is not `self`. In its place, the companion takes
/// anything that implements [`IntoIterator`] over such values: the items. It takes the other
/// arguments once, as the function does: the constants. It returns the results in the order of the
/// items, or nothing if the function returns nothing.
///
/// Where the function takes a `&str`, a `&Path`, an `&OsStr`, a `&CStr` or a slice, an item may
/// also be a reference to what owns one, as in a loop over `&words`: a `&String`, a `&PathBuf`, a
/// `&Vec<T>` or an array.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel]
/// fn vowels(word: &str) -> usize {
///     word.chars().filter(|letter| "aeiou".contains(*letter)).count()
/// }
///
/// let words: Vec<String> = vec!["queue".to_owned(), "rhythm".to_owned()];
/// assert_eq!(vowels_parallel(&words), [4, 0]);
/// assert_eq!(vowels_parallel(["sequoia"]), [5]);
/// ```
///
/// So the function alone does not determine the type of an item: write `.map(String::as_str)` where
/// the compiler cannot tell what `.map(AsRef::as_ref)` gives.
///
/// A constant behind a reference is shared by all calls of the function. An owned constant is
/// cloned for each of them, as in a plain loop.
///
/// # The job
///
/// A second companion, `f_job`, takes the same arguments and returns a [`Job`]: the work before it
/// runs. Methods of the job set how it runs, for example on how many threads. A job owns the
/// arguments that the function owns, so it can be returned or moved to another thread.
///
/// ```
/// use parallelize::parallel;
///
/// #[parallel]
/// fn parse(text: &str, radix: u32) -> Result<u32, std::num::ParseIntError> {
///     u32::from_str_radix(text, radix)
/// }
///
/// let job = parse_job(["1", "ff", "what"], 16).threads(2);
/// let failure = job.try_collect().unwrap_err();
/// assert_eq!(failure.index, 2);
/// ```
///
/// A job can stream its results while they are computed. It can keep the other results if an item
/// panics. It can show its progress, and report what parallelism gained. [`Job`] lists all of this.
/// `skip_none` and `fail_fast` change what `f_parallel` returns; the results of a job are what the
/// function returns.
///
/// # Where it goes
///
/// The attribute goes on:
///
/// - free functions, in modules and inside other functions;
/// - associated functions and methods;
/// - methods in a trait, with or without a body. The companion then works for every type that
///   implements the trait.
///
/// The companion has the visibility, the generics and the `cfg`s of the function. It is a function
/// of its own: `pub use shapes::area` does not bring `area_parallel`, and `pub use shapes::{area,
/// area_parallel}` does.
///
/// ```
/// use parallelize::parallel;
///
/// struct Model {
///     words: Vec<String>,
/// }
///
/// impl Model {
///     #[parallel]
///     fn find(&self, prefix: &str) -> Option<&str> {
///         let mut words = self.words.iter().map(String::as_str);
///         words.find(|word| word.starts_with(prefix))
///     }
/// }
///
/// let model = Model { words: vec!["alpha".to_owned(), "beta".to_owned()] };
/// assert_eq!(model.find_parallel(["b", "c"]), [Some("beta"), None]);
/// ```
///
/// Items and results must be [`Send`], and constants must be [`Sync`]. Where that depends on a type
/// parameter, the companion has a bound for it. Where it does not hold, the compiler points at the
/// argument. A type that hides a lifetime, as in `token: Token`, must show it: `Token<'_>`.
///
/// # Options
///
/// Options stand in parentheses, separated by commas: `#[parallel(zip(a, b), fail_fast)]`.
///
/// ## `over(x)`
///
/// Sets the argument that varies. `over(self)` runs a method for many values of its type:
///
/// ```
/// # use parallelize::parallel;
/// struct Circle(f64);
///
/// impl Circle {
///     #[parallel(over(self))]
///     fn area(&self, pi: f64) -> f64 {
///         self.0 * self.0 * pi
///     }
/// }
///
/// let circles = [Circle(1.0), Circle(2.0)];
/// assert_eq!(Circle::area_parallel(&circles, 3.0), [3.0, 12.0]);
/// ```
///
/// ## `zip(a, b, ..)`
///
/// Sets several arguments that vary together, item by item. If one has more items than another, the
/// companion panics and names both. It panics before the first call of the function if the lengths
/// are known, and otherwise when the shorter one ends.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(zip(price, amount))]
/// fn cost(price: u64, amount: u64, tax: u64) -> u64 {
///     price * amount + tax
/// }
///
/// assert_eq!(cost_parallel([2, 3], [10, 20], 1), [21, 61]);
/// ```
///
/// ## `grid(a, b, ..)`
///
/// Runs the function for every combination of several arguments. The last one varies fastest. Items
/// of all arguments but the last are cloned. The last argument is iterated once for each
/// combination of the others, so its iterator must be [`Clone`].
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(grid(base, exponent))]
/// fn power(base: u64, exponent: u32) -> u64 {
///     base.pow(exponent)
/// }
///
/// assert_eq!(power_parallel([2, 3], 1..=3), [2, 4, 8, 3, 9, 27]);
/// ```
///
/// ## `local(buffer = expr, ..)`
///
/// Gives each worker, a thread that takes part in the call, its own value for an argument behind
/// `&mut`. `expr` makes the value, at most once per worker and call, and may use the constants. The
/// companion has no such argument. A constant that only `expr` uses begins with an underscore in
/// the function, so that the compiler does not miss its use there: `_size`, where `expr` says
/// `size`.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(local(sorted = Vec::with_capacity(size)))]
/// fn median(samples: &[u32], sorted: &mut Vec<u32>, _size: usize) -> u32 {
///     sorted.clear();
///     sorted.extend_from_slice(samples);
///     sorted.sort_unstable();
///     sorted[sorted.len() / 2]
/// }
///
/// let days = [vec![3, 1, 2], vec![9, 7, 8]];
/// assert_eq!(median_parallel(&days, 3), [2, 8]);
/// ```
///
/// Which items a worker takes depends on timing. So the function must not depend on what earlier
/// items left in the value: only then are the results those of the plain loop. A generator of
/// random numbers is no such value. Every worker would begin with the same seed and draw the same
/// numbers, so that even the mean of many results depends on the number of threads. It belongs in
/// `each`. The compiler warns of a generator with a fixed seed, unless `#[allow(deprecated)]`
/// stands at the function.
///
/// A result that borrows from the value cannot leave its thread. Since edition 2024, an `impl
/// Trait` borrows from all arguments, unless `use<..>` says from which: `impl Display + use<>`.
///
/// ## `each(rng = |index| expr, ..)`
///
/// Makes an argument anew for every item. `index` is the position of the item in the call, from 0.
/// `expr` may use the constants. The argument has any type, or is a reference to it: `&mut T`, `T`.
/// The companion has no such argument. A constant that only `expr` uses begins with an underscore
/// in the function, so that the compiler does not miss its use there. An owned constant that `expr`
/// uses is cloned once more for each item.
///
/// This is for random numbers: item 17 has the same ones in any call with the same seed, whatever
/// thread computes it, and whether or not others are computed before.
/// [`seed`] mixes a seed of the call and the position into one for a generator.
///
/// ```
/// # use parallelize::parallel;
/// use fastrand::Rng;
///
/// #[parallel(each(rng = |index| Rng::with_seed(parallelize::seed(seed, index))))]
/// fn noisy(x: f64, rng: &mut Rng, _seed: u64) -> f64 {
///     x + rng.f64()
/// }
///
/// let all = noisy_parallel([1.0; 100], 7);
/// assert_eq!(all, noisy_parallel([1.0; 100], 7));
/// assert_ne!(all[0], all[1]);
/// // As in a loop that makes a generator for each item:
/// let mut rng = Rng::with_seed(parallelize::seed(7, 17));
/// assert_eq!(all[17], noisy(1.0, &mut rng, 7));
/// ```
///
/// Closures have no such option. Give them the positions as items: `job(items.enumerate(), ..)`.
///
/// ## `threads = n`
///
/// Sets how many threads run the call, including the calling thread. Work that waits, for example
/// for a network, runs faster on more threads than there are cores. Without this option, the call
/// runs on the threads of the surrounding rayon pool.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(threads = 16)]
/// fn fetch(address: &str) -> usize {
///     // .. which mostly waits
///     address.len()
/// }
///
/// assert_eq!(fetch_parallel(["a", "bc"]), [1, 2]);
/// ```
///
/// ## `skip_none`
///
/// For a function that returns an [`Option`]: the companion returns the values, and leaves out each
/// `None`.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(skip_none)]
/// fn number(line: &str) -> Option<u32> {
///     line.trim().parse().ok()
/// }
///
/// assert_eq!(number_parallel(["7", "seven", " 8"]), [7, 8]);
/// ```
///
/// ## `fail_fast`
///
/// For a function that returns a [`Result`]: the companion returns all values, or the error with
/// the lowest index, as a plain loop would. Once an error is known, no item behind it starts. With
/// `skip_none` as well, the function returns an `Option` inside the `Result`.
///
/// ```
/// # use parallelize::parallel;
/// use std::num::ParseIntError;
///
/// #[parallel(fail_fast)]
/// fn parse(text: &str) -> Result<i32, ParseIntError> {
///     text.parse()
/// }
///
/// assert_eq!(parse_parallel(["1", "2"]), Ok(vec![1, 2]));
/// assert!(parse_parallel(["1", "two"]).is_err());
/// ```
///
/// ## `cluster`
///
/// Runs the call on all ranks of a cluster, if
/// [`parallelize-mpi`](https://docs.rs/parallelize-mpi) has made the program part of one.
/// Otherwise, the option changes nothing. It needs the cargo feature `cluster`.
///
/// ```
/// # #[cfg(feature = "cluster")]
/// # {
/// # use parallelize::parallel;
/// #[parallel(cluster)]
/// fn scaled(x: f64, factors: &[f64]) -> f64 {
///     factors.iter().fold(x, |x, factor| x * factor)
/// }
///
/// assert_eq!(scaled_parallel([1.0, 2.0], &[3.0, 4.0]), [12.0, 24.0]);
/// assert_eq!(scaled_job([1.0, 2.0], &[3.0]).local().collect(), [3.0, 6.0]);
/// # }
/// ```
///
/// [serde](https://serde.rs) encodes items, constants and results, so their types derive
/// `Serialize` and `Deserialize`. The constants are sent once for each call. A constant behind a
/// reference arrives as a type that owns it: a `&str` as a `String`, a `&[T]` as a `Vec<T>`. A
/// result cannot borrow, and neither can the value of a `local`.
///
/// Other machines know a function by its path, without types. A generic function or a method
/// therefore needs a wrapper: a free function with concrete types that calls it. `threads = n`
/// means `n` threads on each machine. `threads = 1` runs the plain loop on this machine.
///
/// ## `name = ident`
///
/// Sets the name of the companion, instead of `f_parallel`. The job keeps its name.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(name = areas)]
/// fn area(radius: f64, pi: f64) -> f64 {
///     radius * radius * pi
/// }
///
/// assert_eq!(areas([1.0, 2.0], 3.0), [3.0, 12.0]);
/// assert_eq!(area_job([1.0, 2.0], 3.0).sum::<f64>(), 15.0);
/// ```
///
/// ## `crate = path`
///
/// Sets where this crate is, if it is not `::parallelize`: another crate re-exports it, as in
/// `crate = ::other::parallelize`, or `Cargo.toml` gives it another name, as in
/// `par = { package = "parallelize", .. }`. The path is absolute.
///
/// ```
/// # extern crate parallelize as par;
/// use par::parallel;
///
/// #[parallel(crate = ::par)]
/// fn volume(side: f64) -> f64 {
///     side.powi(3)
/// }
/// # fn main() {
///
/// assert_eq!(volume_parallel([1.0, 2.0]), [1.0, 8.0]);
/// # }
/// ```
///
/// # What is refused
///
/// These are refused, with an error that says what to do instead:
///
/// - a function without arguments;
/// - `&mut self`, and `&mut` arguments that are neither `local` nor `each`;
/// - `async` and variadic functions;
/// - methods in the `impl` of a trait: annotate the method in the trait;
/// - with `cluster`, what another machine cannot know: generic types, `Self`, and what a reference
///   inside a value refers to.
///
/// Values that threads cannot share do not compile:
///
/// ```compile_fail,E0277
/// # use parallelize::parallel;
/// use std::cell::Cell;
///
/// #[parallel]
/// fn count(x: u64, calls: &Cell<u64>) -> u64 {
///     calls.set(calls.get() + 1);
///     x
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use parallelize::parallel;
/// use std::rc::Rc;
///
/// #[parallel]
/// fn share(x: u64) -> Rc<u64> {
///     Rc::new(x)
/// }
/// ```
///
/// # Panics
///
/// A companion panics if the function panics for an item; the message names the lowest one:
/// `item 17: ..`. The plain loop panics for the same item.
///
/// [`Clone`]: https://doc.rust-lang.org/std/clone/trait.Clone.html
/// [`IntoIterator`]: https://doc.rust-lang.org/std/iter/trait.IntoIterator.html
/// [`Job`]: https://docs.rs/parallelize/latest/parallelize/struct.Job.html
/// [`Option`]: https://doc.rust-lang.org/std/option/enum.Option.html
/// [`Result`]: https://doc.rust-lang.org/std/result/enum.Result.html
/// [`Send`]: https://doc.rust-lang.org/std/marker/trait.Send.html
/// [`Sync`]: https://doc.rust-lang.org/std/marker/trait.Sync.html
/// [`seed`]: https://docs.rs/parallelize/latest/parallelize/fn.seed.html
#[proc_macro_attribute]
pub fn parallel(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let item = item.into();
    expand(args.into(), &item).into()
}
