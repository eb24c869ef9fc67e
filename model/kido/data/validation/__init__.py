"""One file for each kind of fault a book that can be read may have."""
