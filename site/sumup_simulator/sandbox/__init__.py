"""What SumUp would know and do with it: merchants, checkouts, money, grants, in memory. Read `state` first."""
