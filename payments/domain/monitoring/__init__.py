"""What people hear of and read about the money side: alerts, figures, how the background work went.

Read `alerts` first.
"""
