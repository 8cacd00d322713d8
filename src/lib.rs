#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

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
/// // The function is untouched, and the companion is the loop over it.
/// assert_eq!(power(3, 2), 9);
/// assert_eq!(power_parallel(0..5, 2), [0, 1, 4, 9, 16]);
/// ```
///
/// One argument varies: the first that is not `self`, unless told otherwise. The companion takes anything that iterates
/// over its values, and the other arguments once, as the function does. It gives the results in the order of the items,
/// or nothing if the function returns nothing.
///
/// A constant behind a reference is shared by all calls. An owned one is cloned for each, as a loop would have to.
///
/// # The job
///
/// A second companion, `f_job`, takes the same arguments and gives a [`Job`]: the work, before it runs. It can be told
/// more, as on how many threads to run, and can leave the place where it was made, since it owns what the function owns.
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
/// Its results can be streamed while they are computed, a bad item need not spoil the others, and it shows how far it
/// has come and what it gained: [`Job`] has the list. It gives the results as the function does, whatever `skip_none`
/// and `fail_fast` make of them in `f_parallel`.
///
/// # Where it goes
///
/// On free functions, in modules and inside of other functions; on associated functions and methods; on the methods of a
/// trait, with or without a body, where the companion works for every type that has the trait. The companion has the
/// visibility, the generics and the `cfg`s of the function.
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
/// Items and results have to be [`Send`], constants [`Sync`]. Where that depends on a type parameter, the companion asks
/// for it in a bound; where it does not hold, the compiler points at the argument. Where a type hides a lifetime, as in
/// `token: Token`, it has to show as `Token<'_>`.
///
/// # Options
///
/// They stand in parentheses, with commas between them: `#[parallel(zip(a, b), fail_fast)]`.
///
/// ## `over(x)`
///
/// The argument that varies. `over(self)` runs a method over many values of its type:
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
/// These vary together, item by item. If one has more items than another, the companion panics and names both: before
/// the first call if the lengths are known, and otherwise where the shorter one ends.
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
/// Every combination, the last varying fastest. Items of all but the last are cloned; the last is gone through once for
/// every combination of the others, so that its iterator has to be [`Clone`].
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(grid(x, y))]
/// fn point(x: i32, y: i32) -> (i32, i32) {
///     (x, y)
/// }
///
/// assert_eq!(point_parallel(0..2, [5, 6]), [(0, 5), (0, 6), (1, 5), (1, 6)]);
/// ```
///
/// ## `local(buffer = expr, ..)`
///
/// An argument behind `&mut` that each worker has its own of, made by `expr` at most once per worker and call. The
/// expression may use the constants. The companion has no such argument.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(local(buffer = String::with_capacity(size)))]
/// fn shout(word: &str, buffer: &mut String, size: usize) -> bool {
///     buffer.clear();
///     buffer.extend(word.chars().map(|c| c.to_ascii_uppercase()));
///     buffer.len() < size
/// }
///
/// assert_eq!(shout_parallel(["one", "three"], 4), [true, false]);
/// ```
///
/// What a worker keeps from item to item is up to chance, since nobody knows which items it gets. For results like those
/// of the loop, a call has to leave nothing behind that the next one looks at.
///
/// ## `threads = n`
///
/// How many threads run it, the calling one among them: more than there are cores for work that waits, as for a network.
/// Without it they are those of the surrounding rayon pool.
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
/// The function returns an [`Option`], and the companion only the values that are there.
///
/// ```
/// # use parallelize::parallel;
/// #[parallel(skip_none)]
/// fn even(x: u64) -> Option<u64> {
///     (x % 2 == 0).then_some(x)
/// }
///
/// assert_eq!(even_parallel(0..5), [0, 2, 4]);
/// ```
///
/// ## `fail_fast`
///
/// The function returns a [`Result`], and the companion either all values or the error that the loop would end with, the
/// one with the lowest index. No item behind it is begun once it is known. With `skip_none` as well, the function returns
/// a `Result` with an `Option` in it.
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
/// The call runs on all ranks of a cluster, if `parallelize-mpi` has made the program part of one, and otherwise as it
/// does without this option. It takes the cargo feature `cluster`.
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
/// Items, constants and results travel by [serde](https://serde.rs), so their types derive `Serialize` and
/// `Deserialize`. The constants travel once for a call, what is behind a reference as what owns it: a `&str` arrives as a
/// `String`, a `&[T]` as a `Vec<T>`. A result cannot borrow, and what a `local` is made of may not either.
///
/// Other machines know a function by its path, and by no types: a generic one and a method take a concrete wrapper, a
/// free function that calls them. `threads = n` means `n` on each machine, and 1 the plain loop on this one.
///
/// ## `name = ident`
///
/// What the companion is called instead of `f_parallel`. The job keeps its name.
///
/// ## `crate = path`
///
/// Where this crate is, if it is not `::parallelize`: an absolute path, as in `crate = ::other::parallelize`.
///
/// # What is refused
///
/// With an error that tells what to do instead: a function without arguments, `&mut self` and `&mut` arguments that are
/// not `local`, `async` and variadic functions, and the methods of a trait's impl, whose companion stands in the trait.
/// With `cluster` also what another machine cannot know: types of a caller's, `Self`, and what a reference in a value
/// refers to.
///
/// What the threads cannot share does not compile:
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
/// A companion panics if a call does, with the position of the item before the message: `item 17: <its message>`. If
/// several calls do, it is the one with the lowest index, as in the loop.
pub use parallelize_macros::parallel;
pub use parallelize_runtime::{
    Chunk, Host, ItemError, ItemPanic, Job, JobHandle, Outcome, PanicPayload, Progress, Report,
    Serial, Stop, Stream, StreamUnordered, Work, job, map,
};

#[cfg(feature = "journal")]
pub use parallelize_runtime::{JournalError, JournalErrorKind, JournalItem};

#[cfg(feature = "progress")]
pub use parallelize_runtime::indicatif;

#[doc(hidden)]
pub use parallelize_runtime::__private;
