"""What answers a request: `buyer` below /tickets/, `staff` at the door and in the admin. Read `buyer` first."""
