"""Text with a structure of its own: notebooks, data, mark-up, source code, subtitles."""
