"""The demo company, written as its systems' files."""
