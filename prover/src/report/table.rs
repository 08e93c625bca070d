//! Plain tables.

use comfy_table::presets::ASCII_MARKDOWN;

/// A table that is being filled.
pub struct Table(comfy_table::Table);

impl Table {
    /// Makes a table with these column heads.
    pub fn new(heads: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(ASCII_MARKDOWN).set_header(heads.to_vec());
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
        Self(table)
    }

    /// Adds one more row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells.into_iter().collect::<Vec<String>>());
    }

    /// The table as text, without a line end.
    pub fn to_text(&self) -> String {
        self.0.to_string()
    }
}
