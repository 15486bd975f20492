"""Videos on channels of YouTube, by the YouTube Data API."""
