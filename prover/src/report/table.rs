//! Plain tables, readable at any width.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{ColumnConstraint, ContentArrangement, Width};

/// Width where a terminal reports none.
const USUAL: usize = 80;
/// Columns narrower than this are not wrapped any further.
const NARROWEST: usize = 12;

/// A table that is being filled.
pub struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Makes a table with these column heads.
    pub fn new(heads: &[&str]) -> Self {
        Self { heads: heads.iter().map(|head| (*head).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds one more row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as text for standard output, without a line end.
    pub fn to_text(&self) -> String {
        self.at_width(output_width())
    }

    /// The table in lines of at most `width` characters; none for a file or a pipe, which take lines of any
    /// length.
    ///
    /// Text is wrapped within its column as long as words and numbers stay whole. Where they would not, each
    /// row becomes a paragraph, one line for each of its cells.
    pub fn at_width(&self, width: Option<usize>) -> String {
        let width = match width {
            None => return self.grid(None),
            Some(0) => USUAL,
            Some(width) => width,
        };
        let widths = |width: fn(&str) -> usize| -> Vec<usize> {
            let column = |at: usize| {
                let cells = self.rows.iter().filter_map(|row| row.get(at)).chain(self.heads.get(at));
                cells.map(|cell| width(cell)).max().unwrap_or(0)
            };
            (0..self.heads.len()).map(column).collect()
        };
        // Each column has a blank on both sides and a line on its left, the last one another on its right.
        let lines = 3 * self.heads.len() + 1;
        let whole: usize = widths(|text| text.chars().count()).iter().sum();
        if whole + lines <= width {
            return self.grid(None);
        }
        let least = widths(narrowest);
        if least.iter().sum::<usize>() + lines <= width {
            return self.grid(Some((width, least)));
        }
        self.paragraphs()
    }

    /// Writes a table, in columns no narrower than given.
    fn grid(&self, limits: Option<(usize, Vec<usize>)>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(ASCII_MARKDOWN).set_header(&self.heads);
        table.add_rows(&self.rows);
        table.force_no_tty();
        if let Some((width, least)) = limits {
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
            table.set_content_arrangement(ContentArrangement::Dynamic);
            for (column, least) in table.column_iter_mut().zip(least) {
                let least = u16::try_from(least + 2).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
        }
        table.to_string()
    }

    /// Row by row: the first cell, then each other cell under its head.
    fn paragraphs(&self) -> String {
        let paragraph = |row: &Vec<String>| {
            let cells = self.heads.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            let lines = cells.map(|(head, cell)| format!("{head}: {cell}"));
            lines.collect::<Vec<_>>().join("\n  ")
        };
        self.rows.iter().map(paragraph).collect::<Vec<_>>().join("\n")
    }
}

/// The width below which a text would be cut: the width of its longest word, or of the whole if it is short.
fn narrowest(text: &str) -> usize {
    let word = text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    word.max(text.chars().count().min(NARROWEST))
}

/// Width of standard output: what the variable COLUMNS says, else the terminal, which may say 0; none for
/// a file or a pipe.
fn output_width() -> Option<usize> {
    let stated = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    stated.or_else(|| comfy_table::Table::new().width().map(usize::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REASON: &str = "below the initial margin with a growing position 12, unknown order 3";

    fn table() -> Table {
        let mut table = Table::new(&["what", "applied", "refused", "why"]);
        table.row(["trades", "1234567", "15", REASON].map(str::to_owned));
        table.row(["deposits", "8", "0", ""].map(str::to_owned));
        table
    }

    /// Letters and digits in their order, whatever the lines.
    fn words(text: &str) -> String {
        text.chars().filter(|c| c.is_alphanumeric()).collect()
    }

    #[test]
    fn every_width_shows_every_word_and_number_whole() {
        for width in [0, 1, 20, 40, 60, 80, 120, 200, 70_000] {
            let text = table().at_width(Some(width));
            for whole in ["1234567", "growing", "position", "trades", "deposits", "15"] {
                assert!(text.contains(whole), "{width}: no '{whole}' in\n{text}");
            }
        }
    }

    #[test]
    fn lines_stay_within_the_width_where_words_allow_it() {
        for width in [0, 60, 80, 200] {
            let text = table().at_width(Some(width));
            let limit = if width == 0 { USUAL } else { width };
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= limit && text.starts_with('|'), "{width}: {longest}\n{text}");
        }
    }

    #[test]
    fn narrow_lines_become_paragraphs() {
        let text = table().at_width(Some(20));
        let expected = format!(
            "what: trades\n  applied: 1234567\n  refused: 15\n  why: {REASON}\nwhat: deposits\n  applied: 8\n  refused: 0"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_file_gets_lines_of_any_length() {
        let text = table().at_width(None);
        assert!(text.lines().all(|line| line.starts_with('|') && line.ends_with('|')), "{text}");
        assert!(text.contains(REASON) && words(&text).contains(&words(REASON)));
    }
}
