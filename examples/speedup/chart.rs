//! A chart of the speed-ups: bars, and a line at the ideal speed-up on these cores.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::table::{Row, Table};

const BAR: RGBColor = RGBColor(52, 101, 164);
const IDEAL: RGBColor = RGBColor(204, 82, 0);

/// Draws the rows of `table` into an SVG file.
pub(crate) fn draw(path: &Path, table: &Table) -> Result<(), Box<dyn Error>> {
    let ideal = f64::from(u32::try_from(table.cores)?);
    let right = f64::from(u32::try_from(table.rows.len())?);
    let top = table.rows.iter().map(Row::speedup).fold(ideal, f64::max) * 1.15;

    let picture = SVGBackend::new(path, (800, 480)).into_drawing_area();
    picture.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&picture)
        .caption(
            "How many times as fast as the plain loop",
            ("sans-serif", 28),
        )
        .margin(24)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(0.0..right, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(TRANSPARENT)
        .label_style(("sans-serif", 18))
        .draw()?;

    let text = ("sans-serif", 20).into_text_style(&picture);
    let under = text.pos(Pos::new(HPos::Center, VPos::Top));
    let above = text.pos(Pos::new(HPos::Right, VPos::Bottom));
    let area = chart.plotting_area();
    for (left, row) in (0_u32..).map(f64::from).zip(&table.rows) {
        let speedup = row.speedup();
        let bar = [(left + 0.2, 0.0), (left + 0.8, speedup)];
        area.draw(&Rectangle::new(bar, BAR.filled()))?;
        // The number stands inside the bar, where the line cannot cross it.
        let number = Text::new(format!("{speedup:.2}"), (0, 12), under.color(&WHITE));
        area.draw(&(EmptyElement::at((left + 0.5, speedup)) + number))?;
        let name = Text::new(row.function, (0, 12), under.clone());
        area.draw(&(EmptyElement::at((left + 0.5, 0.0)) + name))?;
    }
    let note = Text::new(
        format!("ideal on {} cores", table.cores),
        (0, -6),
        above.color(&IDEAL),
    );
    area.draw(&(EmptyElement::at((right, ideal)) + note))?;
    let line = [(0.0, ideal), (right, ideal)];
    chart.draw_series(DashedLineSeries::new(line, 8, 6, IDEAL.stroke_width(2)))?;
    picture.present()?;
    Ok(())
}
