"""Posts in Telegram groups and channels, by the bot."""
