"""What is valid, and nothing else: study files, instruments, records and results.

Nothing here reads a file, computes a statistic or imports the pipeline.
"""
