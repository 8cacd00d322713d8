//! The heat map: a cell for each point of the grid, and the curves of the theory.

use std::error::Error;
use std::path::Path;

use ndarray::{Array1, Array2};
use plotters::prelude::*;

use crate::{feeds, unsettles};

/// The number of colours. Few of them keep the file small, since equal neighbours are one cell.
const LEVELS: u32 = 32;

/// Returns the number of the colour for a value from 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 32"
)]
fn level(value: f64) -> u32 {
    (value * f64::from(LEVELS)) as u32
}

/// Returns a colour between violet for level 0 and yellow.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 255"
)]
fn color(level: u32) -> RGBColor {
    const STOPS: [[f64; 3]; 4] = [
        [68.0, 1.0, 84.0],
        [49.0, 104.0, 142.0],
        [53.0, 183.0, 121.0],
        [253.0, 231.0, 37.0],
    ];
    let place = 3.0 * f64::from(level) / f64::from(LEVELS);
    let (below, above) = (STOPS[place as usize], STOPS[(place as usize + 1).min(3)]);
    let mix = |i: usize| (below[i] + place.fract() * (above[i] - below[i])) as u8;
    RGBColor(mix(0), mix(1), mix(2))
}

/// Draws the rows of `swings`, one for each of the mortalities, into an SVG file.
pub(crate) fn draw(
    path: &Path,
    mortalities: &Array1<f64>,
    capacities: &Array1<f64>,
    swings: &Array2<f64>,
) -> Result<(), Box<dyn Error>> {
    let picture = SVGBackend::new(path, (800, 480)).into_drawing_area();
    picture.fill(&WHITE)?;
    let title = ("sans-serif", 28);
    let below_title = picture
        .margin(16, 0, 0, 0)
        .titled("How far the prey swings", title)?;
    let (map, scale) = below_title.split_horizontally(690);

    // A cell reaches half a step beyond its point.
    let width = (capacities[1] - capacities[0]) / 2.0;
    let height = (mortalities[1] - mortalities[0]) / 2.0;
    let (left, right) = (
        capacities[0] - width,
        capacities[capacities.len() - 1] + width,
    );
    let (bottom, top) = (
        mortalities[0] - height,
        mortalities[mortalities.len() - 1] + height,
    );
    let mut chart = ChartBuilder::on(&map)
        .margin(16)
        .x_label_area_size(50)
        .y_label_area_size(70)
        .build_cartesian_2d(left..right, bottom..top)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("capacity: the prey that could live without predators")
        .y_desc("mortality of the predators")
        .label_style(("sans-serif", 18))
        .draw()?;
    // A row reaches to the top, and the next ones cover it. So no gap shows between them.
    for (mortality, row) in mortalities.iter().zip(swings.rows()) {
        let cells: Vec<(f64, u32)> = capacities
            .iter()
            .zip(row)
            .map(|(x, swing)| (*x, level(*swing)))
            .collect();
        for run in cells.chunk_by(|a, b| a.1 == b.1) {
            let (first, last) = (run[0], run[run.len() - 1]);
            let corners = [(first.0 - width, mortality - height), (last.0 + width, top)];
            chart.draw_series([Rectangle::new(corners, color(first.1).filled())])?;
        }
    }
    for curve in [feeds, unsettles] {
        let points = mortalities
            .iter()
            .map(|&mortality| (curve(mortality), mortality));
        chart.draw_series(LineSeries::new(points, WHITE.stroke_width(2)))?;
    }
    for (text, place, color) in [
        ("predators starve", (0.3, 0.65), &WHITE),
        ("both rest", (0.9, 0.36), &WHITE),
        ("both swing", (4.2, 0.3), &BLACK),
    ] {
        let style = ("sans-serif", 20, color).into_text_style(&map);
        chart.draw_series([Text::new(text, place, style)])?;
    }

    let mut chart = ChartBuilder::on(&scale)
        .margin(16)
        .margin_bottom(66)
        .y_label_area_size(50)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .set_tick_mark_size(LabelAreaPosition::Left, 8)
        .label_style(("sans-serif", 18))
        .y_label_formatter(&|share| format!("{:.0} %", 100.0 * share))
        .draw()?;
    for step in 0..LEVELS {
        let bottom = f64::from(step) / f64::from(LEVELS);
        chart.draw_series([Rectangle::new(
            [(0.0, bottom), (1.0, 1.0)],
            color(step).filled(),
        )])?;
    }
    picture.present()?;
    Ok(())
}
