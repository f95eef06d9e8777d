"""A release as a document and as what readers see of it: rows, labels, pages."""
