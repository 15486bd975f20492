"""How people come in: what is counted about it, what is held back, and who checks it."""
