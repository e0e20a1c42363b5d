"""Text recognised in pictures of pages, with the place of each word."""
