"""A walk over every address: what one organiser has must not appear in an answer to anybody else."""
