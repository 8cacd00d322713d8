//! Methods, by every kind of `self`.

use std::rc::Rc;
use std::sync::Arc;

use parallelize::parallel;

use crate::agree;

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

/// One companion must not ask more of the type than its own function needs.
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
fn of_a_concrete_type() {
    let line = Line {
        slope: 2.0,
        offset: 1.0,
    };
    let arc = Arc::new(line.clone());
    let xs = || (0..100).map(f64::from);
    agree(
        || xs().map(|x| line.at(x)).collect::<Vec<_>>(),
        || line.at_parallel(xs()),
    );
    agree(
        || xs().map(|y| line.above(3.0, y)).collect::<Vec<_>>(),
        || line.above_parallel(3.0, xs()),
    );
    agree(
        || xs().map(|x| line.clone().shifted(x)).collect::<Vec<_>>(),
        || line.clone().shifted_parallel(xs()),
    );
    agree(
        || {
            xs().map(|x| Arc::clone(&arc).counted(x))
                .collect::<Vec<_>>()
        },
        || Arc::clone(&arc).counted_parallel(xs()),
    );
    agree(
        || xs().map(|x| *arc.borrowed(x)).sum::<f64>(),
        || arc.borrowed_parallel(xs()).into_iter().sum(),
    );
    agree(
        || xs().map(|x| line.typed(x)).collect::<Vec<_>>(),
        || line.typed_parallel(xs()),
    );
}

#[test]
fn of_a_generic_type() {
    let grid = Grid {
        rows: (0..100).map(|x| [x.to_string(), "b".to_owned()]).collect(),
    };
    agree(
        || (0..100).map(|y| grid.row(y)).collect::<Vec<_>>(),
        || grid.row_parallel(0..100),
    );
    agree(
        || (0..200).filter_map(|y| grid.row_ref(y)).count(),
        || grid.row_ref_parallel(0..200).into_iter().flatten().count(),
    );
    agree(
        || (0..100).map(|y| grid.clone().last(y)).collect::<Vec<_>>(),
        || grid.clone().last_parallel(0..100),
    );
}

#[test]
fn of_a_type_that_stays_on_its_thread() {
    assert_eq!(Local::double_parallel([Local(Rc::new(3)).value()]), [6]);
}
