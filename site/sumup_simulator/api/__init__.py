"""What api.sumup.com answers: paths, documents and error shapes. Read `endpoints` first, then `calls`."""
