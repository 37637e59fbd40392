"""How our own Dutch telephone model is made: people's and synthetic speech in, a Vosk model folder out.

`pipeline` has the stages in their order, and is where to begin reading. Nothing here is imported at call
time; `voicebot models train` runs it, with the extra ``[train]``.
"""
