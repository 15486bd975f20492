"""Messages to members by the bot that they have started (Telegram's Bot API)."""
