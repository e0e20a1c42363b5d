"""Reading Room answers questions from a person's own documents and shows the place on the page."""

__version__ = "0.1.0"
