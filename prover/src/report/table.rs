//! Plain tables.

use comfy_table::presets::ASCII_MARKDOWN;

/// A table under construction.
pub struct Table(comfy_table::Table);

impl Table {
    /// With these column heads.
    pub fn new(heads: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(ASCII_MARKDOWN).set_header(heads);
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
        Self(table)
    }

    /// One more row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.add_row(cells);
    }

    /// The table as text, without a line end.
    pub fn to_text(&self) -> String {
        self.0.to_string()
    }
}
