"""voicebot: a self-hosted Dutch telephone assistant for customer service."""

__version__ = "0.1.0"
