//! Methods with every kind of `self`.

use std::rc::Rc;
use std::sync::Arc;

use parallelize::parallel;

use crate::assert_agree;

#[derive(Clone)]
struct Line {
    slope: f64,
    offset: f64,
}

impl Line {
    #[parallel]
    fn at(&self, x: f64) -> f64 {
        self.slope * x + self.offset
    }

    #[parallel(over(y))]
    fn above(&self, x: f64, y: f64) -> bool {
        y > self.at(x)
    }

    #[parallel]
    fn shifted(mut self, by: f64) -> f64 {
        self.offset += by;
        self.offset
    }

    #[parallel]
    fn counted(self: Arc<Self>, x: f64) -> f64 {
        self.at(x)
    }

    #[parallel]
    fn borrowed(self: &Arc<Self>, x: f64) -> &f64 {
        if x > 0.0 { &self.slope } else { &self.offset }
    }

    #[parallel]
    fn typed(self: &Self, x: f64) -> f64 {
        self.at(x)
    }
}

#[derive(Clone)]
struct Grid<T, const N: usize> {
    rows: Vec<[T; N]>,
}

impl<T: Clone, const N: usize> Grid<T, N> {
    #[parallel]
    fn row(&self, y: usize) -> [T; N] {
        self.rows[y].clone()
    }

    #[parallel]
    fn row_ref(&self, y: usize) -> Option<&[T; N]> {
        self.rows.get(y)
    }

    #[parallel]
    fn last(self, y: usize) -> T {
        self.rows[y][N - 1].clone()
    }
}

/// The type is not `Send`. The companion of a function without `self` must not require it.
struct Local(Rc<u8>);

impl Local {
    #[parallel]
    fn double(x: u8) -> u8 {
        x * 2
    }

    fn value(&self) -> u8 {
        *self.0
    }
}

#[test]
fn methods_of_a_concrete_type_agree() {
    let line = Line {
        slope: 2.0,
        offset: 1.0,
    };
    let arc = Arc::new(line.clone());
    let xs = || (0..100).map(f64::from);
    assert_agree(
        || xs().map(|x| line.at(x)).collect::<Vec<_>>(),
        || line.at_parallel(xs()),
    );
    assert_agree(
        || xs().map(|y| line.above(3.0, y)).collect::<Vec<_>>(),
        || line.above_parallel(3.0, xs()),
    );
    assert_agree(
        || xs().map(|x| line.clone().shifted(x)).collect::<Vec<_>>(),
        || line.clone().shifted_parallel(xs()),
    );
    assert_agree(
        || {
            xs().map(|x| Arc::clone(&arc).counted(x))
                .collect::<Vec<_>>()
        },
        || Arc::clone(&arc).counted_parallel(xs()),
    );
    assert_agree(
        || xs().map(|x| *arc.borrowed(x)).sum::<f64>(),
        || arc.borrowed_parallel(xs()).into_iter().sum(),
    );
    assert_agree(
        || xs().map(|x| line.typed(x)).collect::<Vec<_>>(),
        || line.typed_parallel(xs()),
    );
}

#[test]
fn methods_of_a_generic_type_agree() {
    let grid = Grid {
        rows: (0..100).map(|x| [x.to_string(), "b".to_owned()]).collect(),
    };
    assert_agree(
        || (0..100).map(|y| grid.row(y)).collect::<Vec<_>>(),
        || grid.row_parallel(0..100),
    );
    assert_agree(
        || (0..200).filter_map(|y| grid.row_ref(y)).count(),
        || grid.row_ref_parallel(0..200).into_iter().flatten().count(),
    );
    assert_agree(
        || (0..100).map(|y| grid.clone().last(y)).collect::<Vec<_>>(),
        || grid.clone().last_parallel(0..100),
    );
}

#[test]
fn a_type_that_is_not_send_may_have_companions() {
    assert_eq!(Local::double_parallel([Local(Rc::new(3)).value()]), [6]);
}
