"""Figures: an estimates frame that passed the gate and a labels frame in, a matplotlib ``Figure`` out.

Only drawing belongs here: intervals, limits and p-values come from ``pipeline.methods``; which figures a
study has is in ``catalogue``. Nothing is imported at this level, because seaborn takes seconds to load.
"""
