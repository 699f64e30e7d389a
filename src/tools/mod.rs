//! Hook tools: the transport seam, and one typed function per tool under the tool's own name.
