"""What SumUp sends by itself: callbacks to a checkout's address, and signed events. Read `callbacks` first."""
