"""``python -m dmsim`` is the command ``dmsim``."""

import sys

from dmsim.cli.main import main

sys.exit(main())
