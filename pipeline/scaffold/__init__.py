"""The folder of a new study, written so that it explains itself: `peerscope new`.

What is still missing in it afterwards belongs in ``pipeline.missing_parts``.
"""
