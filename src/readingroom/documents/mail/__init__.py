"""E-mail: messages, mailboxes and web pages saved as messages."""
