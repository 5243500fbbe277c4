from dmsim.api import compare as compare
from dmsim.api import simulate as simulate
from dmsim.api import sweep as sweep

__version__: str
