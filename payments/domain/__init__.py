"""What becomes of money: whose account, paid or not, given back, and whether the provider's books agree.

Read `states` first, then the room: `verification` for what is paid, `refunds` for what goes back.
"""
