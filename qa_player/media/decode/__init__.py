"""From a recording's bytes to samples at their exact place. The only door to PyAV."""
