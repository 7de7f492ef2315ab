"""What every test stands on."""

import os

from hypothesis import settings

# Elsewhere every run looks at new examples; what guards the main line gives the same answer twice.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
