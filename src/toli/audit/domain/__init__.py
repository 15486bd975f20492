"""Rules of the chain: pure functions over bytes."""
