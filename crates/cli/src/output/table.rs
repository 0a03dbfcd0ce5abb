//! Tables: columns aligned, the last ones shortened to the terminal, colour by meaning. Only text; writing is the parent's.

use crate::failure::Failure;
use crate::terminal::{Stream, Tone, printable};

/// Spaces between columns.
const GAP: usize = 2;
/// A column is never shortened below this.
const COLUMN_WIDTH_MIN: usize = 12;

/// The text of one cell and what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell in a tone. Control characters are made visible.
    pub fn new(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: printable(text.as_ref()), tone }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(text, Tone::Plain)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text, Tone::Plain)
    }
}

/// A column's heading.
#[derive(Clone, Debug)]
pub struct Column {
    name: &'static str,
    wide: bool,
}

impl Column {
    /// A column that is always shown.
    pub const fn new(name: &'static str) -> Self {
        Self { name, wide: false }
    }

    /// A column that only `-o wide` and `--columns` show.
    pub const fn wide(name: &'static str) -> Self {
        Self { name, wide: true }
    }
}

/// Rows under headings.
#[derive(Debug, Default)]
pub struct Table {
    /// The headings.
    pub columns: Vec<Column>,
    /// The rows, each with one cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &[Column]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// The text of the table. An empty table has no text at all.
    ///
    /// # Errors
    /// When `wanted` names a column that the table does not have.
    pub fn render(
        &self,
        wide: bool,
        wanted: &[String],
        truncate: bool,
        out: &Stream,
    ) -> Result<String, Failure> {
        let chosen = self.choose(wide, wanted)?;
        if self.rows.is_empty() {
            return Ok(String::new());
        }
        let mut widths: Vec<usize> = chosen.iter().map(|&column| self.width(column)).collect();
        if let (true, Some(total)) = (truncate, out.width) {
            shrink(&mut widths, total);
        }
        let mut text = String::new();
        let heading: Vec<Cell> = chosen
            .iter()
            .map(|&column| Cell::new(self.columns[column].name.to_uppercase(), Tone::Dim))
            .collect();
        line(&mut text, heading.iter(), &widths, out);
        for row in &self.rows {
            line(&mut text, chosen.iter().filter_map(|&column| row.get(column)), &widths, out);
        }
        Ok(text)
    }

    fn choose(&self, wide: bool, wanted: &[String]) -> Result<Vec<usize>, Failure> {
        let place = |name: &String| {
            self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
                let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
                super::unknown_field("column", name, &names)
            })
        };
        if wanted.is_empty() {
            Ok((0..self.columns.len()).filter(|&column| wide || !self.columns[column].wide).collect())
        } else {
            wanted.iter().map(place).collect()
        }
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.chars().count());
        cells.max().unwrap_or(0).max(self.columns[column].name.len())
    }
}

/// The lines of one object: names to the left, values to the right, never shortened.
pub fn record(fields: &[(&'static str, Cell)], out: &Stream) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, cell) in fields {
        let name = out.paint(Tone::Dim, &format!("{name:width$}"));
        text.push_str(&format!("{name}  {}\n", out.paint(cell.tone, &cell.text)));
    }
    text
}

/// Takes the missing columns from the widest cells, from the right.
fn shrink(widths: &mut [usize], total: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(total);
    for width in widths.iter_mut().rev() {
        let cut = excess.min(width.saturating_sub(COLUMN_WIDTH_MIN));
        *width -= cut;
        excess -= cut;
    }
}

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a Cell>, widths: &[usize], out: &Stream) {
    let mut owed = 0;
    for (cell, &width) in cells.zip(widths) {
        let shown = fit(&cell.text, width);
        let length = shown.chars().count();
        text.push_str(&" ".repeat(owed));
        text.push_str(&out.paint(cell.tone, &shown));
        owed = width.saturating_sub(length) + GAP;
    }
    text.truncate(text.trim_end_matches(' ').len());
    text.push('\n');
}

/// The text cut to a number of characters, with `…` where it was cut.
fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::{Column, Stream, Table};

    #[track_caller]
    fn check(width: Option<usize>, wide: bool, wanted: &[&str], text: &str) {
        let columns = [Column::new("name"), Column::new("status"), Column::wide("arn")];
        let mut table = Table::new(&columns);
        table.rows.push(vec!["order".into(), "RUNNING".into(), "arn:aws:states:1".into()]);
        table.rows.push(vec!["a name that is rather long".into(), "FAILED".into(), "arn\u{1b}".into()]);
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let stream = Stream { width, ..Stream::PIPE };
        let found = table.render(wide, &wanted, true, &stream).unwrap_or_else(|failure| failure.to_string());
        assert_eq!(found, text);
    }

    #[test]
    fn tables_are_aligned_and_fit() {
        check(
            None,
            false,
            &[],
            "NAME                        STATUS\norder                       RUNNING\na name that is rather long  FAILED\n",
        );
        check(
            Some(25),
            false,
            &[],
            "NAME              STATUS\norder             RUNNING\na name that is …  FAILED\n",
        );
        check(
            None,
            false,
            &["STATUS", "arn"],
            "STATUS   ARN\nRUNNING  arn:aws:states:1\nFAILED   arn\u{fffd}\n",
        );
        check(
            None,
            true,
            &["nme"],
            "there is no column `nme`\n  did you mean `name`?\n  columns: name, status, arn",
        );
    }

    #[test]
    fn an_empty_table_is_silent() {
        assert_eq!(Table::new(&[Column::new("a")]).render(false, &[], true, &Stream::PIPE).unwrap(), "");
    }
}
