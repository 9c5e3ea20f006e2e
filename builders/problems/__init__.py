"""What families of problems share: exact numbers, solutions as programs of steps and as text, how quantities are written."""
