"""Pages on Facebook, business accounts on Instagram, accounts on Threads: one API, three providers."""
