"""One-time codes by Telegram's gateway for verification codes."""
