"""Django's connection to PostgreSQL, which waits for its turn where the server is full."""
