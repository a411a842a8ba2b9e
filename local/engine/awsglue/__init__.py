"""What the job scripts use of Glue's own library, for runs on one machine. What is not here says so when it is asked for."""
