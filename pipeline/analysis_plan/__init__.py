"""The analysis plan that follows from a study file, before data are in: `peerscope plan`.

What is estimated once the data are there belongs in ``pipeline.families`` and the methods.
"""
