"""Files to pages of text, one reader a format; runs in child processes, never in the window's."""
