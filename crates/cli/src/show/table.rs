//! Columns of text, as `juju status` aligns them.

/// Which side of its column a cell stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A heading and its rows; columns are as wide as their widest cell, two spaces apart, lines without trailing blanks.
pub(super) fn table(heading: &[(&str, Side)], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain([heading[column].0.len()])
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for ((cell, width), (_, side)) in cells.zip(&widths).zip(heading) {
            let blank = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, after) = if *side == Side::Right {
                (blank, String::new())
            } else {
                (String::new(), blank)
            };
            line += &format!("{before}{cell}{after}  ");
        }
        line.trim_end().to_owned() + "\n"
    };
    let mut text = line(&mut heading.iter().map(|(name, _)| *name));
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_end_where_their_text_ends() {
        let rows = [
            vec!["a".to_owned(), "10".to_owned(), String::new()],
            vec!["long name".to_owned(), "1".to_owned(), "x".to_owned()],
        ];
        let text = table(
            &[
                ("App", Side::Left),
                ("Scale", Side::Right),
                ("Message", Side::Left),
            ],
            &rows,
        );
        assert_eq!(
            text,
            "App        Scale  Message\na             10\nlong name      1  x\n"
        );
    }
}
