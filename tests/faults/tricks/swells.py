"""More memory than any worker may have, and touched, so that it is really taken."""

import builtins

builtins.hoard = b"\1" * (1 << 30)
