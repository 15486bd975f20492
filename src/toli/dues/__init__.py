"""What a membership costs, what was paid, until when it runs and how it is renewed."""
