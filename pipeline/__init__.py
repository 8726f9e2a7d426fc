"""From raw files to records, estimates, the release and the reports."""
