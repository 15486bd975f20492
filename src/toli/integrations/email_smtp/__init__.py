"""Messages to members by e-mail, handed to a mail server (SMTP)."""
