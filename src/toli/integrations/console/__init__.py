"""For development: texts on the screen of whoever runs the server."""
