"""An endless loop in C: no other thread gets a turn, and no signal is heard."""

from collections import deque
from itertools import repeat

deque(repeat(0), maxlen=0)
