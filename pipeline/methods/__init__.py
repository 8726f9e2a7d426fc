"""Pure methods: frames in, results out. No Dagster, no files, nothing of ours but ``schemas``."""
