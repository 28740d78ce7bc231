"""The commands, one module each: what they take, and which parts they are made of."""
