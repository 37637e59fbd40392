"""``python -m voicebot`` is the `voicebot` command."""

from voicebot.cli import main

if __name__ == "__main__":
    main()
