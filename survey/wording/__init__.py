"""The words of the interface: PO catalogues and the languages of a page."""
