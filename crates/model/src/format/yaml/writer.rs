//! Where the next letter goes: column, indentation, and whether white space came last.

/// Writes YAML's structure.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: &'a mut String,
    /// The column to begin lines at; -1 before the document's node.
    pub(super) indent: i32,
    /// Letters since the last line break.
    pub(super) column: i32,
    /// The last thing written was white space.
    pub(super) whitespace: bool,
    /// Only indentation and indicators stand on this line so far.
    pub(super) indention: bool,
}

/// Columns a level is indented by.
pub(super) const INDENT: i32 = 2;

impl<'a> Writer<'a> {
    pub(super) const fn new(out: &'a mut String) -> Self {
        Self {
            out,
            indent: -1,
            column: 0,
            whitespace: true,
            indention: true,
        }
    }

    /// Deepens the indentation for a scalar's further lines.
    pub(super) const fn deepen(&mut self) {
        self.indent = if self.indent < 0 {
            INDENT
        } else {
            self.indent + INDENT
        };
    }

    /// Deepens the indentation for a block collection.
    pub(super) const fn nest(&mut self) {
        self.indent = if self.indent < 0 {
            0
        } else {
            self.indent + INDENT
        };
    }

    /// Goes to the indentation, on a new line unless this one is still free.
    pub(super) fn new_line(&mut self) {
        let indent = self.indent.max(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    pub(super) fn indicator(
        &mut self,
        text: &str,
        needs_space: bool,
        whitespace: bool,
        indention: bool,
    ) {
        self.space(needs_space);
        for letter in text.chars() {
            self.put(letter);
        }
        self.whitespace = whitespace;
        self.indention = self.indention && indention;
    }

    /// A space, if one is needed and none is there.
    pub(super) fn space(&mut self, needed: bool) {
        if needed && !self.whitespace {
            self.put(' ');
        }
    }

    pub(super) fn put(&mut self, letter: char) {
        self.out.push(letter);
        self.column += 1;
    }

    pub(super) fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Writes a break of the text as it is.
    pub(super) fn text_break(&mut self, letter: char) {
        self.out.push(letter);
        self.column = 0;
    }
}
