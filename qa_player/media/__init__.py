"""From bytes to sound and picture. The only door to PyAV; knows no Qt, no network and no database."""

import os

# nothing here multiplies matrices: numpy's threads would only take time to start, and the cores from the sound
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
